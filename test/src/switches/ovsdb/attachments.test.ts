/** Attachments: what counts as one, and that following changes gives what looking at all rows anew gives. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { on } from '../../../../src/switches/ovsdb/tables.ts'
import {
  type Attachment,
  AttachmentIndex,
  attachmentsOf,
  byInterface,
} from '../../../../src/switches/ovsdb/attachments.ts'
import { MemoryDatabase } from './support/memory-database.ts'

function prepared(bridges: readonly string[] = ['br0']): MemoryDatabase {
  const database = new MemoryDatabase()
  database.transact([on.insert('Open_vSwitch', {})])
  for (const name of bridges) {
    database.transact([
      on.insert('Bridge', { name, datapath_id: `00000000000000a${bridges.indexOf(name)}` }, { named: 'b' }),
      on.mutate('Open_vSwitch', [], [['bridges', 'insert', [{ named: 'b' }]]]),
    ])
  }
  return database
}

function plug(
  name: string,
  {
    bridge = 'br0',
    ofport = 1,
    ids = {},
  }: { bridge?: string; ofport?: number | 'none'; ids?: Record<string, string> } = {},
) {
  return [
    on.insert(
      'Interface',
      {
        name,
        ofport: ofport === 'none' ? undefined : ofport,
        external_ids: Object.entries({ 'iface-id': `id-${name}`, ...ids }),
      },
      { named: 'i' },
    ),
    on.insert('Port', { name, interfaces: [{ named: 'i' }] }, { named: 'p' }),
    on.mutate('Bridge', [['name', '==', bridge]], [['ports', 'insert', [{ named: 'p' }]]]),
  ]
}

test('an attachment has all that a hypervisor tells', () => {
  const database = prepared()
  const ids = { 'attached-mac': '02:00:00:00:00:0A', 'vm-id': 'vm', 'iface-status': 'active' }
  database.transact(plug('vif', { ofport: 7, ids }))
  assert.deepEqual(attachmentsOf(database.replica()), [
    {
      ifaceId: 'id-vif',
      mac: 0x02_00_00_00_00_0a,
      vmId: 'vm',
      status: 'active',
      bridge: 'br0',
      datapathId: '00000000000000a0',
      port: 'vif',
      ofport: 7,
    },
  ])
})

test('os-vif says vm-uuid; a MAC that no station has is no MAC', () => {
  const database = prepared()
  for (const [index, mac] of ['ff:ff:ff:ff:ff:ff', '00:00:00:00:00:00', '2:0:0:0:0:1', ''].entries()) {
    database.transact(plug(`v${index}`, { ids: { 'vm-uuid': 'u', 'attached-mac': mac } }))
  }
  for (const { mac, vmId } of attachmentsOf(database.replica()))
    assert.deepEqual([mac, vmId], [undefined, 'u'])
})

test('without an iface-id, or an OpenFlow port of 1 or more, there is none', () => {
  const database = prepared()
  database.transact(plug('a', { ofport: -1 }))
  database.transact(plug('b', { ofport: 'none' }))
  database.transact(plug('c', { ids: { 'iface-id': '' } }))
  database.transact(plug('d', { ofport: 0 }))
  assert.deepEqual(attachmentsOf(database.replica()), [])
})

test('while vswitchd has not told the datapath id, the configured one counts', () => {
  const database = prepared()
  database.transact(plug('a'))
  database.transact([
    on.update('Bridge', [], { datapath_id: undefined, other_config: [['datapath-id', '0xAB']] }),
  ])
  assert.equal(attachmentsOf(database.replica())[0]?.datapathId, '00000000000000ab')
  database.transact([on.update('Bridge', [], { other_config: [] })])
  assert.deepEqual(attachmentsOf(database.replica()), [])
})

const names = ['v0', 'v1', 'v2', 'v3'] as const
const bridgeNames = ['br0', 'br1'] as const
const name = fc.constantFrom(...names)
const bridge = fc.constantFrom(...bridgeNames)
const change = fc.oneof(
  fc
    .record({ name, bridge, ofport: fc.constantFrom('none' as const, -1, 1, 2) })
    .map((at) => plug(at.name, at)),
  fc
    .tuple(name, fc.constantFrom(undefined, -1, 1, 2))
    .map(([one, ofport]) => [on.update('Interface', [['name', '==', one]], { ofport })]),
  fc
    .tuple(name, fc.constantFrom('x', 'y'))
    .map(([one, id]) => [
      on.update('Interface', [['name', '==', one]], { external_ids: [['iface-id', id]] }),
    ]),
  name.map((one) => [on.update('Interface', [['name', '==', one]], { external_ids: [] })]),
  bridge.map((one) => [on.update('Bridge', [['name', '==', one]], { ports: [] })]),
  fc
    .tuple(bridge, fc.constantFrom('1', '2', 'no'))
    .map(([one, id]) => [on.update('Bridge', [['name', '==', one]], { datapath_id: id })]),
  bridge,
  bridge.map((one) => [on.update('Open_vSwitch', [], { bridges: [] }), on.comment(one)]),
)

test('following changes, several at once or one by one, gives what all rows give', () => {
  const run = fc.property(fc.array(fc.array(change, { maxLength: 3 }), { maxLength: 12 }), (rounds) => {
    const database = prepared(bridgeNames)
    const replica = database.replica()
    const index = new AttachmentIndex(replica)
    index.take({
      Bridge: { inserted: [...replica.tables.Bridge.values()], modified: [], deleted: [] },
    })
    const told = new Map<string, Attachment>()
    for (const round of rounds) {
      for (const one of round) {
        if (typeof one === 'string') {
          // All ports move to one bridge, whichever of the two is told of first.
          const ports = [...database.replica().tables.Port.keys()]
          database.transact([
            on.update('Bridge', [], { ports: [] }),
            on.update('Bridge', [['name', '==', one]], { ports }),
          ])
        } else database.transact(one.filter(({ op }) => op !== 'comment'))
      }
      const { added, changed, removed } = index.take(replica.reset('update2', database.dump()))
      for (const old of removed) assert.ok(told.delete(old.port))
      for (const { old, new: fresh } of changed) {
        assert.deepEqual(told.get(old.port), old)
        assert.notDeepEqual(old, fresh)
        told.set(fresh.port, fresh)
      }
      for (const fresh of added) {
        assert.ok(!told.has(fresh.port))
        told.set(fresh.port, fresh)
      }
      const all = attachmentsOf(replica)
      assert.deepEqual([...index.all.values()].sort(byInterface), all)
      assert.deepEqual([...told.values()].sort(byInterface), all)
    }
  })
  fc.assert(run, { numRuns: 200 })
})
