/** The compiler against the meaning of the intent, on random worlds. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compile } from '../../../src/compiler/compiler.ts'
import { rulesOf } from '../../../src/compiler/delta.ts'
import { InputCells } from '../../../src/compiler/inputs.ts'
import { Memo } from '../../../src/compiler/memo.ts'
import { readTopology, transitComponents, type Topology } from '../../../src/compiler/topology.ts'
import { send, type Fate, type Frame } from '../../support/table-interpreter.ts'
import { example } from './example.ts'
import { isPresent, meaningOf } from './meaning.ts'
import { build, datapathOf, macOf, type NicSpec, type World, type WorldSpec } from './world.ts'
import { dataPlane, frames, placeOf, seeds, worldFrom } from './worlds.ts'

interface Sent {
  readonly spec: WorldSpec
  readonly from: NicSpec
  readonly frame: Frame
}

const sent: fc.Arbitrary<Sent> = seeds
  .map(worldFrom)
  .filter(({ nics }) => nics.length > 0)
  .chain((spec) =>
    fc.constantFrom(...spec.nics).chain((from) => frames(spec, from).map((frame) => ({ spec, from, frame }))),
  )

function run({ spec, from, frame }: Sent) {
  const world = build(spec)
  const program = compile(world.intent, world.observation)
  const plane = dataPlane(spec, world.observation, program)
  const fate = send(plane, placeOf(spec, world.observation, from), frame)
  const nicAt = (place: { datapathId: string; port: number }) =>
    spec.nics.find((nic) => {
      const own = placeOf(spec, world.observation, nic)
      return own.datapathId === place.datapathId && own.port === place.port
    })
  const receivers = fate.delivered.map(
    (place) => nicAt(place)?.vm ?? `port ${place.port} of ${place.datapathId}`,
  )
  const unreachable = program.obstacles.some(
    ({ code, owner }) => code === 'unreachable' && owner.endsWith(from.network),
  )
  return { fate, receivers: receivers.toSorted(), unreachable, program }
}

test('tables and meaning agree about every frame', () => {
  let deliveries = 0
  let answers = 0
  fc.assert(
    fc.property(sent, (one) => {
      const meaning = meaningOf(one.spec, one.from, one.frame)
      const { fate, receivers, unreachable } = run(one)
      if (meaning.kind === 'answer') {
        answers++
        assert.deepEqual(receivers, [one.from.vm])
        assertAnswer(fate, one, macOf(meaning.owner.n))
        return
      }
      const expected = meaning.to.map(({ vm }) => vm).toSorted()
      if (unreachable) for (const vm of receivers) assert.ok(expected.includes(vm), `${vm} must not get it`)
      else assert.deepEqual(receivers, expected)
      assert.equal(new Set(receivers).size, receivers.length, 'a frame arrived twice')
      deliveries += receivers.length
      for (const { frame } of fate.delivered) assert.deepEqual(frame, one.frame)
    }),
    { numRuns: 800 },
  )
  assert.ok(deliveries > 20 && answers > 0, `${deliveries} deliveries, ${answers} answers`)
})

function assertAnswer({ delivered }: Fate, { frame }: Sent, owner: number): void {
  const fields = delivered[0]?.frame.fields ?? {}
  assert.equal(fields.eth_src, owner)
  assert.equal(fields.eth_dst, frame.fields.eth_src)
  if (frame.fields.arp_op === 1) {
    const { arp_op, arp_sha, arp_spa, arp_tha, arp_tpa } = fields
    assert.deepEqual([arp_op, arp_sha, arp_spa], [2, owner, frame.fields.arp_tpa])
    assert.deepEqual([arp_tha, arp_tpa], [frame.fields.arp_sha, frame.fields.arp_spa])
  } else {
    assert.deepEqual([fields.icmpv6_type, fields.ipv6_nd_tll], [136, owner])
    assert.deepEqual([fields.ipv6_src, fields.ipv6_dst], [frame.fields.ipv6_nd_target, frame.fields.ipv6_src])
  }
}

test('what travels over cables carries the VLAN of its network, and internal networks never leave', () => {
  fc.assert(
    fc.property(sent, (one) => {
      const vlan = one.spec.networks.find(({ name }) => name === one.from.network)?.vlan
      const { fate } = run(one)
      if (vlan === undefined) assert.deepEqual(fate.sent, [])
      for (const { frame } of fate.sent) assert.deepEqual(frame.vlans, [vlan])
    }),
    { numRuns: 200 },
  )
})

test('whatever a stranger sends on an uplink reaches no more than the network of its VLAN', () => {
  fc.assert(
    fc.property(sent, fc.nat(), fc.constantFrom(10, 11, 12, 99), (one, choice, vlan) => {
      const world = build(one.spec)
      const program = compile(world.intent, world.observation)
      const plane = dataPlane(one.spec, world.observation, program)
      const ports = one.spec.switches.flatMap(({ name, uplinks = [] }) =>
        uplinks.map(({ port }) => ({ name, port })),
      )
      const at = ports[choice % Math.max(1, ports.length)]
      if (!at) return
      const datapathId = datapathOf(one.spec, at.name)
      const port = world.observation.switches.get(datapathId)?.ports.get(at.port)?.no ?? 0
      const { delivered } = send(plane, { datapathId, port }, { ...one.frame, vlans: [vlan] })
      const network = one.spec.networks.find((candidate) => candidate.vlan === vlan)?.name
      for (const place of delivered) {
        const nic = one.spec.nics.find((candidate) => {
          const own = placeOf(one.spec, world.observation, candidate)
          return own.datapathId === place.datapathId && own.port === place.port
        })
        assert.equal(nic?.network, network)
      }
    }),
    { numRuns: 200 },
  )
})

test('unreachable is reported for exactly what physics cannot join, where there is one fabric', () => {
  let reported = 0
  fc.assert(
    fc.property(sent, ({ spec, from }) => {
      const world = build(spec)
      if (transitComponents(readTopologyOf(world)).length > 1) return
      const { unreachable } = run({ spec, from, frame: announcement(from) })
      const members = spec.nics.filter((nic) => nic.network === from.network && isPresent(spec, nic))
      const separated = members.some((nic) => {
        const meaning = meaningOf(spec, nic, announcement(nic))
        return meaning.kind === 'deliver' && meaning.to.length < members.length - 1
      })
      const spans = spec.networks.find(({ name }) => name === from.network)?.vlan !== undefined
      assert.equal(unreachable, spans && separated)
      if (unreachable) reported++
    }),
    { numRuns: 400 },
  )
  assert.ok(reported > 5, `${reported} reports`)
})

function readTopologyOf({ intent, observation }: World): Topology {
  const cells = new InputCells(new Memo())
  cells.set({ intent, unplugged: [], passing: [] }, observation)
  return readTopology(cells.inputs, 'live')
}

const announcement = (from: NicSpec): Frame => ({
  vlans: [],
  fields: { eth_dst: 0xffffffffffff, eth_src: macOf(from.n), eth_type: 0x8035 },
})

test('only what forwards toward other switches is sent after what receives it', () => {
  for (const rule of [...compile(example.intent, example.observation).switches.values()].flatMap(rulesOf)) {
    const forwards = rule.table === 'remote' && rule.actions.some(({ type }) => type === 'push_vlan')
    assert.equal(rule.phase, forwards ? 'send' : 'receive')
  }
})
