/** Checks an intent without a controller: compiles it for the world it declares, every port there and every cable up, and proves that. */
import type { Violation } from './api/controller.ts'
import { compile } from './compiler/compiler.ts'
import { rulesOf } from './compiler/delta.ts'
import { declaredWorld } from './compiler/declared-world.ts'
import type { Intent } from './model/intent.ts'
import { Prover } from './prover/prover.ts'
import { violationsOf } from './controller/views.ts'

/** What the compiler and the prover make of an intent. */
export interface ProgramReport {
  readonly switches: number
  readonly rules: number
  readonly violations: readonly Violation[]
}

export function checkProgram(intent: Intent): ProgramReport {
  const observation = declaredWorld(intent)
  const program = compile(intent, observation)
  const violations = violationsOf(new Prover().check(program, intent, observation), intent)
  let rules = 0
  for (const each of program.switches.values()) rules += rulesOf(each).length
  return { switches: program.switches.size, rules, violations }
}
