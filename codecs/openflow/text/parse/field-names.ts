/** The names that ovs-ofctl's texts have for fields: OpenFlow's, those of 1.0, and the NXM and OXM names of headers. */
import { type FieldName, fieldRow, type FieldRow, fieldTable } from '../../fields/table.ts'
import { headerNames, matchName, registerName, setName } from '../names.ts'

/** Names besides the ones that print; `tp_src` and its like stand for TCP's until the protocol says otherwise. */
const aliases: Readonly<Record<string, FieldName>> = {
  dl_src: 'eth_src',
  dl_dst: 'eth_dst',
  dl_type: 'eth_type',
  dl_vlan_pcp: 'vlan_pcp',
  nw_src: 'ipv4_src',
  nw_dst: 'ipv4_dst',
  ip_src: 'ipv4_src',
  ip_dst: 'ipv4_dst',
  nw_proto: 'ip_proto',
  nw_ecn: 'ip_ecn',
  nw_frag: 'ip_frag',
  ipv6_label: 'ipv6_flabel',
  tp_src: 'tcp_src',
  tp_dst: 'tcp_dst',
  icmp_type: 'icmpv4_type',
  icmp_code: 'icmpv4_code',
  nd_target: 'ipv6_nd_target',
  nd_sll: 'ipv6_nd_sll',
  nd_tll: 'ipv6_nd_tll',
  tun_id: 'tunnel_id',
  in_port_oxm: 'in_port',
  nsp: 'nsh_spi',
  nsi: 'nsh_si',
  nshc1: 'nsh_c1',
  nshc2: 'nsh_c2',
  nshc3: 'nsh_c3',
  nshc4: 'nsh_c4',
}

/** What tells flows apart, and is no part of a packet. */
const notMatched = new Set<string>(['cookie'])
const named = fieldTable.filter(({ name }) => !notMatched.has(name))

const byText: ReadonlyMap<string, FieldName> = new Map([
  ...named
    .flatMap(({ name }) => [[matchName(name), name] as const, [setName(name), name] as const])
    .reverse(),
  ...Object.entries(aliases),
  ...named.map(({ name }) => [name, name] as const),
])

/** OpenFlow's names of fields that had others in NXM; the field is the same. */
const laterNames: Readonly<Record<string, FieldName>> = Object.fromEntries(
  named
    .filter(({ forms }) => forms.some(({ oxmClass }) => oxmClass === 0x8000))
    .map(({ name }) => [`OXM_OF_${name.toUpperCase()}`, name]),
)

const byHeader: ReadonlyMap<string, FieldName> = new Map([
  ...Object.entries(laterNames),
  ...named.flatMap((row) => headerNames(row).map((text) => [text, row.name] as const)),
  ...named.map(({ name }) => [registerName(name), name] as const),
])

/** The field of a name as matches have it. */
export function fieldNamed(text: string): FieldRow | undefined {
  const name = byText.get(text)
  return name === undefined ? undefined : fieldRow(name)
}

/** The field of a name as move and load have it: a header's, or as in matches. */
export const fieldOfHeader = (text: string): FieldRow | undefined => {
  const name = byHeader.get(text)
  return name === undefined ? fieldNamed(text) : fieldRow(name)
}
