/** VMs under way between hypervisors: both ends, step by step, until the program is that of a VM declared at its new place. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compile, Compiler } from '../../../src/compiler/compiler.ts'
import type { Intent, Nic } from '../../../src/model/intent.ts'
import type { Observation, Passage, PassageStage } from '../../../src/model/observation.ts'
import type { Rule } from '../../../src/pipeline/rule.ts'
import { prove, Prover } from '../../../src/prover/prover.ts'
import { build, type World, type WorldSpec } from './world.ts'
import { seeds, worldFrom } from './worlds.ts'

const declaredAt = (
  { vms, ...intent }: Intent,
  id: string,
  place: { switch: string; port: string },
): Intent => ({
  ...intent,
  vms: new Map(
    [...vms].map(([name, vm]) => [
      name,
      { ...vm, nics: vm.nics.map((nic) => (nic.id === id ? { ...nic, ...place } : nic)) },
    ]),
  ),
})

/** With a port for the NIC on every hypervisor. */
function withPorts({ intent, observation }: World, name: string): World {
  const switches = new Map(
    [...observation.switches].map(([id, seen]) => {
      const no = 900
      return [id, { ...seen, ports: new Map(seen.ports).set(name, { no, name, mac: no, up: true }) }]
    }),
  )
  return { intent, observation: { ...observation, switches } }
}

const with1 = (observation: Observation, id: string, passage: Passage | undefined): Observation => ({
  ...observation,
  passages: new Map(passage ? [[id, passage]] : []),
})

const stages: readonly PassageStage[] = ['awaited', 'led', 'arrived', 'returning']

interface Move {
  readonly world: World
  readonly nic: Nic
  readonly to: string
}

function moveIn(spec: WorldSpec, which: number, where: number): Move | undefined {
  const world = withPorts(build(spec), 'guest')
  const nics = [...world.intent.vms.values()].flatMap((vm) => vm.nics)
  const nic = nics[which % Math.max(nics.length, 1)]
  const hosts = [...world.intent.switches.values()].filter(({ role }) => role === 'hypervisor')
  const to = hosts[where % Math.max(hosts.length, 1)]
  return nic && to && to.name !== nic.switch ? { world, nic, to: to.name } : undefined
}

test('each step is proved, and costs what changed: as compiling and proving from nothing', () => {
  fc.assert(
    fc.property(seeds.map(worldFrom), fc.nat(20), fc.nat(5), fc.boolean(), (spec, which, where, plugged) => {
      const move = moveIn(spec, which, where)
      fc.pre(move !== undefined)
      const { intent, observation } = move.world
      const { nic, to } = move
      const from = { switch: nic.switch, port: nic.port }
      const end = { switch: to, port: plugged ? 'guest' : 'absent' }
      const compiler = new Compiler()
      const prover = new Prover()
      const internal = intent.networks.get(nic.network)?.switch !== undefined
      const all = [
        undefined,
        ...stages.flatMap((stage): Passage[] => [
          { from, to: end, stage },
          { from, to: end, stage, noted: true },
        ]),
        undefined,
      ]
      for (const passage of all) {
        const now = with1(observation, nic.id, passage)
        const program = compiler.update(intent, now)
        assert.deepEqual(program, compile(intent, now))
        const refused = prover.check(program, intent, now)
        assert.deepEqual(refused, prove(program, intent, now))
        // An internal network goes as a whole; its VM cannot arrive elsewhere before it.
        if (!internal || (passage?.stage ?? 'awaited') === 'awaited') assert.deepEqual(refused, [])
      }
      const there = declaredAt(intent, nic.id, end)
      const after = compiler.update(there, observation)
      assert.deepEqual(after, compile(there, observation))
    }),
    { numRuns: 60 },
  )
})

const small: WorldSpec = {
  switches: [
    { name: 'hv0', uplinks: [{ port: 'up' }] },
    { name: 'hv1', uplinks: [{ port: 'up' }] },
  ],
  networks: [{ name: 'blue', vlan: 10 }],
  nics: [
    { vm: 'a', network: 'blue', on: 'hv0', n: 1 },
    { vm: 'b', network: 'blue', on: 'hv1', n: 2 },
  ],
  cables: [['hv0', 'up', 'hv1', 'up']],
}

function rulesAt(
  stage: PassageStage,
  host: 'hv0' | 'hv1',
  { spec = small, ...noted }: { readonly spec?: WorldSpec; readonly noted?: true } = {},
): readonly Rule[] {
  const { intent, observation } = withPorts(build(spec), 'guest')
  const nic = intent.vms.get('a')?.nics[0]
  assert.ok(nic)
  const passage = {
    from: { switch: 'hv0', port: nic.port },
    to: { switch: 'hv1', port: 'guest' },
    stage,
    ...noted,
  }
  const now = with1(observation, nic.id, passage)
  const program = compile(intent, now).switches.get(intent.switches.get(host)?.datapathId ?? '')
  return (program?.groups ?? []).flatMap(({ chunks }) => chunks.flatMap(({ rules }) => rules))
}

const ofNic = (rules: readonly Rule[], table: Rule['table']) =>
  rules
    .filter((rule) => rule.table === table && rule.owner === 'nic/a/0')
    .map(({ match, actions, goto }) => ({ on: match.map(({ field }) => field), does: actions, goto }))

test('where it is to arrive, nothing is taken in and no broadcast given out, but all else is there', () => {
  const rules = rulesAt('awaited', 'hv1')
  const [door] = ofNic(rules, 'classify')
  assert.equal(door?.goto, 'drop')
  assert.ok(door.does.some(({ type }) => type === 'controller'))
  assert.deepEqual(
    ofNic(rules, 'local').map(({ does }) => does),
    [[{ type: 'output', port: 900 }]],
  )
  const broadcast = rules.find(
    ({ table, match }) => table === 'local' && match.some(({ mask }) => mask !== undefined),
  )
  assert.ok(!broadcast?.actions.some((action) => action.type === 'output' && action.port === 900))
  assert.ok(ofNic(rules, 'l2_security').length > 0)
})

test('where it has been, nothing is taken in, and what comes late is sent after it once that cannot circle', () => {
  for (const stage of ['arrived', 'returning'] as const) {
    const rules = rulesAt(stage, 'hv0')
    assert.equal(ofNic(rules, 'classify')[0]?.goto, 'drop')
    const late = ofNic(rules, 'local').map(({ does }) => does.map(({ type }) => type))
    assert.deepEqual(
      late,
      stage === 'returning' ? [['allow_return', 'push_vlan', 'set_field', 'output']] : [],
    )
  }
})

test('once it is led, what is for it goes to where it is to arrive, and it may still speak where it runs', () => {
  const [here, there] = [rulesAt('led', 'hv0'), rulesAt('led', 'hv1')]
  assert.deepEqual(
    [here, there].map((rules) => ofNic(rules, 'classify').map(({ goto }) => goto)),
    [['l2_security'], ['drop']],
  )
  const [away] = ofNic(here, 'remote')
  assert.deepEqual(
    away?.does.map(({ type }) => type),
    ['push_vlan', 'set_field', 'output'],
  )
  const { intent, observation } = withPorts(build(small), 'guest')
  const [nic] = intent.vms.get('a')?.nics ?? []
  const left = [...observation.switches.values()][0]?.ports.get(nic?.port ?? '')?.no
  // What had been on its way to the source is still given to it.
  assert.deepEqual(
    [here, there].map((rules) => ofNic(rules, 'local').map(({ does }) => does)),
    [[[{ type: 'output', port: left }]], [[{ type: 'output', port: 900 }]]],
  )
  const broadcasts = (rules: readonly Rule[]) =>
    rules
      .filter(({ table, match }) => table === 'local' && match.some(({ mask }) => mask !== undefined))
      .flatMap(({ actions }) => actions.flatMap((action) => (action.type === 'output' ? action.port : [])))
  assert.ok(broadcasts(there).includes(900))
  assert.ok(!broadcasts(here).includes(left ?? 0))
})

test('others send to where it has arrived at once: that was ready to deliver before, but where a segment floods', () => {
  const phaseOf = (spec: WorldSpec, host: 'hv0' | 'hv1') =>
    rulesAt('arrived', host, { spec }).find(({ table, owner }) => table === 'remote' && owner === 'nic/a/0')
      ?.phase
  const flooded = {
    ...small,
    switches: small.switches.map((one) => ({
      ...one,
      uplinks: [...(one.uplinks ?? []), { port: 'lan', segment: 'lan' }],
    })),
  }
  for (const host of ['hv0', 'hv1'] as const) {
    assert.equal(phaseOf(small, host), 'receive')
    assert.equal(phaseOf(flooded, host), 'send')
  }
})

test('its sessions are noted where it speaks, and nowhere else', () => {
  const notesAt = (stage: PassageStage, noted?: true) =>
    (['hv0', 'hv1'] as const).filter((host) =>
      rulesAt(stage, host, noted && { noted }).some(({ actions }) =>
        actions.some(({ type }) => type === 'note_session'),
      ),
    )
  assert.deepEqual(
    stages.map((stage) => notesAt(stage, true)),
    [['hv0'], ['hv0'], ['hv1'], ['hv1']],
  )
  assert.deepEqual(
    stages.flatMap((stage) => notesAt(stage)),
    [],
  )
})

test('that frames are sent after a VM is proved by the way it took, not by the rule', () => {
  const { intent, observation } = withPorts(build(small), 'guest')
  const nic = intent.vms.get('a')?.nics[0]
  assert.ok(nic)
  const passage: Passage = {
    from: { switch: 'hv0', port: nic.port },
    to: { switch: 'hv1', port: 'guest' },
    stage: 'returning',
  }
  const program = compile(intent, with1(observation, nic.id, passage))
  assert.deepEqual(prove(program, intent, with1(observation, nic.id, passage)), [])
  const early = with1(observation, nic.id, { ...passage, stage: 'arrived' })
  const reasons = prove(program, intent, early).map(({ reason }) => reason)
  assert.deepEqual(reasons, ['lets frames leave by the port that they came by'])
})
