/**
 * The match fields as one table: name, width, how text shows the value, and every number that the field has on the
 * wire, oldest first. Names are OpenFlow's OXM names in snake case, Open vSwitch's for its extensions.
 */

/** How the value is written in ovs-ofctl syntax. */
export type Format =
  | 'decimal'
  | 'hex'
  | 'mac'
  | 'ipv4'
  | 'ipv6'
  | 'port'
  | 'eth_type'
  | 'vlan_vid'
  | 'tcp_flags'
  | 'ct_state'
  | 'frag'
  | 'packet_type'

/** A number of the field on the wire. */
export interface Form {
  readonly oxmClass: number
  readonly oxmField: number
  /** Only for class 0xffff: whose field it is. */
  readonly experimenter?: number
  /** Bytes, if not the field's own: 1.0 had ports of 16 bits. */
  readonly width?: number
  /** The wire versions whose matches have it so. */
  readonly since: number
  readonly until?: number
}

export interface FieldRow {
  readonly name: string
  /** Bytes of the value on the wire; of a field of variable width, the most it can have. */
  readonly width: number
  readonly variable?: boolean
  /** Bits that copying counts, where fewer than the bytes hold (of `vlan_vid` without the bit "present"). */
  readonly bits?: number
  readonly format: Format
  /** Oldest first. Actions of Nicira's name a field by the first, whatever the version. */
  readonly forms: readonly [Form, ...Form[]]
}

function field<const N extends string>(
  name: N,
  width: number,
  format: Format,
  forms: readonly [Form, ...Form[]],
  options: Pick<FieldRow, 'bits' | 'variable'> = {},
): FieldRow & { readonly name: N } {
  return { name, width, format, forms, ...options }
}

/** OpenFlow's own fields, which 1.2 brought. */
const oxm = (oxmField: number, since = 3): Form => ({ oxmClass: 0x8000, oxmField, since })
/** Nicira's two classes: the fields of 1.0, and its own. */
const nxmOf = (oxmField: number): Form => ({ oxmClass: 0x0000, oxmField, since: 1 })
const nxm = (oxmField: number): Form => ({ oxmClass: 0x0001, oxmField, since: 1 })
const packetRegister = (oxmField: number): Form => ({ oxmClass: 0x8001, oxmField, since: 1 })
const ericsson = (oxmField: number): Form => ({ oxmClass: 0x1000, oxmField, since: 1 })
/** What the Open Networking Foundation defined for 1.3 before 1.5 took it over. */
const onf = (oxmField: number): Form => ({ oxmClass: 0xffff, oxmField, experimenter: 0x4f4e_4600, since: 4 })

/** In order of the specification; the order in which matches are normally sent. */
export const fieldTable = [
  field('in_port', 4, 'port', [{ ...nxmOf(0), width: 2 }, oxm(0)]),
  field('in_phy_port', 4, 'port', [oxm(1)]),
  field('metadata', 8, 'hex', [oxm(2)]),
  field('eth_dst', 6, 'mac', [nxmOf(1), oxm(3)]),
  field('eth_src', 6, 'mac', [nxmOf(2), oxm(4)]),
  field('eth_type', 2, 'eth_type', [nxmOf(3), oxm(5)]),
  field('vlan_vid', 2, 'vlan_vid', [oxm(6)], { bits: 12 }),
  field('vlan_pcp', 1, 'decimal', [oxm(7)], { bits: 3 }),
  field('ip_dscp', 1, 'decimal', [oxm(8)], { bits: 6 }),
  field('ip_ecn', 1, 'decimal', [nxm(28), oxm(9)], { bits: 2 }),
  field('ip_proto', 1, 'decimal', [nxmOf(6), oxm(10)]),
  field('ipv4_src', 4, 'ipv4', [nxmOf(7), oxm(11)]),
  field('ipv4_dst', 4, 'ipv4', [nxmOf(8), oxm(12)]),
  field('tcp_src', 2, 'decimal', [nxmOf(9), oxm(13)]),
  field('tcp_dst', 2, 'decimal', [nxmOf(10), oxm(14)]),
  field('udp_src', 2, 'decimal', [nxmOf(11), oxm(15)]),
  field('udp_dst', 2, 'decimal', [nxmOf(12), oxm(16)]),
  field('sctp_src', 2, 'decimal', [oxm(17)]),
  field('sctp_dst', 2, 'decimal', [oxm(18)]),
  field('icmpv4_type', 1, 'decimal', [nxmOf(13), oxm(19)]),
  field('icmpv4_code', 1, 'decimal', [nxmOf(14), oxm(20)]),
  field('arp_op', 2, 'decimal', [nxmOf(15), oxm(21)]),
  field('arp_spa', 4, 'ipv4', [nxmOf(16), oxm(22)]),
  field('arp_tpa', 4, 'ipv4', [nxmOf(17), oxm(23)]),
  field('arp_sha', 6, 'mac', [nxm(17), oxm(24)]),
  field('arp_tha', 6, 'mac', [nxm(18), oxm(25)]),
  field('ipv6_src', 16, 'ipv6', [nxm(19), oxm(26)]),
  field('ipv6_dst', 16, 'ipv6', [nxm(20), oxm(27)]),
  field('ipv6_flabel', 4, 'hex', [nxm(27), oxm(28)], { bits: 20 }),
  field('icmpv6_type', 1, 'decimal', [nxm(21), oxm(29)]),
  field('icmpv6_code', 1, 'decimal', [nxm(22), oxm(30)]),
  field('ipv6_nd_target', 16, 'ipv6', [nxm(23), oxm(31)]),
  field('ipv6_nd_sll', 6, 'mac', [nxm(24), oxm(32)]),
  field('ipv6_nd_tll', 6, 'mac', [nxm(25), oxm(33)]),
  field('mpls_label', 4, 'decimal', [oxm(34)], { bits: 20 }),
  field('mpls_tc', 1, 'decimal', [oxm(35)], { bits: 3 }),
  field('mpls_bos', 1, 'decimal', [oxm(36)], { bits: 1 }),
  field('pbb_isid', 3, 'hex', [oxm(37)]),
  field('tunnel_id', 8, 'hex', [nxm(16), oxm(38)]),
  field('ipv6_exthdr', 2, 'hex', [oxm(39)], { bits: 9 }),
  field('pbb_uca', 1, 'decimal', [oxm(41, 5)], { bits: 1 }),
  field('tcp_flags', 2, 'tcp_flags', [nxm(34), onf(42), oxm(42, 6)], { bits: 12 }),
  field('actset_output', 4, 'port', [onf(43), oxm(43, 6)]),
  field('packet_type', 4, 'packet_type', [oxm(44, 6)]),
  field('nd_reserved', 4, 'decimal', [ericsson(1)]),
  field('nd_options_type', 1, 'decimal', [ericsson(2)]),
  field('vlan_tci', 2, 'hex', [nxmOf(4)]),
  field('reg0', 4, 'hex', [nxm(0)]),
  field('reg1', 4, 'hex', [nxm(1)]),
  field('reg2', 4, 'hex', [nxm(2)]),
  field('reg3', 4, 'hex', [nxm(3)]),
  field('reg4', 4, 'hex', [nxm(4)]),
  field('reg5', 4, 'hex', [nxm(5)]),
  field('reg6', 4, 'hex', [nxm(6)]),
  field('reg7', 4, 'hex', [nxm(7)]),
  field('reg8', 4, 'hex', [nxm(8)]),
  field('reg9', 4, 'hex', [nxm(9)]),
  field('reg10', 4, 'hex', [nxm(10)]),
  field('reg11', 4, 'hex', [nxm(11)]),
  field('reg12', 4, 'hex', [nxm(12)]),
  field('reg13', 4, 'hex', [nxm(13)]),
  field('reg14', 4, 'hex', [nxm(14)]),
  field('reg15', 4, 'hex', [nxm(15)]),
  field('ip_frag', 1, 'frag', [nxm(26)], { bits: 2 }),
  field('nw_ttl', 1, 'decimal', [nxm(29)]),
  field('mpls_ttl', 1, 'decimal', [nxm(30)]),
  field('tun_src', 4, 'ipv4', [nxm(31)]),
  field('tun_dst', 4, 'ipv4', [nxm(32)]),
  field('pkt_mark', 4, 'hex', [nxm(33)]),
  field('dp_hash', 4, 'hex', [nxm(35)]),
  field('recirc_id', 4, 'hex', [nxm(36)]),
  field('conj_id', 4, 'decimal', [nxm(37)]),
  field('tun_gbp_id', 2, 'decimal', [nxm(38)]),
  field('tun_gbp_flags', 1, 'hex', [nxm(39)]),
  field('tun_flags', 2, 'hex', [nxm(104)], { bits: 1 }),
  field('ct_state', 4, 'ct_state', [nxm(105)]),
  field('ct_zone', 2, 'decimal', [nxm(106)]),
  field('ct_mark', 4, 'hex', [nxm(107)]),
  field('ct_label', 16, 'hex', [nxm(108)]),
  field('tun_ipv6_src', 16, 'ipv6', [nxm(109)]),
  field('tun_ipv6_dst', 16, 'ipv6', [nxm(110)]),
  field('xxreg0', 16, 'hex', [nxm(111)]),
  field('xxreg1', 16, 'hex', [nxm(112)]),
  field('xxreg2', 16, 'hex', [nxm(113)]),
  field('xxreg3', 16, 'hex', [nxm(114)]),
  field('ct_nw_proto', 1, 'decimal', [nxm(119)]),
  field('ct_nw_src', 4, 'ipv4', [nxm(120)]),
  field('ct_nw_dst', 4, 'ipv4', [nxm(121)]),
  field('ct_ipv6_src', 16, 'ipv6', [nxm(122)]),
  field('ct_ipv6_dst', 16, 'ipv6', [nxm(123)]),
  field('ct_tp_src', 2, 'decimal', [nxm(124)]),
  field('ct_tp_dst', 2, 'decimal', [nxm(125)]),
  field('xreg0', 8, 'hex', [packetRegister(0)]),
  field('xreg1', 8, 'hex', [packetRegister(1)]),
  field('xreg2', 8, 'hex', [packetRegister(2)]),
  field('xreg3', 8, 'hex', [packetRegister(3)]),
  field('xreg4', 8, 'hex', [packetRegister(4)]),
  field('xreg5', 8, 'hex', [packetRegister(5)]),
  field('xreg6', 8, 'hex', [packetRegister(6)]),
  field('xreg7', 8, 'hex', [packetRegister(7)]),
] as const

export type FieldName = (typeof fieldTable)[number]['name']

const byName: ReadonlyMap<string, FieldRow> = new Map(fieldTable.map((row) => [row.name, row]))

export function fieldRow(name: string): FieldRow | undefined {
  return byName.get(name)
}

/** The newest form that a version has. What 1.2 brought serves the NXM matches of 1.0 and 1.1 where they had nothing. */
export function usualForm({ forms }: FieldRow, version: number): Form | undefined {
  const usual = forms.findLast(({ since, until = 255 }) => version >= since && version <= until)
  return usual ?? (forms[0].since <= 3 ? forms[0] : undefined)
}
