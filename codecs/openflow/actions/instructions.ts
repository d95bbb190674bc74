/** The instructions as one table. From OpenFlow 1.5 on the meter is an action instead. */
import type { Codec } from '../wire/codec.ts'
import { untilEnd } from '../wire/lists.ts'
import { flagsOf, pad, u32, u64, u8, withDefault } from '../wire/scalars.ts'
import { padded, type TlvIn, type TlvOut, variant } from '../wire/tlv.ts'
import { tlvUnion } from '../wire/tlv-union.ts'
import { type OxsField, statsFields } from '../v15/oxs.ts'
import { actionList } from './actions.ts'

const allBits = 0xffff_ffff_ffff_ffffn

/** `ofp_stats` (OF 1.5.1 7.2.4.1): a list with its own length, padded to a multiple of 8. */
const thresholds: Codec<readonly OxsField[]> = {
  read(r) {
    const start = r.pos
    const outer = r.end
    r.take(2)
    const length = r.u16()
    const next = start + padded(length, 8)
    if (length < 4 || next > outer)
      throw r.fail('LENGTH', `a statistics length of ${length} is impossible here`, start)
    r.end = start + length
    const fields = statsFields.read(r)
    r.pos = next
    r.end = outer
    return fields
  },
  write(w, fields) {
    const start = w.pos
    w.zeros(4)
    statsFields.write(w, fields)
    w.patchLength(start + 2, w.pos - start)
    w.align(start, 8)
  },
}

export const instructionVariants = [
  /** OF 1.3.5 7.2.4, as all up to `meter`. */
  variant('goto_table', 1, { tableId: u8, _: pad(3) }),
  variant('write_metadata', 2, {
    _: pad(4),
    metadata: u64,
    metadataMask: withDefault(u64, allBits),
  }),
  variant('write_actions', 3, { _: pad(4), actions: actionList }),
  variant('apply_actions', 4, { _: pad(4), actions: actionList }),
  variant('clear_actions', 5, { _: pad(4) }),
  variant('meter', 6, { meterId: u32 }, { since: 4, until: 5 }),
  /** OF 1.5.1 7.2.5: tells the controller when the flow's statistics pass these. */
  variant(
    'stat_trigger',
    7,
    { flags: withDefault(flagsOf(u32, { periodic: 0, only_first: 1 }), []), thresholds },
    { since: 6 },
  ),
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
