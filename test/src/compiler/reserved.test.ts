/** Reserved networks: interfaces as members, and pinned paths that have no way but their own. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Team } from '../../../src/model/intent.ts'
import { compile } from '../../../src/compiler/compiler.ts'
import { rulesOf } from '../../../src/compiler/delta.ts'
import { send, type Frame } from '../../support/table-interpreter.ts'
import { hashTeam } from './teamed.ts'
import { build, datapathOf, macOf, type NicSpec, portName, type WorldSpec } from './world.ts'
import { dataPlane, placeOf } from './worlds.ts'

const own = (network: string, on: string, n: number, uplink?: string): NicSpec => ({
  vm: `${network}-${on}`,
  network,
  on,
  n,
  ...(uplink === undefined ? {} : { uplink }),
})

const hosts = ['hv0', 'hv1', 'stor']
const spec: WorldSpec = {
  switches: [
    ...hosts.map((name) => ({ name, uplinks: [{ port: 'u0' }, { port: 'u1' }], teams: [hashTeam] })),
    ...['leaf0', 'leaf1'].map((name) => ({ name, role: 'fabric' as const })),
  ],
  networks: [
    { name: 'blue', vlan: 10 },
    { name: 'pathA', vlan: 301, kind: 'storage' },
    { name: 'pathB', vlan: 302, kind: 'storage' },
    { name: 'move', vlan: 303, kind: 'migration' },
  ],
  nics: [
    { vm: 'a', network: 'blue', on: 'hv0', n: 1 },
    { vm: 'b', network: 'blue', on: 'hv1', n: 2 },
    ...hosts.flatMap((on, index) => [
      own('pathA', on, 10 + index, 'u0'),
      own('pathB', on, 20 + index, 'u1'),
      own('move', on, 30 + index),
    ]),
  ],
  // The leaves are joined: there would be another way for everything.
  cables: [
    ...hosts.flatMap((name): [string, string, string, string][] => [
      [name, 'u0', 'leaf0', name],
      [name, 'u1', 'leaf1', name],
    ]),
    ['leaf0', 'x', 'leaf1', 'x'],
  ],
}

const rarp = (from: NicSpec, destination: number): Frame => ({
  vlans: [],
  fields: { eth_src: macOf(from.n), eth_dst: destination, eth_type: 0x8035 },
})

const nicOf = (world: WorldSpec, network: string, on: string): NicSpec =>
  world.nics.find((nic) => nic.network === network && nic.on === on) ?? assert.fail()

/** Who got the frame, and the uplinks of hypervisors by which it passed. */
function fateOf(world: WorldSpec, from: NicSpec, destination: number) {
  const { intent, observation } = build(world)
  const plane = dataPlane(world, observation, compile(intent, observation))
  const { delivered, sent } = send(plane, placeOf(world, observation, from), rarp(from, destination))
  const nameOf = (datapathId: string, no: number) => {
    const name = world.switches.find((one) => datapathOf(world, one.name) === datapathId)?.name ?? ''
    const port = [...(observation.switches.get(datapathId)?.ports.values() ?? [])].find(
      (one) => one.no === no,
    )
    return `${name}/${port?.name ?? ''}`
  }
  return {
    delivered: delivered.map(({ datapathId, port }) => nameOf(datapathId, port)).toSorted(),
    uplinks: sent
      .map(({ datapathId, port }) => nameOf(datapathId, port))
      .filter((at) => !at.startsWith('leaf')),
  }
}

const broadcast = 0xffffffffffff
const portAt = (nic: NicSpec) => `${nic.on}/${portName(nic)}`

test('interfaces of a network reach each other by the uplink that they are pinned to', () => {
  for (const [network, uplink] of [
    ['pathA', 'u0'],
    ['pathB', 'u1'],
  ] as const) {
    const from = nicOf(spec, network, 'hv0')
    const to = nicOf(spec, network, 'stor')
    assert.deepEqual(fateOf(spec, from, macOf(to.n)), { delivered: [portAt(to)], uplinks: [`hv0/${uplink}`] })
    assert.deepEqual(fateOf(spec, from, broadcast), {
      delivered: [portAt(nicOf(spec, network, 'hv1')), portAt(to)],
      uplinks: [`hv0/${uplink}`],
    })
  }
})

test('a pinned path that is cut has no other way, at either end; the other path and the team go on', () => {
  for (const cut of ['hv0/u0', 'leaf0/hv0', 'stor/u0']) {
    const world = { ...spec, down: new Set([cut]) }
    const [a, b, move] = ['pathA', 'pathB', 'move'].map((network) => nicOf(world, network, 'hv0'))
    assert.ok(a && b && move)
    const target = (network: string) => nicOf(world, network, 'stor')
    assert.deepEqual(fateOf(world, a, macOf(target('pathA').n)), { delivered: [], uplinks: [] }, cut)
    assert.ok(!fateOf(world, a, broadcast).uplinks.includes('hv0/u1'))
    assert.deepEqual(fateOf(world, b, macOf(target('pathB').n)).delivered, [portAt(target('pathB'))])
    assert.deepEqual(fateOf(world, move, macOf(target('move').n)), {
      delivered: [portAt(target('move'))],
      uplinks: ['hv0/u1'],
    })
    const { intent, observation } = build(world)
    const { obstacles } = compile(intent, observation)
    assert.deepEqual(
      obstacles.map(({ owner, code }) => [owner, code]),
      [['network/pathA', 'unreachable']],
    )
  }
})

test('a pinned network is not taken in from another uplink, even tagged as it should be', () => {
  const { intent, observation } = build(spec)
  const plane = dataPlane(spec, observation, compile(intent, observation))
  const datapathId = datapathOf(spec, 'hv1')
  const arrive = (port: string, destination: number) =>
    send(
      plane,
      { datapathId, port: observation.switches.get(datapathId)?.ports.get(port)?.no ?? 0 },
      { ...rarp(nicOf(spec, 'pathA', 'stor'), destination), vlans: [301] },
    ).delivered.length
  const { n } = nicOf(spec, 'pathA', 'hv1')
  assert.deepEqual([arrive('u0', macOf(n)), arrive('u1', macOf(n)), arrive('u1', broadcast)], [1, 0, 0])
})

const standby: Team = {
  name: 'main',
  mode: 'active-backup',
  hash: 'l3l4',
  uplinks: ['s0', 's1'].map((port) => ({ port, weight: 1 })),
  upDelayMs: 0,
}

for (const teams of [[], [standby]])
  test(`pinned to uplinks into a segment, ${teams.length > 0 ? 'which are a team for VMs' : 'of which VMs use the first'}`, () => {
    const lan: WorldSpec = {
      switches: ['hv0', 'hv1'].map((name) => ({
        name,
        teams,
        uplinks: [
          { port: 's0', segment: 'lan' },
          { port: 's1', segment: 'lan' },
        ],
      })),
      networks: [
        { name: 'blue', vlan: 10 },
        { name: 'pathA', vlan: 301, kind: 'storage' },
        { name: 'pathB', vlan: 302, kind: 'storage' },
      ],
      nics: ['hv0', 'hv1'].flatMap((on, index): NicSpec[] => [
        { vm: `v${index}`, network: 'blue', on, n: 1 + index },
        own('pathA', on, 10 + index, 's0'),
        own('pathB', on, 20 + index, 's1'),
      ]),
    }
    for (const [network, uplink] of [
      ['blue', 's0'],
      ['pathA', 's0'],
      ['pathB', 's1'],
    ] as const) {
      const [from, to] = [nicOf(lan, network, 'hv0'), nicOf(lan, network, 'hv1')]
      const expected = { delivered: [portAt(to)], uplinks: [`hv0/${uplink}`] }
      assert.deepEqual(fateOf(lan, from, macOf(to.n)), expected)
      assert.deepEqual(fateOf(lan, from, broadcast), expected)
    }
    const cut = { ...lan, down: new Set(['hv0/s1']) }
    const from = nicOf(cut, 'pathB', 'hv0')
    assert.deepEqual(fateOf(cut, from, macOf(nicOf(cut, 'pathB', 'hv1').n)), { delivered: [], uplinks: [] })
    const first = { ...lan, down: new Set(['hv0/s0']) }
    const [pathA, blue] = ['pathA', 'blue'].map((network) => nicOf(first, network, 'hv0'))
    assert.ok(pathA && blue)
    assert.deepEqual(fateOf(first, pathA, broadcast), { delivered: [], uplinks: [] })
    assert.deepEqual(fateOf(first, blue, broadcast).uplinks, ['hv0/s1'])
  })

test('rules of an interface are owned by it', () => {
  const { intent, observation } = build(spec)
  const program = compile(intent, observation).switches.get(datapathOf(spec, 'hv0'))
  assert.ok(program)
  const owners = new Set(rulesOf(program).map(({ owner }) => owner))
  assert.ok(owners.has('interface/hv0/pathA-hv0-eth0') && owners.has('interface/stor/pathA-stor-eth0'))
})
