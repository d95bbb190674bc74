/**
 * Matches in ovs-ofctl syntax, in ovs-ofctl's order: a protocol's name stands for the fields that imply it
 * (`tcp` for eth_type 0x800 and ip_proto 6), a VLAN is `dl_vlan`, xregs are shown as the registers they are made of.
 */
import type { KnownField, Match, OxmField, UnknownField } from '../fields/oxm.ts'
import type { FieldName } from '../fields/table.ts'
import { splitXregs } from '../fields/xregs.ts'
import { matchName } from './names.ts'
import { labelField, labelValue, matchValue } from './value.ts'

/** Fields before the protocol's name and after it; a field in neither list comes last. */
const before: readonly FieldName[] = [
  'pkt_mark',
  'recirc_id',
  'dp_hash',
  'conj_id',
  'actset_output',
  'ct_state',
  'ct_zone',
  'ct_mark',
  'ct_label',
  'ct_nw_src',
  'ct_ipv6_src',
  'ct_nw_dst',
  'ct_ipv6_dst',
  'ct_nw_proto',
  'ct_tp_src',
  'ct_tp_dst',
  'packet_type',
]
const registers = Array.from({ length: 16 }, (_, index) => `reg${index}` as FieldName)
const after: readonly FieldName[] = [
  ...registers,
  'tunnel_id',
  'tun_src',
  'tun_dst',
  'tun_ipv6_src',
  'tun_ipv6_dst',
  'tun_gbp_id',
  'tun_gbp_flags',
  'tun_flags',
  'metadata',
  'in_port',
  'vlan_vid',
  'vlan_pcp',
  'vlan_tci',
  'eth_src',
  'eth_dst',
  'eth_type',
  'ipv6_src',
  'ipv6_dst',
  'ipv6_flabel',
  'arp_spa',
  'arp_tpa',
  'ipv4_src',
  'ipv4_dst',
  'ip_proto',
  'arp_op',
  'arp_sha',
  'arp_tha',
  'ip_dscp',
  'ip_ecn',
  'nw_ttl',
  'mpls_label',
  'mpls_tc',
  'mpls_ttl',
  'mpls_bos',
  'ip_frag',
  'icmpv4_type',
  'icmpv4_code',
  'icmpv6_type',
  'icmpv6_code',
  'ipv6_nd_target',
  'ipv6_nd_sll',
  'ipv6_nd_tll',
  'nd_reserved',
  'nd_options_type',
  'tcp_src',
  'tcp_dst',
  'udp_src',
  'udp_dst',
  'sctp_src',
  'sctp_dst',
  'tcp_flags',
]

const protocols: ReadonlyMap<
  number,
  { readonly name: string; readonly over: Readonly<Record<number, string>> }
> = new Map([
  [0x0800, { name: 'ip', over: { 1: 'icmp', 6: 'tcp', 17: 'udp', 132: 'sctp' } }],
  [0x86dd, { name: 'ipv6', over: { 58: 'icmp6', 6: 'tcp6', 17: 'udp6', 132: 'sctp6' } }],
  [0x0806, { name: 'arp', over: {} }],
  [0x8035, { name: 'rarp', over: {} }],
  [0x8847, { name: 'mpls', over: {} }],
  [0x8848, { name: 'mplsm', over: {} }],
])

const present = 0x1000

function vlanText({ value, mask }: KnownField): string {
  const vid = Number(value)
  const tci = (bits: number): string => `0x${bits.toString(16).padStart(4, '0')}`
  if (mask === undefined && vid >= present) return `dl_vlan=${vid - present}`
  return `vlan_tci=${tci(vid)}/${tci(Number(mask ?? 0x1fff))}`
}

function unknownText({ oxmClass, oxmField, value, mask }: UnknownField): string {
  const shown = `oxm_${oxmClass.toString(16)}_${oxmField}=0x${value.toString(16)}`
  return mask === undefined ? shown : `${shown}/0x${mask.toString(16)}`
}

/** One field by itself. */
export function showField(one: OxmField): string {
  if (one.field === 'unknown') return unknownText(one)
  if (one.field === 'vlan_vid') return vlanText(one)
  if (one.field === labelField) return `ipv6_label=${labelValue(one)}`
  if (one.field === 'ip_dscp') return `nw_tos=${Number(one.value) << 2}`
  return `${matchName(one.field)}=${matchValue(one)}`
}

export function showMatch(fields: Match): string {
  const byName = new Map<string, KnownField>()
  const leftOver: OxmField[] = []
  for (const one of splitXregs(fields)) {
    if (one.field === 'unknown' || byName.has(one.field)) leftOver.push(one)
    else byName.set(one.field, one)
  }
  const parts: string[] = []
  const take = (names: readonly FieldName[]): void => {
    for (const name of names) {
      const one = byName.get(name)
      if (one === undefined) continue
      parts.push(showField(one))
      byName.delete(name)
    }
  }
  take(before)
  const protocol = protocolName(byName)
  if (protocol !== undefined) parts.push(protocol)
  take(after)
  return [...parts, ...[...byName.values(), ...leftOver].map(showField)].join(',')
}

/** Names the protocol and takes the fields it stands for out of the map. */
function protocolName(byName: Map<string, KnownField>): string | undefined {
  const ethType = byName.get('eth_type')
  const found = ethType?.mask === undefined ? protocols.get(Number(ethType?.value)) : undefined
  if (found === undefined) return undefined
  byName.delete('eth_type')
  const over = found.over[Number(byName.get('ip_proto')?.value)]
  if (over !== undefined) byName.delete('ip_proto')
  return over ?? found.name
}
