/**
 * Actions that write fields. Each version has its own way: set_field from 1.2 on, with a mask from 1.5; actions for single
 * fields before; loads of bits in Nicira's form for all that the version cannot say otherwise.
 */
import type { ActionInput } from '../../../actions/actions.ts'
import type { OxmField } from '../../../fields/oxm.ts'
import { type FieldName, fieldRow, type FieldRow } from '../../../fields/table.ts'
import { fieldNamed } from '../field-names.ts'
import { number, unsigned } from '../number.ts'
import { type Piece, syntaxError } from '../scan.ts'
import { subfield } from '../subfield.ts'
import { bytesIn, ipv4Of, macOf, type Masked, ones, valueOf } from '../value.ts'
import { type ActionContext, type ActionParser, arrow } from './context.ts'

const numeric = (width: number, value: bigint): number | bigint => (width > 6 ? value : Number(value))

/** `in_port` in actions is the field of 16 bits that NXM has. */
function fieldValue({ name, width, variable }: FieldRow, { value, mask }: Masked, wide = false): OxmField {
  const field = name as FieldName
  const whole = mask === ones(width * 8)
  const sized = variable ? { width: Math.max(bytesIn(value), whole ? 0 : bytesIn(mask)) } : {}
  const narrow = field === 'in_port' && !wide ? { oxmClass: 0 } : {}
  const shown = { field, value: variable ? value & mask : numeric(width, value & mask), ...sized, ...narrow }
  return whole ? shown : { ...shown, mask: variable ? mask : numeric(width, mask) }
}

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
function loads(row: FieldRow, { value, mask }: Masked, wide = false): readonly ActionInput[] {
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
function legacyTag(tci: number, { version, hasVlan }: ActionContext): readonly ActionInput[] {
  if ((tci & 0x1000) === 0) return [{ type: version === 1 ? 'strip_vlan' : 'pop_vlan' }]
  const set: readonly ActionInput[] = [
    { type: 'set_vlan_vid', vlanVid: tci & 0xfff },
    { type: 'set_vlan_pcp', vlanPcp: tci >>> 13 },
  ]
  return version === 1 || hasVlan ? set : [{ type: 'push_vlan', ethertype: 0x8100 }, ...set]
}

const setFieldText: ActionParser = (arg, context) => {
  const [word, key] = arrow(arg)
  const row = fieldNamed(key.text)
  if (row === undefined) throw syntaxError(key, `"${key.text}" is no field that can be set`)
  if (row.readOnly) throw syntaxError(key, `${key.text} cannot be set`)
  const bits = row.width * 8
  const masked = valueOf(word, { name: row.name, format: row.format, bits })
  checkBits(row, masked.value, word)
  const done = setField(row, masked, context, key.text === 'in_port_oxm')
  if (row.name === 'vlan_tci') context.hasVlan = (masked.value & 0x1000n) !== 0n
  return done
}

/** What a field has bits for; a VLAN number may have the bit "present" too. */
function checkBits({ name, bits, width }: FieldRow, value: bigint, word: Piece): void {
  const most = name === 'vlan_vid' ? 13 : (bits ?? width * 8)
  const extra = name === 'nw_tos' ? 3n : 0n
  if ((value & ~ones(most)) !== 0n || (value & extra) !== 0n)
    throw syntaxError(word, `${word.text} is no value for ${name}`)
}

const load: ActionParser = (arg, { version }) => {
  const [word, key] = arrow(arg)
  const { field, offset, nBits, oxmClass } = subfield(key)
  const row = fieldRow(field)
  if (row === undefined || row.readOnly) throw syntaxError(key, `${key.text} cannot be set`)
  const value = unsigned(word, nBits, key.text) << BigInt(offset)
  const full = offset === 0 && nBits === (row.bits ?? row.width * 8)
  const mask = full && version >= 6 ? wholeMask(row) : ones(nBits) << BigInt(offset)
  if (version >= 6)
    return [{ type: 'set_field', field: fieldValue(row, { value, mask }, oxmClass !== undefined) }]
  return loads(row, { value, mask }, oxmClass !== undefined)
}

/** All the bits that a field uses: of a field with unused ones, a mask still. */
const wholeMask = ({ bits, width }: FieldRow): bigint => ones(bits ?? width * 8)

/** The action of a field, by its value; `set_field` in disguise from 1.2 on. */
const field =
  (name: FieldName, read: (word: Piece) => bigint): ActionParser =>
  (arg, context) => {
    const row = fieldRow(name)
    if (row === undefined) throw syntaxError(arg, `there is no ${name}`)
    return setField(row, { value: read(arg), mask: ones(row.width * 8) }, context)
  }

const bounded =
  (bits: number, what: string, forbidden = 0n) =>
  (word: Piece): bigint => {
    const value = unsigned(word, bits, what)
    if ((value & forbidden) !== 0n) throw syntaxError(word, `${word.text} is no ${what}`)
    return value
  }

/** 1.0 has one action for TCP's and UDP's ports; later the match says whose they are. */
const transport =
  (side: 'src' | 'dst'): ActionParser =>
  (arg, context) => {
    const port = number(arg, 16, 'a port')
    if (context.version < 3) return [{ type: side === 'src' ? 'set_tp_src' : 'set_tp_dst', port }]
    const protocol = ipProtocols.get(context.ipProtocol) ?? 'tcp'
    return [{ type: 'set_field', field: { field: `${protocol}_${side}`, value: port } }]
  }

const ipProtocols: ReadonlyMap<number, 'tcp' | 'udp' | 'sctp'> = new Map([
  [6, 'tcp'],
  [17, 'udp'],
  [132, 'sctp'],
])

const vlan =
  (part: 'vid' | 'pcp', pushes: boolean): ActionParser =>
  (arg, context) => {
    const value = number(arg, part === 'vid' ? 12 : 3, part === 'vid' ? 'a VLAN' : 'a VLAN priority')
    const { version, hasVlan } = context
    const push: readonly ActionInput[] =
      pushes && version >= 2 && !hasVlan ? [{ type: 'push_vlan', ethertype: 0x8100 }] : []
    context.hasVlan = true
    return [...push, vlanPart(part, value, version)]
  }

function vlanPart(part: 'vid' | 'pcp', value: number, version: number): ActionInput {
  if (part === 'vid')
    return version < 3
      ? { type: 'set_vlan_vid', vlanVid: value }
      : { type: 'set_field', field: { field: 'vlan_vid', value: value | 0x1000 } }
  return version < 3
    ? { type: 'set_vlan_pcp', vlanPcp: value }
    : { type: 'set_field', field: { field: 'vlan_pcp', value } }
}

const ttl: ActionParser = (arg, { version }) => {
  const value = number(arg, 8, 'a TTL')
  if (version >= 2) return [{ type: 'set_nw_ttl', ttl: value }]
  return [{ type: 'nx_reg_load', bits: { offset: 0, nBits: 8 }, dst: 'nw_ttl', value: BigInt(value) }]
}

const ecn: ActionParser = (arg, context) => {
  const value = bounded(8, 'an ECN', 0xfcn)(arg)
  if (context.version === 1)
    return [{ type: 'nx_reg_load', bits: { offset: 0, nBits: 2 }, dst: 'ip_ecn', value }]
  return field('ip_ecn', () => value)(arg, context)
}

const tos: ActionParser = (arg, context) => {
  const value = bounded(8, 'a TOS', 3n)(arg)
  return field('ip_dscp', () => value >> 2n)(arg, context)
}

const mplsLabel: ActionParser = (arg, { version }) => {
  const label = number(arg, 20, 'an MPLS label')
  if (version < 3) return [{ type: 'set_mpls_label', label }]
  return [{ type: 'set_field', field: { field: 'mpls_label', value: label } }]
}

const mplsTrafficClass: ActionParser = (arg, { version }) => {
  const tc = number(arg, 3, 'an MPLS traffic class')
  if (version < 3) return [{ type: 'set_mpls_tc', tc }]
  return [{ type: 'set_field', field: { field: 'mpls_tc', value: tc } }]
}

const tunnel =
  (wide: boolean): ActionParser =>
  (arg, { version }) => {
    const tunnelId = unsigned(arg, 64, 'a tunnel')
    if (version >= 3) return [{ type: 'set_field', field: { field: 'tunnel_id', value: tunnelId } }]
    if (wide || tunnelId > 0xffff_ffffn) return [{ type: 'nx_set_tunnel64', tunnelId }]
    return [{ type: 'nx_set_tunnel', tunnelId: Number(tunnelId) }]
  }

export const setActions: Readonly<Record<string, ActionParser>> = {
  set_field: setFieldText,
  load,
  mod_vlan_vid: vlan('vid', true),
  mod_vlan_pcp: vlan('pcp', true),
  set_vlan_vid: vlan('vid', false),
  set_vlan_pcp: vlan('pcp', false),
  mod_dl_src: field('eth_src', macOf),
  mod_dl_dst: field('eth_dst', macOf),
  mod_nw_src: field('ipv4_src', ipv4Of),
  mod_nw_dst: field('ipv4_dst', ipv4Of),
  mod_nw_tos: tos,
  mod_nw_ecn: ecn,
  mod_nw_ttl: ttl,
  set_nw_ttl: ttl,
  mod_tp_src: transport('src'),
  mod_tp_dst: transport('dst'),
  set_mpls_label: mplsLabel,
  set_mpls_tc: mplsTrafficClass,
  set_mpls_ttl: (arg) => [{ type: 'set_mpls_ttl', ttl: number(arg, 8, 'an MPLS TTL') }],
  set_tunnel: tunnel(false),
  set_tunnel64: tunnel(true),
}
