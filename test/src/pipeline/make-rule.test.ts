/** Rules keep to their table's declaration, or are not made. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dropReasonNames, dropReasonOf, dropReasons } from '../../../src/pipeline/drop-reasons.ts'
import { arp, ethDst, ethSrc, inPort, network } from '../../../src/pipeline/fields.ts'
import { dropRule, rule, RuleError, type RuleInput } from '../../../src/pipeline/make-rule.ts'
import { tableIdOf, tableNameOf, tableNames, tables } from '../../../src/pipeline/tables.ts'

const owner = 'nic/web1/0'
const good: RuleInput = {
  table: 'local',
  priority: 100,
  match: [network(7), ethDst(1)],
  actions: [{ type: 'output', port: 3 }],
  owner,
}

test('a rule in its table is made, with its match in order', () => {
  const made = rule({ ...good, match: [ethDst(1), network(7)] })
  assert.deepEqual(made.match, [network(7), ethDst(1)])
  assert.equal(made.phase, 'receive')
  assert.deepEqual(Object.keys(made).toSorted(), ['actions', 'match', 'owner', 'phase', 'priority', 'table'])
})

const bad: Readonly<Record<string, [Partial<RuleInput>, RegExp]>> = {
  'a field of another table': [{ match: [inPort(1)] }, /may not match in_port/],
  'a field twice': [{ match: [ethDst(1), ethDst(2)] }, /matches eth_dst twice/],
  'an empty mask': [{ match: [{ field: 'eth_dst', value: 0, mask: 0 }] }, /empty mask of eth_dst/],
  'an action of another table': [{ actions: [{ type: 'spread', over: 'l2' }] }, /may not spread/],
  'a write of another table': [
    { actions: [{ type: 'set_field', field: ethSrc(1) }] },
    /may not write eth_src/,
  ],
  'a network outside classification': [{ setNetwork: 7 }, /may not choose the network/],
  'a way back': [{ goto: 'classify' }, /may not lead to classify/],
  'a priority out of range': [{ priority: 0x10000 }, /priority 65536/],
}
for (const [name, [change, message]] of Object.entries(bad)) {
  test(`${name} is refused where the rule is made`, () => {
    assert.throws(
      () => rule({ ...good, ...change }),
      (error) => error instanceof RuleError && message.test(error.message) && error.message.includes(owner),
    )
  })
}

test('a drop carries its reason to the table that counts it', () => {
  const made = dropRule({ table: 'address_security', priority: 10, match: [arp], owner }, 'spoofed-arp')
  assert.equal(made.goto, 'drop')
  const value = dropReasons['spoofed-arp'].number
  assert.deepEqual(made.actions, [{ type: 'set_field', field: { field: 'reg15', value } }])
})

test('tables lead ahead only, to tables that exist, and so do their misses', () => {
  for (const name of tableNames) {
    const { goto, miss, id } = tables[name]
    const onward = [...goto, ...('goto' in miss ? [miss.goto] : []), ...('drop' in miss ? ['drop'] : [])]
    for (const next of onward) {
      assert.ok(
        tableNames.some((known) => known === next && tables[known].id > id),
        `${name} to ${next}`,
      )
    }
    if ('goto' in miss) assert.ok(goto.includes(miss.goto))
    assert.equal(tableNameOf(id), name)
  }
  assert.equal(tableIdOf(tableNameOf(33)), 33)
  assert.equal(new Set(tableNames.map(tableIdOf)).size, tableNames.length)
})

test('numbers of drop reasons are unique and lead back to their names', () => {
  for (const name of dropReasonNames) assert.equal(dropReasonOf(dropReasons[name].number), name)
  assert.equal(dropReasonOf(0), undefined)
})
