/**
 * `ofp_match` of OpenFlow 1.0 (OF 1.0.0 5.2.3): 40 bytes with a wildcard bit for each place. It reads as the list of
 * fields that other versions have. A match that would be written otherwise than it came, such as one with bits in
 * places that are not compared, also keeps its bytes in `matchBytes`, which then is what is written.
 */
import { type FixedMatch, fieldsOf, fixedOf, type FixedRules, type Masked } from '../fields/fixed-match.ts'
import { type FixedMatchValue, keptAsItCame } from '../fields/kept-match.ts'
import type { Inline, OutOf } from '../wire/codec.ts'
import { EncodeError, within } from '../wire/errors.ts'
import { pad, port16, u16, u32, u48, u8 } from '../wire/scalars.ts'
import { struct } from '../wire/struct.ts'

const places = struct({
  wildcards: u32,
  inPort: port16,
  dlSrc: u48,
  dlDst: u48,
  dlVlan: u16,
  dlVlanPcp: u8,
  _: pad(1),
  dlType: u16,
  nwTos: u8,
  nwProto: u8,
  _1: pad(2),
  nwSrc: u32,
  nwDst: u32,
  tpSrc: u16,
  tpDst: u16,
})
type Places = OutOf<typeof places>

/** Set: the place is not compared. Of the addresses, how many low bits are not. */
const wild = {
  inPort: 1,
  vlan: 2,
  ethSrc: 4,
  ethDst: 8,
  ethType: 0x10,
  nwProto: 0x20,
  tpSrc: 0x40,
  tpDst: 0x80,
  vlanPcp: 0x10_0000,
  dscp: 0x20_0000,
} as const
const srcShift = 8
const dstShift = 14

const noVlan = 0xffff
const ethIpv4 = 0x0800
const allMac = 0xffff_ffff_ffff

const rules: FixedRules = {
  ipv6: true,
  refusal: (field) => `a match of OpenFlow 1.0 has no place for ${field}; nx_flow_mod can match on it`,
}

function address(value: number, ignored: number): Masked | undefined {
  if (ignored >= 32) return undefined
  const mask = (-1 << ignored) >>> 0
  return { value: (value & mask) >>> 0, mask }
}

function read(raw: Places): FixedMatch {
  const compared = (bit: number): boolean => (raw.wildcards & bit) === 0
  const nwSrc = address(raw.nwSrc, (raw.wildcards >>> srcShift) & 0x3f)
  const nwDst = address(raw.nwDst, (raw.wildcards >>> dstShift) & 0x3f)
  return {
    ...(compared(wild.inPort) && { inPort: raw.inPort }),
    ...(compared(wild.ethSrc) && { ethSrc: { value: raw.dlSrc, mask: allMac } }),
    ...(compared(wild.ethDst) && { ethDst: { value: raw.dlDst, mask: allMac } }),
    ...(compared(wild.vlan) && { vlan: raw.dlVlan === noVlan ? 'none' : raw.dlVlan & 0x0fff }),
    ...(compared(wild.vlanPcp) && { vlanPcp: raw.dlVlanPcp & 7 }),
    ...(compared(wild.ethType) && { ethType: raw.dlType }),
    ...(compared(wild.dscp) && { dscp: raw.nwTos >>> 2 }),
    ...(compared(wild.nwProto) && { nwProto: raw.nwProto }),
    ...(nwSrc && { nwSrc }),
    ...(nwDst && { nwDst }),
    ...(compared(wild.tpSrc) && { tpSrc: raw.tpSrc }),
    ...(compared(wild.tpDst) && { tpDst: raw.tpDst }),
  }
}

const refused = (field: string, what: string): unknown =>
  within(new EncodeError('VERSION', rules.refusal(what)), field)

/** How many low bits the mask leaves out; only masks that are a prefix have a place. */
function ignoredBits(part: Masked | undefined, field: string): number {
  if (part === undefined || part.mask === 0) return 32
  const ignored = 32 - Math.clz32(~part.mask)
  if ((-1 << ignored) >>> 0 !== part.mask) throw refused(field, 'a mask that is no prefix')
  return ignored
}

function macOf(part: Masked | undefined, field: string): number {
  if (part !== undefined && part.mask !== allMac) throw refused(field, 'a mask on a MAC address')
  return part?.value ?? 0
}

function write(fixed: FixedMatch): Places {
  const { vlan, vlanPcp, ethType } = fixed
  if (vlan === 'any' && vlanPcp === undefined) throw refused('vlan_vid', '"any VLAN"')
  const [source, destination] = ethType === ethIpv4 ? ['ipv4_src', 'ipv4_dst'] : ['arp_spa', 'arp_tpa']
  let wildcards =
    (ignoredBits(fixed.nwSrc, source) << srcShift) | (ignoredBits(fixed.nwDst, destination) << dstShift)
  for (const [key, bit] of Object.entries(wild))
    if (fixed[key as keyof FixedMatch] === undefined) wildcards |= bit
  if (vlan === 'any') wildcards |= wild.vlan
  // Open vSwitch has the priority compared too, with 0, where there is to be no tag.
  if (vlan === 'none') wildcards &= ~wild.vlanPcp
  return {
    wildcards: wildcards >>> 0,
    inPort: fixed.inPort ?? 0,
    dlSrc: macOf(fixed.ethSrc, 'eth_src'),
    dlDst: macOf(fixed.ethDst, 'eth_dst'),
    dlVlan: vlan === 'none' ? noVlan : typeof vlan === 'number' ? vlan : 0,
    dlVlanPcp: vlanPcp ?? 0,
    dlType: ethType ?? 0,
    nwTos: (fixed.dscp ?? 0) << 2,
    nwProto: fixed.nwProto ?? 0,
    nwSrc: fixed.nwSrc?.value ?? 0,
    nwDst: fixed.nwDst?.value ?? 0,
    tpSrc: fixed.tpSrc ?? 0,
    tpDst: fixed.tpDst ?? 0,
  }
}

export const match10: Inline<FixedMatchValue, Partial<FixedMatchValue>> = keptAsItCame({
  places,
  matchOf: (raw) => fieldsOf(read(raw), rules),
  placesOf: (match) => write(fixedOf(match, rules)),
  isWhole: (bytes) => bytes.length === 40,
})
