/**
 * Sends a plan to one switch and says what came of each operation.
 * A refused rule does not hold up the rest: a bundle that failed because of it is sent again without it.
 */
import type { FlowMod } from 'ts-openflow'
import { toFlowMod } from '../pipeline/openflow.ts'
import { inOrder, type Operation } from './plan.ts'
import type { Refused, Target } from './target.ts'

export interface SendResult {
  readonly confirmed: readonly Operation[]
  readonly refused: readonly { readonly operation: Operation; readonly error: string }[]
}

/** A switch names one culprit per failed bundle; after this many we ask about every rule at once, without a bundle. */
const bundleAttempts = 3

/** Rejects when the session ends before the switch has answered: then nothing is known of these operations. */
export async function sendPlan(target: Target, operations: readonly Operation[]): Promise<SendResult> {
  const confirmed: Operation[] = []
  const refused: { operation: Operation; error: string }[] = []
  let rest = inOrder(operations)
  for (let attempt = 1; rest.length > 0 && attempt <= bundleAttempts; attempt++) {
    const outcome = await target.commitAccepted(rest.map((operation) => flowMod(operation, target.version)))
    if (outcome.ok) return { confirmed: [...confirmed, ...rest], refused }
    confirmed.push(...without(rest, outcome.refused, { to: outcome.applied }))
    refused.push(...refusals(rest, outcome.refused))
    rest = without(rest, outcome.refused, { from: outcome.applied })
    // A failure that names no rule cannot be cured by leaving one out.
    if (outcome.refused.length === 0) break
  }
  if (rest.length === 0) return { confirmed, refused }
  const errors = await target.commitEach(rest.map((operation) => flowMod(operation, target.version)))
  return {
    confirmed: [...confirmed, ...without(rest, errors)],
    refused: [...refused, ...refusals(rest, errors)],
  }
}

function refusals(sent: readonly Operation[], errors: readonly Refused[]): SendResult['refused'] {
  return errors.flatMap(({ index, error }) => {
    const operation = sent[index]
    return operation ? [{ operation, error }] : []
  })
}

/** Those from a position on and before another that are not refused. */
function without(
  sent: readonly Operation[],
  errors: readonly Refused[],
  { from = 0, to = sent.length }: { readonly from?: number; readonly to?: number } = {},
): Operation[] {
  const refused = new Set(errors.map(({ index }) => index))
  return sent.filter((_, index) => index >= from && index < to && !refused.has(index))
}

/** Adding replaces what has the same match and gives it the new cookie, which a modify command would not. */
function flowMod(operation: Operation, version: number): FlowMod {
  return toFlowMod(operation.rule, version, operation.op === 'delete' ? 'delete_strict' : 'add')
}
