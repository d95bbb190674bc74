/** Sends a plan: all of it as one transaction, or, when something in it is refused, each step by itself, so that one does not hold up the rest. */
import { isStale, type Operation, type TransactionOutcome } from '../../../codecs/ovsdb/index.ts'
import type { PlanStep } from './plan.ts'
import { on } from './tables.ts'

export type Transact = (operations: readonly Operation[]) => Promise<TransactionOutcome>

export interface Applied {
  readonly done: readonly PlanStep[]
  readonly refused: readonly { readonly step: PlanStep; readonly error: string }[]
  /** Something had changed since the plan was made: make another. */
  readonly stale: boolean
  /** What vswitchd's `cur_cfg` will be when it has taken what was done. */
  readonly nextCfg: number | undefined
}

/** Asks vswitchd to tell when it has got so far, as ovs-vsctl does. */
const mark: readonly Operation[] = [
  on.mutate('Open_vSwitch', [], [['next_cfg', '+=', 1]]),
  on.select('Open_vSwitch', [], ['next_cfg']),
]

function nextCfgOf(outcome: Extract<TransactionOutcome, { ok: true }>): number | undefined {
  const row = outcome.results.at(-1)?.rows?.[0]
  const value = typeof row === 'object' && row !== null && 'next_cfg' in row ? row.next_cfg : undefined
  return typeof value === 'number' ? value : undefined
}

/** Rejects as `transact` does. */
export async function applyPlan(steps: readonly PlanStep[], transact: Transact): Promise<Applied> {
  const operations = [...steps.flatMap((step) => step.operations), ...mark]
  const outcome = await transact(operations)
  if (outcome.ok) return { done: steps, refused: [], stale: false, nextCfg: nextCfgOf(outcome) }
  if (isStale(outcome, operations)) return { done: [], refused: [], stale: true, nextCfg: undefined }
  const [only] = steps
  if (only && steps.length === 1) {
    return { done: [], refused: [{ step: only, error: errorOf(outcome) }], stale: false, nextCfg: undefined }
  }
  return applyEach(steps, transact)
}

async function applyEach(steps: readonly PlanStep[], transact: Transact): Promise<Applied> {
  let all: Applied = { done: [], refused: [], stale: false, nextCfg: undefined }
  for (const step of steps) {
    const one = await applyPlan([step], transact)
    all = {
      done: [...all.done, ...one.done],
      refused: [...all.refused, ...one.refused],
      stale: all.stale || one.stale,
      nextCfg: one.nextCfg ?? all.nextCfg,
    }
  }
  return all
}

function errorOf({ error, details }: Extract<TransactionOutcome, { ok: false }>): string {
  return details === '' ? error : `${error}: ${details}`
}
