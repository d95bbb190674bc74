/** Rules in ovs-ofctl syntax with table names: what `plan`, `flows` and the golden tests show. */
import type { OxmField } from 'ts-openflow'
import { ethTypes } from './fields.ts'
import type { FieldName, Rule, RuleAction } from './rule.ts'

/** Such as `table=local,priority=100,metadata=0x65,dl_dst=52:54:00:00:00:01 actions=output:3`. */
export function flowText(rule: Rule): string {
  const match = matchText(rule.match)
  return `table=${rule.table},priority=${rule.priority}${match && `,${match}`} actions=${actionsText(rule)}`
}

function matchText(match: readonly OxmField[]): string {
  const protocol = protocolOf(match)
  const fields = match.flatMap((field) => (protocol?.covers.has(field.field) ? [] : [fieldText(field)]))
  return [...(protocol ? [protocol.keyword] : []), ...fields].join(',')
}

/** One keyword for ethertype and IP protocol, as ovs-ofctl prints them. */
function protocolOf(
  match: readonly OxmField[],
): { readonly keyword: string; readonly covers: ReadonlySet<FieldName> } | undefined {
  const exact = (name: FieldName) =>
    match.find(({ field, mask }) => field === name && mask === undefined)?.value
  const ethType = Number(exact('eth_type'))
  const keywords = new Map<number, string>([
    [ethTypes.arp, 'arp'],
    [ethTypes.rarp, 'rarp'],
    [ethTypes.ipv4, 'ip'],
    [ethTypes.ipv6, 'ipv6'],
  ])
  const keyword = keywords.get(ethType)
  if (keyword === undefined) return undefined
  const proto = exact('ip_proto')
  const upper = proto === 17 ? 'udp' : proto === 58 ? 'icmp' : undefined
  if (upper === undefined) return { keyword, covers: new Set(['eth_type']) }
  return { keyword: keyword === 'ipv6' ? `${upper}6` : upper, covers: new Set(['eth_type', 'ip_proto']) }
}

const spelling: Readonly<Partial<Record<FieldName, string>>> = {
  eth_dst: 'dl_dst',
  eth_src: 'dl_src',
  eth_type: 'dl_type',
  ip_proto: 'nw_proto',
  ipv4_src: 'nw_src',
  ipv4_dst: 'nw_dst',
  udp_src: 'tp_src',
  udp_dst: 'tp_dst',
  icmpv6_type: 'icmp_type',
  ipv6_nd_target: 'nd_target',
  ipv6_nd_sll: 'nd_sll',
  ipv6_nd_tll: 'nd_tll',
}

function fieldText(one: OxmField): string {
  if (one.field === 'vlan_vid' && one.mask === undefined) return `dl_vlan=${Number(one.value) & 0xfff}`
  const value = valueText(one.field, one.value)
  return `${spelling[one.field] ?? one.field}=${value}${one.mask === undefined ? '' : `/${valueText(one.field, one.mask)}`}`
}

function valueText(field: FieldName, value: number | bigint): string {
  switch (field) {
    case 'eth_dst':
    case 'eth_src':
    case 'arp_sha':
    case 'arp_tha':
    case 'ipv6_nd_sll':
    case 'ipv6_nd_tll':
      return macText(Number(value))
    case 'ipv4_src':
    case 'ipv4_dst':
    case 'arp_spa':
    case 'arp_tpa':
      return ipv4Text(Number(value))
    case 'ipv6_src':
    case 'ipv6_dst':
    case 'ipv6_nd_target':
      return ipv6Text(BigInt(value))
    case 'in_port':
    case 'ip_proto':
    case 'udp_src':
    case 'udp_dst':
    case 'arp_op':
    case 'icmpv6_type':
    case 'nd_options_type':
    case 'nd_reserved':
      return value.toString()
    default:
      return `0x${value.toString(16)}`
  }
}

/** A 48-bit number as `52:54:00:00:00:01`. */
export function macText(mac: number): string {
  return mac
    .toString(16)
    .padStart(12, '0')
    .replace(/..(?=.)/g, '$&:')
}

function ipv4Text(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.')
}

/** RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups as `::`. */
export function ipv6Text(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((value >> BigInt(112 - index * 16)) & 0xffffn).toString(16),
  )
  const runs = [...groups.join(':').matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)]
  const longest = runs.toSorted((a, b) => b[0].length - a[0].length || a.index - b.index)[0]
  if (!longest) return groups.join(':')
  const text = groups.join(':')
  const before = text.slice(0, longest.index)
  const after = text.slice(longest.index + longest[0].length).replace(/^:/, '')
  return `${before}::${after}`
}

function actionsText(rule: Rule): string {
  const parts = [
    ...(rule.meter === undefined ? [] : [`meter:${rule.meter}`]),
    ...rule.actions.map(actionText),
    ...(rule.setNetwork === undefined ? [] : [`write_metadata:0x${rule.setNetwork.toString(16)}`]),
    ...(rule.goto === undefined ? [] : [`goto_table:${rule.goto}`]),
  ]
  return parts.length === 0 ? 'drop' : parts.join(',')
}

function actionText(action: RuleAction): string {
  switch (action.type) {
    case 'output':
      return `output:${action.port}`
    case 'output_in_port':
      return 'IN_PORT'
    case 'controller':
      return `CONTROLLER:${action.maxLen}`
    case 'push_vlan':
      return 'push_vlan:0x8100'
    case 'pop_vlan':
      return 'pop_vlan'
    case 'set_field':
      return `set_field:${setFieldValue(action.field)}->${action.field.field}`
    case 'move':
      return `move:${rangeText(action.from, action.bits)}->${rangeText(action.to, action.bits)}`
  }
}

function setFieldValue({ field, value }: OxmField): string {
  return valueText(field, value)
}

function rangeText(field: FieldName, bits: number): string {
  return `${field}[0..${bits - 1}]`
}
