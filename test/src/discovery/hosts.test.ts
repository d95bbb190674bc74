import assert from 'node:assert/strict'
import { test } from 'node:test'
import { declaredFrom } from '../../../src/discovery/declared.ts'
import type { HostState, Sighting } from '../../../src/discovery/hosts.ts'
import {
  forgetNics,
  forgetSightings,
  hearNics,
  hostLimits,
  hostViews,
  noHosts,
  sight,
} from '../../../src/discovery/hosts.ts'
import { declared, HV1, HV2, intent, OTHER } from './fixtures.ts'

const WEB1 = 0x020000000001
const STRANGER = 0x02000000dead
const portNoOf = (_: string, port: string) => (port === 'web1-0' ? 7 : undefined)
const seen = (change: Partial<Sighting> = {}): Sighting => ({
  datapathId: HV1,
  port: 'tap9',
  mac: STRANGER,
  ips: ['10.0.0.66'],
  atMs: 1_795_243_225_000,
  ...change,
})
const views = (state: HostState, of = declared) =>
  hostViews(state, of, portNoOf).map((host) => `${host.state} ${host.vm ?? '-'} ${host.switch}/${host.port}`)

test('declared NICs are silent until heard, then as declared', () => {
  assert.deepEqual(views(noHosts), ['silent web1 hv1/web1-0', 'silent web2 hv2/web2-0'])
  const { state, found } = hearNics(noHosts, ['web1/0'], 1_795_243_225_000, declared)
  assert.deepEqual(views(state), ['as-declared web1 hv1/web1-0', 'silent web2 hv2/web2-0'])
  assert.equal(found.length, 1)
  assert.equal(hearNics(state, ['web1/0'], 1_795_243_226_000, declared).found.length, 0)
  assert.deepEqual(hostViews(state, declared, portNoOf)[0], {
    mac: '02:00:00:00:00:01',
    ips: ['10.0.0.1'],
    switch: 'hv1',
    datapathId: HV1,
    port: 'web1-0',
    portNo: 7,
    vm: 'web1',
    state: 'as-declared',
    lastSeen: '2026-11-21T06:40:25.000Z',
  })
})

test('a NIC that nobody declared is not heard', () => {
  assert.deepEqual(hearNics(noHosts, ['ghost/0'], 1, declared).state.heard.size, 0)
})

test('a MAC that nobody declared is undeclared, with the addresses it claims, also on an undeclared switch', () => {
  const one = sight(noHosts, seen(), declared)
  const two = sight(one.state, seen({ ips: ['fe80::1', '10.0.0.66'] }), declared)
  const three = sight(two.state, seen({ datapathId: OTHER, port: 's1-eth1' }), declared)
  assert.deepEqual(
    [one, two, three].map((step) => step.found.length),
    [1, 0, 1],
  )
  assert.deepEqual(views(three.state).slice(2), ['undeclared - hv1/tap9', `undeclared - ${OTHER}/s1-eth1`])
  assert.deepEqual(hostViews(three.state, declared, portNoOf)[2]?.ips, ['10.0.0.66', 'fe80::1'])
})

test('a declared MAC elsewhere is misplaced, and its NIC stays silent', () => {
  const { state } = sight(noHosts, seen({ mac: WEB1, datapathId: HV2 }), declared)
  assert.deepEqual(views(state), [
    'silent web1 hv1/web1-0',
    'silent web2 hv2/web2-0',
    'misplaced web1 hv2/tap9',
  ])
})

test('a MAC that is declared where it was seen, since, is no longer misplaced', () => {
  const { state } = sight(noHosts, seen({ mac: WEB1, port: 'tap9' }), declared)
  assert.ok(views(state).includes('misplaced web1 hv1/tap9'))
  const web1 = intent.vms.get('web1')
  assert(web1)
  const nics = web1.nics.map((nic) => ({ ...nic, port: 'tap9' }))
  const there = declaredFrom({ ...intent, vms: new Map([['web1', { ...web1, nics }]]) })
  assert.deepEqual(views(state, there), ['silent web1 hv1/tap9'])
})

test('a declared MAC at its own port, punted for another reason, is heard', () => {
  const { state } = sight(noHosts, seen({ mac: WEB1, port: 'web1-0', ips: ['6.6.6.6'] }), declared)
  assert.deepEqual(views(state), ['as-declared web1 hv1/web1-0', 'silent web2 hv2/web2-0'])
  assert.deepEqual(hostViews(state, declared, portNoOf)[0]?.ips, ['10.0.0.1'])
})

test('another MAC on the port of a NIC is undeclared', () => {
  const { state } = sight(noHosts, seen({ port: 'web1-0' }), declared)
  assert.deepEqual(views(state).slice(2), ['undeclared - hv1/web1-0'])
})

test('a NIC declared elsewhere since is silent again until heard there', () => {
  const { state } = hearNics(noHosts, ['web1/0'], 1, declared)
  const web1 = intent.vms.get('web1')
  assert(web1)
  const nics = web1.nics.map((nic) => ({ ...nic, switch: 'hv2' }))
  const moved = declaredFrom({ ...intent, vms: new Map([['web1', { ...web1, host: 'hv2', nics }]]) })
  assert.deepEqual(views(state, moved), ['silent web1 hv2/web1-0'])
  assert.equal(forgetNics(state, moved).heard.size, 0)
  assert.equal(forgetNics(state, declared), state)
  assert.equal(hearNics(state, ['web1/0'], 2, moved).found.length, 1)
})

test('no host has the zero MAC, a group address or broadcast', () => {
  for (const mac of [0, 0x333300000001, 0xffffffffffff]) {
    assert.equal(sight(noHosts, seen({ mac }), declared).refused, 'not-a-host')
  }
})

test('a flood of MACs is taken at a limited rate, fills one port at most, and pushes nothing out', () => {
  let { state } = sight(noHosts, seen({ port: 'tap1' }), declared)
  const refusals = new Map<string | undefined, number>()
  // 1,000 packets in one second, each from another MAC.
  for (let count = 0; count < 1000; count++) {
    const step = sight(state, seen({ mac: STRANGER + 2 + count * 2, atMs: seen().atMs + count }), declared)
    state = step.state
    refusals.set(step.refused, (refusals.get(step.refused) ?? 0) + 1)
  }
  assert.equal(state.sightings.size, 1 + hostLimits.maxSightingsPerPort)
  assert.equal(refusals.get(undefined), hostLimits.maxSightingsPerPort)
  // The bucket of 200, and 100 more in the second, of which the first sighting took one.
  assert.equal(refusals.get('full'), 298 - hostLimits.maxSightingsPerPort)
  assert(views(state).includes('undeclared - hv1/tap1'))
})

test('there are at most so many sightings and addresses, and what is forgotten makes room', () => {
  const limits = { ...hostLimits, maxSightings: 2, maxIpsPerHost: 2 }
  let state = noHosts
  for (const port of ['a', 'b', 'c']) state = sight(state, seen({ port }), declared, limits).state
  assert.equal(state.sightings.size, 2)
  const many = sight(state, seen({ port: 'a', ips: ['1.1.1.1', '2.2.2.2'] }), declared, limits).state
  assert.deepEqual([...many.sightings.values()][0]?.ips, ['10.0.0.66', '1.1.1.1'])
  const room = forgetSightings(state, (each) => each.port === 'a')
  assert.equal(sight(room, seen({ port: 'c' }), declared, limits).refused, undefined)
  assert.equal(
    forgetSightings(state, () => false),
    state,
  )
})
