/** The fields that a group hashes: `fields(ip_src,tcp_src=0xff)`. What stands as a value is the mask of the field. */
import { type FieldName, type FieldRow, fieldRow } from '../../fields/table.ts'
import type { OxmField } from '../../fields/oxm.ts'
import { oxmOf } from './compose.ts'
import { fieldNamed } from './field-names.ts'
import { type Piece, pairsOf, syntaxError } from './scan.ts'
import { ones, valueOf } from './value.ts'

/** Open vSwitch sends them in the order of its own list of fields; those of a kind, in that of their numbers. */
const order: readonly string[] = `
  dp_hash recirc_id packet_type conj_id tunnel_id tun_src tun_dst tun_ipv6_src tun_ipv6_dst tun_flags tun_gbp_id
  tun_gbp_flags tun_erspan_idx tun_erspan_ver tun_erspan_dir tun_erspan_hwid tun_gtpu_flags tun_gtpu_msgtype
  tun_metadata metadata in_port actset_output pkt_mark ct_state ct_zone ct_mark ct_label ct_nw_proto ct_nw_src
  ct_nw_dst ct_ipv6_src ct_ipv6_dst ct_tp_src ct_tp_dst reg xreg xxreg eth_src eth_dst eth_type vlan_tci vlan_vid
  vlan_pcp mpls_label mpls_tc mpls_bos mpls_ttl ipv4_src ipv4_dst ipv6_src ipv6_dst ipv6_flabel ip_proto nw_tos
  ip_dscp ip_ecn nw_ttl ip_frag arp_op arp_spa arp_tpa arp_sha arp_tha tcp_src tcp_dst tcp_flags udp_src udp_dst
  sctp_src sctp_dst icmpv4_type icmpv4_code icmpv6_type icmpv6_code ipv6_nd_target ipv6_nd_sll ipv6_nd_tll
  nd_reserved nd_options_type nsh_flags nsh_mdtype nsh_np nsh_spi nsh_si nsh_c1 nsh_c2 nsh_c3 nsh_c4 nsh_ttl
`
  .trim()
  .split(/\s+/)

function rank(name: string): number {
  const numbered = /^(x{0,2}reg|tun_metadata)(\d+)$/.exec(name)
  if (numbered === null) return order.indexOf(name)
  return order.indexOf(numbered[1] ?? '') + Number(numbered[2]) / 100
}

export function selectionFields(whole: Piece): readonly OxmField[] {
  const found = new Map<string, OxmField>()
  for (const { key, value } of pairsOf(whole)) {
    const row = fieldNamed(key.text)
    if (row === undefined) throw syntaxError(key, `unknown field ${key.text}`)
    if (found.has(row.name)) throw syntaxError(key, `${key.text} stands twice`)
    found.set(row.name, hashed(row, value))
  }
  return [...found.values()].sort((a, b) => rank(a.field) - rank(b.field))
}

/** The mask stands in the value's place, and has no mask itself. */
function hashed(row: FieldRow, word: Piece): OxmField {
  const bits = row.width * 8
  const name = row.name as FieldName
  if (word.text === '') return whole(name, ones(bits))
  const { value } = valueOf(word, { name, format: row.format, bits })
  if (value === 0n) throw syntaxError(word, `of ${name} no bit is hashed`)
  if (row.mask === 'none' && value !== ones(bits)) throw syntaxError(word, `${name} is hashed whole`)
  return whole(name, value)
}

function whole(field: FieldName, value: bigint): OxmField {
  const one = oxmOf(field, { value, mask: ones((fieldRow(field)?.width ?? 0) * 8) })
  return one ?? { field, value }
}
