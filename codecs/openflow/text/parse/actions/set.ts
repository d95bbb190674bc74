/** Actions that write fields, in ovs-ofctl's syntax. */
import type { ActionInput } from '../../../actions/actions.ts'
import { type FieldName, fieldRow, type FieldRow } from '../../../fields/table.ts'
import { fieldNamed } from '../field-names.ts'
import { number, unsigned } from '../number.ts'
import { isPlain } from '../plain-fields.ts'
import { type Piece, syntaxError } from '../scan.ts'
import { subfield } from '../subfield.ts'
import { ipv4Of, macOf, ones, valueOf } from '../value.ts'
import { withOuterTag } from '../packet-state.ts'
import { type ActionContext, type ActionParser, arrow, hasTag, ipProtocolOf } from './context.ts'
import { fieldValue, loads, setField } from './field-writes.ts'
import { checkPlace, checkSource } from './fitness.ts'

const setFieldText: ActionParser = (arg, context) => {
  const [word, key] = arrow(arg)
  const row = fieldNamed(key.text)
  if (row === undefined) throw syntaxError(key, `"${key.text}" is no field that can be set`)
  if (row.readOnly) throw syntaxError(key, `${key.text} cannot be set`)
  const bits = row.width * 8
  const masked = valueOf(word, { name: row.name, format: row.format, bits })
  checkBits(row, masked.value, word)
  const isWide = key.text === 'in_port_oxm'
  const field = isWide ? key.text : (row.name as FieldName)
  if (!isPlain(1, { field, mask: ones(bits), bits })) context.form.wantsNxm = true
  checkField(row, context, key)
  const done = setField(row, masked, context, isWide)
  noteTag(row, masked.value, context)
  return done
}

/** The whole tag takes one on or off; the number alone needs one. */
function checkField(row: FieldRow, context: ActionContext, at: Piece): void {
  const field = row.name as FieldName
  checkPlace(field, context, at)
  checkSource({ field }, context, at)
  if (field === 'vlan_vid' && context.packet !== undefined && !hasTag(context))
    throw syntaxError(at, 'the match does not say that there is a VLAN tag')
}

function noteTag({ name }: FieldRow, value: bigint, context: ActionContext): void {
  if (name === 'vlan_tci' && context.packet !== undefined)
    context.packet = withOuterTag(context.packet, (value & 0x1000n) !== 0n)
}

/** What a field has bits for; a VLAN number may have the bit "present" too. */
function checkBits({ name, bits, width }: FieldRow, value: bigint, word: Piece): void {
  const most = name === 'vlan_vid' ? 13 : (bits ?? width * 8)
  const extra = name === 'nw_tos' ? 3n : 0n
  if ((value & ~ones(most)) !== 0n || (value & extra) !== 0n)
    throw syntaxError(word, `${word.text} is no value for ${name}`)
}

const load: ActionParser = (arg, context) => {
  const { version } = context
  const [word, key] = arrow(arg)
  const { field, offset, nBits, oxmClass } = subfield(key)
  const row = fieldRow(field)
  if (row === undefined || row.readOnly) throw syntaxError(key, `${key.text} cannot be set`)
  const value = unsigned(word, nBits, key.text) << BigInt(offset)
  checkField(row, context, key)
  noteTag(row, value, context)
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
    const protocol = ipProtocols.get(ipProtocolOf(context)) ?? 'tcp'
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
    const { version, packet } = context
    const push: readonly ActionInput[] =
      pushes && version >= 2 && !hasTag(context) ? [{ type: 'push_vlan', ethertype: 0x8100 }] : []
    if (packet !== undefined) context.packet = withOuterTag(packet, true)
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
