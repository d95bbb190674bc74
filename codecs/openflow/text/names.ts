/** What ovs-ofctl calls fields and ports: one spelling in matches, one in set_field, one in move and load. */
import { reservedPort } from '../common/names.ts'
import { type FieldName, fieldRow } from '../fields/table.ts'

interface Spelling {
  readonly match?: string
  readonly set?: string
  /** Without it the name is that of the field's class, in capitals. */
  readonly register?: string
}

/** Fields whose spelling is not their own name throughout. */
const spellings: Readonly<Partial<Record<FieldName, Spelling>>> = {
  eth_dst: { match: 'dl_dst', register: 'NXM_OF_ETH_DST' },
  eth_src: { match: 'dl_src', register: 'NXM_OF_ETH_SRC' },
  eth_type: { match: 'dl_type', register: 'NXM_OF_ETH_TYPE' },
  vlan_pcp: { match: 'dl_vlan_pcp' },
  ip_dscp: { match: 'nw_tos' },
  ip_ecn: { match: 'nw_ecn', set: 'nw_ecn', register: 'NXM_NX_IP_ECN' },
  ip_proto: { match: 'nw_proto', set: 'nw_proto', register: 'NXM_OF_IP_PROTO' },
  ipv4_src: { match: 'nw_src', set: 'ip_src', register: 'NXM_OF_IP_SRC' },
  ipv4_dst: { match: 'nw_dst', set: 'ip_dst', register: 'NXM_OF_IP_DST' },
  tcp_src: { match: 'tp_src', register: 'NXM_OF_TCP_SRC' },
  tcp_dst: { match: 'tp_dst', register: 'NXM_OF_TCP_DST' },
  udp_src: { match: 'tp_src', register: 'NXM_OF_UDP_SRC' },
  udp_dst: { match: 'tp_dst', register: 'NXM_OF_UDP_DST' },
  sctp_src: { match: 'tp_src' },
  sctp_dst: { match: 'tp_dst' },
  icmpv4_type: { match: 'icmp_type', set: 'icmp_type', register: 'NXM_OF_ICMP_TYPE' },
  icmpv4_code: { match: 'icmp_code', set: 'icmp_code', register: 'NXM_OF_ICMP_CODE' },
  arp_op: { register: 'NXM_OF_ARP_OP' },
  arp_spa: { register: 'NXM_OF_ARP_SPA' },
  arp_tpa: { register: 'NXM_OF_ARP_TPA' },
  arp_sha: { register: 'NXM_NX_ARP_SHA' },
  arp_tha: { register: 'NXM_NX_ARP_THA' },
  ipv6_src: { register: 'NXM_NX_IPV6_SRC' },
  ipv6_dst: { register: 'NXM_NX_IPV6_DST' },
  ipv6_flabel: { match: 'ipv6_label', set: 'ipv6_label', register: 'NXM_NX_IPV6_LABEL' },
  icmpv6_type: { match: 'icmp_type', register: 'NXM_NX_ICMPV6_TYPE' },
  icmpv6_code: { match: 'icmp_code', register: 'NXM_NX_ICMPV6_CODE' },
  ipv6_nd_target: { match: 'nd_target', set: 'nd_target', register: 'NXM_NX_ND_TARGET' },
  ipv6_nd_sll: { match: 'nd_sll', set: 'nd_sll', register: 'NXM_NX_ND_SLL' },
  ipv6_nd_tll: { match: 'nd_tll', set: 'nd_tll', register: 'NXM_NX_ND_TLL' },
  tunnel_id: { match: 'tun_id', set: 'tun_id', register: 'NXM_NX_TUN_ID' },
  tcp_flags: { register: 'NXM_NX_TCP_FLAGS' },
  ip_frag: { match: 'nw_frag' },
  nw_ttl: { register: 'NXM_NX_IP_TTL' },
  tun_src: { register: 'NXM_NX_TUN_IPV4_SRC' },
  tun_dst: { register: 'NXM_NX_TUN_IPV4_DST' },
  nd_reserved: { register: 'ERICOXM_OF_ICMPV6_ND_RESERVED' },
  nd_options_type: { register: 'ERICOXM_OF_ICMPV6_ND_OPTIONS_TYPE' },
}

const classPrefix: Readonly<Record<number, string>> = {
  0x0000: 'NXM_OF_',
  0x0001: 'NXM_NX_',
  0x8000: 'OXM_OF_',
  0xffff: 'ONFOXM_ET_',
}

export const matchName = (field: FieldName): string => spellings[field]?.match ?? field
export const setName = (field: FieldName): string => spellings[field]?.set ?? field

export function registerName(field: FieldName): string {
  const own = spellings[field]?.register
  if (own !== undefined) return own
  if (/^xreg\d+$/.test(field)) return `OXM_OF_PKT_REG${field.slice('xreg'.length)}`
  return (classPrefix[fieldRow(field)?.forms[0].oxmClass ?? 0xffff] ?? '') + field.toUpperCase()
}

/** Bits of a field as move and load name them: `NXM_NX_REG0[]`, `[3]`, `[0..15]`. */
export function bitRange(field: FieldName, offset: number, nBits: number): string {
  const row = fieldRow(field)
  const whole = row === undefined ? 0 : (row.bits ?? row.width * 8)
  const range =
    offset === 0 && nBits === whole ? '' : nBits === 1 ? `${offset}` : `${offset}..${offset + nBits - 1}`
  return `${registerName(field)}[${range}]`
}

const portNames: ReadonlyMap<number, string> = new Map([
  [reservedPort.inPort, 'IN_PORT'],
  [reservedPort.table, 'TABLE'],
  [reservedPort.normal, 'NORMAL'],
  [reservedPort.flood, 'FLOOD'],
  [reservedPort.all, 'ALL'],
  [reservedPort.controller, 'CONTROLLER'],
  [reservedPort.local, 'LOCAL'],
  [reservedPort.any, 'ANY'],
])

/** A port's number, or the name of a reserved one. */
export const portName = (port: number): string => portNames.get(port) ?? String(port)
