/** What is told of rules that an observation would need and that cannot be proved. */
import type { Violation } from '../api/controller.ts'
import type { Intent } from '../model/intent.ts'
import type { RuleViolation } from '../prover/prover.ts'
import { violationsOf } from './views.ts'

export function unproved(
  untypable: readonly RuleViolation[],
  intent: Intent,
): { readonly violations: readonly Violation[]; readonly detail: string } {
  return {
    violations: violationsOf(untypable, intent),
    detail: 'rules for what was observed; those before it stay',
  }
}
