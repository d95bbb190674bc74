/** A plan on its way to one switch: what is refused is named, and the rest gets there in as few rounds as the switch allows. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ruleKey } from '../../../src/pipeline/openflow.ts'
import { rule } from '../../../src/pipeline/make-rule.ts'
import type { Operation } from '../../../src/reconciler/plan.ts'
import { sendPlan } from '../../../src/reconciler/send.ts'
import type { CommitOutcome } from '../../../src/reconciler/target.ts'
import { FakeTarget } from '../../support/fake-target.ts'

const operations = [10, 20, 30, 40].map((priority): Operation => {
  const one = rule({ table: 'local', priority, match: [], owner: 'switch/s', goto: 'drop' })
  return { op: 'add', key: ruleKey(one), rule: one }
})

async function sent(outcomes: readonly CommitOutcome[]) {
  const target = new FakeTarget('0000000000000001')
  const rounds: number[][] = []
  const answers = [...outcomes]
  const commitAccepted: FakeTarget['commitAccepted'] = (messages) => {
    rounds.push(messages.map(({ priority }) => priority))
    return Promise.resolve(answers.shift() ?? { ok: true })
  }
  const { confirmed, refused } = await sendPlan(Object.assign(target, { commitAccepted }), operations)
  return {
    rounds,
    confirmed: confirmed.map(({ rule: { priority } }) => priority).toSorted(),
    refused: refused.map(({ operation, error }) => [operation.rule.priority, error]),
  }
}

test('what a switch left out of a bundle that it committed is refused, and nothing is sent again', async () => {
  const { rounds, confirmed, refused } = await sent([
    { ok: false, applied: 4, refused: [{ index: 1, error: 'OFPBAC_BAD_TYPE' }] },
  ])
  assert.equal(rounds.length, 1)
  const [first = []] = rounds
  assert.deepEqual(refused, [[first[1], 'OFPBAC_BAD_TYPE']])
  assert.deepEqual(confirmed, first.filter((_, index) => index !== 1).toSorted())
})

test('after a bundle that failed, only what is not in effect goes again, without what was refused', async () => {
  const { rounds, confirmed, refused } = await sent([
    {
      ok: false,
      applied: 2,
      refused: [
        { index: 0, error: 'OFPBAC_BAD_TYPE' },
        { index: 3, error: 'OFPFMFC_TABLE_FULL' },
      ],
    },
  ])
  const [first = [], second] = rounds
  assert.deepEqual(second, [first[2]])
  assert.deepEqual(refused, [
    [first[0], 'OFPBAC_BAD_TYPE'],
    [first[3], 'OFPFMFC_TABLE_FULL'],
  ])
  assert.deepEqual(confirmed, [first[1] ?? 0, first[2] ?? 0].toSorted())
})
