/** Classes of traffic on a hypervisor's uplinks: who leaves by which meter, how it is marked, and what a switch without classes has. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile } from '../../../src/compiler/compiler.ts'
import { rulesOf } from '../../../src/compiler/delta.ts'
import type { TrafficClass } from '../../../src/model/intent.ts'
import { prove } from '../../../src/prover/prover.ts'
import { runSwitch, type Frame } from '../../support/table-interpreter.ts'
import { hashTeam } from './teamed.ts'
import { build, macOf, type WorldSpec } from './world.ts'

const vm: TrafficClass = { name: 'vm', shares: 20, reservationBps: 0 }
const storage: TrafficClass = { name: 'storage', shares: 40, reservationBps: 40e6, dscp: 26, pcp: 4 }
const migration: TrafficClass = { name: 'migration', shares: 10, reservationBps: 0, limitBps: 20e6, pcp: 1 }

/** hv0 has VMs of three classes and a team of two uplinks to two leaves. */
const world = (classes: readonly TrafficClass[], bandwidthBps?: number): WorldSpec => {
  const uplinks = ['u0', 'u1'].map((port) => ({ port, ...(bandwidthBps !== undefined && { bandwidthBps }) }))
  return {
    classes,
    switches: [
      { name: 'hv0', uplinks, teams: [hashTeam] },
      { name: 'hv1', uplinks, teams: [hashTeam] },
      { name: 'leaf0', role: 'fabric' },
      { name: 'leaf1', role: 'fabric' },
    ],
    networks: [
      { name: 'blue', vlan: 10 },
      { name: 'disks', vlan: 11, ...(classes.length > 0 && { class: 'storage' as const }) },
      { name: 'moves', vlan: 12, ...(classes.length > 0 && { class: 'migration' as const }) },
    ],
    nics: ['blue', 'disks', 'moves'].flatMap((network, index) => [
      { vm: `a${index}`, network, on: 'hv0', n: 2 * index + 1 },
      { vm: `b${index}`, network, on: 'hv1', n: 2 * index + 2 },
    ]),
    cables: [
      ['hv0', 'u0', 'leaf0', 'h0'],
      ['hv1', 'u0', 'leaf0', 'h1'],
      ['hv0', 'u1', 'leaf1', 'h0'],
      ['hv1', 'u1', 'leaf1', 'h1'],
    ],
  }
}

const hv0 = '0000000000000001'

function programOf(spec: WorldSpec) {
  const { intent, observation } = build(spec)
  const program = compile(intent, observation)
  assert.deepEqual(prove(program, intent, observation), [])
  const one = program.switches.get(hv0)
  assert.ok(one)
  return { ...one, rules: rulesOf(one), obstacles: program.obstacles, observation }
}

const frame = (n: number, to = macOf(n + 1)): Frame => ({
  vlans: [],
  fields: { eth_src: macOf(n), eth_dst: to, eth_type: 0x0800, ipv4_src: 0x0a000100 + n },
})

const portOf = (spec: WorldSpec, name: string): number => {
  const found = build(spec).observation.switches.get(hv0)?.ports.get(name)
  assert.ok(found)
  return found.no
}

test('frames leave marked as their class is, in the tag and in the IP header', () => {
  const spec = world([vm, storage, migration], 100e6)
  const { rules } = programOf(spec)
  const marks = [1, 3, 5].map((n) => {
    const { outputs } = runSwitch(rules, portOf(spec, `a${(n - 1) / 2}-eth0`), frame(n))
    assert.equal(outputs.length, 1)
    const { vlans, fields } = outputs[0]?.frame ?? frame(n)
    return [vlans[0], fields.vlan_pcp, fields.ip_dscp]
  })
  assert.deepEqual(marks, [
    [10, undefined, undefined],
    [11, 4, 26],
    [12, 1, undefined],
  ])
})

test('a broadcast reaches the VMs of the switch before any meter, and the uplink once', () => {
  const spec = world([vm, storage, migration], 100e6)
  const more = { ...spec, nics: [...spec.nics, { vm: 'c', network: 'disks', on: 'hv0', n: 9 }] }
  const { rules } = programOf(more)
  const { outputs } = runSwitch(rules, portOf(more, 'a1-eth0'), frame(3, 0xffffffffffff))
  assert.equal(outputs[0]?.port, portOf(more, 'c-eth0'))
  assert.deepEqual(
    outputs.slice(1).map(({ frame: { vlans, fields } }) => [vlans, fields.ip_dscp]),
    [[[11], 26]],
  )
})

test('held meters fit the uplink by themselves; lent ones count only while the lease runs', () => {
  const { fixtures, rules } = programOf(world([vm, storage, migration], 100e6))
  const shared = fixtures.meters.filter(({ unit }) => unit === 'kbps')
  const held = shared.filter(({ adaptive }) => adaptive === undefined)
  assert.equal(shared.length, 2 * 2 * 3)
  const first = held.slice(0, 3).map(({ rate }) => rate)
  const [vms = 0, disks = 0, moves = 0] = first
  assert.ok(vms + disks + moves <= 100_000, first.join())
  assert.ok(disks >= 40_000 && moves <= 20_000, first.join())
  const out = rules.filter(({ table, meter }) => table === 'egress' && meter !== undefined)
  for (const rule of out) {
    const lease = rule.match.find(({ field }) => field === 'reg10')?.value
    const meter = shared.find(({ id }) => id === rule.meter)
    assert.equal(meter?.adaptive === true, lease === 1)
  }
  assert.deepEqual(new Set(out.map(({ meter }) => meter)), new Set(shared.map(({ id }) => id)))
})

test('without declared classes nothing is metered, marked or led by another way', () => {
  const { fixtures, rules } = programOf(world([], 100e6))
  assert.ok(fixtures.meters.every(({ unit }) => unit === 'pktps'))
  assert.ok(rules.every(({ table }) => table !== 'egress' && table !== 'lease'))
})

test('an uplink of unknown speed is marked and not metered, and what to declare is said', () => {
  const { fixtures, rules, obstacles } = programOf(world([vm, storage]))
  assert.deepEqual(
    obstacles.map(({ owner, code }) => [owner, code]),
    ['hv0', 'hv0', 'hv1', 'hv1'].map((name) => [`switch/${name}`, 'speed-unknown']),
  )
  assert.match(obstacles[1]?.text ?? '', /how fast uplink u1 of hv0 is.* declare its bandwidth/)
  assert.ok(fixtures.meters.every(({ unit }) => unit === 'pktps'))
  assert.ok(
    rules.some(
      ({ table, meter, actions }) => table === 'egress' && meter === undefined && actions.length > 1,
    ),
  )
})

test('reservations that exceed the speed that a port reports are an obstacle, and meters share what there is', () => {
  const { intent, observation } = build(world([vm, storage]))
  const slow = new Map(
    [...observation.switches].map(([id, one]) => [
      id,
      { ...one, ports: new Map([...one.ports].map(([name, port]) => [name, { ...port, speedBps: 10e6 }])) },
    ]),
  )
  const { obstacles } = compile(intent, { ...observation, switches: slow })
  assert.deepEqual(
    obstacles.map(({ owner, code, text }) => [owner, code, text]),
    ['hv0', 'hv1'].map((name) => [
      `switch/${name}`,
      'overbooked',
      `storage 40M exceeds 10M of uplink u0 of ${name}, the slowest of team main`,
    ]),
  )
})

test('where the datapath has queues, classes take those', () => {
  const { intent, observation } = build(world([vm, storage], 100e6))
  const one = intent.switches.get('hv0')
  assert.ok(one)
  const ovsdb = { target: 'unix:/db.sock', bridge: 'br-int', datapathType: 'system' } as const
  const switches = new Map(intent.switches).set('hv0', { ...one, ovsdb })
  const program = compile({ ...intent, switches }, observation).switches.get(hv0)
  assert.ok(program)
  const queues = rulesOf(program).flatMap(({ table, actions }) =>
    table === 'egress' ? actions.flatMap((action) => (action.type === 'set_queue' ? action.queue : [])) : [],
  )
  assert.deepEqual(new Set(queues), new Set([1, 2, 3]))
  assert.ok(program.fixtures.meters.every(({ unit }) => unit === 'pktps'))
})

test('what a database says of the datapath decides, whatever is declared', () => {
  const { intent, observation } = build(world([vm, storage], 100e6))
  const by = (declared: 'system' | 'netdev' | undefined, seen?: string) => {
    const one = intent.switches.get('hv0') ?? assert.fail()
    const ovsdb = { target: 'unix:/db.sock', bridge: 'br-int', ...(declared && { datapathType: declared }) }
    const switches = new Map(intent.switches).set('hv0', { ...one, ovsdb })
    const datapathTypes = new Map(seen === undefined ? [] : [[hv0, seen] as const])
    return compile({ ...intent, switches }, { ...observation, datapathTypes }).switches.get(hv0)?.sharing?.by
  }
  assert.deepEqual([by(undefined), by('netdev'), by('system')], ['meters', 'meters', 'queues'])
  assert.deepEqual([by(undefined, 'system'), by('system', 'netdev')], ['queues', 'meters'])
})
