/**
 * Actions where OpenFlow 1.1 and later have instructions: a flow of 1.0 only has a list of actions, which reads as the
 * one instruction that would apply them, or as none if the list is empty.
 */
import { actionList } from '../actions/actions.ts'
import { type Instruction, type InstructionInput, instructionList } from '../actions/instructions.ts'
import type { Codec } from '../wire/codec.ts'
import { EncodeError, within } from '../wire/errors.ts'
import type { Writer } from '../wire/writer.ts'

export const applyActions: Codec<readonly Instruction[], readonly InstructionInput[]> = {
  read(r) {
    const actions = actionList.read(r)
    return actions.length === 0 ? [] : [{ type: 'apply_actions', actions }]
  },
  write(w, instructions) {
    instructions.forEach((instruction, index) => {
      try {
        writeOne(w, instruction, index)
      } catch (error) {
        throw within(error, `[${index}]`)
      }
    })
  },
}

function writeOne(w: Writer, instruction: InstructionInput, index: number): void {
  if (instruction.type !== 'apply_actions')
    throw new EncodeError('VERSION', `a flow of OpenFlow 1.0 has no ${instruction.type}, only apply_actions`)
  if (index > 0) throw new EncodeError('VERSION', 'a flow of OpenFlow 1.0 has one list of actions')
  try {
    actionList.write(w, instruction.actions)
  } catch (error) {
    throw within(error, 'actions')
  }
}

/** In messages of Nicira's, which every version has: actions in 1.0, instructions from 1.1 on. */
export const niciraInstructions: Codec<readonly Instruction[], readonly InstructionInput[]> = {
  read: (r) => (r.version < 2 ? applyActions : instructionList).read(r),
  write: (w, instructions) => (w.version < 2 ? applyActions : instructionList).write(w, instructions),
}
