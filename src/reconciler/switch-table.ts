/**
 * One switch as the reconciler sees it: the rules it should have, the rules it confirmed, and the keys where they may differ.
 * Level-triggered: a key stays dirty until wanted and installed agree, whatever happened in between.
 */
import type { SwitchProgram } from '../compiler/program.ts'
import { deltaOf } from '../compiler/delta.ts'
import { ruleKey, sameRule } from '../pipeline/openflow.ts'
import type { Rule } from '../pipeline/rule.ts'
import { operationFor, type Operation } from './plan.ts'

export interface Refusal {
  readonly rule: Rule
  /** The switch's error name, or `FOREIGN_RULE` or `OPERATOR_RULE` when a rule that is not ours holds the place. */
  readonly error: string
  readonly retryAtMs: number
  readonly attempts: number
}

/** What was read from the switch: our rules, and the keys of rules that are not ours, those made by hand apart. */
export interface Installed {
  readonly ours: Map<string, Rule>
  readonly foreign: ReadonlySet<string>
  readonly operators: ReadonlySet<string>
}

const foreignRule = 'FOREIGN_RULE'
const operatorRule = 'OPERATOR_RULE'
const firstRetryMs = 5_000
const longestRetryMs = 600_000

export class SwitchTable {
  readonly #onRefused: (key: string, refusal: Refusal) => void
  readonly #wanted = new Map<string, Rule>()
  readonly #dirty = new Set<string>()
  readonly #refusals = new Map<string, Refusal>()
  #program: SwitchProgram | undefined
  #installed: Installed | undefined

  constructor(onRefused: (key: string, refusal: Refusal) => void = () => undefined) {
    this.#onRefused = onRefused
  }

  get program(): SwitchProgram | undefined {
    return this.#program
  }

  /** False until the switch's own table has been read: nothing may be sent before. */
  get known(): boolean {
    return this.#installed !== undefined
  }

  /** Nothing is known to differ. Refused rules differ. */
  get settled(): boolean {
    return this.known && this.#dirty.size === 0
  }

  get installedCount(): number {
    return this.#installed?.ours.size ?? 0
  }

  get foreignCount(): number {
    return this.#installed?.foreign.size ?? 0
  }

  get operatorCount(): number {
    return this.#installed?.operators.size ?? 0
  }

  get refusals(): ReadonlyMap<string, Refusal> {
    return this.#refusals
  }

  /** Takes the next program; costs what changed in it. */
  want(program: SwitchProgram): void {
    const delta = deltaOf(this.#program, program)
    this.#program = program
    for (const rule of delta.removed) {
      const key = ruleKey(rule)
      const wanted = this.#wanted.get(key)
      // Equal is enough: a rule that was made anew and equal was in no delta, so its predecessor is wanted here.
      if (wanted && sameRule(wanted, rule)) this.#wanted.delete(key)
      this.#touch(key)
    }
    for (const rule of delta.added) {
      const key = ruleKey(rule)
      this.#wanted.set(key, rule)
      this.#touch(key)
    }
  }

  /** Takes what was read from the switch as the truth about it. */
  read(installed: Installed): void {
    this.#installed = installed
    this.#dirty.clear()
    for (const [key, rule] of this.#wanted) {
      const there = installed.ours.get(key)
      if (there && operationFor(key, rule, there) === undefined) installed.ours.set(key, rule)
      else this.#dirty.add(key)
    }
    for (const key of installed.ours.keys()) if (!this.#wanted.has(key)) this.#dirty.add(key)
    for (const [key, { error }] of this.#refusals) {
      const cleared = (error === foreignRule || error === operatorRule) && !holderOf(installed, key)
      if (cleared || !this.#dirty.has(key)) this.#refusals.delete(key)
    }
  }

  /** The session is gone: what the switch has must be read again, and old refusals say nothing any more. */
  forget(): void {
    this.#installed = undefined
    this.#refusals.clear()
    for (const key of this.#dirty) if (!this.#wanted.has(key)) this.#dirty.delete(key)
  }

  /** What to send now. Keys that turn out to agree are forgotten on the way; refused rules wait for their retry. */
  pending(nowMs: number): Operation[] {
    const installed = this.#installed
    if (!installed) return []
    const operations: Operation[] = []
    for (const key of this.#dirty) {
      const wanted = this.#wanted.get(key)
      const operation = operationFor(key, wanted, installed.ours.get(key))
      const refusal = this.#refusals.get(key)
      if (refusal && operation && refusal.retryAtMs > nowMs && sameRule(refusal.rule, operation.rule))
        continue
      if (!operation) {
        this.#dirty.delete(key)
        this.#refusals.delete(key)
        continue
      }
      const holder = operation.op === 'delete' ? undefined : holderOf(installed, key)
      if (holder === undefined) operations.push(operation)
      else this.refuse(operation, holder, nowMs)
    }
    return operations
  }

  /** The rule that is wanted under this key; its owner is known, unlike that of a rule read from the switch. */
  wanted(key: string): Rule | undefined {
    return this.#wanted.get(key)
  }

  /** Whether the operation still leads to what is wanted. */
  wants({ op, key, rule }: Operation): boolean {
    return this.#wanted.get(key) === (op === 'delete' ? undefined : rule)
  }

  /** Owners of rules that are wanted here and not confirmed. */
  unsettled(into: Map<string, 'pending' | 'refused'>): void {
    for (const key of this.#dirty) {
      const wanted = this.#wanted.get(key)
      if (!wanted || !operationFor(key, wanted, this.#installed?.ours.get(key))) continue
      if (this.#refusals.has(key)) into.set(wanted.owner, 'refused')
      else if (!into.has(wanted.owner)) into.set(wanted.owner, 'pending')
    }
  }

  /** The switch confirmed these. */
  confirm(operations: readonly Operation[]): void {
    for (const operation of operations) {
      const { op, key, rule } = operation
      if (op === 'delete') this.#installed?.ours.delete(key)
      else this.#installed?.ours.set(key, rule)
      if (this.wants(operation)) this.#dirty.delete(key)
      this.#refusals.delete(key)
    }
  }

  /** The switch refused this; it is tried again later, ever less often. */
  refuse(operation: Operation, error: string, nowMs: number): void {
    const before = this.#refusals.get(operation.key)
    const attempts = before?.rule === operation.rule ? before.attempts + 1 : 1
    const waitMs = Math.min(firstRetryMs * 2 ** (attempts - 1), longestRetryMs)
    const refusal = { rule: operation.rule, error, attempts, retryAtMs: nowMs + waitMs }
    this.#refusals.set(operation.key, refusal)
    this.#onRefused(operation.key, refusal)
  }

  #touch(key: string): void {
    this.#refusals.delete(key)
    // Of a switch that is away nothing is known: reading it will find what has to go, so that need not be kept in mind.
    if (this.#installed || this.#wanted.has(key)) this.#dirty.add(key)
    else this.#dirty.delete(key)
  }
}

/** Which error a rule of ours gets here, because one that is not ours is in its place. */
function holderOf({ foreign, operators }: Installed, key: string): string | undefined {
  if (operators.has(key)) return operatorRule
  return foreign.has(key) ? foreignRule : undefined
}
