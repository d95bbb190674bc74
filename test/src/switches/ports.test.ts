/** Ports as a value: identity where nothing changed, refusals of what cannot be, and the token bucket beside it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changePort, observePorts, type PortClaim } from '../../../src/switches/ports.ts'

const datapathId = '00000000000000aa'
const claim = (portNo: number, name: string, state: readonly string[] = []): PortClaim => ({
  portNo,
  name,
  hwAddr: portNo,
  config: [],
  state,
})

test('the same ports again are the same value; one that changed leaves the others as they were', () => {
  const claims = [claim(1, 'p1'), claim(2, 'p2')]
  const { observed: first } = observePorts(undefined, { datapathId, claims, maxPorts: 9 })
  assert.equal(
    observePorts(first, { datapathId, claims: [...claims].reverse(), maxPorts: 9 }).observed,
    first,
  )
  const down = [claim(1, 'p1'), claim(2, 'p2', ['link_down'])]
  const { observed: second } = observePorts(first, { datapathId, claims: down, maxPorts: 9 })
  assert.notEqual(second, first)
  assert.equal(second.ports.get('p1'), first.ports.get('p1'))
  assert.equal(second.ports.get('p2')?.up, false)
  assert.equal(
    observePorts(first, { datapathId, claims: [claim(1, 'p1')], maxPorts: 9 }).observed.ports.size,
    1,
  )
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
      maxPorts: 9,
    })
    assert.deepEqual([observed.ports.has('x'), refused.length], [exists, exists ? 0 : 1])
  }
})

test('of two ports with one name the first has it; a port that takes over a name in a later event has it then', () => {
  const claims = [claim(1, 'x'), claim(2, 'x')]
  const { observed, refused } = observePorts(undefined, { datapathId, claims, maxPorts: 9 })
  assert.equal(observed.ports.get('x')?.no, 1)
  assert.deepEqual(refused, ['ports 1 and 2 are both called x'])
  const { observed: renumbered } = changePort(observed, { reason: 'add', desc: claim(7, 'x') }, 9)
  const { observed: after } = changePort(renumbered, { reason: 'delete', desc: claim(1, 'x') }, 9)
  assert.equal(after.ports.get('x')?.no, 7)
})

test('administratively down is down; a port may not be nameless; the cap holds for changes too', () => {
  const { observed } = observePorts(undefined, {
    datapathId,
    claims: [{ ...claim(1, 'p1'), config: ['port_down'] }, claim(2, ''), claim(3, 'p3'), claim(4, 'p4')],
    maxPorts: 2,
  })
  assert.deepEqual([...observed.ports.keys()], ['p1', 'p3'])
  assert.equal(observed.ports.get('p1')?.up, false)
  const more = changePort(observed, { reason: 'add', desc: claim(5, 'p5') }, 2)
  assert.equal(more.observed, observed)
  assert.deepEqual(more.refused, ['more than 2 ports'])
  const changed = changePort(observed, { reason: 'modify', desc: claim(3, 'p3', ['link_down']) }, 2)
  assert.equal(changed.observed.ports.get('p3')?.up, false)
  const unknown = changePort(observed, { reason: 'delete', desc: claim(77, 'p77') }, 2)
  assert.equal(unknown.observed, observed)
})
