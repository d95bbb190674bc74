/** Flows spread over paths: every slot arrives once, also while a cable is down and the compiler does not know it yet. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile } from '../../../src/compiler/compiler.ts'
import { slotCount } from '../../../src/pipeline/slots.ts'
import { type Fate, type Frame, send } from '../../support/table-interpreter.ts'
import { hashTeam, team, teamedSpec } from './teamed.ts'
import { build, datapathOf, macOf, type NicSpec, type WorldSpec } from './world.ts'
import { dataPlane, placeOf } from './worlds.ts'

const frame = (from: NicSpec, destination: number): Frame => ({
  vlans: [],
  fields: { eth_src: macOf(from.n), eth_dst: destination, eth_type: 0x8035 },
})

const nicsOf = (world: WorldSpec): readonly (readonly [NicSpec, NicSpec])[] =>
  world.nics.flatMap((from) => world.nics.filter((to) => to !== from).map((to) => [from, to] as const))

interface Trial {
  readonly world: WorldSpec
  /** What the compiler knows; the frames meet `world`. */
  readonly known?: WorldSpec
}

/** The fate of a frame in each slot, for each pair of NICs. */
function* fates({ world, known = world }: Trial): Generator<{ fate: Fate; from: NicSpec; to: NicSpec }> {
  const told = build(known)
  const program = compile(told.intent, told.observation)
  const { observation } = build(world)
  for (const [from, to] of nicsOf(world)) {
    for (let slot = 0; slot < slotCount; slot += 15) {
      const plane = dataPlane(world, observation, program, () => slot)
      const fate = send(plane, placeOf(world, observation, from), frame(from, macOf(to.n)))
      yield { fate, from, to }
    }
  }
}

function arrivals(trial: Trial): ReadonlyMap<number, number> {
  const firstHops = new Map<number, number>()
  for (const { fate, from, to } of fates(trial)) {
    const place = placeOf(trial.world, build(trial.world).observation, to)
    assert.deepEqual(
      fate.delivered.map(({ datapathId, port }) => ({ datapathId, port })),
      [place],
      `${from.vm} to ${to.vm}`,
    )
    const first = fate.sent[0]
    if (from.vm === 'a' && first) firstHops.set(first.port, (firstHops.get(first.port) ?? 0) + 1)
  }
  return firstHops
}

test('every slot of every pair arrives once; a hash team uses both uplinks', () => {
  const hops = [...arrivals({ world: teamedSpec([hashTeam]) }).values()]
  assert.equal(hops.length, 2)
  // Of all slots it is half and half (`slots.test.ts`); these are a few of them.
  assert.ok(Math.max(...hops) / Math.min(...hops) < 3, hops.join(' and '))
})

test('an active-backup team uses the preferred uplink, and the other one when it is down', () => {
  const world = teamedSpec([team('active-backup', ['u1', 1], ['u0', 1])])
  const preferred = build(world).observation.switches.get(datapathOf(world, 'hv0'))?.ports.get('u1')?.no
  const normal = arrivals({ world })
  assert.deepEqual([...normal.keys()], [preferred])
  const failed = { ...world, down: new Set(['hv0/u1', 'leaf1/h0']) }
  // Before the compiler knows, the switch next to the cable takes the other uplink by itself.
  for (const { fate, from } of fates({ world: failed, known: world })) {
    if (from.vm !== 'a') continue
    assert.equal(fate.delivered.length, 1)
    assert.notEqual(fate.sent[0]?.port, preferred)
  }
  const hops = [...arrivals({ world: failed }).keys()]
  assert.equal(hops.length, 1)
  assert.notEqual(hops[0], preferred)
})

const cables = [
  ['hv0/u0', 'leaf0/h0'],
  ['hv1/u1', 'leaf1/h1'],
  ['leaf0/p0', 'spine0/a'],
  ['leaf2/p1', 'spine1/d'],
] as const

for (const cable of cables) {
  test(`${cable.join(' to ')} down: no slot is sent into it, and once it is known everything arrives`, () => {
    const world = { ...teamedSpec([hashTeam]), down: new Set<string>(cable) }
    const known = teamedSpec([hashTeam])
    for (const { fate, from, to } of fates({ world, known })) {
      // Whoever is next to the cable sees it; a switch further away learns of it from us.
      const lost = fate.delivered.length === 0
      const near = fate.sent.some(({ datapathId }) =>
        cable.some((end) => datapathOf(world, end.split('/')[0] ?? '') === datapathId),
      )
      assert.ok(fate.delivered.length <= 1, `${from.vm} to ${to.vm}`)
      if (lost) assert.ok(near, `${from.vm} to ${to.vm} is lost far from the cable`)
    }
    arrivals({ world })
  })

  test(`${cable.join(' to ')} down: flows whose path works stay on it, and so they do when it is back`, () => {
    const whole = teamedSpec([hashTeam])
    const broken = { ...whole, down: new Set<string>(cable) }
    const path = ({ fate }: { fate: Fate }) =>
      fate.sent.map(({ datapathId, port }) => `${datapathId} ${port}`).join()
    const before = [...fates({ world: whole })].map(path)
    const [at = '', port = ''] = cable[0].split('/')
    const [farAt = '', farPort = ''] = cable[1].split('/')
    const { observation } = build(whole)
    const hop = (name: string, one: string) =>
      `${datapathOf(whole, name)} ${observation.switches.get(datapathOf(whole, name))?.ports.get(one)?.no}`
    const used = (text: string) =>
      text.split(',').some((one) => one === hop(at, port) || one === hop(farAt, farPort))
    for (const after of [broken, whole]) {
      for (const [index, { fate }] of [...fates({ world: after })].entries()) {
        const old = before[index] ?? ''
        if (!used(old)) assert.equal(path({ fate }), old)
      }
    }
  })
}

test('of a hash team an uplink that is held carries no flow while the other works, and all when that fails', () => {
  const world = teamedSpec([hashTeam])
  const { intent, observation } = build(world)
  const id = datapathOf(world, 'hv0')
  const program = compile(intent, {
    ...observation,
    unsteady: new Map([[id, { held: ['u0'], settling: [] }]]),
  })
  const [from, to] = [world.nics[0] as NicSpec, world.nics[1] as NicSpec]
  for (const [down, uplink] of [
    [[], 'u1'],
    [['hv0/u1', 'leaf1/h0'], 'u0'],
  ] as const) {
    const meets = { ...world, down: new Set<string>(down) }
    const real = build(meets).observation
    for (let slot = 0; slot < slotCount; slot += 15) {
      const plane = dataPlane(meets, real, program, () => slot)
      const fate = send(plane, placeOf(meets, real, from), frame(from, macOf(to.n)))
      assert.equal(fate.sent[0]?.port, observation.switches.get(id)?.ports.get(uplink)?.no)
    }
  }
})
