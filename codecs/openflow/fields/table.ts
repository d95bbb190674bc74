/**
 * The match fields as one table: name, class, number and width on the wire, how text shows the value, and the versions
 * that have the field. Names are OpenFlow's OXM names in snake case, Open vSwitch's for its extensions.
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

export interface FieldRow {
  readonly name: string
  readonly oxmClass: number
  readonly oxmField: number
  /** Only for class 0xffff: whose field it is. */
  readonly experimenter?: number
  /** Bytes of the value on the wire. */
  readonly width: number
  /** Bits that copying counts, where fewer than the bytes hold (of `vlan_vid` without the bit "present"). */
  readonly bits?: number
  readonly format: Format
  /** First and last wire version with this encoding. */
  readonly since?: number
  readonly until?: number
}

type Options = Partial<Pick<FieldRow, 'bits' | 'since' | 'until' | 'experimenter'>>

function inClass(oxmClass: number) {
  return <const N extends string>(
    name: N,
    oxmField: number,
    width: number,
    format: Format,
    options: Options = {},
  ): FieldRow & { readonly name: N } => ({ name, oxmClass, oxmField, width, format, ...options })
}

/** OpenFlow's own fields, Nicira's two grandfathered classes, OpenFlow's packet registers, Ericsson's, experimenters'. */
const oxm = inClass(0x8000)
const nxmOf = inClass(0x0000)
const nxm = inClass(0x0001)
const packetRegister = inClass(0x8001)
const ericsson = inClass(0x1000)
const experimenter = inClass(0xffff)

const onf = 0x4f4e4600

/** In order of the specification; the order in which matches are normally sent. */
export const fieldTable = [
  oxm('in_port', 0, 4, 'port'),
  oxm('in_phy_port', 1, 4, 'port'),
  oxm('metadata', 2, 8, 'hex'),
  oxm('eth_dst', 3, 6, 'mac'),
  oxm('eth_src', 4, 6, 'mac'),
  oxm('eth_type', 5, 2, 'eth_type'),
  oxm('vlan_vid', 6, 2, 'vlan_vid', { bits: 12 }),
  oxm('vlan_pcp', 7, 1, 'decimal', { bits: 3 }),
  oxm('ip_dscp', 8, 1, 'decimal', { bits: 6 }),
  oxm('ip_ecn', 9, 1, 'decimal', { bits: 2 }),
  oxm('ip_proto', 10, 1, 'decimal'),
  oxm('ipv4_src', 11, 4, 'ipv4'),
  oxm('ipv4_dst', 12, 4, 'ipv4'),
  oxm('tcp_src', 13, 2, 'decimal'),
  oxm('tcp_dst', 14, 2, 'decimal'),
  oxm('udp_src', 15, 2, 'decimal'),
  oxm('udp_dst', 16, 2, 'decimal'),
  oxm('sctp_src', 17, 2, 'decimal'),
  oxm('sctp_dst', 18, 2, 'decimal'),
  oxm('icmpv4_type', 19, 1, 'decimal'),
  oxm('icmpv4_code', 20, 1, 'decimal'),
  oxm('arp_op', 21, 2, 'decimal'),
  oxm('arp_spa', 22, 4, 'ipv4'),
  oxm('arp_tpa', 23, 4, 'ipv4'),
  oxm('arp_sha', 24, 6, 'mac'),
  oxm('arp_tha', 25, 6, 'mac'),
  oxm('ipv6_src', 26, 16, 'ipv6'),
  oxm('ipv6_dst', 27, 16, 'ipv6'),
  oxm('ipv6_flabel', 28, 4, 'hex', { bits: 20 }),
  oxm('icmpv6_type', 29, 1, 'decimal'),
  oxm('icmpv6_code', 30, 1, 'decimal'),
  oxm('ipv6_nd_target', 31, 16, 'ipv6'),
  oxm('ipv6_nd_sll', 32, 6, 'mac'),
  oxm('ipv6_nd_tll', 33, 6, 'mac'),
  oxm('mpls_label', 34, 4, 'decimal', { bits: 20 }),
  oxm('mpls_tc', 35, 1, 'decimal', { bits: 3 }),
  oxm('mpls_bos', 36, 1, 'decimal', { bits: 1 }),
  oxm('pbb_isid', 37, 3, 'hex'),
  oxm('tunnel_id', 38, 8, 'hex'),
  oxm('ipv6_exthdr', 39, 2, 'hex', { bits: 9 }),
  oxm('pbb_uca', 41, 1, 'decimal', { bits: 1, since: 5 }),
  oxm('tcp_flags', 42, 2, 'tcp_flags', { bits: 12, since: 6 }),
  oxm('actset_output', 43, 4, 'port', { since: 6 }),
  oxm('packet_type', 44, 4, 'packet_type', { since: 6 }),
  // Before 1.5 these two were the Open Networking Foundation's extensions.
  experimenter('tcp_flags', 42, 2, 'tcp_flags', { bits: 12, experimenter: onf, until: 5 }),
  experimenter('actset_output', 43, 4, 'port', { experimenter: onf, until: 5 }),

  ericsson('nd_reserved', 1, 4, 'decimal'),
  ericsson('nd_options_type', 2, 1, 'decimal'),

  nxmOf('vlan_tci', 4, 2, 'hex'),
  nxm('reg0', 0, 4, 'hex'),
  nxm('reg1', 1, 4, 'hex'),
  nxm('reg2', 2, 4, 'hex'),
  nxm('reg3', 3, 4, 'hex'),
  nxm('reg4', 4, 4, 'hex'),
  nxm('reg5', 5, 4, 'hex'),
  nxm('reg6', 6, 4, 'hex'),
  nxm('reg7', 7, 4, 'hex'),
  nxm('reg8', 8, 4, 'hex'),
  nxm('reg9', 9, 4, 'hex'),
  nxm('reg10', 10, 4, 'hex'),
  nxm('reg11', 11, 4, 'hex'),
  nxm('reg12', 12, 4, 'hex'),
  nxm('reg13', 13, 4, 'hex'),
  nxm('reg14', 14, 4, 'hex'),
  nxm('reg15', 15, 4, 'hex'),
  nxm('ip_frag', 26, 1, 'frag', { bits: 2 }),
  nxm('nw_ttl', 29, 1, 'decimal'),
  nxm('mpls_ttl', 30, 1, 'decimal'),
  nxm('tun_src', 31, 4, 'ipv4'),
  nxm('tun_dst', 32, 4, 'ipv4'),
  nxm('pkt_mark', 33, 4, 'hex'),
  nxm('dp_hash', 35, 4, 'hex'),
  nxm('recirc_id', 36, 4, 'hex'),
  nxm('conj_id', 37, 4, 'decimal'),
  nxm('tun_gbp_id', 38, 2, 'decimal'),
  nxm('tun_gbp_flags', 39, 1, 'hex'),
  nxm('tun_flags', 104, 2, 'hex', { bits: 1 }),
  nxm('ct_state', 105, 4, 'ct_state'),
  nxm('ct_zone', 106, 2, 'decimal'),
  nxm('ct_mark', 107, 4, 'hex'),
  nxm('ct_label', 108, 16, 'hex'),
  nxm('tun_ipv6_src', 109, 16, 'ipv6'),
  nxm('tun_ipv6_dst', 110, 16, 'ipv6'),
  nxm('xxreg0', 111, 16, 'hex'),
  nxm('xxreg1', 112, 16, 'hex'),
  nxm('xxreg2', 113, 16, 'hex'),
  nxm('xxreg3', 114, 16, 'hex'),
  nxm('ct_nw_proto', 119, 1, 'decimal'),
  nxm('ct_nw_src', 120, 4, 'ipv4'),
  nxm('ct_nw_dst', 121, 4, 'ipv4'),
  nxm('ct_ipv6_src', 122, 16, 'ipv6'),
  nxm('ct_ipv6_dst', 123, 16, 'ipv6'),
  nxm('ct_tp_src', 124, 2, 'decimal'),
  nxm('ct_tp_dst', 125, 2, 'decimal'),

  packetRegister('xreg0', 0, 8, 'hex'),
  packetRegister('xreg1', 1, 8, 'hex'),
  packetRegister('xreg2', 2, 8, 'hex'),
  packetRegister('xreg3', 3, 8, 'hex'),
  packetRegister('xreg4', 4, 8, 'hex'),
  packetRegister('xreg5', 5, 8, 'hex'),
  packetRegister('xreg6', 6, 8, 'hex'),
  packetRegister('xreg7', 7, 8, 'hex'),
] as const

export type FieldName = (typeof fieldTable)[number]['name']

const firstRow: ReadonlyMap<string, FieldRow> = new Map(
  fieldTable.map((row) => [row.name, row] as const).reverse(),
)

/** The first row of a name: width and format are the same in every version. */
export function fieldRow(name: string): FieldRow | undefined {
  return firstRow.get(name)
}

/** The row that a version uses for a name. */
export function fieldRowIn(version: number, name: string): FieldRow | undefined {
  return tablesOf(version).byName.get(name)
}

/** Class and field as they stand in an OXM header: 23 bits, the mask bit not among them. */
export function fieldByHeader(
  version: number,
  classAndField: number,
  experimenter: number,
): FieldRow | undefined {
  return tablesOf(version).byHeader.get(headerKey(classAndField, experimenter))
}

interface VersionTables {
  readonly byName: ReadonlyMap<string, FieldRow>
  readonly byHeader: ReadonlyMap<number, FieldRow>
}

const headerKey = (classAndField: number, experimenter: number): number =>
  experimenter === 0 ? classAndField : experimenter * 0x80 + (classAndField & 0x7f) + 0x80_0000

const perVersion: readonly VersionTables[] = [0, 1, 2, 3, 4, 5, 6].map((version) => {
  const rows: readonly FieldRow[] = fieldTable
  const valid = rows.filter(({ since = 0, until = 255 }) => version >= since && version <= until)
  const key = (row: FieldRow): number => headerKey(row.oxmClass * 0x80 + row.oxmField, row.experimenter ?? 0)
  return {
    byName: new Map(valid.map((row) => [row.name, row])),
    byHeader: new Map(valid.map((row) => [key(row), row])),
  }
})

const newest = perVersion.length - 1

function tablesOf(version: number): VersionTables {
  return perVersion[version] ?? (perVersion[newest] as VersionTables)
}
