/** The match fields that the pipeline uses: their canonical order, and one short maker for each. */
import type { OxmField } from 'ts-openflow'
import type { FieldName } from './rule.ts'

/** OpenFlow's own numbering (OF 1.5.1 table 14), then registers and extensions. */
const fieldOrder: readonly FieldName[] = [
  ...([
    'in_port',
    'metadata',
    'eth_dst',
    'eth_src',
    'eth_type',
    'vlan_vid',
    'vlan_pcp',
    'ip_dscp',
    'ip_proto',
  ] as const),
  ...([
    'ipv4_src',
    'ipv4_dst',
    'udp_src',
    'udp_dst',
    'arp_op',
    'arp_spa',
    'arp_tpa',
    'arp_sha',
    'arp_tha',
  ] as const),
  ...([
    'ipv6_src',
    'ipv6_dst',
    'icmpv6_type',
    'ipv6_nd_target',
    'ipv6_nd_sll',
    'ipv6_nd_tll',
    'reg9',
    'reg10',
    'reg11',
    'reg12',
    'reg13',
    'reg14',
    'reg15',
  ] as const),
]

const rank: ReadonlyMap<FieldName, number> = new Map(fieldOrder.map((field, index) => [field, index]))

/** Sorted by field order; fields that the pipeline does not use come last, by name. */
export function sortMatch(match: readonly OxmField[]): readonly OxmField[] {
  return match.length < 2 || isSorted(match) ? match : match.toSorted(compareFields)
}

function isSorted(match: readonly OxmField[]): boolean {
  let last = -1
  for (const { field } of match) {
    const at = rank.get(field) ?? -1
    if (at <= last) return false
    last = at
  }
  return true
}

function compareFields(a: OxmField, b: OxmField): number {
  const byRank = (rank.get(a.field) ?? fieldOrder.length) - (rank.get(b.field) ?? fieldOrder.length)
  return byRank || (a.field < b.field ? -1 : a.field > b.field ? 1 : 0)
}

export const ethTypes = { ipv4: 0x0800, arp: 0x0806, rarp: 0x8035, ipv6: 0x86dd, lldp: 0x88cc } as const

export const inPort = (port: number): OxmField => ({ field: 'in_port', value: port })
export const network = (key: number): OxmField => ({ field: 'metadata', value: BigInt(key) })
export const ethDst = (mac: number): OxmField => ({ field: 'eth_dst', value: mac })
export const ethSrc = (mac: number): OxmField => ({ field: 'eth_src', value: mac })
/** `vlan_vid` carries a 13th bit that says that there is a tag at all. */
export const vlanVid = (vlan: number): OxmField => ({ field: 'vlan_vid', value: vlanPresent | vlan })
const vlanPresent = 0x1000
export const tagged: OxmField = { field: 'vlan_vid', value: vlanPresent, mask: vlanPresent }
const groupBit = 0x010000000000
/** Broadcast and multicast. */
export const groupDst: OxmField = { field: 'eth_dst', value: groupBit, mask: groupBit }

export const arp: OxmField = { field: 'eth_type', value: ethTypes.arp }
export const rarp: OxmField = { field: 'eth_type', value: ethTypes.rarp }
export const ipv4: OxmField = { field: 'eth_type', value: ethTypes.ipv4 }
export const ipv6: OxmField = { field: 'eth_type', value: ethTypes.ipv6 }
export const tcp: OxmField = { field: 'ip_proto', value: 6 }
export const udp: OxmField = { field: 'ip_proto', value: 17 }
const icmpv6: OxmField = { field: 'ip_proto', value: 58 }

/** The ICMPv6 message types that the pipeline knows (RFC 4861, 2710, 3810). */
export const icmpv6Types = {
  mldReport: 131,
  mldDone: 132,
  routerSolicitation: 133,
  routerAdvertisement: 134,
  neighborSolicitation: 135,
  neighborAdvertisement: 136,
  redirect: 137,
  mldv2Report: 143,
} as const

/** With the fields that a switch demands beside it. */
export const icmpv6Type = (type: number): readonly OxmField[] => [
  ipv6,
  icmpv6,
  { field: 'icmpv6_type', value: type },
]

export const neighborSolicitation = icmpv6Type(icmpv6Types.neighborSolicitation)
export const neighborAdvertisement = icmpv6Type(icmpv6Types.neighborAdvertisement)

/** `field=value/mask` in hexadecimal: equal exactly for equal fields. */
export function fieldText({ field, value, mask, ...rest }: OxmField): string {
  const text = `${field}=${value.toString(16)}${mask === undefined ? '' : `/${mask.toString(16)}`}`
  return field === 'unknown' ? `${text}${JSON.stringify(rest)}` : text
}

/** The form in which rules have a field: a switch may return a mask of all ones where none was given. */
export function normalizeField(one: OxmField): OxmField {
  if (one.field === 'unknown' || one.mask === undefined) return one
  const { field, value, mask } = one
  return mask === fullMasks.get(field) ? { field, value } : one
}

const mask32 = 0xffff_ffff
const mask48 = 0xffff_ffff_ffff
const fullMasks: ReadonlyMap<FieldName, number | bigint> = new Map<FieldName, number | bigint>([
  ['in_port', mask32],
  ['metadata', 0xffff_ffff_ffff_ffffn],
  ['eth_dst', mask48],
  ['eth_src', mask48],
  ['eth_type', 0xffff],
  ['vlan_vid', 0x1fff],
  ['ipv4_src', mask32],
  ['arp_spa', mask32],
  ['arp_tpa', mask32],
  ['arp_sha', mask48],
  ['udp_src', 0xffff],
  ['udp_dst', 0xffff],
  ['ipv6_src', (1n << 128n) - 1n],
  ['ipv6_nd_target', (1n << 128n) - 1n],
  ['ipv6_nd_sll', mask48],
  ['ipv6_nd_tll', mask48],
  ['reg9', mask32],
  ['reg10', mask32],
  ['reg11', mask32],
  ['reg12', mask32],
  ['reg13', mask32],
  ['reg14', mask32],
  ['reg15', mask32],
])
