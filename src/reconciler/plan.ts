/**
 * The plan: what to send to one switch so that its table becomes the program, in the order that loses no packet.
 * Pure; the sender is `reconciler.ts`.
 */
import type { Rule } from '../pipeline/rule.ts'
import { sameRule } from '../pipeline/openflow.ts'

/** One change of one rule. `modify` replaces the rule that has the same table, priority and match. */
export interface Operation {
  readonly op: 'add' | 'modify' | 'delete'
  /** Table, priority and match: what identifies a rule on a switch. */
  readonly key: string
  readonly rule: Rule
}

/**
 * A change that spans switches goes in three stages, each confirmed everywhere before the next:
 * what receives, what sends toward it, and last the withdrawal of what is no longer wanted.
 */
export const stages = ['receive', 'send', 'withdraw'] as const
export type Stage = (typeof stages)[number]

export function stageOf(operation: Operation): Stage {
  return operation.op === 'delete' ? 'withdraw' : operation.rule.phase
}

/** The operation that makes `installed` become `wanted`, or none when they agree. */
export function operationFor(
  key: string,
  wanted: Rule | undefined,
  installed: Rule | undefined,
): Operation | undefined {
  if (wanted === installed) return undefined
  if (wanted === undefined) return installed && { op: 'delete', key, rule: installed }
  if (installed === undefined) return { op: 'add', key, rule: wanted }
  return sameRule(wanted, installed) ? undefined : { op: 'modify', key, rule: wanted }
}

/** Every operation that turns `installed` into `wanted`, receivers first and deletions last. */
export function plan(wanted: ReadonlyMap<string, Rule>, installed: ReadonlyMap<string, Rule>): Operation[] {
  const operations: Operation[] = []
  for (const [key, rule] of wanted) {
    const operation = operationFor(key, rule, installed.get(key))
    if (operation) operations.push(operation)
  }
  for (const [key, rule] of installed) {
    if (!wanted.has(key)) operations.push({ op: 'delete', key, rule })
  }
  return inOrder(operations)
}

/** Stable order by stage: also within one atomic bundle, so that a switch without atomic bundles is safe too. */
export function inOrder(operations: readonly Operation[]): Operation[] {
  return stages.flatMap((stage) => operations.filter((operation) => stageOf(operation) === stage))
}
