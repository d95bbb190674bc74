/** Every field that Open vSwitch 3.1 documents, as a writer of texts sees it: its names, its values, where it may stand. */

export type Format =
  | 'decimal'
  | 'hex'
  | 'mac'
  | 'ipv4'
  | 'ipv6'
  | 'port'
  | 'frag'
  | 'tun_flags'
  | 'tcp_flags'
  | 'ct_state'
  | 'packet_type'

/** What a packet must be for the field to exist in it. */
export type Needs =
  | ''
  | 'ethernet'
  | 'vlan'
  | 'mpls'
  | 'ipv4'
  | 'ipv6'
  | 'ip'
  | 'arp'
  | 'tcp'
  | 'udp'
  | 'sctp'
  | 'icmp'
  | 'icmp6'
  | 'nd'
  | 'nd_solicit'
  | 'nd_advert'
  | 'nsh'
  | 'ct4'
  | 'ct6'
  | 'ct'

export interface Field {
  /** The first is its name in Open vSwitch, the others are aliases. */
  readonly names: readonly string[]
  /** Names of the class_field form, as subfields may be written. */
  readonly symbols: readonly string[]
  readonly bits: number
  readonly format: Format
  readonly maskable: boolean
  readonly needs: Needs
  readonly writable: boolean
  /** The value of set_field; some can only be written in parts, some only so. */
  readonly settable: boolean
  readonly loadable: boolean
  /** In a match of OpenFlow 1.1: not at all, exactly, or also masked. */
  readonly in11: 'no' | 'exact' | 'mask'
  /** Fields that share storage have one, so that a match has one of them. */
  readonly storage: string
}

type Row = readonly [
  names: string,
  symbols: string,
  bits: number,
  format: Format,
  marks: string,
  needs?: Needs,
  storage?: string,
]

/** Marks: m maskable, w writable, l but not by set_field, s but only by set_field, 1 exact in 1.1, 2 masked in 1.1. */
const rows: readonly Row[] = [
  ['dp_hash', 'NXM_NX_DP_HASH', 32, 'hex', 'm'],
  ['recirc_id', 'NXM_NX_RECIRC_ID', 32, 'decimal', ''],
  ['packet_type', 'OXM_OF_PACKET_TYPE', 32, 'packet_type', ''],
  ['conj_id', 'NXM_NX_CONJ_ID', 32, 'decimal', ''],
  ['tun_id tunnel_id', 'NXM_NX_TUN_ID OXM_OF_TUNNEL_ID', 64, 'hex', 'mw'],
  ['tun_src', 'NXM_NX_TUN_IPV4_SRC', 32, 'ipv4', 'mw'],
  ['tun_dst', 'NXM_NX_TUN_IPV4_DST', 32, 'ipv4', 'mw'],
  ['tun_ipv6_src', 'NXM_NX_TUN_IPV6_SRC', 128, 'ipv6', 'mw'],
  ['tun_ipv6_dst', 'NXM_NX_TUN_IPV6_DST', 128, 'ipv6', 'mw'],
  ['tun_flags', 'NXM_NX_TUN_FLAGS', 1, 'tun_flags', 'mw'],
  ['tun_gbp_id', 'NXM_NX_TUN_GBP_ID', 16, 'decimal', 'mw'],
  ['tun_gbp_flags', 'NXM_NX_TUN_GBP_FLAGS', 8, 'hex', 'mw'],
  ['tun_erspan_idx', 'NXOXM_ET_ERSPAN_IDX', 20, 'hex', 'mw'],
  ['tun_erspan_ver', 'NXOXM_ET_ERSPAN_VER', 4, 'decimal', 'mw'],
  ['tun_erspan_dir', 'NXOXM_ET_ERSPAN_DIR', 1, 'decimal', 'mw'],
  ['tun_erspan_hwid', 'NXOXM_ET_ERSPAN_HWID', 6, 'hex', 'mw'],
  ['tun_gtpu_flags', 'NXOXM_ET_GTPU_FLAGS', 8, 'hex', 'm'],
  ['tun_gtpu_msgtype', 'NXOXM_ET_GTPU_MSGTYPE', 8, 'decimal', 'm'],
  ['metadata', 'OXM_OF_METADATA', 64, 'hex', 'mw2'],
  ['in_port', 'NXM_OF_IN_PORT', 16, 'port', 'w1'],
  ['in_port_oxm', 'OXM_OF_IN_PORT', 32, 'port', 'wl1', '', 'in_port'],
  ['actset_output', 'ONFOXM_ET_ACTSET_OUTPUT', 32, 'port', ''],
  ['pkt_mark', 'NXM_NX_PKT_MARK', 32, 'hex', 'mw'],
  ['ct_state', 'NXM_NX_CT_STATE', 32, 'ct_state', 'm'],
  ['ct_zone', 'NXM_NX_CT_ZONE', 16, 'hex', ''],
  ['ct_mark', 'NXM_NX_CT_MARK', 32, 'hex', 'm'],
  ['ct_label', 'NXM_NX_CT_LABEL', 128, 'hex', 'm'],
  ['ct_nw_proto', 'NXM_NX_CT_NW_PROTO', 8, 'decimal', '', 'ct'],
  ['ct_nw_src', 'NXM_NX_CT_NW_SRC', 32, 'ipv4', 'm', 'ct4'],
  ['ct_nw_dst', 'NXM_NX_CT_NW_DST', 32, 'ipv4', 'm', 'ct4'],
  ['ct_ipv6_src', 'NXM_NX_CT_IPV6_SRC', 128, 'ipv6', 'm', 'ct6'],
  ['ct_ipv6_dst', 'NXM_NX_CT_IPV6_DST', 128, 'ipv6', 'm', 'ct6'],
  ['ct_tp_src', 'NXM_NX_CT_TP_SRC', 16, 'decimal', 'm', 'ct'],
  ['ct_tp_dst', 'NXM_NX_CT_TP_DST', 16, 'decimal', 'm', 'ct'],
  ['eth_src dl_src', 'NXM_OF_ETH_SRC OXM_OF_ETH_SRC', 48, 'mac', 'mw2', 'ethernet'],
  ['eth_dst dl_dst', 'NXM_OF_ETH_DST OXM_OF_ETH_DST', 48, 'mac', 'mw2', 'ethernet'],
  ['eth_type dl_type', 'NXM_OF_ETH_TYPE OXM_OF_ETH_TYPE', 16, 'hex', '1', 'ethernet', 'packet_type'],
  ['vlan_tci', 'NXM_OF_VLAN_TCI', 16, 'hex', 'mw1', 'ethernet', 'vlan'],
  ['dl_vlan', '', 12, 'decimal', '1', 'ethernet', 'vlan'],
  ['vlan_vid', 'OXM_OF_VLAN_VID', 12, 'decimal', 'mws1', 'ethernet', 'vlan'],
  ['dl_vlan_pcp', '', 3, 'decimal', '1', 'ethernet', 'vlan_pcp'],
  ['vlan_pcp', 'OXM_OF_VLAN_PCP', 3, 'decimal', 'w1', 'vlan', 'vlan_pcp'],
  ['mpls_label', 'OXM_OF_MPLS_LABEL', 20, 'decimal', 'w1', 'mpls'],
  ['mpls_tc', 'OXM_OF_MPLS_TC', 3, 'decimal', 'w1', 'mpls'],
  ['mpls_bos', 'OXM_OF_MPLS_BOS', 1, 'decimal', '', 'mpls'],
  ['mpls_ttl', 'NXM_NX_MPLS_TTL', 8, 'decimal', 'w', 'mpls'],
  ['ip_src nw_src', 'NXM_OF_IP_SRC OXM_OF_IPV4_SRC', 32, 'ipv4', 'mw2', 'ipv4'],
  ['ip_dst nw_dst', 'NXM_OF_IP_DST OXM_OF_IPV4_DST', 32, 'ipv4', 'mw2', 'ipv4'],
  ['ipv6_src', 'NXM_NX_IPV6_SRC OXM_OF_IPV6_SRC', 128, 'ipv6', 'mw', 'ipv6'],
  ['ipv6_dst', 'NXM_NX_IPV6_DST OXM_OF_IPV6_DST', 128, 'ipv6', 'mw', 'ipv6'],
  ['ipv6_label', 'NXM_NX_IPV6_LABEL OXM_OF_IPV6_FLABEL', 20, 'hex', 'mw', 'ipv6'],
  ['nw_proto ip_proto', 'NXM_OF_IP_PROTO OXM_OF_IP_PROTO', 8, 'decimal', '1', 'ip', 'nw_proto'],
  ['nw_tos', 'NXM_OF_IP_TOS', 8, 'decimal', 'ws1', 'ip', 'dscp'],
  ['ip_dscp', 'OXM_OF_IP_DSCP', 6, 'decimal', 'w1', 'ip', 'dscp'],
  ['nw_ecn ip_ecn', 'NXM_NX_IP_ECN OXM_OF_IP_ECN', 2, 'decimal', 'w', 'ip'],
  ['nw_ttl', 'NXM_NX_IP_TTL', 8, 'decimal', 'w', 'ip'],
  ['ip_frag nw_frag', 'NXM_NX_IP_FRAG', 2, 'frag', 'm', 'ip'],
  ['arp_op', 'NXM_OF_ARP_OP OXM_OF_ARP_OP', 16, 'decimal', 'ws1', 'arp'],
  ['arp_spa', 'NXM_OF_ARP_SPA OXM_OF_ARP_SPA', 32, 'ipv4', 'mw2', 'arp'],
  ['arp_tpa', 'NXM_OF_ARP_TPA OXM_OF_ARP_TPA', 32, 'ipv4', 'mw2', 'arp'],
  ['arp_sha', 'NXM_NX_ARP_SHA OXM_OF_ARP_SHA', 48, 'mac', 'mw', 'arp'],
  ['arp_tha', 'NXM_NX_ARP_THA OXM_OF_ARP_THA', 48, 'mac', 'mw', 'arp'],
  ['tcp_src tp_src', 'NXM_OF_TCP_SRC OXM_OF_TCP_SRC', 16, 'decimal', 'mw1', 'tcp'],
  ['tcp_dst tp_dst', 'NXM_OF_TCP_DST OXM_OF_TCP_DST', 16, 'decimal', 'mw1', 'tcp'],
  ['tcp_flags', 'NXM_NX_TCP_FLAGS ONFOXM_ET_TCP_FLAGS', 12, 'tcp_flags', 'm', 'tcp'],
  ['udp_src tp_src', 'NXM_OF_UDP_SRC OXM_OF_UDP_SRC', 16, 'decimal', 'mw1', 'udp'],
  ['udp_dst tp_dst', 'NXM_OF_UDP_DST OXM_OF_UDP_DST', 16, 'decimal', 'mw1', 'udp'],
  ['sctp_src tp_src', 'OXM_OF_SCTP_SRC', 16, 'decimal', 'mw1', 'sctp'],
  ['sctp_dst tp_dst', 'OXM_OF_SCTP_DST', 16, 'decimal', 'mw1', 'sctp'],
  ['icmp_type', 'NXM_OF_ICMP_TYPE OXM_OF_ICMPV4_TYPE', 8, 'decimal', 'w1', 'icmp'],
  ['icmp_code', 'NXM_OF_ICMP_CODE OXM_OF_ICMPV4_CODE', 8, 'decimal', 'w1', 'icmp'],
  ['icmpv6_type', 'NXM_NX_ICMPV6_TYPE OXM_OF_ICMPV6_TYPE', 8, 'decimal', 'w', 'icmp6'],
  ['icmpv6_code', 'NXM_NX_ICMPV6_CODE OXM_OF_ICMPV6_CODE', 8, 'decimal', 'w', 'icmp6'],
  ['nd_target', 'NXM_NX_ND_TARGET OXM_OF_IPV6_ND_TARGET', 128, 'ipv6', 'mw', 'nd'],
  ['nd_sll', 'NXM_NX_ND_SLL OXM_OF_IPV6_ND_SLL', 48, 'mac', 'mw', 'nd_solicit'],
  ['nd_tll', 'NXM_NX_ND_TLL OXM_OF_IPV6_ND_TLL', 48, 'mac', 'mw', 'nd_advert'],
  ['nd_reserved', 'ERICOXM_OF_ICMPV6_ND_RESERVED', 32, 'decimal', 'w', 'nd'],
  ['nd_options_type', 'ERICOXM_OF_ICMPV6_ND_OPTIONS_TYPE', 8, 'decimal', 'w', 'nd'],
  ['nsh_flags', 'NXOXM_NSH_FLAGS', 8, 'decimal', 'mw', 'nsh'],
  ['nsh_mdtype', 'NXOXM_NSH_MDTYPE', 8, 'decimal', '', 'nsh'],
  ['nsh_np', 'NXOXM_NSH_NP', 8, 'decimal', '', 'nsh'],
  ['nsh_spi nsp', 'NXOXM_NSH_SPI', 24, 'hex', 'w', 'nsh'],
  ['nsh_si nsi', 'NXOXM_NSH_SI', 8, 'decimal', 'w', 'nsh'],
  ['nsh_ttl', 'NXOXM_NSH_TTL', 8, 'decimal', 'ws', 'nsh'],
]

const range = (count: number): readonly number[] => Array.from({ length: count }, (_one, index) => index)

const numbered: readonly Row[] = [
  ...range(16).map((n): Row => [`reg${n}`, `NXM_NX_REG${n}`, 32, 'hex', 'mw', '', `reg${n}`]),
  ...range(8).map(
    (n): Row => [`xreg${n}`, `OXM_OF_PKT_REG${n}`, 64, 'hex', 'mw', '', `reg${2 * n} reg${2 * n + 1}`],
  ),
  ...range(4).map(
    (n): Row => [
      `xxreg${n}`,
      `NXM_NX_XXREG${n}`,
      128,
      'hex',
      'mw',
      '',
      range(4)
        .map((m) => `reg${4 * n + m}`)
        .join(' '),
    ],
  ),
  ...range(64).map((n): Row => [`tun_metadata${n}`, `NXM_NX_TUN_METADATA${n}`, 992, 'hex', 'mw']),
  ...range(4).map((n): Row => [`nsh_c${n + 1} nshc${n + 1}`, `NXOXM_NSH_C${n + 1}`, 32, 'hex', 'mw', 'nsh']),
]

const words = (text: string): readonly string[] => text.split(' ').filter((word) => word !== '')

export const fields: readonly Field[] = [...rows, ...numbered].map(
  ([names, symbols, bits, format, marks, needs, storage]) => ({
    names: words(names),
    symbols: words(symbols),
    bits,
    format,
    maskable: marks.includes('m'),
    needs: needs ?? '',
    writable: marks.includes('w'),
    settable: marks.includes('w') && !marks.includes('l'),
    loadable: marks.includes('w') && !marks.includes('s'),
    in11: marks.includes('2') ? 'mask' : marks.includes('1') ? 'exact' : 'no',
    storage: storage ?? words(names)[0] ?? '',
  }),
)

export const nameOf = (field: Field): string => field.names[0] ?? ''

export const fieldNamed = (name: string): Field => {
  const field = fields.find((one) => nameOf(one) === name)
  if (field === undefined) throw new Error(`no field ${name}`)
  return field
}

export const isTunnelMetadata = (field: Field): boolean => nameOf(field).startsWith('tun_metadata')

/** Numbered fields count as one in what has been seen, or most texts would be about tunnel metadata. */
export const family = (name: string): string => name.replace(/^(x{0,2}reg|tun_metadata|nsh_?c)\d+$/, '$1N')

export const familyOf = (field: Field): string => family(nameOf(field))
