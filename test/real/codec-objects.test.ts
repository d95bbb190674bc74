/** Groups, meters, ports, bundles and packets, between our codec and a real Open vSwitch. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { encode, type InstructionInput, reservedPort, splitXregs } from 'ts-openflow'
import { PlainClient, type RealSwitch, startSwitch, whyNoSwitch } from '../codecs/openflow/support/ovs.ts'
import { apply, output, set } from '../codecs/openflow/support/pipeline-flows.ts'
import { byName, prepare, readFlows } from '../codecs/openflow/support/read-back.ts'

const reason = whyNoSwitch()
if (reason !== undefined && process.env['CI']) throw new Error(`in CI this test must run, but it ${reason}`)
const options = reason === undefined ? {} : { skip: reason }

let ovs: RealSwitch
before(async () => {
  if (reason === undefined) ovs = await startSwitch('cdc1')
})
after(async () => {
  if (reason === undefined) await ovs.stop()
})

for (const version of [4, 6]) {
  test(`wire version ${version}: groups, meters, ports and tables are read`, options, async () => {
    const client = await PlainClient.connect(ovs.socketPath, version)
    await prepare(client)
    const read = async (
      type:
        | 'group_desc'
        | 'meter_config'
        | 'port_desc'
        | 'port'
        | 'table'
        | 'group'
        | 'meter'
        | 'desc'
        | 'aggregate',
    ) => {
      const { messages, bytes } = await client.ask({ type: 'multipart_request', body: { type } })
      const [message] = messages
      assert.ok(message?.type === 'multipart_reply' && message.body.type === type)
      assert.deepEqual(Buffer.from(encode(message)), Buffer.from(bytes[0] ?? []))
      return message.body
    }
    const groups = await read('group_desc')
    assert.ok(groups.type === 'group_desc')
    const [group] = groups.entries
    assert.deepEqual([group?.groupType, group?.groupId, group?.buckets.length], ['all', 1, 1])
    assert.deepEqual(group?.buckets[0]?.actions, [output(1)])
    const meters = await read('meter_config')
    assert.deepEqual(meters.type === 'meter_config' && meters.entries, [
      { flags: ['pktps', 'burst', 'stats'], meterId: 1, bands: [{ type: 'drop', rate: 100, burstSize: 20 }] },
    ])
    const ports = await read('port_desc')
    assert.ok(ports.type === 'port_desc')
    const names = new Map(ports.entries.map(({ name, portNo }) => [portNo, name]))
    assert.equal(names.size, 3)
    assert.deepEqual(
      [names.get(1), names.get(2), names.get(reservedPort.local)],
      ['cdc1p1', 'cdc1p2', 'cdc1br'],
    )
    assert.equal(ports.entries[0]?.properties[0]?.type, 'ethernet')
    for (const type of ['port', 'table', 'group', 'meter', 'desc', 'aggregate'] as const) await read(type)
    client.close()
  })

  test(
    `wire version ${version}: a bundle is all or nothing, and its refusal has a name`,
    options,
    async () => {
      const client = await PlainClient.connect(ovs.socketPath, version)
      await prepare(client)
      const flags = ['atomic', 'ordered'] as const
      const control = async (bundleId: number, name: 'open_request' | 'commit_request') =>
        (await client.ask({ type: 'bundle_control', bundleId, control: name, flags })).messages[0]
      const add = (bundleId: number, priority: number, instruction: InstructionInput): void => {
        const head = { version, xid: client.nextXid() }
        const message = {
          type: 'flow_mod',
          ...head,
          command: 'add',
          priority,
          instructions: [instruction],
        } as const
        client.send({ type: 'bundle_add', ...head, bundleId, flags, message })
      }
      const opened = await control(1, 'open_request')
      assert.ok(opened?.type === 'bundle_control' && opened.control === 'open_reply')
      add(1, 1, { type: 'goto_table', tableId: 5 })
      add(1, 2, { type: 'goto_table', tableId: 6 })
      const committed = await control(1, 'commit_request')
      assert.ok(committed?.type === 'bundle_control' && committed.control === 'commit_reply')
      assert.equal((await readFlows(client)).length, 2)

      await control(2, 'open_request')
      add(2, 3, { type: 'goto_table', tableId: 5 })
      add(2, 4, apply({ type: 'group', groupId: 77 }))
      const refused = await control(2, 'commit_request')
      assert.ok(refused?.type === 'error')
      assert.equal(refused.code, 'OFPBFC_MSG_FAILED')
      const errors = client.errors().map(({ code }) => code)
      assert.deepEqual(errors, ['OFPBAC_BAD_OUT_GROUP'])
      assert.equal((await readFlows(client)).length, 2)
      client.close()
    },
  )

  test(`wire version ${version}: a packet goes out, through a rule, and comes in`, options, async () => {
    const client = await PlainClient.connect(ovs.socketPath, version)
    await prepare(client)
    client.send({ type: 'set_config', version, xid: client.nextXid() })
    const data = new Uint8Array(60).fill(0xab)
    client.send({
      type: 'flow_mod',
      version,
      xid: client.nextXid(),
      command: 'add',
      cookie: 7n,
      match: [{ field: 'in_port', value: 2 }],
      instructions: [apply(set({ field: 'reg1', value: 3 }), output(reservedPort.controller, 0xffff))],
    })
    client.send({
      type: 'packet_out',
      version,
      xid: client.nextXid(),
      inPort: 2,
      actions: [output(reservedPort.table)],
      data,
    })
    const packetIn = await client.next('packet_in')
    client.close()
    const { cookie, tableId, reason: why, totalLen } = packetIn
    // 1.5 tells a packet that the controller itself sent from others.
    assert.deepEqual([cookie, tableId, why, totalLen], [7n, 0, version >= 5 ? 'packet_out' : 'action', 60])
    assert.deepEqual(packetIn.data, data)
    assert.deepEqual(byName(splitXregs(packetIn.match)), [
      { field: 'in_port', value: 2 },
      { field: 'reg1', value: 3 },
    ])
  })
}

test('version 6: the selection method of a group survives', options, async () => {
  const client = await PlainClient.connect(ovs.socketPath, 6)
  await prepare(client)
  const group = {
    type: 'group_mod',
    version: 6,
    xid: client.nextXid(),
    command: 'add',
    groupType: 'select',
    groupId: 9,
    buckets: [{ bucketId: 0, weight: 100, watchPort: 1, actions: [output(1)] }],
    properties: [
      {
        type: 'selection_method',
        method: 'hash',
        param: 0n,
        fields: [
          { field: 'eth_type', value: 0xffff },
          { field: 'ipv4_src', value: 0xffff_ffff },
        ],
      },
    ],
  } as const
  client.send(group)
  const { messages } = await client.ask({
    type: 'multipart_request',
    body: { type: 'group_desc', groupId: 9 },
  })
  assert.deepEqual(client.errors(), [])
  client.close()
  const [reply] = messages
  assert.ok(reply?.type === 'multipart_reply' && reply.body.type === 'group_desc')
  const [entry] = reply.body.entries
  assert.ok(entry !== undefined && 'properties' in entry)
  const [property] = entry.properties ?? []
  assert.ok(property?.type === 'selection_method')
  assert.equal(property.method, 'hash')
  assert.ok(property.fields.some(({ field, value }) => field === 'ipv4_src' && value === 0xffff_ffff))
  assert.deepEqual(entry.buckets, group.buckets)
})
