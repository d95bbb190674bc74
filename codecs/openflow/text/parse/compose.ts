/** Slots to a match of one version: the fields in the order in which Open vSwitch sends them. */
import type { Match, OxmField } from '../../fields/oxm.ts'
import { type FieldName, fieldRow } from '../../fields/table.ts'
import { etherType, registers, type Slots, slotOf, vlanBits } from './slots.ts'
import { bytesIn, type Masked, ones } from './value.ts'

/** 1.0 and 1.1 have matches of fixed fields, of Ethernet alone; NXM and OXM write a VLAN tag and a TOS in other ways. */
export type MatchForm = 'fixed' | 'nxm' | 'oxm'

export const formOf = (version: number, nxm: boolean): MatchForm =>
  version >= 3 ? 'oxm' : version === 1 && nxm ? 'nxm' : 'fixed'

const hasWideRegisters = (version: number): boolean => version >= 6

type Add = (field: FieldName, part: Masked) => void

function numeric(width: number, value: bigint): number | bigint {
  return width > 6 ? value : Number(value)
}

/** The field with its mask, unless nothing is compared. */
export function oxmOf(field: FieldName, { value, mask }: Masked): OxmField | undefined {
  const row = fieldRow(field)
  if (row === undefined || (mask === 0n && !row.variable)) return undefined
  if (row.variable) return variableField(field, row.width, { value, mask })
  const whole = mask === ones(row.width * 8)
  const shown = numeric(row.width, value & mask)
  return whole ? { field, value: shown } : { field, value: shown, mask: numeric(row.width, mask) }
}

/** A field of variable width is as wide as its value and mask need. */
function variableField(field: FieldName, most: number, { value, mask }: Masked): OxmField {
  const whole = mask === ones(most * 8)
  const width = whole ? bytesIn(value) : Math.max(bytesIn(value), bytesIn(mask))
  const sized = width === most ? {} : { width }
  return whole ? { field, value, ...sized } : { field, value: value & mask, mask, ...sized }
}

const exactly = (value: bigint, mask: bigint, bits: number): Masked => ({
  value,
  mask: mask === 0n ? 0n : ones(bits),
})

function vlan(slots: Slots, form: MatchForm, add: Add): void {
  const tci = slotOf(slots, 'vlan_tci')
  if (form === 'fixed') {
    fixedVlan(tci, add)
    return
  }
  if (form === 'nxm') {
    add('vlan_tci', tci)
    return
  }
  const bits = vlanBits.vid | vlanBits.present
  const mask = tci.mask & bits
  add('vlan_vid', { value: tci.value & bits, mask: mask === bits ? ones(16) : mask })
  if ((tci.value & bits) !== 0n) add('vlan_pcp', exactly(tci.value >> 13n, tci.mask >> 13n, 8))
}

function fixedVlan({ value, mask }: Masked, add: Add): void {
  if ((mask & vlanBits.present) !== 0n && (value & vlanBits.present) === 0n) {
    if (mask !== 0n) add('vlan_vid', { value: 0n, mask: ones(16) })
    return
  }
  if ((mask & vlanBits.vid) !== 0n)
    add('vlan_vid', { value: (value & vlanBits.vid) | vlanBits.present, mask: ones(16) })
  else if (mask !== 0n) add('vlan_vid', { value: vlanBits.present, mask: vlanBits.present })
  add('vlan_pcp', exactly((value >> 13n) & 7n, mask >> 13n, 8))
}

function transport(slots: Slots, protocol: number, type: number, add: Add): void {
  const [src, dst] = [slotOf(slots, 'tp_src'), slotOf(slots, 'tp_dst')]
  if (protocol === 6) {
    add('tcp_src', src)
    add('tcp_dst', dst)
    add('tcp_flags', slotOf(slots, 'tcp_flags'))
  } else if (protocol === 17) {
    add('udp_src', src)
    add('udp_dst', dst)
  } else if (protocol === 132) {
    add('sctp_src', src)
    add('sctp_dst', dst)
  } else if (protocol === 1 && type === 0x800) {
    add('icmpv4_type', exactly(src.value, src.mask, 8))
    add('icmpv4_code', exactly(dst.value, dst.mask, 8))
  } else if (protocol === 58 && type === 0x86dd) icmp6(slots, add)
}

function icmp6(slots: Slots, add: Add): void {
  const [type, code] = [slotOf(slots, 'tp_src'), slotOf(slots, 'tp_dst')]
  add('icmpv6_type', exactly(type.value, type.mask, 8))
  add('icmpv6_code', exactly(code.value, code.mask, 8))
  const discovery = type.mask !== 0n && code.mask !== 0n && code.value === 0n
  if (!discovery || (type.value !== 135n && type.value !== 136n)) return
  add('nd_reserved', slotOf(slots, 'nd_reserved'))
  add('ipv6_nd_target', slotOf(slots, 'ipv6_nd_target'))
  add('nd_options_type', slotOf(slots, 'nd_options_type'))
  if (type.value === 135n) add('ipv6_nd_sll', slotOf(slots, 'arp_sha'))
  else add('ipv6_nd_tll', slotOf(slots, 'arp_tha'))
}

function network(slots: Slots, form: MatchForm, add: Add): void {
  const type = etherType(slots)
  if (type === 0x8847 || type === 0x8848) {
    for (const field of ['mpls_tc', 'mpls_bos', 'mpls_ttl', 'mpls_label'] as const)
      add(field, slotOf(slots, field))
  } else if (type === 0x800 || type === 0x86dd) {
    const [src, dst] =
      type === 0x800 ? (['ipv4_src', 'ipv4_dst'] as const) : (['ipv6_src', 'ipv6_dst'] as const)
    add(src, slotOf(slots, src))
    add(dst, slotOf(slots, dst))
    add('ip_frag', slotOf(slots, 'ip_frag'))
    const tos = slotOf(slots, 'nw_tos')
    const dscp = exactly(tos.value & 0xfcn, tos.mask & 0xfcn, 8)
    if (form === 'nxm') add('nw_tos', dscp)
    else add('ip_dscp', { ...dscp, value: dscp.value >> 2n })
    add('ip_ecn', exactly(tos.value & 3n, tos.mask & 3n, 8))
    add('nw_ttl', slotOf(slots, 'nw_ttl'))
    add('ipv6_flabel', slotOf(slots, 'ipv6_flabel'))
    const protocol = slotOf(slots, 'ip_proto')
    add('ip_proto', protocol)
    if (protocol.mask !== 0n) transport(slots, Number(protocol.value), type, add)
  } else if (type === 0x806 || type === 0x8035) {
    const operation = slotOf(slots, 'ip_proto')
    add('arp_op', exactly(operation.value, operation.mask, 16))
    add('arp_spa', slotOf(slots, 'ipv4_src'))
    add('arp_tpa', slotOf(slots, 'ipv4_dst'))
    add('arp_sha', slotOf(slots, 'arp_sha'))
    add('arp_tha', slotOf(slots, 'arp_tha'))
  }
}

const tunnel: readonly FieldName[] = [
  'tunnel_id',
  'tun_flags',
  'tun_src',
  'tun_dst',
  'tun_ipv6_src',
  'tun_ipv6_dst',
  'tun_gbp_id',
  'tun_gbp_flags',
]

const laterTunnel = [
  ...[
    'tun_erspan_idx',
    'tun_erspan_ver',
    'tun_erspan_dir',
    'tun_erspan_hwid',
    'tun_gtpu_flags',
    'tun_gtpu_msgtype',
  ],
  ...[
    'nsh_flags',
    'nsh_ttl',
    'nsh_mdtype',
    'nsh_np',
    'nsh_spi',
    'nsh_si',
    'nsh_c1',
    'nsh_c2',
    'nsh_c3',
    'nsh_c4',
  ],
] as readonly FieldName[]

const conntrack: readonly FieldName[] = [
  ...(['ct_state', 'ct_zone', 'ct_mark', 'ct_label', 'ct_nw_src', 'ct_ipv6_src', 'ct_nw_dst'] as const),
  'ct_ipv6_dst',
]

function tunnelMetadata(slots: Slots, add: Add): void {
  for (let index = 0; index < 64; index++) {
    const field = `tun_metadata${index}` as FieldName
    const part = slots.get(field)
    if (part !== undefined) add(field, part)
  }
}

function allRegisters(slots: Slots, version: number, add: Add): void {
  const wide = hasWideRegisters(version)
  for (let index = 0; index < 16; index += wide ? 2 : 1) {
    if (wide) add(`xreg${index / 2}` as FieldName, registers(slots, index, 2))
    else add(`reg${index}` as FieldName, slotOf(slots, `reg${index}`))
  }
}

/** The match that the slots make in a version. */
export function matchOf(slots: Slots, version: number, form: MatchForm): Match {
  const fields: OxmField[] = []
  const add: Add = (field, part) => {
    const one = oxmOf(field, part)
    if (one === undefined) return
    fields.push(one)
  }
  const take = (names: readonly FieldName[]): void => {
    for (const name of names) add(name, slotOf(slots, name))
  }
  const packetType = slots.get('packet_type')
  if (packetType !== undefined && packetType.value !== 0n) add('packet_type', packetType)
  take(['dp_hash', 'recirc_id', 'conj_id', 'in_port', 'actset_output', 'eth_src', 'eth_dst', 'eth_type'])
  vlan(slots, form, add)
  network(slots, form, add)
  take(tunnel)
  tunnelMetadata(slots, add)
  take(laterTunnel)
  allRegisters(slots, version, add)
  take(['pkt_mark', ...conntrack])
  if (slotOf(slots, 'ct_nw_proto').value !== 0n) take(['ct_nw_proto', 'ct_tp_src', 'ct_tp_dst'])
  take(['metadata'])
  // Ethernet is only worth a field of its own where no other implies it.
  const ethernet = fields.some(({ field }) => fieldRow(field)?.needs !== undefined)
  if (packetType?.value === 0n && packetType.mask !== 0n && !ethernet && form !== 'fixed')
    return [{ field: 'packet_type', value: 0 }, ...fields]
  return fields
}
