/**
 * Sends what an operator makes by hand to one switch: all of it or nothing, and never into the place of a rule that is
 * not the operator's. What came of it is read from the switch.
 */
import type { FlowEntry, FlowMod } from 'ts-openflow'
import { isOperators } from '../pipeline/cookies.ts'
import { fromFlow, ruleKey } from '../pipeline/openflow.ts'
import type { Owner } from '../pipeline/rule.ts'
import { readInstalled, type ReadResult } from './read.ts'
import type { Installed } from './switch-table.ts'
import type { Refused, Target } from './target.ts'

export type OperatorOutcome =
  | {
      readonly status: 'confirmed'
      readonly added: readonly FlowEntry[]
      readonly deleted: readonly FlowEntry[]
    }
  /** Nothing was sent: a rule with the same table, priority and match is there, or ought to be. */
  | { readonly status: 'taken'; readonly index: number; readonly owner: Owner | 'foreign' | 'withdrawn' }
  /** Nothing is in effect. `failure` is the switch's error when it names no rule. */
  | { readonly status: 'refused'; readonly refused: readonly Refused[]; readonly failure?: string }

export interface Sent {
  readonly outcome: OperatorOutcome
  readonly installed: Installed
}

/** Rejects when the session ends before the switch has answered. */
export async function sendOperators(
  target: Target,
  flows: readonly FlowMod[],
  wanted: (key: string) => Owner | undefined,
): Promise<Sent> {
  const before = await readInstalled(target)
  const taken = takenPlace(flows, before.installed, wanted)
  if (taken) return { outcome: taken, installed: before.installed }
  const answer = await target.commit(withCare(flows, before))
  if (!answer.ok) {
    const { refused, failure } = answer
    const outcome = { status: 'refused', refused, ...(failure !== undefined && { failure }) } as const
    return { outcome, installed: before.installed }
  }
  const after = await readInstalled(target)
  const added = new Set(flows.filter(({ command }) => command === 'add').map(keyOf))
  return {
    outcome: {
      status: 'confirmed',
      added: operatorsIn(after).filter((entry) => added.has(keyOf(entry))),
      deleted: operatorsIn(before).filter((entry) => !after.installed.operators.has(keyOf(entry))),
    },
    installed: after.installed,
  }
}

const keyOf = (flow: FlowMod | FlowEntry): string => ruleKey(fromFlow(flow))

const operatorsIn = ({ entries }: ReadResult): FlowEntry[] =>
  entries.filter(({ cookie }) => isOperators(cookie))

function takenPlace(
  flows: readonly FlowMod[],
  { ours, foreign }: Installed,
  wanted: (key: string) => Owner | undefined,
): OperatorOutcome | undefined {
  for (const [index, flow] of flows.entries()) {
    if (flow.command !== 'add') continue
    const key = keyOf(flow)
    const owner = wanted(key) ?? (ours.has(key) ? 'withdrawn' : foreign.has(key) ? 'foreign' : undefined)
    if (owner !== undefined) return { status: 'taken', index, owner }
  }
  return undefined
}

/**
 * A switch may find two matches equal that do not read the same. Where a rule of somebody else has the same table and
 * priority, it is told to refuse what overlaps, which what is equal does; an operator's own rule may be replaced.
 */
function withCare(flows: readonly FlowMod[], { entries, installed }: ReadResult): FlowMod[] {
  const level = ({ tableId, priority }: FlowMod | FlowEntry) => tableId * 0x10000 + priority
  const others = new Set(entries.filter(({ cookie }) => !isOperators(cookie)).map(level))
  return flows.map((flow) =>
    flow.command === 'add' && others.has(level(flow)) && !installed.operators.has(keyOf(flow))
      ? { ...flow, flags: [...new Set([...flow.flags, 'check_overlap' as const])] }
      : flow,
  )
}
