/** Plans between random states: each settles, nothing of ours is left behind, and what is somebody else's stays. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Replica } from '../../../../codecs/ovsdb/index.ts'
import { bridgePlan } from '../../../../src/switches/ovsdb/plan.ts'
import { concerns } from '../../../../src/switches/ovsdb/relevance.ts'
import { on, type switchTables } from '../../../../src/switches/ovsdb/tables.ts'
import type { WantedHost, WantedPort } from '../../../../src/switches/ovsdb/wanted.ts'
import { bridge, database, foreignBridge, foreignPort, host, settle } from './support/plans.ts'

const bridgeName = fc.constantFrom('br0', 'br1', 'br2')
const portName = fc.constantFrom('e0', 'e1', 'e2', 'e3')
const wantedPort: fc.Arbitrary<WantedPort> = fc.record(
  {
    name: portName,
    tag: fc.constantFrom(1, 2),
    trunks: fc.subarray([1, 2]),
    otherConfig: fc.constantFrom({}, { a: '1' }, { b: '2' }),
    qos: fc.record({
      type: fc.constantFrom('linux-htb', 'linux-noop'),
      queues: fc
        .subarray([0, 1, 2])
        .map((numbers) => new Map(numbers.map((number) => [number, { dscp: number }]))),
    }),
  },
  { requiredKeys: ['name'] },
)
const wantedBridge = fc.record({
  name: bridgeName,
  protocols: fc.subarray(['OpenFlow13', 'OpenFlow15']),
  controllers: fc.subarray([{ target: 'tcp:1.1.1.1:6653' }, { target: 'tcp:10.0.0.9:3' }]),
  ports: fc.uniqueArray(wantedPort, { selector: ({ name }) => name, maxLength: 3 }),
})
const wantedHost = fc
  .uniqueArray(wantedBridge, { selector: ({ name }) => name, maxLength: 3 })
  .map((bridges) => {
    const taken = new Set<string>()
    const free = ({ name }: WantedPort) => !taken.has(name) && taken.add(name)
    return host(...bridges.map((one) => bridge(one.name, { ...one, ports: one.ports.filter(free) })))
  })
const foreign = fc.oneof(
  bridgeName.map(foreignBridge),
  fc.tuple(portName, bridgeName).map(([name, into]) => foreignPort(name, into)),
)

/** Everything that is not marked as ours, without the settings that a wanted bridge or port is given. */
function others(replica: Replica<typeof switchTables>, wanted: WantedHost) {
  const adopted = new Set(
    wanted.bridges.flatMap((one) => [one.name, ...(one.ports ?? []).map(({ name }) => name)]),
  )
  return Object.entries(replica.tables).flatMap(([table, rows]) =>
    [...rows.values()].flatMap((row) => {
      if (table === 'Open_vSwitch' || row.external_ids.get('throwbar') === 'one') return []
      const name = 'name' in row ? row.name : ''
      if (adopted.has(name)) return [`${table} ${row._uuid}`]
      // What we had made in them goes again.
      const told = { ...row, ports: undefined, controller: undefined, qos: undefined }
      return [
        `${table} ${JSON.stringify(told, (_, held: unknown): unknown => (held instanceof Set || held instanceof Map ? [...(held as Iterable<unknown>)] : held))}`,
      ]
    }),
  )
}

test('from any state to any wish and on to nothing: it settles, and what is foreign stays', async () => {
  const run = fc.asyncProperty(
    fc.array(foreign, { maxLength: 5 }),
    fc.array(wantedHost, { minLength: 1, maxLength: 3 }),
    fc.array(foreign, { maxLength: 3 }),
    async (first, wishes, later) => {
      const one = database()
      for (const operations of first) one.transact(operations)
      for (const wanted of wishes) {
        const before = others(one.replica(), wanted)
        await settle(one, wanted)
        const after = new Set(others(one.replica(), wanted))
        for (const row of before) assert.ok(after.has(row), row)
        for (const operations of later) one.transact(operations)
      }
      const [, plan] = await settle(one, host())
      const { tables } = one.replica()
      const ours = Object.values(tables).flatMap((rows) =>
        [...rows.values()].filter((row) => row.external_ids.get('throwbar') === 'one'),
      )
      const local = new Set(plan.kept)
      assert.ok(
        ours.every((row) => 'name' in row && local.has(row.name)),
        JSON.stringify(ours),
      )
    },
  )
  await fc.assert(run, { numRuns: 150 })
})

const hand = fc.oneof(
  foreign,
  fc
    .tuple(portName, fc.constantFrom(0, 1))
    .map(([name, tag]) => [on.update('Port', [['name', '==', name]], { tag })]),
  fc
    .tuple(portName, bridgeName)
    .map(([name, to]) => [
      on.update('Interface', [['name', '==', name]], { external_ids: [['iface-id', to]], ofport: 3 }),
    ]),
  bridgeName.map((name) => [on.update('Bridge', [['name', '==', name]], { fail_mode: 'standalone' })]),
  bridgeName.map((name) => [on.update('Bridge', [['name', '==', name]], { ports: [] })]),
  bridgeName.map((name) => [on.update('Bridge', [['name', '==', name]], { controller: [] })]),
  fc.constant([on.update('Queue', [], { dscp: 9 })]),
  fc.constant([on.update('Port', [], { qos: undefined }), on.delete('QoS', []), on.delete('Queue', [])]),
  fc.constant([on.update('Open_vSwitch', [], { bridges: [] })]),
)

test('a change that is passed over would not have made a plan', async () => {
  const run = fc.asyncProperty(
    fc.array(foreign, { maxLength: 4 }),
    fc.array(wantedHost, { minLength: 1, maxLength: 2 }),
    fc.array(hand, { minLength: 1, maxLength: 2 }),
    async (first, wishes, hands) => {
      const one = database()
      for (const operations of first) one.transact(operations)
      for (const wanted of wishes) {
        await settle(one, wanted)
        const replica = one.replica()
        const { kept, steps, refused } = bridgePlan(wanted, replica)
        assert.equal(steps.length, 0)
        for (const operations of hands) one.transact(operations)
        const changes = replica.reset('update2', one.dump())
        if (concerns(changes, { wanted, tables: replica.tables, kept })) continue
        assert.deepEqual(bridgePlan(wanted, replica), { steps: [], refused, kept })
      }
    },
  )
  await fc.assert(run, { numRuns: 300 })
})
