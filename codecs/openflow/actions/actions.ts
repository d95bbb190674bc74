/**
 * The actions as one table: OpenFlow's own and the Nicira extensions that have a meaning here; every other action
 * reads as `experimenter` or `unknown` with its bytes.
 */
import type { Codec } from '../wire/codec.ts'
import { EncodeError, versionName } from '../wire/errors.ts'
import { untilEnd } from '../wire/lists.ts'
import { reservedPort } from '../common/names.ts'
import { pad, port16, u16, u32, u64, u8, withDefault } from '../wire/scalars.ts'
import { extension, type TlvIn, type TlvOut, tlvUnion, variant } from '../wire/tlv.ts'
import { fieldHeader, niciraFieldHeader, oxmField, type OxmField } from '../fields/oxm.ts'

export const niciraId = 0x0000_2320

/** Length that asks for the whole packet. */
export const wholePacket = 0xffff

const nicira = (subtype: number, versions: { until?: number } = {}) => ({
  experimenter: niciraId,
  subtype,
  ...versions,
})

/** Below 1.5 a set-field writes the whole field. */
const settableField: Codec<OxmField> = {
  ...oxmField,
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

/** Offset and count of bits in one number: `offset << 6 | count - 1`. */
const bitRange: Codec<{ readonly offset: number; readonly nBits: number }> = {
  read(r) {
    const packed = r.u16()
    return { offset: packed >>> 6, nBits: (packed & 0x3f) + 1 }
  },
  write(w, { offset, nBits }) {
    if (nBits < 1 || nBits > 64) throw new EncodeError('RANGE', `${nBits} bits cannot be loaded at once`)
    w.u16((offset << 6) | (nBits - 1))
  },
}

const actionVariants = [
  variant('output', 0, { port: u32, maxLen: withDefault(u16, wholePacket), _: pad(6) }),
  variant('copy_ttl_out', 11, { _: pad(4) }),
  variant('copy_ttl_in', 12, { _: pad(4) }),
  variant('set_mpls_ttl', 15, { ttl: u8, _: pad(3) }),
  variant('dec_mpls_ttl', 16, { _: pad(4) }),
  variant('push_vlan', 17, { ethertype: u16, _: pad(2) }),
  variant('pop_vlan', 18, { _: pad(4) }),
  variant('push_mpls', 19, { ethertype: u16, _: pad(2) }),
  variant('pop_mpls', 20, { ethertype: u16, _: pad(2) }),
  variant('set_queue', 21, { queueId: u32 }),
  variant('group', 22, { groupId: u32 }),
  variant('set_nw_ttl', 23, { ttl: u8, _: pad(3) }),
  variant('dec_nw_ttl', 24, { _: pad(4) }),
  variant('set_field', 25, { field: settableField }),
  variant('push_pbb', 26, { ethertype: u16, _: pad(2) }),
  variant('pop_pbb', 27, { _: pad(4) }),
  variant(
    'copy_field',
    28,
    { nBits: u16, srcOffset: u16, dstOffset: u16, _: pad(2), src: fieldHeader, dst: fieldHeader },
    { since: 6 },
  ),
  variant('meter', 29, { meterId: u32 }, { since: 6 }),
  extension('nx_resubmit', nicira(1), { port: port16, _: pad(4) }),
  // From 1.5 on copy_field and the masked set_field take the place of move and load.
  extension('nx_reg_move', nicira(6, { until: 5 }), {
    nBits: u16,
    srcOffset: u16,
    dstOffset: u16,
    src: niciraFieldHeader,
    dst: niciraFieldHeader,
  }),
  extension('nx_reg_load', nicira(7, { until: 5 }), {
    bits: bitRange,
    dst: niciraFieldHeader,
    value: u64,
  }),
  extension('nx_resubmit_table', nicira(14), {
    port: withDefault(port16, reservedPort.inPort),
    tableId: u8,
    _: pad(3),
  }),
  extension('nx_controller', nicira(20), {
    maxLen: withDefault(u16, wholePacket),
    controllerId: withDefault(u16, 0),
    /** A packet-in reason: 1 is "action". */
    reason: withDefault(u8, 1),
    _: pad(1),
  }),
] as const

export type Action = TlvOut<(typeof actionVariants)[number]>
export type ActionInput = TlvIn<(typeof actionVariants)[number]>

export const action: Codec<Action, ActionInput> = tlvUnion(actionVariants, {
  align: 8,
  lengthCountsPadding: true,
  subtypeBits: 16,
})

export const actionList: Codec<readonly Action[], readonly ActionInput[]> = untilEnd(action)
