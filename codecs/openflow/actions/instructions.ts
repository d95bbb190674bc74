/** The instructions as one table. From OpenFlow 1.5 on the meter is an action instead. */
import type { Codec } from '../wire/codec.ts'
import { untilEnd } from '../wire/lists.ts'
import { pad, u32, u64, u8, withDefault } from '../wire/scalars.ts'
import { type TlvIn, type TlvOut, tlvUnion, variant } from '../wire/tlv.ts'
import { actionList } from './actions.ts'

const allBits = 0xffff_ffff_ffff_ffffn

const instructionVariants = [
  variant('goto_table', 1, { tableId: u8, _: pad(3) }),
  variant('write_metadata', 2, {
    _: pad(4),
    metadata: u64,
    metadataMask: withDefault(u64, allBits),
  }),
  variant('write_actions', 3, { _: pad(4), actions: actionList }),
  variant('apply_actions', 4, { _: pad(4), actions: actionList }),
  variant('clear_actions', 5, { _: pad(4) }),
  variant('meter', 6, { meterId: u32 }, { until: 5 }),
] as const

export type Instruction = TlvOut<(typeof instructionVariants)[number]>
export type InstructionInput = TlvIn<(typeof instructionVariants)[number]>

export const instruction: Codec<Instruction, InstructionInput> = tlvUnion(instructionVariants, {
  align: 8,
  lengthCountsPadding: true,
  subtypeBits: 32,
})

export const instructionList: Codec<readonly Instruction[], readonly InstructionInput[]> =
  untilEnd(instruction)
