/** Paths and trees where loops lurk: many cables, and segments that flood everything everywhere. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compile } from '../../../src/compiler/compiler.ts'
import { dropReasonOf } from '../../../src/pipeline/drop-reasons.ts'
import { send, type Frame } from '../../support/table-interpreter.ts'
import { build, datapathOf, macOf, type NicSpec, type WorldSpec } from './world.ts'
import { dataPlane, placeOf, worldFrom, type Seeds } from './worlds.ts'

/** Two or three fabric switches and as many hypervisors, tightly meshed; nothing is down. */
const dense: fc.Arbitrary<Seeds> = fc.record({
  hypervisors: fc.integer({ min: 2, max: 3 }),
  fabrics: fc.integer({ min: 1, max: 3 }),
  segments: fc.integer({ min: 0, max: 2 }),
  networks: fc.constant([true]),
  nics: fc.constant([0, 1, 2].map((host) => ({ host, network: 0, trust: 0, absent: false, id: host + 1 }))),
  cables: fc.array(fc.record({ a: fc.nat(5), b: fc.nat(5), down: fc.constant(false) }), {
    minLength: 3,
    maxLength: 10,
  }),
  classed: fc.boolean(),
  teamed: fc.boolean(),
  attachments: fc.array(fc.record({ node: fc.nat(5), segment: fc.nat(1), down: fc.constant(false) }), {
    minLength: 3,
    maxLength: 8,
  }),
})

/** RARP passes port security with nothing but the right source MAC. */
function frame(from: NicSpec, destination: number): Frame {
  return { vlans: [], fields: { eth_src: macOf(from.n), eth_dst: destination, eth_type: 0x8035 } }
}

test('unicast and broadcast arrive exactly once in dense topologies', () => {
  let joined = 0
  fc.assert(
    fc.property(dense.map(worldFrom), (spec) => {
      const { intent, observation } = build(spec)
      const program = compile(intent, observation)
      if (program.obstacles.length > 0) return
      joined++
      const plane = dataPlane(spec, observation, program)
      const receivers = (from: NicSpec, destination: number) =>
        send(plane, placeOf(spec, observation, from), frame(from, destination)).delivered.map(
          ({ datapathId, port }) => {
            const nic = spec.nics.find((one) => {
              const place = placeOf(spec, observation, one)
              return place.datapathId === datapathId && place.port === port
            })
            return nic?.vm
          },
        )
      for (const from of spec.nics) {
        const others = spec.nics.filter((nic) => nic !== from)
        for (const to of others) assert.deepEqual(receivers(from, macOf(to.n)), [to.vm])
        assert.deepEqual(receivers(from, 0xffffffffffff).toSorted(), others.map(({ vm }) => vm).toSorted())
      }
    }),
    { numRuns: 400 },
  )
  assert.ok(joined > 100, `${joined} joined`)
})

test('a broadcast that comes in beside the tree is dropped for that reason, unicast is taken in', () => {
  const spec: WorldSpec = {
    switches: [
      { name: 'hv0', uplinks: [{ port: 'up' }, { port: 'cross' }] },
      { name: 'hv1', uplinks: [{ port: 'up' }, { port: 'cross' }] },
      { name: 'leaf', role: 'fabric' },
    ],
    networks: [{ name: 'blue', vlan: 10 }],
    nics: [
      { vm: 'a', network: 'blue', on: 'hv0', n: 1 },
      { vm: 'b', network: 'blue', on: 'hv1', n: 2 },
    ],
    cables: [
      ['hv0', 'up', 'leaf', 'l0'],
      ['hv1', 'up', 'leaf', 'l1'],
      ['hv0', 'cross', 'hv1', 'cross'],
    ],
  }
  const { intent, observation } = build(spec)
  const plane = dataPlane(spec, observation, compile(intent, observation))
  const datapathId = datapathOf(spec, 'hv1')
  const port = observation.switches.get(datapathId)?.ports.get('cross')?.no ?? 0
  const arrive = (destination: number) =>
    send(
      plane,
      { datapathId, port },
      { ...frame({ vm: 'a', network: 'blue', on: 'hv0', n: 1 }, destination), vlans: [10] },
    )
  const broadcast = arrive(0xffffffffffff)
  assert.deepEqual(broadcast.delivered, [])
  assert.deepEqual(
    broadcast.dropped.map(({ reason }) => dropReasonOf(reason)),
    ['not-on-tree'],
  )
  assert.equal(arrive(macOf(2)).delivered.length, 1)
})

test('switches spread networks over parallel fabrics, and agree with themselves', () => {
  const networks = Array.from({ length: 40 }, (_, index) => ({ name: `net${index}`, vlan: 100 + index }))
  const spec: WorldSpec = {
    switches: [
      { name: 'hv0', uplinks: [{ port: 'u0' }, { port: 'u1' }] },
      { name: 'hv1', uplinks: [{ port: 'u0' }, { port: 'u1' }] },
      { name: 'leaf0', role: 'fabric' },
      { name: 'leaf1', role: 'fabric' },
      { name: 'spine', role: 'fabric' },
    ],
    networks,
    nics: networks.flatMap(({ name }, index) => [
      { vm: `a${index}`, network: name, on: 'hv0', n: 2 * index + 1 },
      { vm: `b${index}`, network: name, on: 'hv1', n: 2 * index + 2 },
    ]),
    cables: [
      ['hv0', 'u0', 'leaf0', 'h0'],
      ['hv0', 'u1', 'leaf1', 'h0'],
      ['hv1', 'u0', 'leaf0', 'h1'],
      ['hv1', 'u1', 'leaf1', 'h1'],
      ['leaf0', 'up', 'spine', 's0'],
      ['leaf1', 'up', 'spine', 's1'],
    ],
  }
  const { intent, observation } = build(spec)
  const plane = dataPlane(spec, observation, compile(intent, observation))
  const firstHops = new Map<number, number>()
  for (const nic of spec.nics.filter(({ on }) => on === 'hv0')) {
    const { sent } = send(plane, placeOf(spec, observation, nic), frame(nic, macOf(nic.n + 1)))
    assert.equal(sent.length, 2)
    const port = sent[0]?.port ?? 0
    firstHops.set(port, (firstHops.get(port) ?? 0) + 1)
  }
  for (const count of firstHops.values())
    assert.ok(count >= 8, `uneven: ${[...firstHops.values()].join(' and ')}`)
  assert.equal(firstHops.size, 2)
})
