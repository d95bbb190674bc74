/** The prover: passes what the compiler makes, refuses what leaks, and remembers without forgetting. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compile, Compiler } from '../../../src/compiler/compiler.ts'
import { rulesOf } from '../../../src/compiler/delta.ts'
import type { Team, Vm } from '../../../src/model/intent.ts'
import { flowText } from '../../../src/pipeline/flow-text.ts'
import { ruleKey } from '../../../src/pipeline/openflow.ts'
import type { Rule } from '../../../src/pipeline/rule.ts'
import { Prover, prove, type RuleViolation } from '../../../src/prover/prover.ts'
import { send, type DataPlane, type Fate, type Frame, type Place } from '../../support/table-interpreter.ts'
import { build, networkKey, portName, type World, type WorldSpec } from '../compiler/world.ts'
import { dataPlane, frames, placeOf, seeds, worldFrom } from '../compiler/worlds.ts'
import { mutations, replaceRule, type Stranger } from './mutations.ts'

const texts = (violations: readonly RuleViolation[]) =>
  violations.map(({ datapathId, rule, reason }) => `${datapathId} ${flowText(rule)}: ${reason}`).toSorted()

test('every program that the compiler makes is well-typed', () => {
  fc.assert(
    fc.property(seeds.map(worldFrom), (spec) => {
      const { intent, observation } = build(spec)
      assert.deepEqual(texts(prove(compile(intent, observation), intent, observation)), [])
    }),
    { numRuns: 150 },
  )
})

const team: Team = {
  name: 'main',
  mode: 'hash',
  hash: 'l3l4',
  upDelayMs: 0,
  uplinks: [
    { port: 'up', weight: 1 },
    { port: 'up2', weight: 1 },
  ],
}

const standby: Team = {
  name: 'standby',
  mode: 'active-backup',
  hash: 'l3l4',
  upDelayMs: 0,
  uplinks: [
    { port: 's0', weight: 1 },
    { port: 's1', weight: 1 },
  ],
}
const intoLan = ['s0', 's1'].map((port) => ({ port, segment: 'lan' }))

/** And a third one, in the segment. */
const twoNetworks: WorldSpec = {
  switches: [
    { name: 'hv0', uplinks: [{ port: 'up' }, { port: 'up2' }, ...intoLan], teams: [team, standby] },
    { name: 'hv1', uplinks: [{ port: 'up' }, { port: 'up2' }], teams: [team] },
    { name: 'leaf', role: 'fabric' },
    { name: 'hv2', uplinks: intoLan, teams: [standby] },
  ],
  networks: [
    { name: 'blue', vlan: 10 },
    { name: 'red', vlan: 11 },
    { name: 'inside' },
    { name: 'green', vlan: 12 },
  ],
  nics: [
    { vm: 'a', network: 'blue', on: 'hv0', n: 1 },
    { vm: 'b', network: 'blue', on: 'hv1', n: 2 },
    { vm: 'c', network: 'red', on: 'hv0', n: 3 },
    { vm: 'd', network: 'red', on: 'hv1', n: 4 },
    { vm: 'e', network: 'inside', on: 'hv0', n: 5 },
    { vm: 'f', network: 'inside', on: 'hv0', n: 6 },
    { vm: 'g', network: 'green', on: 'hv0', n: 7 },
    { vm: 'h', network: 'green', on: 'hv2', n: 8 },
  ],
  cables: [
    ['hv0', 'up', 'leaf', 'l0'],
    ['hv1', 'up', 'leaf', 'l1'],
    ['hv0', 'up2', 'leaf', 'l2'],
    ['hv1', 'up2', 'leaf', 'l3'],
  ],
}

test('every kind of leak is found in every rule that it can happen to, and names that rule', () => {
  const counts = new Map<string, number>()
  const classes = [{ name: 'vm', shares: 1, reservationBps: 0, dscp: 8, pcp: 1 }] as const
  for (const spec of [twoNetworks, { ...twoNetworks, classes }]) leaksIn(build(spec), counts)
  assert.deepEqual([...counts.keys()].toSorted(), mutations.map(({ name }) => name).toSorted())
})

function leaksIn({ intent, observation }: World, counts: Map<string, number>): void {
  const program = compile(intent, observation)
  const prover = new Prover()
  for (const [datapathId, one] of program.switches) {
    for (const rule of rulesOf(one)) {
      for (const { name, spoil } of mutations) {
        const spoiled = spoil(rule, strangerTo(rule.network, datapathId))
        if (!spoiled) continue
        counts.set(name, (counts.get(name) ?? 0) + 1)
        const violations = prover.check(replaceRule(program, datapathId, rule, spoiled), intent, observation)
        assert.deepEqual(
          violations.map((violation) => violation.rule),
          [spoiled],
          `${name}: ${flowText(spoiled)}`,
        )
        assert.equal(violations[0]?.owner, rule.owner)
      }
    }
  }
  assert.deepEqual(prover.check(program, intent, observation), [])
}

/** Red for everything that is not red, blue for red; on a fabric switch the ports are cables of both, so one that is none. */
function strangerTo(network: number | undefined, datapathId: string): Stranger {
  const other = network === networkKey(twoNetworks, 'red') ? 'blue' : 'red'
  const nic = twoNetworks.nics.find(
    (one) => one.network === other && placeIn(one.vm).datapathId === datapathId,
  )
  const vlan = twoNetworks.networks.find(({ name }) => name === other)?.vlan
  return { key: networkKey(twoNetworks, other), vlan, port: nic ? placeIn(nic.vm).port : 77 }
}

function placeIn(vm: string) {
  const nic = twoNetworks.nics.find((one) => one.vm === vm)
  assert.ok(nic)
  return placeOf(twoNetworks, build(twoNetworks).observation, nic)
}

test('an internal network that would leave over an uplink is refused', () => {
  const { intent, observation } = build(twoNetworks)
  const program = compile(intent, observation)
  const id = '0000000000000001'
  const key = networkKey(twoNetworks, 'inside')
  const uplink = observation.switches.get(id)?.ports.get('up')?.no ?? 0
  for (const rule of rulesOf(
    program.switches.get(id) ?? {
      datapathId: id,
      fixtures: { meters: [], spreads: false },
      groups: [],
      slots: [],
    },
  )) {
    if (rule.network === undefined || rule.network !== key || rule.table !== 'local') continue
    for (const table of ['local', 'remote'] as const) {
      const { priority, match, owner, network, phase } = rule
      const actions = [{ type: 'output', port: uplink }] as const
      const leak: Rule = { table, priority, match, actions, owner, network, phase }
      const [violation] = prove(replaceRule(program, id, rule, leak), intent, observation)
      assert.match(violation?.reason ?? '', /internal network over cable/)
    }
  }
})

test('what passes the prover does not leak, however it was mutated', () => {
  let passed = 0
  fc.assert(
    fc.property(
      seeds.map(worldFrom).filter(({ nics }) => nics.length > 1),
      fc.nat(),
      fc.nat(),
      fc.nat(),
      fc.nat(),
      (spec, whichRule, whichMutation, whichNic, frameSeed) => {
        const { intent, observation } = build(spec)
        const program = compile(intent, observation)
        const all = [...program.switches].flatMap(([id, one]) => rulesOf(one).map((rule) => ({ id, rule })))
        const able = all.flatMap(({ id, rule }) =>
          mutations.flatMap((mutation, index) => {
            const other = spec.nics[(whichNic + index) % spec.nics.length]
            if (!other) return []
            const vlan = spec.networks.find(({ name }) => name === other.network)?.vlan
            const port = placeOf(spec, observation, other).port
            const spoiled = mutation.spoil(rule, { key: networkKey(spec, other.network), vlan, port })
            return spoiled ? [{ id, rule, spoiled }] : []
          }),
        )
        const chosen = able[(whichRule * 31 + whichMutation) % able.length]
        if (!chosen) return
        const mutated = replaceRule(program, chosen.id, chosen.rule, chosen.spoiled)
        if (prove(mutated, intent, observation).length > 0) return
        passed++
        const plane = likeSwitches(dataPlane(spec, observation, mutated))
        for (const from of spec.nics) {
          const [frame] = fc.sample(frames(spec, from), { numRuns: 1, seed: frameSeed + from.n })
          if (!frame) continue
          for (const place of deliveries(plane, placeOf(spec, observation, from), frame)) {
            const to = spec.nics.find((nic) => {
              const own = placeOf(spec, observation, nic)
              return own.datapathId === place.datapathId && own.port === place.port
            })
            assert.equal(to?.network, from.network)
          }
        }
      },
    ),
    { numRuns: 150 },
  )
  assert.ok(passed > 5, `${passed} mutations were harmless`)
})

/** A switch has one rule per key: the last one. */
function likeSwitches(plane: DataPlane): DataPlane {
  const once = (rules: readonly Rule[]) => [...new Map(rules.map((rule) => [ruleKey(rule), rule])).values()]
  return { ...plane, rules: new Map([...plane.rules].map(([id, rules]) => [id, once(rules)])) }
}

/** A mutation may well make frames circle; types keep networks apart and say nothing about loops. */
function deliveries(plane: DataPlane, from: Place, frame: Frame): Fate['delivered'] {
  try {
    return send(plane, from, frame).delivered
  } catch (error) {
    assert.match(String(error), /circles or multiplies/)
    return []
  }
}

test('a prover that remembers says what one says that starts anew', () => {
  const parts = fc.constantFrom(
    'nics',
    'networks',
    'cables',
    'attachments',
    'hypervisors',
    'fabrics',
    'segments',
  )
  fc.assert(
    fc.property(
      seeds,
      fc.array(fc.tuple(seeds, parts, fc.boolean()), { minLength: 1, maxLength: 5 }),
      (first, steps) => {
        const compiler = new Compiler()
        const prover = new Prover()
        let seed = first
        let { intent, observation } = build(worldFrom(seed))
        let program = compiler.update(intent, observation)
        assert.deepEqual(prover.check(program, intent, observation), [])
        for (const [other, part, recompile] of steps) {
          seed = { ...seed, [part]: other[part] }
          ;({ intent, observation } = build(worldFrom(seed)))
          // Without recompiling, the old program is checked against the new world.
          if (recompile) program = compiler.update(intent, observation)
          const violations = prover.check(program, intent, observation)
          assert.deepEqual(texts(violations), texts(prove(program, intent, observation)))
          if (recompile) assert.deepEqual(violations, [])
        }
      },
    ),
    { numRuns: 150 },
  )
})

test('a port that now belongs to another network takes the proof of the old rules with it', () => {
  const { intent, observation } = build(twoNetworks)
  const program = compile(intent, observation)
  const prover = new Prover()
  assert.deepEqual(prover.check(program, intent, observation), [])
  const moved = twoNetworks.nics.map((nic) =>
    nic.vm === 'a' ? { ...nic, network: 'red', port: portName(nic) } : nic,
  )
  const next = build({ ...twoNetworks, nics: moved })
  const reasons = prover
    .check(program, { ...intent, vms: next.intent.vms }, observation)
    .map(({ reason }) => reason)
  assert.ok(reasons.includes('takes in packets of network 101 as network 100'), reasons.join('; '))
  assert.ok(reasons.some((reason) => reason.startsWith('sends to port')))
})

test('a broadcast to very many ports is proved again when one of them is lost', () => {
  const nics = Array.from({ length: 200 }, (_, index) => ({
    vm: `vm${index}`,
    network: 'blue',
    on: 'hv0',
    n: index + 1,
  }))
  const spec: WorldSpec = { switches: [{ name: 'hv0' }], networks: [{ name: 'blue' }, { name: 'red' }], nics }
  const { intent, observation } = build(spec)
  const program = compile(intent, observation)
  const prover = new Prover()
  assert.deepEqual(prover.check(program, intent, observation), [])
  const moved = nics.map((nic) => (nic.vm === 'vm150' ? { ...nic, network: 'red' } : nic))
  const vms = new Map(intent.vms).set('vm150', build({ ...spec, nics: moved }).intent.vms.get('vm150') as Vm)
  const owners = prover.check(program, { ...intent, vms }, observation).map(({ owner }) => owner)
  assert.deepEqual([...new Set(owners)].toSorted(), ['network/blue', 'nic/vm150/0'])
})
