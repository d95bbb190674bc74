/** The fields that Open vSwitch 3.1 has besides OpenFlow's own: registers, tunnels, connection tracking, NSH. */
import { ericsson, experimenterForm, field, type FieldRow, never, nxm, nxmOf, packetRegister } from './row.ts'

type Digit = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9'
type RegisterName = `reg${Digit}` | `reg1${'0' | '1' | '2' | '3' | '4' | '5'}`
type WideRegisterName = `xreg${'0' | '1' | '2' | '3' | '4' | '5' | '6' | '7'}`
type WidestRegisterName = `xxreg${'0' | '1' | '2' | '3'}`
type TunnelMetadataName =
  | `tun_metadata${Digit | `${'1' | '2' | '3' | '4' | '5'}${Digit}`}`
  | `tun_metadata6${'0' | '1' | '2' | '3'}`

const any = { mask: 'any' } as const
const readOnly = { readOnly: true } as const

/** `count` rows of one kind; the names are the type's. */
const numbered = <N extends string>(
  count: number,
  row: (index: number) => FieldRow & { readonly name: N },
): readonly (FieldRow & { readonly name: N })[] => Array.from({ length: count }, (_, index) => row(index))

const registers = numbered(16, (n) => field(`reg${n}` as RegisterName, 4, 'hex', [nxm(n)], any))
/** Two registers each, the lower-numbered one above. */
const wideRegisters = numbered(8, (n) =>
  field(`xreg${n}` as WideRegisterName, 8, 'hex', [packetRegister(n)], any),
)
const widestRegisters = numbered(4, (n) =>
  field(`xxreg${n}` as WidestRegisterName, 16, 'hex', [nxm(111 + n)], any),
)
/** Options of a tunnel's header, as wide as the switch's mapping makes them. */
const tunnelMetadata = numbered(64, (n) =>
  field(`tun_metadata${n}` as TunnelMetadataName, 124, 'hex', [nxm(40 + n)], { variable: true, ...any }),
)

const nicira = (oxmField: number) => experimenterForm('nicira', oxmField)

const tunnels = [
  field('tun_src', 4, 'ipv4', [nxm(31)], any),
  field('tun_dst', 4, 'ipv4', [nxm(32)], any),
  field('tun_ipv6_src', 16, 'ipv6', [nxm(109)], any),
  field('tun_ipv6_dst', 16, 'ipv6', [nxm(110)], any),
  field('tun_gbp_id', 2, 'decimal', [nxm(38)], any),
  field('tun_gbp_flags', 1, 'hex', [nxm(39)], any),
  field('tun_flags', 2, 'tun_flags', [nxm(104)], { bits: 1, ...any }),
  field('tun_erspan_idx', 4, 'hex', [nicira(11)], { bits: 20, ...any }),
  field('tun_erspan_ver', 1, 'decimal', [nicira(12)], { bits: 4, ...any }),
  field('tun_erspan_dir', 1, 'decimal', [nicira(13)], { bits: 1, ...any }),
  field('tun_erspan_hwid', 1, 'hex', [nicira(14)], { bits: 6, ...any }),
  field('tun_gtpu_flags', 1, 'hex', [nicira(15)], { ...any, ...readOnly }),
  field('tun_gtpu_msgtype', 1, 'decimal', [nicira(16)], { ...any, ...readOnly }),
] as const

const connections = [
  field('ct_state', 4, 'ct_state', [nxm(105)], { ...any, ...readOnly }),
  field('ct_zone', 2, 'hex', [nxm(106)], readOnly),
  field('ct_mark', 4, 'hex', [nxm(107)], any),
  field('ct_label', 16, 'hex', [nxm(108)], any),
  field('ct_nw_proto', 1, 'decimal', [nxm(119)], { needs: 'ct', ...readOnly }),
  field('ct_nw_src', 4, 'ipv4', [nxm(120)], { ...any, needs: 'ct', ...readOnly }),
  field('ct_nw_dst', 4, 'ipv4', [nxm(121)], { ...any, needs: 'ct', ...readOnly }),
  field('ct_ipv6_src', 16, 'ipv6', [nxm(122)], { ...any, needs: 'ct', ...readOnly }),
  field('ct_ipv6_dst', 16, 'ipv6', [nxm(123)], { ...any, needs: 'ct', ...readOnly }),
  field('ct_tp_src', 2, 'decimal', [nxm(124)], { ...any, needs: 'ct', ...readOnly }),
  field('ct_tp_dst', 2, 'decimal', [nxm(125)], { ...any, needs: 'ct', ...readOnly }),
] as const

const nsh = (oxmField: number) => experimenterForm('nsh', oxmField)

const services = [
  field('nsh_flags', 1, 'decimal', [nsh(1)], { ...any, needs: 'nsh' }),
  field('nsh_mdtype', 1, 'decimal', [nsh(2)], { needs: 'nsh', ...readOnly }),
  field('nsh_np', 1, 'decimal', [nsh(3)], { needs: 'nsh', ...readOnly }),
  field('nsh_spi', 4, 'hex', [nsh(4)], { bits: 24, needs: 'nsh' }),
  field('nsh_si', 1, 'decimal', [nsh(5)], { needs: 'nsh' }),
  field('nsh_c1', 4, 'hex', [nsh(6)], { ...any, needs: 'nsh' }),
  field('nsh_c2', 4, 'hex', [nsh(7)], { ...any, needs: 'nsh' }),
  field('nsh_c3', 4, 'hex', [nsh(8)], { ...any, needs: 'nsh' }),
  field('nsh_c4', 4, 'hex', [nsh(9)], { ...any, needs: 'nsh' }),
  field('nsh_ttl', 1, 'decimal', [nsh(10)], { needs: 'nsh' }),
] as const

const packets = [
  field('nd_reserved', 4, 'decimal', [ericsson(1)], { needs: 'nd' }),
  field('nd_options_type', 1, 'decimal', [ericsson(2)], { needs: 'nd' }),
  /** Priority, the bit "tagged" and VLAN number in one. */
  field('vlan_tci', 2, 'hex', [nxmOf(4)], { ...any, needs: 'ethernet' }),
  /** The DSCP in the upper six bits, where `ip_dscp` has it in the lower. */
  field('nw_tos', 1, 'decimal', [nxmOf(5)], { needs: 'ip' }),
  field('ip_frag', 1, 'frag', [nxm(26)], { bits: 2, ...any, needs: 'ip', ...readOnly }),
  field('nw_ttl', 1, 'decimal', [nxm(29)], { needs: 'ip' }),
  field('mpls_ttl', 1, 'decimal', [nxm(30)], { needs: 'mpls' }),
  field('pkt_mark', 4, 'hex', [nxm(33)], any),
  field('dp_hash', 4, 'hex', [nxm(35), experimenterForm('nicira', 0, never)], { ...any, ...readOnly }),
  field('recirc_id', 4, 'decimal', [nxm(36)], readOnly),
  field('conj_id', 4, 'decimal', [nxm(37)], readOnly),
  /** Not of packets: which flows a request in NXM means. It has the number of `mpls_ttl`. */
  field('cookie', 8, 'hex', [nxm(30)], { ...any, ...readOnly }),
] as const

export const openVswitchFields = [
  ...packets,
  ...registers,
  ...wideRegisters,
  ...widestRegisters,
  ...tunnels,
  ...tunnelMetadata,
  ...connections,
  ...services,
] as const
