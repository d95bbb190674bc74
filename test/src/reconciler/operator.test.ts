/** Rules made by hand and the reconciler: neither touches what is the other's, and each says so. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { operatorFlow } from '../../../src/pipeline/operator-rules.ts'
import { toFlowMod } from '../../../src/pipeline/openflow.ts'
import { isOperators } from '../../../src/pipeline/cookies.ts'
import { rawFlowText } from '../../../src/pipeline/flow-text.ts'
import { FakeTarget } from '../../support/fake-target.ts'
import { delivers, program } from '../../support/small-programs.ts'
import { quiet, second, steppedReconciler } from '../../support/stepped-reconciler.ts'

const drop = (mac: number, priority = 7) =>
  operatorFlow(`table=local,priority=${priority},dl_dst=02:00:00:00:00:0${mac},actions=drop`, 6, 'add')

/** In the place of `delivers(n)`. */
function inPlaceOf(n: number) {
  const { match, ...ours } = toFlowMod(delivers(n), 6, 'add')
  return { ...ours, match, cookie: drop(1).cookie, instructions: [] }
}

async function programmed(...rules: number[]) {
  const bench = steppedReconciler()
  const target = new FakeTarget('1')
  bench.reconciler.setProgram(program({ 1: rules.map((n) => delivers(n)) }))
  bench.reconciler.switchUp(target)
  await bench.receipt('1')
  return { ...bench, target }
}

test('they are confirmed, counted apart, and neither audit nor new program sweeps them', async () => {
  const { reconciler, target, elapse, receipt } = await programmed(1)
  const outcome = await reconciler.operate('1', [drop(1), drop(2)])
  assert.ok(outcome?.status === 'confirmed')
  assert.deepEqual(
    outcome.added.map(({ cookie }) => isOperators(cookie)),
    [true, true],
  )
  reconciler.audit('1')
  await elapse(second)
  reconciler.setProgram(program({ 1: [delivers(2)] }))
  await receipt('1')
  const { rules, foreignRules, operatorRules } = reconciler.status('1')
  assert.deepEqual([rules, foreignRules, operatorRules], [1, 0, 2])
  assert.equal(target.table.size, 3)
})

test('they go out in one bundle, between rounds and not into one', async () => {
  const { reconciler, target, receipt } = await programmed(1)
  let release = (): void => undefined
  target.stalled = new Promise((resolve) => (release = resolve))
  reconciler.setProgram(program({ 1: [delivers(1), delivers(2)] }))
  await quiet()
  const asked = reconciler.operate('1', [drop(1), drop(2)])
  await quiet()
  assert.equal(target.bundles.length, 1, 'the round is still under way')
  release()
  assert.equal((await asked)?.status, 'confirmed')
  assert.equal((await receipt('1'))[0]?.state, 'confirmed')
  assert.deepEqual(
    target.bundles.map(({ length }) => length),
    [1, 1, 2],
  )
})

test('a place of ours, wanted or foreign, is not taken: nothing is sent', async () => {
  const { reconciler, target } = await programmed(1)
  target.put(delivers(8), 0xfeedn)
  const sent = target.sent
  assert.deepEqual(await reconciler.operate('1', [drop(1), inPlaceOf(1)]), {
    status: 'taken',
    index: 1,
    owner: delivers(1).owner,
  })
  assert.deepEqual(await reconciler.operate('1', [inPlaceOf(8)]), {
    status: 'taken',
    index: 0,
    owner: 'foreign',
  })
  target.refuses = () => 'OFPFMFC_TABLE_FULL'
  reconciler.setProgram(program({ 1: [delivers(1), delivers(2)] }))
  await quiet()
  assert.equal((await reconciler.operate('1', [inPlaceOf(2)]))?.status, 'taken', 'wanted, but refused')
  assert.equal(target.sent - sent, 1, 'only the round of the program')
})

test('beside a rule of somebody else at the same table and priority the switch guards against overlaps', async () => {
  const { reconciler, target } = await programmed(1)
  const [ours] = target.table.values()
  assert.ok(ours)
  await reconciler.operate('1', [drop(1, ours.priority), drop(2, ours.priority + 1)])
  assert.deepEqual(
    target.bundles.at(-1)?.map(({ flags }) => flags),
    [['check_overlap'], []],
  )
  await reconciler.operate('1', [drop(1, ours.priority)])
  assert.deepEqual(target.bundles.at(-1)?.[0]?.flags, [], 'the operator’s own rule is replaced')
})

test('a refusal comes back by its place, and nothing is in effect', async () => {
  const { reconciler, target } = await programmed(1)
  target.refuses = ({ priority }) => (priority === 9 ? 'OFPFMFC_TABLE_FULL' : undefined)
  assert.deepEqual(await reconciler.operate('1', [drop(1), drop(2, 9)]), {
    status: 'refused',
    refused: [{ index: 1, error: 'OFPFMFC_TABLE_FULL' }],
  })
  assert.equal(target.table.size, 1)
})

test('a rule of ours that finds its place taken says so, and comes when the operator’s is deleted', async () => {
  const { reconciler, target, receipt } = await programmed(1)
  await reconciler.operate('1', [inPlaceOf(2)])
  reconciler.setProgram(program({ 1: [delivers(1), delivers(2)] }))
  const [answer] = await receipt('1')
  assert.deepEqual(
    answer?.refused.map(({ error }) => error),
    ['OPERATOR_RULE'],
  )
  const { cookie } = drop(1)
  const outcome = await reconciler.operate('1', [
    { ...inPlaceOf(2), command: 'delete_strict', cookie, cookieMask: 0xffn << 56n },
  ])
  assert.ok(outcome?.status === 'confirmed')
  assert.equal(outcome.deleted.length, 1)
  assert.match(rawFlowText(outcome.deleted[0] ?? drop(1)), /actions=drop$/)
  assert.equal((await receipt('1'))[0]?.state, 'confirmed')
  assert.ok([...target.table.values()].every((flow) => !isOperators(flow.cookie)))
})

test('a switch that is away, goes away or breaks off gives no answer, and does not hold up the rest', async () => {
  const { reconciler, target, receipt, elapse } = await programmed(1)
  assert.equal(await reconciler.operate('2', [drop(1)]), undefined)
  const lost = new Error('the session has ended')
  target.stalled = Promise.reject(lost)
  target.stalled.catch(() => undefined)
  assert.equal(await reconciler.operate('1', [drop(1)]), undefined)
  assert.equal(await reconciler.operate('1', [drop(1)]), undefined, 'it is being taken up again')
  target.stalled = undefined
  await elapse(second)
  assert.equal((await receipt('1'))[0]?.state, 'confirmed')
  assert.equal((await reconciler.operate('1', [drop(1)]))?.status, 'confirmed')
  let release = (): void => undefined
  target.stalled = new Promise((resolve) => (release = resolve))
  reconciler.setProgram(program({ 1: [delivers(1), delivers(2)] }))
  await quiet()
  const waiting = reconciler.operate('1', [drop(2)])
  reconciler.switchDown('1', target)
  release()
  assert.equal(await waiting, undefined)
})
