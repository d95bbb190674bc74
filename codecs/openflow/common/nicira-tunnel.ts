/**
 * Which tunnel options (Geneve and the like) the fields `tun_metadata0` to `tun_metadata63` stand for: Open vSwitch
 * nicira-ext, NXT_TLV_TABLE_MOD and its relatives.
 */
import { untilEnd } from '../wire/lists.ts'
import { enumOf, pad, u16, u32, u8, withDefault } from '../wire/scalars.ts'
import { struct } from '../wire/struct.ts'
import { niciraMessage } from './nicira-places.ts'

/** `index` is the field's number; the length, in bytes, is a multiple of 4. */
const mappings = untilEnd(
  struct({ optionClass: u16, optionType: u8, optionLength: u8, index: u16, _: pad(2) }),
)

export const nxTlvTableMod = niciraMessage('nx_tlv_table_mod', 24, {
  command: enumOf(u16, { add: 0, delete: 1, clear: 2 }),
  _: pad(6),
  mappings: withDefault(mappings, []),
})

export const nxTlvTableRequest = niciraMessage('nx_tlv_table_request', 25, {})

/** How many bytes of options and how many fields there can be, and what is mapped. */
export const nxTlvTableReply = niciraMessage('nx_tlv_table_reply', 26, {
  maxOptionSpace: u32,
  maxFields: u16,
  _: pad(10),
  mappings: withDefault(mappings, []),
})
