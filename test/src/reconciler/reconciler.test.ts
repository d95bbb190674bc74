import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FlowMod } from 'ts-openflow'
import { ruleKey, toFlowMod } from '../../../src/pipeline/openflow.ts'
import { FakeTarget } from '../../support/fake-target.ts'
import { delivers, program, sends } from '../../support/small-programs.ts'
import { quiet, second, steppedReconciler } from '../../support/stepped-reconciler.ts'

const macs = (messages: readonly FlowMod[]) => messages.map(({ match }) => Number(match[0]?.value))

test('a new switch gets the program in one bundle, and the receipt says so', async () => {
  const { reconciler, receipt } = steppedReconciler()
  const target = new FakeTarget('1')
  reconciler.setProgram(program({ 1: [delivers(1), sends(2)] }))
  reconciler.switchUp(target)
  const [answer] = await receipt('1')
  assert.equal(target.bundles.length, 1)
  assert.deepEqual(macs(target.bundles[0] ?? []), [1, 2])
  assert.deepEqual(
    { state: answer?.state, added: answer?.added, refused: answer?.refused },
    { state: 'confirmed', added: 2, refused: [] },
  )
})

test('nothing changed: nothing is sent, neither on reconnection nor for the same program made anew', async () => {
  const { reconciler, receipt } = steppedReconciler()
  const target = new FakeTarget('1')
  for (const rule of [delivers(1), sends(2)]) target.put(rule)
  reconciler.setProgram(program({ 1: [delivers(1), sends(2)] }))
  reconciler.switchUp(target)
  assert.equal((await receipt('1'))[0]?.state, 'confirmed')
  reconciler.setProgram(program({ 1: [delivers(1), sends(2)] }))
  assert.equal((await receipt('1'))[0]?.state, 'confirmed')
  reconciler.switchDown('1', target)
  reconciler.switchUp(target)
  await receipt('1')
  assert.equal(target.sent, 0)
})

test('only the difference is sent, and applying then reverting gives the same table', async () => {
  const { reconciler, receipt } = steppedReconciler()
  const target = new FakeTarget('1')
  const before = [delivers(1), delivers(2), sends(3)]
  reconciler.setProgram(program({ 1: before }))
  reconciler.switchUp(target)
  await receipt('1')
  const tableBefore = [...target.table].sort()
  reconciler.setProgram(program({ 1: [delivers(1), delivers(2, 9), delivers(4)] }))
  const [answer] = await receipt('1')
  assert.deepEqual([answer?.added, answer?.modified, answer?.deleted], [1, 1, 1])
  assert.equal(target.bundles.at(-1)?.length, 3)
  reconciler.setProgram(program({ 1: before }))
  await receipt('1')
  assert.deepEqual([...target.table].sort(), tableBefore)
})

test('a late copy of an older plan still converges at the next audit', async () => {
  const { reconciler, receipt } = steppedReconciler()
  const target = new FakeTarget('1')
  reconciler.setProgram(program({ 1: [delivers(1), delivers(2)] }))
  reconciler.switchUp(target)
  await receipt('1')
  reconciler.setProgram(program({ 1: [delivers(2, 7), delivers(3)] }))
  await receipt('1')
  const wanted = [...target.table].sort()
  // An older controller's messages arrive after ours.
  target.put(delivers(1))
  target.put(delivers(2))
  reconciler.audit('1')
  await quiet()
  await receipt('1')
  assert.deepEqual([...target.table].sort(), wanted)
})

test('across switches receivers come first, then senders, then withdrawals', async () => {
  const { reconciler, receipt } = steppedReconciler()
  const [one, two] = [new FakeTarget('1'), new FakeTarget('2')]
  reconciler.setProgram(program({ 1: [delivers(1)], 2: [sends(1)] }))
  reconciler.switchUp(one)
  reconciler.switchUp(two)
  await receipt('1', '2')
  const order: string[] = []
  for (const target of [one, two]) {
    const { commit } = target
    Object.assign(target, {
      commitAccepted: (messages: readonly FlowMod[]) => {
        order.push(
          `${target.datapathId} ${messages.map(({ command, tableId }) => `${command}@${tableId}`).join()}`,
        )
        return commit(messages)
      },
    })
  }
  // The VM moves from switch 1 to switch 2.
  reconciler.setProgram(program({ 1: [sends(1)], 2: [delivers(1)] }))
  await receipt('1', '2')
  assert.deepEqual(order, ['2 add@60', '1 add@55', '1 delete_strict@60', '2 delete_strict@55'])
})

test('a refused rule comes back with its error, everything else is installed, and it is tried again later', async () => {
  const { reconciler, receipt, elapse } = steppedReconciler()
  const target = new FakeTarget('1')
  target.refuses = ({ match }) => (match[0]?.value === 2 ? 'OFPFMFC_TABLE_FULL' : undefined)
  reconciler.setProgram(program({ 1: [delivers(1), delivers(2), delivers(3)] }))
  reconciler.switchUp(target)
  const [answer] = await receipt('1')
  assert.equal(answer?.state, 'refused')
  assert.deepEqual(
    answer.refused.map(({ rule, error }) => [rule.owner, error]),
    [['nic/vm2/0', 'OFPFMFC_TABLE_FULL']],
  )
  assert.equal(target.table.size, 2)
  assert.equal(reconciler.status('1').state, 'refused')
  target.refuses = () => undefined
  await elapse(31 * second)
  assert.equal(target.table.size, 3)
  assert.equal(reconciler.status('1').state, 'converged')
})

test('many refusals are found without a bundle for each', async () => {
  const { reconciler, receipt } = steppedReconciler()
  const target = new FakeTarget('1')
  const rules = Array.from({ length: 200 }, (_, n) => delivers(n + 1))
  target.refuses = ({ match }) => (Number(match[0]?.value) % 2 === 0 ? 'OFPFMFC_TABLE_FULL' : undefined)
  reconciler.setProgram(program({ 1: rules }))
  reconciler.switchUp(target)
  const [answer] = await receipt('1')
  assert.equal(answer?.refused.length, 100)
  assert.equal(answer.added, 100)
  assert.equal(target.table.size, 100)
  assert.ok(target.bundles.length < 10, `${target.bundles.length} bundles`)
})

test('a switch that does not answer holds up only itself', async () => {
  const { reconciler, elapse } = steppedReconciler()
  const [slow, quick] = [new FakeTarget('1'), new FakeTarget('2')]
  let release = (): void => undefined
  slow.stalled = new Promise((resolve) => {
    release = resolve
  })
  reconciler.setProgram(program({ 1: [delivers(1)], 2: [sends(1)] }))
  reconciler.switchUp(slow)
  reconciler.switchUp(quick)
  await quiet()
  assert.equal(quick.table.size, 0, 'the sender waits for the receiver')
  await elapse(1.5 * second)
  assert.equal(quick.table.size, 1, 'but not for ever')
  reconciler.setProgram(program({ 1: [delivers(1)], 2: [sends(1), sends(2)] }))
  await elapse(0)
  assert.equal(quick.table.size, 2)
  const answers = reconciler.receipt(['1', '2'], { timeoutMs: 2 * second, startedAtMs: 0 })
  await elapse(3 * second)
  assert.deepEqual(
    (await answers).map(({ state }) => state),
    ['pending', 'confirmed'],
  )
  release()
  await quiet()
  assert.equal(slow.table.size, 1)
})

test('foreign rules stay, are counted, and are not overwritten', async () => {
  const { reconciler, receipt } = steppedReconciler()
  const target = new FakeTarget('1')
  target.put(delivers(8), 0xfeedn)
  target.put(delivers(1, 99), 0xfeedn)
  reconciler.setProgram(program({ 1: [delivers(1), delivers(2)] }))
  reconciler.switchUp(target)
  const [answer] = await receipt('1')
  assert.deepEqual(
    [...target.table.values()].map(({ cookie }) => cookie === 0xfeedn),
    [true, true, false],
  )
  assert.equal(reconciler.status('1').foreignRules, 2)
  assert.deepEqual(
    answer?.refused.map(({ error }) => error),
    ['FOREIGN_RULE'],
  )
})

test('while held, a switch with our rules is left as it is and a fresh one is programmed', async () => {
  const { reconciler, receipt } = steppedReconciler()
  const [old, fresh] = [new FakeTarget('1'), new FakeTarget('2')]
  old.put(delivers(7))
  reconciler.hold(true)
  reconciler.setProgram(program({ 1: [delivers(1)], 2: [delivers(1)] }))
  reconciler.switchUp(old)
  reconciler.switchUp(fresh)
  await receipt('2')
  assert.equal(old.sent, 0)
  assert.equal(fresh.table.size, 1)
  reconciler.hold(false)
  await receipt('1')
  assert.deepEqual(
    [...old.table.values()].map(({ match }) => match[0]?.value),
    [1],
  )
})

test('a session that ends in the middle leaves nothing assumed: the next one starts from what is there', async () => {
  const { reconciler, receipt } = steppedReconciler()
  const target = new FakeTarget('1')
  const original = target.commitAccepted
  Object.assign(target, {
    commitAccepted: async (messages: readonly FlowMod[]) => {
      await original(messages)
      throw new Error('session closed')
    },
  })
  reconciler.setProgram(program({ 1: [delivers(1)] }))
  reconciler.switchUp(target)
  await quiet()
  reconciler.switchDown('1', target)
  assert.equal((await receipt('1'))[0]?.state, 'disconnected')
  Object.assign(target, { commitAccepted: original })
  reconciler.switchUp(target)
  const [answer] = await receipt('1')
  assert.equal(answer?.state, 'confirmed')
  assert.equal(answer.added, 0, 'what the broken commit had installed is found there')
})

test('rules are told apart by table, priority and match alone', () => {
  assert.equal(ruleKey(delivers(1)), ruleKey(delivers(1, 5)))
  assert.notEqual(ruleKey(delivers(1)), ruleKey(sends(1)))
  assert.equal(toFlowMod(delivers(1), 6, 'add').command, 'add')
})
