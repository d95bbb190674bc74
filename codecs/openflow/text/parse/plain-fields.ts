/**
 * What the fixed matches of 1.0 and 1.1 hold, and with which masks. ovs-ofctl goes by it: a text that says more is sent in
 * Nicira's form in 1.0, and refused in 1.1.
 */
import type { FieldName } from '../../fields/table.ts'
import { ones } from './value.ts'

/** Whole only, by a prefix, or with any mask. */
type Masks = 'whole' | 'prefix' | 'any'

/** `in_port_oxm` is the port in 32 bits, which 1.0 has not. */
export type TextField = FieldName | 'in_port_oxm'

const whole = (...names: readonly TextField[]): readonly (readonly [TextField, Masks])[] =>
  names.map((name) => [name, 'whole'])

const both = whole(
  ...(['in_port', 'eth_type', 'vlan_tci', 'vlan_vid', 'vlan_pcp', 'ip_proto', 'nw_tos', 'ip_dscp'] as const),
  ...(['arp_op', 'tcp_src', 'tcp_dst', 'udp_src', 'udp_dst', 'icmpv4_type', 'icmpv4_code'] as const),
)

const in10: ReadonlyMap<string, Masks> = new Map([
  ...both,
  ...whole('eth_src', 'eth_dst'),
  ...(['ipv4_src', 'ipv4_dst', 'arp_spa', 'arp_tpa'] as const).map((name) => [name, 'prefix'] as const),
])

const in11: ReadonlyMap<string, Masks> = new Map([
  ...both,
  ...whole('in_port_oxm', 'mpls_label', 'mpls_tc', 'ip_ecn', 'sctp_src', 'sctp_dst'),
  ...(['metadata', 'eth_src', 'eth_dst', 'ipv4_src', 'ipv4_dst', 'arp_spa', 'arp_tpa'] as const).map(
    (name) => [name, 'any'] as const,
  ),
])

interface Part {
  readonly field: TextField
  readonly mask: bigint
  /** Of the whole field. */
  readonly bits: number
}

/** Whether a fixed match of the wire version holds that. */
export function isPlain(version: 1 | 2, { field, mask, bits }: Part): boolean {
  // Of an option of a tunnel it is compared whether there is one.
  if (mask === 0n) return !field.startsWith('tun_metadata')
  const masks = (version === 1 ? in10 : in11).get(field)
  if (masks === undefined) return false
  if (masks === 'any' || mask === ones(bits)) return true
  const open = mask ^ ones(bits)
  return masks === 'prefix' && (open & (open + 1n)) === 0n
}
