/** Ports as a value: identity where nothing changed, refusals of what cannot be, and the token bucket beside it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changePort, observePorts, type PortClaim } from '../../../src/switches/ports.ts'

const datapathId = '00000000000000aa'
const rules = { maxPorts: 9, saysLive: false }
const few = { ...rules, maxPorts: 2 }
const claim = (portNo: number, name: string, state: readonly string[] = []): PortClaim => ({
  portNo,
  name,
  hwAddr: portNo,
  config: [],
  state,
})

test('the same ports again are the same value; one that changed leaves the others as they were', () => {
  const claims = [claim(1, 'p1'), claim(2, 'p2')]
  const { observed: first } = observePorts(undefined, { datapathId, claims, ...rules })
  assert.equal(observePorts(first, { datapathId, claims: [...claims].reverse(), ...rules }).observed, first)
  const down = [claim(1, 'p1'), claim(2, 'p2', ['link_down'])]
  const { observed: second } = observePorts(first, { datapathId, claims: down, ...rules })
  assert.notEqual(second, first)
  assert.equal(second.ports.get('p1'), first.ports.get('p1'))
  assert.equal(second.ports.get('p2')?.up, false)
  assert.equal(observePorts(first, { datapathId, claims: [claim(1, 'p1')], ...rules }).observed.ports.size, 1)
})

test('port numbers: 1 to OFPP_MAX and LOCAL exist, nothing else', () => {
  for (const [no, exists] of [
    [0, false],
    [1, true],
    [0xffffff00, true],
    [0xffffff01, false],
    [0xfffffffd, false],
    [0xfffffffe, true],
    [0xffffffff, false],
  ] as const) {
    const { observed, refused } = observePorts(undefined, {
      datapathId,
      claims: [claim(no, 'x')],
      ...rules,
    })
    assert.deepEqual([observed.ports.has('x'), refused.length], [exists, exists ? 0 : 1])
  }
})

test('of two ports with one name the first has it; a port that takes over a name in a later event has it then', () => {
  const claims = [claim(1, 'x'), claim(2, 'x')]
  const { observed, refused } = observePorts(undefined, { datapathId, claims, ...rules })
  assert.equal(observed.ports.get('x')?.no, 1)
  assert.deepEqual(refused, ['ports 1 and 2 are both called x'])
  const { observed: renumbered } = changePort(observed, { reason: 'add', desc: claim(7, 'x') }, rules)
  const { observed: after } = changePort(renumbered, { reason: 'delete', desc: claim(1, 'x') }, rules)
  assert.equal(after.ports.get('x')?.no, 7)
})

test('administratively down is down; a port may not be nameless; the cap holds for changes too', () => {
  const { observed } = observePorts(undefined, {
    datapathId,
    claims: [{ ...claim(1, 'p1'), config: ['port_down'] }, claim(2, ''), claim(3, 'p3'), claim(4, 'p4')],
    maxPorts: 2,
    saysLive: false,
  })
  assert.deepEqual([...observed.ports.keys()], ['p1', 'p3'])
  assert.equal(observed.ports.get('p1')?.up, false)
  const more = changePort(observed, { reason: 'add', desc: claim(5, 'p5') }, few)
  assert.equal(more.observed, observed)
  assert.deepEqual(more.refused, ['more than 2 ports'])
  const changed = changePort(observed, { reason: 'modify', desc: claim(3, 'p3', ['link_down']) }, few)
  assert.equal(changed.observed.ports.get('p3')?.up, false)
  const unknown = changePort(observed, { reason: 'delete', desc: claim(77, 'p77') }, few)
  assert.equal(unknown.observed, observed)
})

test('a port that has a link and is not live is silent, where the switch says so of ports at all', () => {
  const told = { ...rules, saysLive: true }
  const claims = [claim(1, 'p1', ['live']), claim(2, 'p2'), claim(3, 'p3', ['link_down'])]
  const { observed } = observePorts(undefined, { datapathId, claims, ...told })
  const state = ({ ports }: typeof observed, name: string) => [ports.get(name)?.up, ports.get(name)?.silent]
  assert.deepEqual(
    ['p1', 'p2', 'p3'].map((name) => state(observed, name)),
    [
      [true, undefined],
      [false, true],
      [false, undefined],
    ],
  )
  const { observed: heard } = changePort(observed, { reason: 'modify', desc: claim(2, 'p2', ['live']) }, told)
  assert.deepEqual(state(heard, 'p2'), [true, undefined])
  const { observed: cut } = changePort(heard, { reason: 'modify', desc: claim(2, 'p2', ['link_down']) }, told)
  const { observed: mute } = changePort(cut, { reason: 'modify', desc: claim(2, 'p2') }, told)
  assert.deepEqual(
    [state(cut, 'p2'), state(mute, 'p2')],
    [
      [false, undefined],
      [false, true],
    ],
  )
  const { observed: other } = observePorts(undefined, { datapathId, claims, ...rules })
  assert.deepEqual(state(other, 'p2'), [true, undefined])
})
