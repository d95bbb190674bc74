/**
 * What the matches of OpenFlow 1.0 and 1.1 have in common: fixed places for a dozen fields, some of which mean one
 * thing or another by the Ethernet type and the protocol. Here such a match turns into the list of fields that other
 * versions have, and back; where the places lie is the versions' own.
 */
import { EncodeError, within } from '../wire/errors.ts'
import type { FieldName } from './table.ts'
import type { KnownField, Match, OxmField } from './oxm.ts'

/** Set bits are compared. */
export interface Masked<T extends number | bigint = number> {
  readonly value: T
  readonly mask: T
}

/** A place that is not compared is absent. */
export interface FixedMatch {
  inPort?: number
  ethSrc?: Masked
  ethDst?: Masked
  /** The 12 bits, or whether there is a tag at all. */
  vlan?: number | 'none' | 'any'
  vlanPcp?: number
  ethType?: number
  /** Six bits. */
  dscp?: number
  /** IP protocol or ARP opcode. */
  nwProto?: number
  nwSrc?: Masked
  nwDst?: Masked
  /** TCP, UDP or SCTP port, or ICMP type. */
  tpSrc?: number
  /** TCP, UDP or SCTP port, or ICMP code. */
  tpDst?: number
  mplsLabel?: number
  mplsTc?: number
  metadata?: Masked<bigint>
}

/** How a version reads its places. */
export interface FixedRules {
  /** Whether protocol, DSCP and ports count below IPv6 too. */
  readonly ipv6: boolean
  /** What is said of a field that there is no place for. */
  readonly refusal: (field: string) => string
}

const ethIpv4 = 0x0800
const ethIpv6 = 0x86dd
const isArp = (ethType: number | undefined): boolean => ethType === 0x0806 || ethType === 0x8035
const isMpls = (ethType: number | undefined): boolean => ethType === 0x8847 || ethType === 0x8848

/** Bit of `vlan_vid` that says that there is a tag. */
const vlanPresent = 0x1000

const allMac = 0xffff_ffff_ffff
const allIp = 0xffff_ffff
const allMetadata = 0xffff_ffff_ffff_ffffn

const ports: ReadonlyMap<number, readonly [FieldName, FieldName]> = new Map([
  [6, ['tcp_src', 'tcp_dst']],
  [17, ['udp_src', 'udp_dst']],
  [132, ['sctp_src', 'sctp_dst']],
])

function masked<T extends number | bigint>(
  field: FieldName,
  part: Masked<T> | undefined,
  all: T,
): KnownField[] {
  if (part === undefined) return []
  const { value, mask } = part
  return [mask === all ? { field, value } : { field, value, mask }]
}

const exact = (field: FieldName, value: number | undefined): KnownField[] =>
  value === undefined ? [] : [{ field, value }]

function vlanFields({ vlan, vlanPcp }: FixedMatch): KnownField[] {
  if (vlan === 'none') return [{ field: 'vlan_vid', value: 0 }]
  const pcp = exact('vlan_pcp', vlanPcp)
  if (typeof vlan === 'number') return [{ field: 'vlan_vid', value: vlanPresent | vlan }, ...pcp]
  if (vlan === undefined && pcp.length === 0) return []
  return [{ field: 'vlan_vid', value: vlanPresent, mask: vlanPresent }, ...pcp]
}

/** An ICMP type or code has eight bits; more in its place matches nothing that has a name. */
const icmp = (field: FieldName, value: number | undefined): KnownField[] =>
  value !== undefined && value > 0xff ? [] : exact(field, value)

function transportFields({ ethType, nwProto, tpSrc, tpDst }: FixedMatch): KnownField[] {
  if (nwProto === undefined) return []
  const names = ports.get(nwProto)
  if (names !== undefined) return [...exact(names[0], tpSrc), ...exact(names[1], tpDst)]
  if (nwProto === 1 && ethType === ethIpv4)
    return [...icmp('icmpv4_type', tpSrc), ...icmp('icmpv4_code', tpDst)]
  if (nwProto === 58 && ethType === ethIpv6)
    return [...icmp('icmpv6_type', tpSrc), ...icmp('icmpv6_code', tpDst)]
  return []
}

function networkFields(fixed: FixedMatch, { ipv6 }: FixedRules): KnownField[] {
  const { ethType, dscp, nwProto, nwSrc, nwDst } = fixed
  if (ethType === ethIpv4 || (ipv6 && ethType === ethIpv6)) {
    const addresses =
      ethType === ethIpv4 ? [...masked('ipv4_src', nwSrc, allIp), ...masked('ipv4_dst', nwDst, allIp)] : []
    return [...exact('ip_dscp', dscp), ...exact('ip_proto', nwProto), ...addresses, ...transportFields(fixed)]
  }
  if (isArp(ethType))
    return [
      ...exact('arp_op', nwProto),
      ...masked('arp_spa', nwSrc, allIp),
      ...masked('arp_tpa', nwDst, allIp),
    ]
  if (isMpls(ethType)) return [...exact('mpls_label', fixed.mplsLabel), ...exact('mpls_tc', fixed.mplsTc)]
  return []
}

/** As a list of fields. A place that has no meaning below the Ethernet type or protocol is left out, as a switch does. */
export function fieldsOf(fixed: FixedMatch, rules: FixedRules): Match {
  return [
    ...exact('in_port', fixed.inPort),
    ...masked('metadata', fixed.metadata, allMetadata),
    ...masked('eth_dst', fixed.ethDst, allMac),
    ...masked('eth_src', fixed.ethSrc, allMac),
    ...exact('eth_type', fixed.ethType),
    ...vlanFields(fixed),
    ...networkFields(fixed, rules),
  ]
}

type Place = (fixed: FixedMatch, field: KnownField) => void

type NumberKey =
  | 'inPort'
  | 'vlanPcp'
  | 'ethType'
  | 'dscp'
  | 'nwProto'
  | 'tpSrc'
  | 'tpDst'
  | 'mplsLabel'
  | 'mplsTc'

function put<K extends keyof FixedMatch>(fixed: FixedMatch, key: K, value: FixedMatch[K]): void {
  if (fixed[key] !== undefined) throw new EncodeError('INVALID', 'another field has its place already')
  fixed[key] = value
}

const noMask = (): EncodeError => new EncodeError('VERSION', 'this mask has no place here')

/** A number without a mask; `all` has its bits, and `most` is what its place can hold. */
const exactly =
  (key: NumberKey, all: number, most = all): Place =>
  (fixed, { value, mask = all }) => {
    const number = value as number
    if (mask !== all) throw noMask()
    if (!(number >= 0 && number <= all)) throw new EncodeError('RANGE', `${value} is more than ${all}`)
    if (number > most) throw new EncodeError('VERSION', `the place here holds up to ${most}, not ${value}`)
    put(fixed, key, number)
  }

const withMask =
  (key: 'ethSrc' | 'ethDst' | 'nwSrc' | 'nwDst', all: number): Place =>
  (fixed, { value, mask = all }) =>
    put(fixed, key, { value: value as number, mask: mask as number })

const vlanVid: Place = (fixed, { value, mask = 0x1fff }) => {
  const vid = value as number
  if (mask === vlanPresent) put(fixed, 'vlan', vid === 0 ? 'none' : 'any')
  else if (mask !== 0x1fff) throw noMask()
  else if (vid === 0) put(fixed, 'vlan', 'none')
  else if (vid >= vlanPresent && vid <= 0x1fff) put(fixed, 'vlan', vid - vlanPresent)
  else throw new EncodeError('INVALID', `${vid} is neither 0 nor a VLAN number with the bit 0x1000`)
}

/** Nicira's form: priority, the bit 0x1000 for "tagged", and VLAN number in one. */
const vlanTci: Place = (fixed, { value, mask = 0xffff }) => {
  const [tci, bits] = [value as number, mask as number]
  const [pcpBits, vidBits] = [bits & 0xe000, bits & 0x0fff]
  if ((bits & vlanPresent) === 0) throw noMask()
  if ((tci & vlanPresent) === 0) put(fixed, 'vlan', 'none')
  else if ((pcpBits !== 0 && pcpBits !== 0xe000) || (vidBits !== 0 && vidBits !== 0x0fff)) throw noMask()
  else {
    put(fixed, 'vlan', vidBits === 0 ? 'any' : tci & 0x0fff)
    if (pcpBits !== 0) put(fixed, 'vlanPcp', tci >>> 13)
  }
}

const metadata: Place = (fixed, { value, mask = allMetadata }) =>
  put(fixed, 'metadata', { value: value as bigint, mask: mask as bigint })

const places: ReadonlyMap<string, Place> = new Map<FieldName, Place>([
  ['in_port', exactly('inPort', 0xffff_ffff)],
  ['metadata', metadata],
  ['eth_dst', withMask('ethDst', allMac)],
  ['eth_src', withMask('ethSrc', allMac)],
  ['eth_type', exactly('ethType', 0xffff)],
  ['vlan_vid', vlanVid],
  ['vlan_pcp', exactly('vlanPcp', 7)],
  ['vlan_tci', vlanTci],
  ['ip_dscp', exactly('dscp', 0x3f)],
  ['ip_proto', exactly('nwProto', 0xff)],
  ['ipv4_src', withMask('nwSrc', allIp)],
  ['ipv4_dst', withMask('nwDst', allIp)],
  ['tcp_src', exactly('tpSrc', 0xffff)],
  ['tcp_dst', exactly('tpDst', 0xffff)],
  ['udp_src', exactly('tpSrc', 0xffff)],
  ['udp_dst', exactly('tpDst', 0xffff)],
  ['sctp_src', exactly('tpSrc', 0xffff)],
  ['sctp_dst', exactly('tpDst', 0xffff)],
  ['icmpv4_type', exactly('tpSrc', 0xff)],
  ['icmpv4_code', exactly('tpDst', 0xff)],
  ['icmpv6_type', exactly('tpSrc', 0xff)],
  ['icmpv6_code', exactly('tpDst', 0xff)],
  ['arp_op', exactly('nwProto', 0xffff, 0xff)],
  ['arp_spa', withMask('nwSrc', allIp)],
  ['arp_tpa', withMask('nwDst', allIp)],
  ['mpls_label', exactly('mplsLabel', 0xf_ffff)],
  ['mpls_tc', exactly('mplsTc', 7)],
])

/** Puts each field into its place. A field without one, or one that would not be read back, is refused. */
export function fixedOf(match: Match, rules: FixedRules): FixedMatch {
  const fixed: FixedMatch = {}
  for (const field of match) {
    try {
      placeOf(field, rules)(fixed, field as KnownField)
    } catch (error) {
      throw within(error, field.field)
    }
  }
  const kept = fieldsOf(fixed, rules)
  const lost = match.find(({ field }) => field !== 'vlan_tci' && !kept.some((one) => one.field === field))
  if (lost !== undefined) {
    const reason =
      'the Ethernet type, and perhaps protocol, that this field belongs to must be matched beside it'
    throw within(new EncodeError('INVALID', reason), lost.field)
  }
  return fixed
}

function placeOf(field: OxmField, { refusal }: FixedRules): Place {
  const place = places.get(field.field)
  if (place === undefined) throw new EncodeError('VERSION', refusal(field.field))
  return place
}
