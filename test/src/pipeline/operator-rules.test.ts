/** Rules made by hand: whose they are, in which tables, which are safe, and what is refused with its place. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EncodeError } from 'ts-openflow'
import { isOperators, isOurs } from '../../../src/pipeline/cookies.ts'
import { isSafe, operatorFlow } from '../../../src/pipeline/operator-rules.ts'

test('a rule is marked as the operator’s, keeps the rest of its cookie, and takes tables by name', () => {
  const flow = operatorFlow('cookie=0x7,table=local,priority=9,ip,actions=goto_table:drop', 6, 'add')
  assert.ok(isOperators(flow.cookie) && !isOurs(flow.cookie))
  assert.equal(flow.cookie & 0xffn, 7n)
  assert.deepEqual([flow.tableId, flow.priority], [60, 9])
  assert.deepEqual(flow.instructions, [{ type: 'goto_table', tableId: 79 }])
  const again = operatorFlow(`cookie=0x${flow.cookie.toString(16)},actions=drop`, 6, 'add')
  assert.equal(again.cookie, flow.cookie, 'what a listing shows can be given again')
})

test('a delete selects only what is the operator’s', () => {
  for (const [text, cookie, mask] of [
    ['', 0x5bn << 56n, 0xffn << 56n],
    ['table=local,cookie=0x7/0xf', (0x5bn << 56n) | 7n, (0xffn << 56n) | 0xfn],
  ] as const) {
    const flow = operatorFlow(text, 4, 'delete')
    assert.deepEqual([flow.cookie, flow.cookieMask], [cookie, mask])
  }
})

test('only what drops is safe', () => {
  const safe = (actions: string) => isSafe(operatorFlow(`ip,actions=${actions}`, 6, 'add'))
  for (const actions of ['drop', 'clear_actions']) assert.equal(safe(actions), true, actions)
  for (const actions of ['NORMAL', 'output:1', 'CONTROLLER', 'resubmit(,60)', 'goto_table:60', 'note:00'])
    assert.equal(safe(actions), false, actions)
  for (const actions of ['write_actions(output:1)', 'load:1->reg0', 'write_metadata:5', 'meter:1'])
    assert.equal(safe(actions), false, actions)
})

const bad: readonly (readonly [string, number, string, number | undefined, RegExp])[] = [
  ['an unknown keyword', 6, 'table=local,bogus=3,actions=drop', 12, /bogus/],
  ['after a table by name', 6, 'table=address_security,ip,nw_dst=x,actions=drop', 33, /x/],
  ['no actions', 6, 'ip', 2, /actions=/],
  ['a cookie that says it is ours', 6, 'ip,cookie=0x5a00000000000001,actions=drop', 3, /56 bits/],
  ['learn', 6, 'ip,actions=learn(table=60)', 11, /nobody owns/],
  ['learn inside clone', 6, 'ip,actions=clone(learn(table=60))', 17, /nobody owns/],
  ['what the version cannot say', 4, 'importance=3,actions=drop', undefined, /importance/],
]
for (const [name, version, text, at, message] of bad)
  test(`refused with its place: ${name}`, () => {
    assert.throws(
      () => operatorFlow(text, version, 'add'),
      (error) => {
        assert.ok(error instanceof EncodeError)
        assert.match(error.message, message)
        if (at === undefined) assert.notEqual(error.path, '')
        else assert.deepEqual([error.at, error.path], [at, ''])
        return true
      },
    )
  })
