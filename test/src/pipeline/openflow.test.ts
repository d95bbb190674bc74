/** Rules to flow-mods and back, in every version; what comes back equals what went. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode, encode, type FlowMod } from 'ts-openflow'
import { compile } from '../../../src/compiler/compiler.ts'
import { rulesOf } from '../../../src/compiler/delta.ts'
import { cookieOf, generation, isOurs, readCookie } from '../../../src/pipeline/cookies.ts'
import { flowText } from '../../../src/pipeline/flow-text.ts'
import { fromFlow, ruleKey, sameRule, toFlowMod } from '../../../src/pipeline/openflow.ts'
import type { Rule } from '../../../src/pipeline/rule.ts'
import { example } from '../compiler/example.ts'

const { intent, observation } = example
const rules = [...compile(intent, observation).switches.values()].flatMap(rulesOf)

function decoded(message: FlowMod): FlowMod {
  const back = decode(encode(message))
  assert.ok(back.type === 'flow_mod')
  return back
}

for (const version of [4, 5, 6]) {
  test(`wire version ${version}: every rule of an example goes out and comes back equal`, () => {
    for (const rule of rules) {
      const back = fromFlow(decoded(toFlowMod(rule, version, 'add')))
      assert.equal(ruleKey(back), ruleKey(rule))
      assert.ok(sameRule(back, rule), flowText(rule))
      assert.deepEqual(back.match, rule.match)
      assert.deepEqual(back.actions, rule.actions)
    }
  })
}

test('rules that differ in anything are not the same', () => {
  const one = rules.find(({ table, actions }) => table === 'remote' && actions.length > 2)
  assert.ok(one)
  const others: Rule[] = [
    { ...one, priority: one.priority + 1 },
    { ...one, match: one.match.slice(1) },
    { ...one, actions: one.actions.slice(1) },
    {
      ...one,
      actions: one.actions.map((action) => (action.type === 'output' ? { ...action, port: 99 } : action)),
    },
    { ...one, goto: 'drop' },
    { ...one, meter: 1 },
    { ...one, setNetwork: 1 },
    { ...one, owner: 'nic/other/0' },
  ]
  for (const other of others) assert.ok(!sameRule(one, other) && !sameRule(other, one))
  assert.ok(sameRule(one, { ...one, phase: 'receive' }))
})

test('a flow that does what no rule of ours does equals none, and can be deleted by its key', () => {
  const [one] = rules
  assert.ok(one)
  const flow = decoded(toFlowMod(one, 6, 'add'))
  const changed = [
    { ...flow, instructions: [...flow.instructions, { type: 'clear_actions' as const }] },
    { ...flow, instructions: [{ type: 'write_actions' as const, actions: [] }] },
    { ...flow, idleTimeoutS: 10 },
    {
      ...flow,
      instructions: [
        { type: 'apply_actions' as const, actions: [{ type: 'set_queue' as const, queueId: 1 }] },
      ],
    },
  ]
  for (const entry of changed) assert.ok(!sameRule(fromFlow(entry), one))
  const stray = fromFlow({ ...flow, tableId: 33 })
  const deletion = decoded(toFlowMod(stray, 6, 'delete_strict'))
  assert.deepEqual([deletion.tableId, deletion.command, deletion.match], [33, 'delete_strict', flow.match])
})

test('a register that the switch returns as half of a wider one is the register', () => {
  const counter = rules.find(({ match }) => match.some(({ field }) => field === 'reg15'))
  assert.ok(counter)
  const flow = decoded(toFlowMod(counter, 6, 'add'))
  const value = BigInt(counter.match[0]?.value ?? 0)
  const match = [{ field: 'xreg7', value, mask: 0xffffffffn } as const]
  assert.ok(sameRule(fromFlow({ ...flow, match }), counter))
})

test('cookies say whose, which pipeline and which canary', () => {
  const [canary, ...more] = rules
    .filter(({ table }) => table === 'canary')
    .map((rule) => readCookie(cookieOf(rule)))
  assert.deepEqual([canary?.canary, canary?.generation], [true, generation])
  assert.ok(more.length > 0)
  for (const rule of rules) {
    assert.ok(isOurs(cookieOf(rule)))
    assert.equal(readCookie(cookieOf(rule))?.canary, rule.table === 'canary')
  }
  assert.ok(!isOurs(0n) && !isOurs(0x5bn << 56n))
  assert.equal(readCookie(1n), undefined)
})
