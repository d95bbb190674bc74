/** Actions and instructions in ovs-ofctl syntax. */
import type { Action } from '../actions/actions.ts'
import type { Instruction } from '../actions/instructions.ts'

export function showActions(list: readonly Action[]): string {
  return list.map((one) => one.type).join(',')
}

export function showInstructions(list: readonly Instruction[]): string {
  return list.map((one) => one.type).join(',')
}
