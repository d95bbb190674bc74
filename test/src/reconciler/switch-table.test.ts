import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ruleKey } from '../../../src/pipeline/openflow.ts'
import type { Rule } from '../../../src/pipeline/rule.ts'
import { type Installed, SwitchTable } from '../../../src/reconciler/switch-table.ts'
import { delivers, sends, switchProgram } from '../../support/small-programs.ts'

function installed(
  ours: readonly Rule[],
  foreign: readonly Rule[] = [],
  operators: readonly Rule[] = [],
): Installed {
  return {
    ours: new Map(ours.map((rule) => [ruleKey(rule), rule])),
    foreign: new Set(foreign.map(ruleKey)),
    operators: new Set(operators.map(ruleKey)),
  }
}

/** A program whose rules are all in one chunk: one that changes makes the others anew, equal but not identical. */
function oneChunk(...rules: readonly Rule[]) {
  const program = switchProgram('1', [])
  return { ...program, groups: [{ key: 'all', chunks: [{ owner: 'nic/vm1/0' as const, rules }] }] }
}

const told = (table: SwitchTable, nowMs = 0) =>
  table.pending(nowMs).map(({ op, rule }) => `${op} ${String(rule.match[0]?.value)}`)

test('a rule that was made anew and equal is withdrawn like any other', () => {
  const table = new SwitchTable()
  table.want(oneChunk(delivers(1), delivers(2)))
  table.read(installed([]))
  table.confirm(table.pending(0))
  table.want(oneChunk(delivers(1), delivers(2, 9)))
  table.confirm(table.pending(0))
  table.want(oneChunk())
  assert.deepEqual(told(table), ['delete 1', 'delete 2'])
})

test('a place that a foreign rule held is taken as soon as the foreign rule is seen to be gone', () => {
  const table = new SwitchTable()
  table.want(oneChunk(delivers(1)))
  table.read(installed([], [delivers(1)]))
  assert.deepEqual(told(table), [])
  assert.equal(table.refusals.size, 1)
  table.read(installed([], [delivers(1)]))
  assert.deepEqual(told(table), [], 'still there')
  table.read(installed([]))
  assert.deepEqual(told(table), ['add 1'])
})

test('a refusal is over when the rule is found installed', () => {
  const table = new SwitchTable()
  table.want(oneChunk(delivers(1)))
  table.read(installed([]))
  for (const operation of table.pending(0)) table.refuse(operation, 'OFPFMFC_TABLE_FULL', 0)
  table.read(installed([delivers(1)]))
  assert.equal(table.refusals.size, 0)
})

test('a refusal outlives an audit that still misses the rule, so that it is not asked for too often', () => {
  const table = new SwitchTable()
  table.want(oneChunk(delivers(1)))
  table.read(installed([]))
  for (const operation of table.pending(0)) table.refuse(operation, 'OFPFMFC_TABLE_FULL', 0)
  table.read(installed([]))
  assert.deepEqual(told(table, 4_000), [])
  assert.deepEqual(told(table, 6_000), ['add 1'])
})

test('while a switch is away, what is wanted and not there stays pending, and what is no longer wanted is forgotten', () => {
  const table = new SwitchTable()
  table.want(oneChunk(delivers(1)))
  table.read(installed([delivers(1)]))
  table.want(oneChunk(delivers(1), sends(2)))
  table.forget()
  const owners = new Map<string, 'pending' | 'refused'>()
  table.unsettled(owners)
  assert.deepEqual([...owners], [['nic/vm2/0', 'pending']])
})
