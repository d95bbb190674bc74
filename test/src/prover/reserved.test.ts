/** Reserved networks in the proof: no VM in them, nothing but hypervisors' interfaces, and pinned ones by their uplink only. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile } from '../../../src/compiler/compiler.ts'
import { rulesOf } from '../../../src/compiler/delta.ts'
import { flowText } from '../../../src/pipeline/flow-text.ts'
import type { Rule, RuleAction } from '../../../src/pipeline/rule.ts'
import { prove, Prover } from '../../../src/prover/prover.ts'
import { build, datapathOf, networkKey, portName, type WorldSpec } from '../compiler/world.ts'
import { replaceRule } from './mutations.ts'

const spec: WorldSpec = {
  switches: [
    { name: 'hv0', uplinks: [{ port: 'u0' }, { port: 'u1' }] },
    { name: 'hv1', uplinks: [{ port: 'u0' }, { port: 'u1' }] },
    { name: 'leaf0', role: 'fabric' },
    { name: 'leaf1', role: 'fabric' },
  ],
  networks: [
    { name: 'blue', vlan: 10 },
    { name: 'storage-a', vlan: 301, kind: 'storage' },
  ],
  nics: [
    { vm: 'a', network: 'blue', on: 'hv0', n: 1 },
    { vm: 'b', network: 'blue', on: 'hv1', n: 2 },
    { vm: 's0', network: 'storage-a', on: 'hv0', n: 3, uplink: 'u1' },
    { vm: 's1', network: 'storage-a', on: 'hv1', n: 4, uplink: 'u1' },
  ],
  cables: [
    ['hv0', 'u0', 'leaf0', 'h0'],
    ['hv0', 'u1', 'leaf1', 'h0'],
    ['hv1', 'u0', 'leaf0', 'h1'],
    ['hv1', 'u1', 'leaf1', 'h1'],
  ],
}
const { intent, observation } = build(spec)
const program = compile(intent, observation)
const id = datapathOf(spec, 'hv0')
const portOf = (name: string) => observation.switches.get(id)?.ports.get(name)?.no ?? 0
const storage = networkKey(spec, 'storage-a')
const ownRules = rulesOf(program.switches.get(id) ?? assert.fail())

/** Each of these rules, spoiled, is refused by itself and for that reason; returns how many there were. */
function refusesEach(spoil: (rule: Rule) => Rule | undefined, reason: RegExp): number {
  const prover = new Prover()
  let count = 0
  for (const rule of ownRules) {
    const spoiled = spoil(rule)
    if (!spoiled) continue
    count++
    const violations = prover.check(replaceRule(program, id, rule, spoiled), intent, observation)
    assert.deepEqual(
      violations.map((one) => one.rule),
      [spoiled],
      flowText(spoiled),
    )
    assert.match(violations[0]?.reason ?? '', reason)
  }
  assert.deepEqual(prover.check(program, intent, observation), [])
  return count
}

const isStorage = ({ network }: Rule) => network === storage
const toPort = (rule: Rule, port: number): Rule => ({
  ...rule,
  actions: rule.actions.map((one): RuleAction => (one.type === 'output' ? { ...one, port } : one)),
})
const sends = ({ actions }: Rule) => actions.some(({ type }) => type === 'output')

test('a VM that got into a reserved network all the same gets no rule past the prover', () => {
  const smuggled = spec.nics.map((nic) =>
    nic.vm === 'a' ? { ...nic, network: 'storage-a', smuggled: true as const } : nic,
  )
  const world = build({ ...spec, nics: smuggled })
  const violations = prove(compile(world.intent, world.observation), world.intent, world.observation)
  const reasons = new Set(violations.map(({ reason }) => reason.replace(/port \d+/, 'port N')))
  assert.deepEqual([...reasons].toSorted(), [
    `sends reserved network ${storage} to a VM on port N`,
    `takes in packets of a VM as reserved network ${storage}`,
  ])
  // Classification, unicast, and the broadcast that it would share with the interface.
  assert.equal(violations.length, 3)
})

test('a hypervisor interface in a network of VMs gets no rule past the prover', () => {
  const networks = spec.networks.map(({ name, vlan = 0 }) => ({ name, vlan }))
  // The same interfaces, in a network that is not reserved any more.
  const next = { ...intent, networks: build({ ...spec, networks, nics: [] }).intent.networks }
  const reasons = prove(program, next, observation).map(({ reason }) => reason)
  assert.ok(
    reasons.includes(`takes in packets of a hypervisor itself as VM network ${storage}`),
    reasons.join(),
  )
  assert.ok(reasons.some((reason) => reason.startsWith(`sends VM network ${storage} to a hypervisor itself`)))
})

test('a VM port that is classified into a storage network is refused', () => {
  const spoil = (rule: Rule) =>
    rule.owner === 'nic/a/0' && rule.table === 'classify'
      ? { ...rule, setNetwork: storage, network: storage }
      : undefined
  assert.equal(refusesEach(spoil, /takes in packets of network \d+ as network \d+/), 1)
})

test('a storage network that would be delivered to a VM is refused, alone or besides', () => {
  const vm = portOf(portName({ vm: 'a', network: 'blue', on: 'hv0', n: 1 }))
  const isDelivery = (rule: Rule) => isStorage(rule) && rule.table === 'local' && sends(rule)
  const moved = (rule: Rule) => (isDelivery(rule) ? toPort(rule, vm) : undefined)
  const copied = (rule: Rule): Rule | undefined =>
    isDelivery(rule) ? { ...rule, actions: [...rule.actions, { type: 'output', port: vm }] } : undefined
  assert.equal(refusesEach(moved, /sends to port \d+ of network/), 2)
  assert.equal(refusesEach(copied, /sends to port \d+ of network/), 2)
})

test('a pinned network is refused on any other uplink, in and out, and over paths', () => {
  const other = portOf('u0')
  const isSent = (rule: Rule) => isStorage(rule) && rule.table === 'remote' && sends(rule)
  const elsewhere = /sends network \d+ over u0, where it is pinned to another uplink/
  assert.equal(
    refusesEach((rule) => (isSent(rule) ? toPort(rule, other) : undefined), elsewhere),
    2,
  )
  const copied = (rule: Rule): Rule | undefined =>
    isSent(rule)
      ? {
          ...rule,
          actions: rule.actions.flatMap((one): RuleAction[] =>
            one.type === 'output' ? [one, { ...one, port: other }] : [one],
          ),
        }
      : undefined
  assert.equal(refusesEach(copied, elsewhere), 2)
  const failover = (rule: Rule): Rule | undefined =>
    isSent(rule)
      ? {
          ...rule,
          actions: rule.actions.map((one) =>
            one.type === 'output' ? { type: 'failover', ports: [one.port, other] } : one,
          ),
        }
      : undefined
  assert.equal(refusesEach(failover, elsewhere), 2)
  const spread = (rule: Rule): Rule | undefined =>
    isSent(rule)
      ? {
          ...rule,
          actions: rule.actions.map((one) => (one.type === 'output' ? { type: 'spread', over: 'l3' } : one)),
          goto: 'path',
        }
      : undefined
  assert.equal(refusesEach(spread, /spreads network \d+, which is pinned, over paths/), 2)
  const takenIn = (rule: Rule): Rule | undefined =>
    isStorage(rule) && rule.table === 'classify' && rule.match.some(({ field }) => field === 'vlan_vid')
      ? {
          ...rule,
          match: rule.match.map((one) =>
            one.field === 'in_port' ? { field: 'in_port', value: other } : one,
          ),
        }
      : undefined
  assert.equal(refusesEach(takenIn, /takes in network \d+ from u0, where it is pinned to another uplink/), 1)
})

test('a pin that comes later takes the proof of the old rules with it', () => {
  const pinnedTo = (port: string) =>
    build({ ...spec, nics: spec.nics.map((nic) => (nic.uplink ? { ...nic, uplink: port } : nic)) }).intent
  const prover = new Prover()
  assert.deepEqual(prover.check(program, intent, observation), [])
  const reasons = prover.check(program, pinnedTo('u0'), observation).map(({ reason }) => reason)
  assert.ok(
    reasons.some((reason) => /over u1, where it is pinned to another/.test(reason)),
    reasons.join(),
  )
  assert.deepEqual(prover.check(program, intent, observation), [])
})
