/** What the tests on a real switch share: a clean switch, its flows, and the order in which things are compared. */
import assert from 'node:assert/strict'
import { encode, type FlowEntry, type Instruction, type InstructionInput, type OxmField } from 'ts-openflow'
import type { PlainClient } from './ovs.ts'
import { output } from './pipeline-flows.ts'

export async function readFlows(client: PlainClient): Promise<FlowEntry[]> {
  const { messages, bytes } = await client.ask({ type: 'multipart_request', body: { type: 'flow' } })
  return messages.flatMap((message, index) => {
    assert.ok(
      message.type === 'multipart_reply' && message.body.type === 'flow',
      JSON.stringify(message.type),
    )
    // What the switch sent is also what we would send.
    assert.deepEqual(Buffer.from(encode(message)), Buffer.from(bytes[index] ?? []))
    return message.body.entries
  })
}

/** Switch and specification agree on sets, not on order: matches are compared sorted by name. */
export const byName = (match: readonly OxmField[]): readonly OxmField[] =>
  [...match].sort((a, b) => (a.field < b.field ? -1 : 1))

export const normal = (instructions: readonly (Instruction | InstructionInput)[]): unknown[] =>
  [...instructions].sort((a, b) => (a.type < b.type ? -1 : 1))

export async function prepare(client: PlainClient): Promise<void> {
  const { version } = client
  const clear = { version, xid: client.nextXid() }
  client.send({ type: 'flow_mod', ...clear, command: 'delete', tableId: 0xff })
  client.send({ type: 'group_mod', ...clear, command: 'delete', groupId: 0xffff_fffc })
  client.send({ type: 'meter_mod', ...clear, command: 'delete', meterId: 0xffff_ffff })
  client.send({
    type: 'group_mod',
    ...clear,
    command: 'add',
    groupType: 'all',
    groupId: 1,
    buckets: [version >= 6 ? { bucketId: 0, actions: [output(1)] } : { actions: [output(1)] }],
  })
  client.send({
    type: 'meter_mod',
    ...clear,
    command: 'add',
    flags: ['pktps', 'burst', 'stats'],
    meterId: 1,
    bands: [{ type: 'drop', rate: 100, burstSize: 20 }],
  })
  await client.ask({ type: 'barrier_request' })
  assert.deepEqual(client.errors(), [])
}
