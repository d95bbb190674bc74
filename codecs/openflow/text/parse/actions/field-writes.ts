/**
 * A field written, in the words of the version: set_field from 1.2 on, with a mask from 1.5; actions for single fields
 * before; loads of bits in Nicira's form for all that the version cannot say otherwise.
 */
import type { ActionInput } from '../../../actions/actions.ts'
import type { OxmField } from '../../../fields/oxm.ts'
import type { FieldName, FieldRow } from '../../../fields/table.ts'
import { bytesIn, type Masked, ones } from '../value.ts'
import { type ActionContext, hasTag } from './context.ts'

const numeric = (width: number, value: bigint): number | bigint => (width > 6 ? value : Number(value))

/** `in_port` in actions is the field of 16 bits that NXM has. */
export function fieldValue(
  { name, width, variable }: FieldRow,
  { value, mask }: Masked,
  wide = false,
): OxmField {
  const field = name as FieldName
  const isNarrow = field === 'in_port' && !wide
  const whole = mask === ones(width * 8) || (isNarrow && mask === ones(16))
  const sized = variable ? { width: Math.max(bytesIn(value), whole ? 0 : bytesIn(mask)) } : {}
  const narrow = isNarrow ? { oxmClass: 0 } : {}
  const bits = isNarrow ? widePort(value & mask) : value & mask
  const shown = { field, value: variable ? bits : numeric(width, bits), ...sized, ...narrow }
  if (whole) return shown
  const compared = isNarrow ? widePort(mask) : mask
  return { ...shown, mask: variable ? compared : numeric(width, compared) }
}

/** The reserved ports of 16 bits are the last of 32. */
const widePort = (port: bigint): bigint => (port >= 0xff00n && port <= 0xffffn ? port + 0xffff_0000n : port)

/** What is written, in the words of the version. */
export function setField(
  row: FieldRow,
  masked: Masked,
  context: ActionContext,
  wide = false,
): readonly ActionInput[] {
  const { version } = context
  const whole = masked.mask === ones(row.width * 8)
  if (version >= 6 || (version >= 3 && whole))
    return [{ type: 'set_field', field: fieldValue(row, masked, wide) }]
  return (version < 3 ? legacy(row, masked, context) : undefined) ?? loads(row, masked, wide)
}

/** Nicira's form: one load for each run of bits, of 64 at most. */
export function loads(row: FieldRow, { value, mask }: Masked, wide = false): readonly ActionInput[] {
  const field = row.name as FieldName
  if (row.forms[0].experimenter !== undefined || row.variable)
    return [{ type: 'nx_reg_load2', field: fieldValue(row, { value, mask }) }]
  // Nicira's `in_port` has 16 bits.
  const bits = row.name === 'in_port' && !wide ? 16 : (row.bits ?? row.width * 8)
  const found: ActionInput[] = []
  const isSet = (bit: number): boolean => ((mask >> BigInt(bit)) & 1n) === 1n
  for (let offset = 0; offset < bits; ) {
    if (!isSet(offset)) {
      offset++
      continue
    }
    let end = offset + 1
    while (end < bits && end < offset + 64 && isSet(end)) end++
    const part = (value >> BigInt(offset)) & ones(end - offset)
    found.push({
      type: 'nx_reg_load',
      bits: { offset, nBits: end - offset },
      dst: field,
      ...(wide ? { dstOxmClass: 0x8000 } : {}),
      value: part,
    })
    offset = end
  }
  return found
}

const octet = (value: bigint): number => Number(value & 0xffn)

/** The actions of 1.0 and 1.1 for single fields; undefined for fields that have none. */
function legacy(
  row: FieldRow,
  { value }: Masked,
  context: ActionContext,
): readonly ActionInput[] | undefined {
  const whole = Number(value & 0xffff_ffff_ffffn)
  switch (row.name) {
    case 'vlan_tci':
      return legacyTag(Number(value), context)
    case 'vlan_vid':
      return [{ type: 'set_vlan_vid', vlanVid: whole & 0xfff }]
    case 'vlan_pcp':
      return [{ type: 'set_vlan_pcp', vlanPcp: octet(value) }]
    case 'eth_src':
      return [{ type: 'set_dl_src', address: whole }]
    case 'eth_dst':
      return [{ type: 'set_dl_dst', address: whole }]
    case 'ipv4_src':
      return [{ type: 'set_nw_src', address: whole }]
    case 'ipv4_dst':
      return [{ type: 'set_nw_dst', address: whole }]
    case 'nw_tos':
      return [{ type: 'set_nw_tos', tos: octet(value) }]
    case 'ip_dscp':
      return [{ type: 'set_nw_tos', tos: octet(value << 2n) }]
    case 'ip_ecn':
      return context.version === 2 ? [{ type: 'set_nw_ecn', ecn: octet(value) }] : undefined
    case 'tcp_src':
    case 'udp_src':
      return [{ type: 'set_tp_src', port: whole }]
    case 'tcp_dst':
    case 'udp_dst':
      return [{ type: 'set_tp_dst', port: whole }]
    default:
      return undefined
  }
}

/** A whole tag: with the bit "present" it is set, without it taken off. */
function legacyTag(tci: number, context: ActionContext): readonly ActionInput[] {
  if ((tci & 0x1000) === 0) return [{ type: context.version === 1 ? 'strip_vlan' : 'pop_vlan' }]
  const set: readonly ActionInput[] = [
    { type: 'set_vlan_vid', vlanVid: tci & 0xfff },
    { type: 'set_vlan_pcp', vlanPcp: tci >>> 13 },
  ]
  return context.version === 1 || hasTag(context) ? set : [{ type: 'push_vlan', ethertype: 0x8100 }, ...set]
}
