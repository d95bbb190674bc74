/** What ovs-ofctl calls fields and ports: one spelling in matches, one in set_field, one in move and load. */
import { reservedPort } from '../common/names.ts'
import { type FieldName, type FieldRow, fieldRow, type Form } from '../fields/table.ts'

interface Spelling {
  readonly match?: string
  readonly set?: string
  /** Of a header, after the prefix of its class. */
  readonly register?: string
}

/** Fields whose spelling is not their own name throughout. */
const spellings: Readonly<Partial<Record<FieldName, Spelling>>> = {
  eth_dst: { match: 'dl_dst' },
  eth_src: { match: 'dl_src' },
  eth_type: { match: 'dl_type' },
  vlan_pcp: { match: 'dl_vlan_pcp' },
  ip_dscp: { match: 'nw_tos' },
  ip_ecn: { match: 'nw_ecn', set: 'nw_ecn' },
  ip_proto: { match: 'nw_proto', set: 'nw_proto' },
  ipv4_src: { match: 'nw_src', set: 'ip_src', register: 'IP_SRC' },
  ipv4_dst: { match: 'nw_dst', set: 'ip_dst', register: 'IP_DST' },
  tcp_src: { match: 'tp_src' },
  tcp_dst: { match: 'tp_dst' },
  udp_src: { match: 'tp_src' },
  udp_dst: { match: 'tp_dst' },
  sctp_src: { match: 'tp_src' },
  sctp_dst: { match: 'tp_dst' },
  icmpv4_type: { match: 'icmp_type', set: 'icmp_type', register: 'ICMP_TYPE' },
  icmpv4_code: { match: 'icmp_code', set: 'icmp_code', register: 'ICMP_CODE' },
  icmpv6_type: { match: 'icmp_type' },
  icmpv6_code: { match: 'icmp_code' },
  ipv6_flabel: { match: 'ipv6_label', set: 'ipv6_label', register: 'IPV6_LABEL' },
  ipv6_nd_target: { match: 'nd_target', set: 'nd_target', register: 'ND_TARGET' },
  ipv6_nd_sll: { match: 'nd_sll', set: 'nd_sll', register: 'ND_SLL' },
  ipv6_nd_tll: { match: 'nd_tll', set: 'nd_tll', register: 'ND_TLL' },
  tunnel_id: { match: 'tun_id', set: 'tun_id', register: 'TUN_ID' },
  ip_frag: { match: 'nw_frag' },
  nw_ttl: { register: 'IP_TTL' },
  nw_tos: { register: 'IP_TOS' },
  tun_src: { register: 'TUN_IPV4_SRC' },
  tun_dst: { register: 'TUN_IPV4_DST' },
  tun_gtpu_flags: { match: 'gtpu_flags' },
  tun_gtpu_msgtype: { match: 'gtpu_msgtype' },
  nd_reserved: { register: 'ICMPV6_ND_RESERVED' },
  nd_options_type: { register: 'ICMPV6_ND_OPTIONS_TYPE' },
}

const classPrefix: Readonly<Record<number, string>> = {
  0x0000: 'NXM_OF_',
  0x0001: 'NXM_NX_',
  0x1000: 'ERICOXM_OF_',
  0x8000: 'OXM_OF_',
  0x8001: 'OXM_OF_PKT_REG',
}

const experimenterPrefix: Readonly<Record<number, string>> = {
  0x0000_2320: 'NXOXM_ET_',
  0x4f4e_4600: 'ONFOXM_ET_',
  0x005a_d650: 'NXOXM_NSH_',
}

/** What a prefix says already. */
const saidByPrefix = /^(?:tun_(?=erspan|gtpu)|nsh_|xreg(?=\d))/

export const matchName = (field: FieldName): string => spellings[field]?.match ?? field
export const setName = (field: FieldName): string => spellings[field]?.set ?? field

const spelled = (field: FieldName, { oxmClass, experimenter }: Form): string => {
  const own = oxmClass === 0xffff || oxmClass === 0x8001 ? field.replace(saidByPrefix, '') : field
  const prefix = experimenter === undefined ? classPrefix[oxmClass] : experimenterPrefix[experimenter]
  return (prefix ?? '') + (spellings[field]?.register ?? own.toUpperCase())
}

const inPort: FieldName = 'in_port'

/** Open vSwitch takes the ports of 16 and of 32 bits for two fields; all others go by their oldest number. */
function formNamed(field: FieldName, oxmClass: number | undefined): Form | undefined {
  const forms = fieldRow(field)?.forms
  const own = field === inPort ? forms?.find((form) => form.oxmClass === oxmClass) : undefined
  return own ?? forms?.[0]
}

/** `NXM_NX_REG0`; of `in_port` that of the class. */
export function registerName(field: FieldName, oxmClass?: number): string {
  const form = formNamed(field, oxmClass)
  return form === undefined ? field : spelled(field, form)
}

/** The names of all its numbers. */
export const headerNames = ({
  name,
  forms,
}: Pick<FieldRow, 'forms'> & { readonly name: FieldName }): readonly string[] =>
  forms.map((form) => spelled(name, form))

export interface BitsOfField {
  readonly field: FieldName
  readonly oxmClass?: number | undefined
  readonly offset: number
  readonly nBits: number
}

/** Bits of a field as move and load name them: `NXM_NX_REG0[]`, `[3]`, `[0..15]`. */
export function bitRange({ field, oxmClass, offset, nBits }: BitsOfField): string {
  const whole = offset === 0 && nBits === bitsOf(field, oxmClass)
  const range = whole ? '' : nBits === 1 ? `${offset}` : `${offset}..${offset + nBits - 1}`
  return `${registerName(field, oxmClass)}[${range}]`
}

/** How many bits the field has for those who copy it. */
export function bitsOf(field: FieldName, oxmClass?: number): number {
  const row = fieldRow(field)
  return row === undefined ? 0 : (row.bits ?? (formNamed(field, oxmClass)?.width ?? row.width) * 8)
}

const portNames: ReadonlyMap<number, string> = new Map([
  [0xffff_fff7, 'UNSET'],
  [reservedPort.inPort, 'IN_PORT'],
  [reservedPort.table, 'TABLE'],
  [reservedPort.normal, 'NORMAL'],
  [reservedPort.flood, 'FLOOD'],
  [reservedPort.all, 'ALL'],
  [reservedPort.controller, 'CONTROLLER'],
  [reservedPort.local, 'LOCAL'],
  [reservedPort.any, 'ANY'],
])

const firstReserved = 0xffff_ff00

/** A port's number, or the name of a reserved one; one without a name is shown as the 16 bits that 1.0 has for it. */
export const portName = (port: number): string =>
  portNames.get(port) ?? String(port >= firstReserved ? port - 0xffff_0000 : port)
