/** Receipts tell the truth: nothing is called confirmed that is not installed, whatever happened before or meanwhile. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FlowEntry, FlowMod } from 'ts-openflow'
import type { Rule } from '../../../src/pipeline/rule.ts'
import { FakeTarget } from '../../support/fake-target.ts'
import { delivers, program, sends, switchProgram } from '../../support/small-programs.ts'
import { quiet, second, steppedReconciler } from '../../support/stepped-reconciler.ts'

const hasMac =
  (mac: number) =>
  ({ match }: FlowMod) =>
    match[0]?.value === mac ? 'OFPFMFC_TABLE_FULL' : undefined

function withRules(...rules: readonly Rule[]): FakeTarget {
  const target = new FakeTarget('1')
  for (const rule of rules) target.put(rule)
  return target
}

const contents = ({ table }: FakeTarget) =>
  [...table].map(([key, { instructions }]) => [key, instructions] as const).sort()

test('a rule that was refused before is in every later receipt that concerns it, until it is installed', async () => {
  const { reconciler, receipt, elapse } = steppedReconciler()
  const target = new FakeTarget('1')
  target.refuses = hasMac(2)
  reconciler.setProgram(program({ 1: [delivers(1), delivers(2)] }))
  reconciler.switchUp(target)
  await receipt('1')
  const [again] = await receipt('1')
  assert.equal(again?.state, 'refused')
  assert.deepEqual(
    again.refused.map(({ rule }) => rule.owner),
    ['nic/vm2/0'],
  )
  const [other] = await reconciler.receipt(['1'], {
    timeoutMs: second,
    startedAtMs: 0,
    concerns: (owner) => owner === 'nic/vm1/0',
  })
  assert.equal(other?.state, 'confirmed')
  target.refuses = () => undefined
  await elapse(31 * second)
  assert.equal((await receipt('1'))[0]?.state, 'confirmed')
})

test('a refused rule whose owner is removed is forgotten', async () => {
  const { reconciler, receipt } = steppedReconciler()
  const target = new FakeTarget('1')
  target.refuses = hasMac(2)
  reconciler.setProgram(program({ 1: [delivers(1), delivers(2)] }))
  reconciler.switchUp(target)
  await receipt('1')
  reconciler.setProgram(program({ 1: [delivers(1)] }))
  assert.equal((await receipt('1'))[0]?.state, 'confirmed')
  assert.equal(reconciler.status('1').state, 'converged')
})

test('a change that comes while an older one is being sent is confirmed by its own rules', async () => {
  const { reconciler, receipt } = steppedReconciler()
  const target = new FakeTarget('1')
  reconciler.setProgram(program({ 1: [delivers(1)] }))
  reconciler.switchUp(target)
  await receipt('1')
  let release = (): void => undefined
  target.stalled = new Promise((resolve) => {
    release = resolve
  })
  reconciler.setProgram(program({ 1: [delivers(1, 5)] }))
  reconciler.setProgram(program({ 1: [delivers(1, 6)] }))
  const answers = receipt('1')
  release()
  assert.equal((await answers)[0]?.state, 'confirmed')
  assert.deepEqual(contents(target), contents(withRules(delivers(1, 6))))
})

test('a read that began before a change does not undo it', async () => {
  const { reconciler, receipt } = steppedReconciler()
  const target = new FakeTarget('1')
  reconciler.setProgram(program({ 1: [delivers(1), delivers(2)] }))
  reconciler.switchUp(target)
  await receipt('1')
  let release: (entries: readonly FlowEntry[]) => void = () => undefined
  const { readFlows } = target
  const stale = await readFlows()
  Object.assign(target, { readFlows: () => new Promise((resolve) => (release = resolve)) })
  reconciler.audit('1')
  await quiet()
  reconciler.setProgram(program({ 1: [delivers(2, 9), delivers(3)] }))
  const answers = receipt('1')
  await quiet()
  release(stale)
  assert.equal((await answers)[0]?.state, 'confirmed')
  assert.deepEqual(contents(target), contents(withRules(delivers(2, 9), delivers(3))))
})

test('a withdrawal that is no longer wanted when its stage comes is not sent', async () => {
  const { reconciler, receipt } = steppedReconciler()
  const [one, two] = [new FakeTarget('1'), new FakeTarget('2')]
  const before = { 1: [delivers(1)], 2: [sends(1)] }
  reconciler.setProgram(program(before))
  reconciler.switchUp(one)
  reconciler.switchUp(two)
  await receipt('1', '2')
  const sentBefore = one.sent
  let release = (): void => undefined
  two.stalled = new Promise((resolve) => {
    release = resolve
  })
  // The VM moves to switch 2, and before that has confirmed the user takes it back.
  reconciler.setProgram(program({ 1: [sends(1)], 2: [delivers(1)] }))
  await quiet()
  reconciler.setProgram(program(before))
  release()
  await receipt('1', '2')
  assert.equal(one.sent, sentBefore)
  assert.equal(two.table.size, 1)
})

test('a sender waits for a receiver that is just being read', async () => {
  const { reconciler, receipt } = steppedReconciler()
  const [one, two] = [new FakeTarget('1'), new FakeTarget('2')]
  reconciler.setProgram(program({ 1: [], 2: [] }))
  reconciler.switchUp(one)
  reconciler.switchUp(two)
  await receipt('1', '2')
  let release = (): void => undefined
  const { readFlows } = one
  const wait = new Promise<void>((resolve) => {
    release = resolve
  })
  Object.assign(one, { readFlows: () => wait.then(readFlows) })
  reconciler.switchDown('1', one)
  reconciler.switchUp(one)
  reconciler.setProgram(program({ 1: [delivers(1)], 2: [sends(1)] }))
  await quiet()
  assert.equal(two.table.size, 0)
  release()
  await receipt('1', '2')
  assert.equal(two.table.size, 1)
  assert.equal(one.table.size, 1)
})

test('a change goes through beside an audit, and what the audit read before it is not believed', async () => {
  const { reconciler, receipt } = steppedReconciler()
  const target = new FakeTarget('1')
  reconciler.setProgram(program({ 1: [delivers(1)] }))
  reconciler.switchUp(target)
  await receipt('1')
  const { readFlows } = target
  const before = await readFlows()
  let release = (): void => undefined
  const wait = new Promise<void>((resolve) => {
    release = resolve
  })
  Object.assign(target, { readFlows: () => wait.then(() => before) })
  reconciler.audit('1')
  reconciler.setProgram(program({ 1: [delivers(1), delivers(2)] }))
  assert.equal((await receipt('1'))[0]?.added, 1)
  release()
  await quiet()
  assert.equal(reconciler.status('1').rules, 2)
  assert.equal(target.sent, 2, 'the stale read caused nothing')
  // The next audit is believed.
  Object.assign(target, { readFlows })
  target.table.clear()
  reconciler.audit('1')
  await quiet()
  assert.equal((await receipt('1'))[0]?.state, 'confirmed')
  assert.equal(target.table.size, 2)
})

test('an audit brings back a meter that somebody deleted, and the rules that went with it', async () => {
  const { reconciler, receipt } = steppedReconciler()
  const target = new FakeTarget('1')
  target.refuses = ({ command }) =>
    command === 'add' && target.meters.size === 0 ? 'OFPMMFC_UNKNOWN_METER' : undefined
  const meters = [{ id: 1, unit: 'pktps', rate: 50, burst: 50, owner: 'switch/1' }] as const
  const own = { ...switchProgram('1', [delivers(1)]), fixtures: { meters, spreads: false } }
  reconciler.setProgram({ switches: new Map([['1', own]]), obstacles: [] })
  reconciler.switchUp(target)
  assert.equal((await receipt('1'))[0]?.state, 'confirmed')
  target.meters.clear()
  target.table.clear()
  reconciler.audit('1')
  await quiet()
  assert.equal((await receipt('1'))[0]?.state, 'confirmed')
  assert.deepEqual([...target.meters.keys()], [1])
  assert.equal(target.table.size, 1)
})

test('a session that survives a read that broke off is taken up again, though the timer be early', async () => {
  const { reconciler, elapse } = steppedReconciler()
  const target = new FakeTarget('1')
  const { readFlows } = target
  Object.assign(target, { readFlows: () => Promise.reject(new Error('not answered')) })
  reconciler.setProgram(program({ 1: [delivers(1)] }))
  reconciler.switchUp(target)
  await quiet()
  Object.assign(target, { readFlows })
  await elapse(second - 0.5)
  assert.equal(reconciler.status('1').state, 'converged')
  assert.equal(target.table.size, 1)
})

test('somebody who took a place of ours since the last read keeps it when we withdraw our rule', async () => {
  const { reconciler, receipt } = steppedReconciler()
  const target = new FakeTarget('1')
  reconciler.setProgram(program({ 1: [delivers(1)] }))
  reconciler.switchUp(target)
  await receipt('1')
  target.put(delivers(1, 9), 0xfeedn)
  reconciler.setProgram(program({ 1: [] }))
  await receipt('1')
  assert.deepEqual(
    [...target.table.values()].map(({ cookie }) => cookie),
    [0xfeedn],
  )
})
