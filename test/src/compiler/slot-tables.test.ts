/** Tables of slots as an input: what a program had is fed back, and flows stay where they are. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile, Compiler } from '../../../src/compiler/compiler.ts'
import { deltaOf } from '../../../src/compiler/delta.ts'
import type { Program } from '../../../src/compiler/program.ts'
import type { Observation, SlotTable } from '../../../src/model/observation.ts'
import { remember, withMoved } from '../../../src/pipeline/deal.ts'
import { ruleKey } from '../../../src/pipeline/openflow.ts'
import { hashTeam, teamedSpec } from './teamed.ts'
import { build, datapathOf } from './world.ts'

const world = teamedSpec([hashTeam])
const leaf = datapathOf(world, 'leaf0')

function fedBack(observation: Observation, program: Program): Observation {
  const before = observation.slots ?? new Map<string, readonly SlotTable[]>()
  const slots = [...program.switches].map(
    ([id, one]) => [id, remember(one.slots, before.get(id) ?? [])] as const,
  )
  return { ...observation, slots: new Map(slots) }
}

/** Of the widest table of a switch, the port of each slot. */
function placesOf(program: Program, id: string): readonly (string | undefined)[] {
  const widest = program.switches.get(id)?.slots.toSorted((a, b) => b.ports.length - a.ports.length)[0]
  assert.ok(widest)
  return widest.first.map((place) => widest.ports[place]?.name)
}

/** Without the cable that is plugged in at this port of leaf0. */
const without = (port: string) => ({
  ...world,
  cables: world.cables?.filter(([at, end]) => at !== 'leaf0' || end !== port) ?? [],
})

test('a program that is fed back is the same program, and its tables are those that are used', () => {
  const { intent, observation } = build(world)
  const compiler = new Compiler()
  const program = compiler.update(intent, observation)
  const names = program.switches.get(leaf)?.slots.map(({ ports }) => ports.map(({ name }) => name).join())
  assert.deepEqual(names, ['p0,p1,p2'])
  const again = fedBack(observation, program)
  assert.equal(compiler.update(intent, again), program)
  assert.deepEqual(compile(intent, again), program)
  assert.deepEqual(fedBack(again, program), again)
})

test('a cable that is removed and returns moves the flows of no other; from nothing they would be dealt anew', () => {
  const whole = build(world)
  const first = compile(whole.intent, whole.observation)
  const { slots = new Map<string, readonly SlotTable[]>() } = fedBack(whole.observation, first)
  const less = build(without('p1'))
  const second = compile(less.intent, { ...less.observation, slots })
  const [before, during] = [placesOf(first, leaf), placesOf(second, leaf)]
  assert.ok(before.every((place, slot) => place === 'p1' || during[slot] === place))
  assert.ok(!during.includes('p1'))
  const anew = placesOf(compile(less.intent, less.observation), leaf)
  assert.ok(before.some((place, slot) => place !== 'p1' && anew[slot] !== place))
  const remembered = fedBack({ ...less.observation, slots }, second)
  const third = compile(whole.intent, {
    ...whole.observation,
    ...(remembered.slots && { slots: remembered.slots }),
  })
  assert.deepEqual(placesOf(third, leaf), before)
})

test('ports that have other numbers keep their slots', () => {
  const { intent, observation } = build(world)
  const program = compile(intent, observation)
  const remembered = fedBack(observation, program)
  const renumbered = new Map(
    [...observation.switches].map(([id, { datapathId, ports }]) => {
      const other = [...ports].map(([name, port]) => [name, { ...port, no: 100 - port.no }] as const)
      return [id, { datapathId, ports: new Map(other) }] as const
    }),
  )
  const compiler = new Compiler()
  compiler.update(intent, remembered)
  const after = compiler.update(intent, { ...remembered, switches: renumbered })
  assert.deepEqual(after, compile(intent, { ...remembered, switches: renumbered }))
  assert.deepEqual(after.switches.get(leaf)?.slots, program.switches.get(leaf)?.slots)
  // Dealt from nothing it is the same as well.
  assert.deepEqual(compile(intent, { ...observation, switches: renumbered }), after)
})

test('moved slots change their own rules and nothing else', () => {
  const { intent, observation } = build(world)
  const compiler = new Compiler()
  const program = compiler.update(intent, observation)
  const remembered = fedBack(observation, program)
  const [table] = program.switches.get(leaf)?.slots ?? []
  assert.ok(table)
  const moving = [3, 77, 200]
  const moves = new Map(moving.map((slot) => [slot, ((table.first[slot] ?? 0) + 1) % 3]))
  const slots = new Map(remembered.slots).set(leaf, [withMoved(table, moves)])
  const after = compiler.update(intent, { ...remembered, slots })
  assert.deepEqual(after, compile(intent, { ...remembered, slots }))
  for (const [id, now] of after.switches) {
    const { removed, added } = deltaOf(program.switches.get(id), now)
    // One per set of paths: some lead to all destinations, some only while nothing is down.
    const numbers = new Set(added.map(({ match }) => match.find(({ field }) => field === 'reg14')?.value))
    assert.deepEqual(
      [...numbers].sort((a, b) => Number(a) - Number(b)),
      id === leaf ? moving : [],
    )
    assert.ok(added.every((rule) => rule.table === 'path'))
    assert.deepEqual(removed.map(ruleKey), added.map(ruleKey))
  }
})
