/** Incremental against recompute (law 5), and what an update may cost. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compile, Compiler } from '../../../src/compiler/compiler.ts'
import { deltaOf, rulesOf } from '../../../src/compiler/delta.ts'
import type { Program, SwitchProgram } from '../../../src/compiler/program.ts'
import type { SlotTable } from '../../../src/model/observation.ts'
import { remember } from '../../../src/pipeline/deal.ts'
import { ruleKey, sameRule } from '../../../src/pipeline/openflow.ts'
import type { Rule } from '../../../src/pipeline/rule.ts'
import { build, macOf, type WorldSpec } from './world.ts'
import { seeds, worldFrom } from './worlds.ts'

/** A walk through worlds: each step takes one part of a seed from another one. */
const walks = fc.tuple(
  seeds,
  fc.array(
    fc.tuple(
      seeds,
      fc.constantFrom(
        'nics',
        'networks',
        'cables',
        'attachments',
        'teamed',
        'hypervisors',
        'fabrics',
        'segments',
      ),
    ),
    { minLength: 1, maxLength: 6 },
  ),
)

test('an updated program is the one that compiling from nothing gives', () => {
  fc.assert(
    fc.property(walks, ([first, steps]) => {
      const compiler = new Compiler()
      let seed = first
      let slots = new Map<string, readonly SlotTable[]>()
      for (const [other, part] of [[first, 'nics'] as const, ...steps]) {
        seed = { ...seed, [part]: other[part] }
        const { intent, observation } = build(worldFrom(seed))
        const program = compiler.update(intent, { ...observation, slots })
        assert.deepEqual(program, compile(intent, { ...observation, slots }))
        slots = new Map(
          [...program.switches].map(([id, one]) => [id, remember(one.slots, slots.get(id) ?? [])]),
        )
        assert.equal(compiler.update(intent, { ...observation, slots }), program, 'fed back, nothing changes')
      }
    }),
    { numRuns: 100 },
  )
})

test('applying the deltas gives the rules of the program, and names no rule twice', () => {
  fc.assert(
    fc.property(walks, ([first, steps]) => {
      const compiler = new Compiler()
      const installed = new Map<string, Map<string, Rule>>()
      let seed = first
      let before: Program | undefined
      for (const [other, part] of [[first, 'nics'] as const, ...steps]) {
        seed = { ...seed, [part]: other[part] }
        const { intent, observation } = build(worldFrom(seed))
        const program = compiler.update(intent, observation)
        for (const [id, next] of program.switches) {
          const table = installed.get(id) ?? new Map<string, Rule>()
          installed.set(id, table)
          applyDelta(table, before?.switches.get(id), next)
          assertHolds(table, next)
        }
        before = program
      }
    }),
    { numRuns: 80 },
  )
})

function applyDelta(table: Map<string, Rule>, before: SwitchProgram | undefined, after: SwitchProgram): void {
  if (before === undefined) table.clear()
  const { removed, added } = deltaOf(before, after)
  for (const rule of removed) {
    assert.ok(table.delete(ruleKey(rule)), 'removes a rule that is not there')
  }
  for (const rule of added) {
    assert.ok(!table.has(ruleKey(rule)), 'adds a rule over another one')
    table.set(ruleKey(rule), rule)
  }
}

function assertHolds(table: ReadonlyMap<string, Rule>, program: SwitchProgram): void {
  const rules = rulesOf(program)
  assert.equal(new Set(rules.map(ruleKey)).size, rules.length, 'two rules with one key')
  assert.equal(table.size, rules.length)
  for (const rule of rules) {
    const there = table.get(ruleKey(rule))
    assert.ok(there && sameRule(there, rule))
  }
}

function crowd(count: number, otherNetworks: number): WorldSpec {
  const crowded = Array.from({ length: count }, (_, index) => ({
    vm: `vm${index}`,
    network: 'blue',
    on: `hv${index % 2}`,
    n: index + 1,
  }))
  const others = Array.from({ length: otherNetworks * 2 }, (_, index) => ({
    vm: `other${index}`,
    network: `net${index >> 1}`,
    on: `hv${index % 2}`,
    n: 5000 + index,
  }))
  return {
    switches: [
      { name: 'hv0', uplinks: [{ port: 'up' }] },
      { name: 'hv1', uplinks: [{ port: 'up' }] },
      { name: 'leaf', role: 'fabric' },
    ],
    networks: [
      { name: 'blue', vlan: 10 },
      ...Array.from({ length: otherNetworks }, (_, index) => ({ name: `net${index}`, vlan: 100 + index })),
    ],
    nics: [...crowded, ...others],
    cables: [
      ['hv0', 'up', 'leaf', 'l0'],
      ['hv1', 'up', 'leaf', 'l1'],
    ],
  }
}

test('one VM more changes only its own rules and its broadcasts, however many there are', () => {
  const { intent, observation } = build(crowd(300, 50))
  const vms = new Map(intent.vms)
  vms.delete('vm299')
  const compiler = new Compiler()
  const before = compiler.update({ ...intent, vms }, observation)
  const runs = compiler.runs
  const after = compiler.update(intent, observation)
  assert.ok(compiler.runs - runs < 40, `${compiler.runs - runs} queries ran`)
  for (const [id, program] of after.switches) {
    const { removed, added } = deltaOf(before.switches.get(id), program)
    const foreign = [...removed, ...added].filter(({ owner }) => owner !== 'nic/vm299/0')
    const broadcasts = foreign.filter(
      ({ table, owner }) => (table === 'local' || table === 'flood') && owner === 'network/blue',
    )
    assert.deepEqual(foreign, broadcasts)
    const old = before.switches.get(id)?.groups ?? []
    for (const group of program.groups) if (/\/net\d/.test(group.key)) assert.ok(old.includes(group))
  }
})

test('an intent and an observation of new identity but old content change nothing', () => {
  const spec = crowd(20, 3)
  const compiler = new Compiler()
  const first = build(spec)
  const before = compiler.update(first.intent, first.observation)
  const second = build(spec)
  assert.equal(compiler.update(second.intent, second.observation), before)
})

test('a port that goes away takes only its NIC with it', () => {
  const spec = crowd(10, 0)
  const compiler = new Compiler()
  const first = build(spec)
  const before = compiler.update(first.intent, first.observation)
  const second = build({ ...spec, absent: new Set(['hv0/vm4-eth0']) })
  const after = compiler.update(second.intent, second.observation)
  assert.deepEqual(after.obstacles, [
    { owner: 'nic/vm4/0', code: 'port-absent', text: 'port vm4-eth0 of hv0 does not exist' },
  ])
  const rules = [...after.switches.values()].flatMap(rulesOf)
  assert.ok(!rules.some(({ owner }) => owner === 'nic/vm4/0'))
  assert.ok(rules.some(({ match }) => match.some(({ value }) => value === macOf(6))))
  assert.equal(before.obstacles.length, 0)
})

test('where a network has many VMs, one more changes the broadcasts of its part only, and all of them get theirs', () => {
  const count = 3_501
  const withNics = (some: number) =>
    build({
      switches: [{ name: 'hv0' }],
      networks: [{ name: 'blue', vlan: 10 }],
      nics: Array.from({ length: some }, (_, index) => ({
        vm: `vm${index}`,
        network: 'blue',
        on: 'hv0',
        n: index + 1,
        addresses: [],
      })),
    })
  const broadcasts = (program: Program) =>
    [...program.switches.values()]
      .flatMap(rulesOf)
      .filter(
        ({ owner, priority, table }) => owner === 'network/blue' && priority === 90 && table !== 'remote',
      )
  const few = withNics(128)
  const compiler = new Compiler()
  assert.equal(broadcasts(compiler.update(few.intent, few.observation)).length, 1)
  const many = withNics(count - 1)
  const before = broadcasts(compiler.update(many.intent, many.observation))
  const more = withNics(count)
  const program = compiler.update(more.intent, more.observation)
  const after = broadcasts(program)
  assert.deepEqual(program, compile(more.intent, more.observation))
  assert.equal(after.filter((rule) => !before.includes(rule)).length, 1)
  const ports = after.flatMap(({ table, actions }) =>
    table === 'flood' ? actions.flatMap((action) => (action.type === 'output' ? action.port : [])) : [],
  )
  assert.equal(new Set(ports).size, count)
  assert.equal(ports.length, count)
  const [whole] = after.filter(({ table }) => table === 'local')
  assert.equal(whole?.actions.filter(({ type }) => type === 'copy').length, after.length - 1)
})
