/** A bridge made empty, and what it tells of its flows, groups and meters. */
import assert from 'node:assert/strict'
import { allGroups, allMeters, allTables, encode, type MultipartReply, type ReplyBody } from 'ts-openflow'
import { PlainClient, type Question } from './ovs.ts'

type Told = 'flow' | 'nx_flow' | 'group_desc' | 'meter_config'
type Entry<T extends Told> = ReplyBody<T>['entries'][number]
type Reply = MultipartReply & { readonly body: ReplyBody<Told> }

/** No flows, groups or meters. 1.1 cannot delete from all tables at once, so one version does it for each. */
export async function clear(socketPath: string): Promise<void> {
  const client = await PlainClient.connect(socketPath, 6)
  const head = () => ({ version: 6, xid: client.nextXid() })
  client.send({ type: 'flow_mod', ...head(), command: 'delete', tableId: allTables })
  client.send({ type: 'group_mod', ...head(), command: 'delete', groupId: allGroups })
  client.send({ type: 'meter_mod', ...head(), command: 'delete', meterId: allMeters })
  await client.ask({ type: 'barrier_request' })
  assert.deepEqual(client.errors(), [])
  client.close()
}

/**
 * `tun_metadata0` gets 4 bytes and `tun_metadata1` 8. Once for a bridge: deleted flows hold the mapping until some time
 * after the barrier.
 */
export async function mapTunnelOptions(socketPath: string): Promise<void> {
  const client = await PlainClient.connect(socketPath, 6)
  const mappings = [
    { optionClass: 0xffff, optionType: 1, optionLength: 4, index: 0 },
    { optionClass: 0xffff, optionType: 2, optionLength: 8, index: 1 },
  ]
  client.send({ type: 'nx_tlv_table_mod', version: 6, xid: client.nextXid(), command: 'add', mappings })
  await client.ask({ type: 'barrier_request' })
  assert.deepEqual(client.errors(), [])
  client.close()
}

/** The parts of the answer; what the switch sent is also what we would send. */
export async function replies(client: PlainClient, type: Told): Promise<readonly Reply[]> {
  const { messages, bytes } = await client.ask({ type: 'multipart_request', body: { type } } as Question)
  return messages.map((message, at) => {
    assert.ok(message.type === 'multipart_reply' && message.body.type === type, JSON.stringify(message.type))
    assert.deepEqual(Buffer.from(encode(message)), Buffer.from(bytes[at] ?? []))
    return message as Reply
  })
}

export async function read<T extends Told>(
  client: PlainClient,
  type: T,
): Promise<{ readonly entries: readonly Entry<T>[] }> {
  const messages = await replies(client, type)
  return { entries: messages.flatMap(({ body }) => body.entries as readonly Entry<T>[]) }
}
