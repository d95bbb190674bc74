/** Actions that write, copy, push and delete match fields. */
import { niciraField, oxmField, type OxmField } from '../fields/oxm.ts'
import { copiedFields, looseField, namedField, packedField } from '../fields/named-field.ts'
import { paddedReference } from '../fields/subfield.ts'
import type { Codec } from '../wire/codec.ts'
import { EncodeError, versionName } from '../wire/errors.ts'
import { pad, u16, u64 } from '../wire/scalars.ts'
import { extension, variant } from '../wire/tlv.ts'
import { nicira, onf } from './experimenters.ts'

/** Below 1.5 a set-field writes the whole field. */
const settableField: Codec<OxmField> = {
  read(r) {
    const at = r.pos
    const field = oxmField.read(r)
    if (field.mask !== undefined && r.version < 6)
      throw r.fail('VALUE', 'a mask in set_field needs OpenFlow 1.5', at)
    return field
  },
  write(w, field) {
    if (field.mask !== undefined && w.version < 6) {
      throw new EncodeError(
        'VERSION',
        `${versionName(w.version)} cannot carry a mask in set_field (${field.field})`,
      )
    }
    oxmField.write(w, field)
  },
}

const copied = { nBits: u16, srcOffset: u16, dstOffset: u16 } as const
const until14 = { until: 5 } as const

export const fieldVariants = [
  /** OF 1.3.5 7.2.5 */
  variant('set_field', 25, { field: settableField }, { since: 3 }),
  /** OF 1.5.1 7.2.6.4 */
  variant('copy_field', 28, { ...copied, _: pad(2), fields: copiedFields('usual') }, { since: 6 }),
  /** What the Open Networking Foundation defined for 1.3 before. */
  extension('copy_field', onf(3200, { since: 4, until: 5 }), {
    _: pad(2),
    ...copied,
    _1: pad(2),
    fields: copiedFields('usual'),
  }),
  // From 1.5 on copy_field and the masked set_field take the place of move and load.
  extension('nx_reg_move', nicira(6, until14), { ...copied, fields: copiedFields('oldest') }),
  extension('nx_reg_load', nicira(7, until14), { dst: packedField('dst'), value: u64 }),
  /** A set_field with a mask, for versions whose own has none. */
  extension('nx_reg_load2', nicira(33, until14), { field: niciraField }),
  /** Only 1.0 takes it: later versions have an instruction. */
  extension('nx_write_metadata', nicira(22), { _: pad(6), metadata: u64, metadataMask: u64 }),
  extension('nx_stack_push', nicira(27), { src: looseField('src') }),
  extension('nx_stack_pop', nicira(28), { dst: looseField('dst') }),
  /** Whether the packet is longer than `pktLen`, into one bit. */
  extension('nx_check_pkt_larger', nicira(49), { pktLen: u16, dstOffset: u16, dst: namedField('dst') }),
  extension('nx_delete_field', nicira(50), { field: paddedReference(14) }),
] as const
