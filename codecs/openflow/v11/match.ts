/**
 * `ofp_match` of OpenFlow 1.1 (OF 1.1.0 A.2.3): 88 bytes with wildcard bits for some places and masks, in which set
 * bits are not compared, for others. It reads as the list of fields that other versions have, and keeps its bytes in
 * `matchBytes` if it would be written otherwise. Open vSwitch takes matches that are lists of fields (OXM) too, and sends
 * them in its statistics; they are marked `oxmMatch`.
 */
import { match as oxmMatch } from '../fields/match.ts'
import { type FixedMatch, fieldsOf, fixedOf, type FixedRules, type Masked } from '../fields/fixed-match.ts'
import { type FixedMatchValue, keptAsItCame } from '../fields/kept-match.ts'
import type { Match } from '../fields/oxm.ts'
import type { Inline, OutOf } from '../wire/codec.ts'
import { within } from '../wire/errors.ts'
import { pad, u16, u32, u48, u64, u8 } from '../wire/scalars.ts'
import { struct } from '../wire/struct.ts'
import type { Writer } from '../wire/writer.ts'

const standardType = 0
const oxmType = 1
const size = 88

const places = struct({
  matchType: u16,
  length: u16,
  inPort: u32,
  wildcards: u32,
  dlSrc: u48,
  dlSrcMask: u48,
  dlDst: u48,
  dlDstMask: u48,
  dlVlan: u16,
  dlVlanPcp: u8,
  _: pad(1),
  dlType: u16,
  nwTos: u8,
  nwProto: u8,
  nwSrc: u32,
  nwSrcMask: u32,
  nwDst: u32,
  nwDstMask: u32,
  tpSrc: u16,
  tpDst: u16,
  mplsLabel: u32,
  mplsTc: u8,
  _1: pad(3),
  metadata: u64,
  metadataMask: u64,
})
type Places = OutOf<typeof places>

/** Set: the place is not compared. */
const wild = {
  inPort: 1,
  vlan: 2,
  vlanPcp: 4,
  ethType: 8,
  dscp: 0x10,
  nwProto: 0x20,
  tpSrc: 0x40,
  tpDst: 0x80,
  mplsLabel: 0x100,
  mplsTc: 0x200,
} as const

const noVlan = 0xffff
const anyVlan = 0xfffe
const allMac = 0xffff_ffff_ffff
const allIp = 0xffff_ffff
const allMetadata = 0xffff_ffff_ffff_ffffn

const rules: FixedRules = {
  ipv6: false,
  refusal: (field) => `a match of OpenFlow 1.1 has no place for ${field}`,
}

const ipMask = (inverted: number): number => ~inverted >>> 0

function mac(value: number, inverted: number): Masked {
  const mask = allMac - inverted
  return { value: Number(BigInt(value) & BigInt(mask)), mask }
}

function ip(value: number, inverted: number): Masked {
  const mask = ipMask(inverted)
  return { value: (value & mask) >>> 0, mask }
}

const vlanOf = (vid: number): FixedMatch['vlan'] & {} => {
  if (vid === noVlan) return 'none'
  return vid === anyVlan ? 'any' : vid & 0x0fff
}

function read(raw: Places): FixedMatch {
  const compared = (bit: number): boolean => (raw.wildcards & bit) === 0
  return {
    ...(compared(wild.inPort) && { inPort: raw.inPort }),
    ...(raw.dlSrcMask !== allMac && { ethSrc: mac(raw.dlSrc, raw.dlSrcMask) }),
    ...(raw.dlDstMask !== allMac && { ethDst: mac(raw.dlDst, raw.dlDstMask) }),
    ...(compared(wild.vlan) && { vlan: vlanOf(raw.dlVlan) }),
    // The priority counts only where there is to be a tag.
    ...(compared(wild.vlan) && compared(wild.vlanPcp) && { vlanPcp: raw.dlVlanPcp & 7 }),
    ...(compared(wild.ethType) && { ethType: raw.dlType }),
    ...(compared(wild.dscp) && { dscp: raw.nwTos >>> 2 }),
    ...(compared(wild.nwProto) && { nwProto: raw.nwProto }),
    ...(raw.nwSrcMask !== allIp && { nwSrc: ip(raw.nwSrc, raw.nwSrcMask) }),
    ...(raw.nwDstMask !== allIp && { nwDst: ip(raw.nwDst, raw.nwDstMask) }),
    ...(compared(wild.tpSrc) && { tpSrc: raw.tpSrc }),
    ...(compared(wild.tpDst) && { tpDst: raw.tpDst }),
    ...(compared(wild.mplsLabel) && raw.mplsLabel <= 0xf_ffff && { mplsLabel: raw.mplsLabel }),
    ...(compared(wild.mplsTc) && { mplsTc: raw.mplsTc & 7 }),
    ...(raw.metadataMask !== allMetadata && {
      metadata: { value: raw.metadata & ~raw.metadataMask, mask: allMetadata - raw.metadataMask },
    }),
  }
}

function vlanNumber(vlan: FixedMatch['vlan']): number {
  if (vlan === 'none') return noVlan
  return vlan === 'any' ? anyVlan : (vlan ?? 0)
}

function write(fixed: FixedMatch): Places {
  const { ethSrc, ethDst, nwSrc, nwDst, metadata } = fixed
  // A priority without a number means any tag.
  const vlan = fixed.vlan ?? (fixed.vlanPcp === undefined ? undefined : 'any')
  let wildcards = vlan === undefined ? wild.vlan : 0
  for (const [key, bit] of Object.entries(wild))
    if (key !== 'vlan' && fixed[key as keyof FixedMatch] === undefined) wildcards |= bit
  return {
    matchType: standardType,
    length: size,
    inPort: fixed.inPort ?? 0,
    wildcards,
    dlSrc: ethSrc?.value ?? 0,
    dlSrcMask: allMac - (ethSrc?.mask ?? 0),
    dlDst: ethDst?.value ?? 0,
    dlDstMask: allMac - (ethDst?.mask ?? 0),
    dlVlan: vlanNumber(vlan),
    dlVlanPcp: fixed.vlanPcp ?? 0,
    dlType: fixed.ethType ?? 0,
    nwTos: (fixed.dscp ?? 0) << 2,
    nwProto: fixed.nwProto ?? 0,
    nwSrc: nwSrc?.value ?? 0,
    nwSrcMask: ipMask(nwSrc?.mask ?? 0),
    nwDst: nwDst?.value ?? 0,
    nwDstMask: ipMask(nwDst?.mask ?? 0),
    tpSrc: fixed.tpSrc ?? 0,
    tpDst: fixed.tpDst ?? 0,
    mplsLabel: fixed.mplsLabel ?? 0,
    mplsTc: fixed.mplsTc ?? 0,
    metadata: metadata?.value ?? 0n,
    metadataMask: allMetadata - (metadata?.mask ?? 0n),
  }
}

const standard = keptAsItCame({
  places,
  matchOf: (raw) => fieldsOf(read(raw), rules),
  placesOf: (match) => write(fixedOf(match, rules)),
  isWhole: (bytes) => bytes.length === size,
})

export interface Match11Value extends FixedMatchValue {
  /** It is a list of fields on the wire too, as in OpenFlow 1.2. */
  readonly oxmMatch?: true
}

export const match11: Inline<Match11Value, Partial<Match11Value>> = {
  inline: true,
  readInto(r, out) {
    const start = r.pos
    const type = r.u16()
    const length = r.u16()
    r.pos = start
    if (type === oxmType) {
      out['match'] = oxmMatch.read(r)
      out['oxmMatch'] = true
    } else if (type === standardType && length === size) standard.readInto(r, out)
    else throw r.fail('VALUE', `a match of type ${type} and length ${length} is none of OpenFlow 1.1`, start)
  },
  writeFrom(w, value) {
    if (value.oxmMatch !== true) standard.writeFrom(w, value)
    else writeOxm(w, value.match ?? [])
  },
}

function writeOxm(w: Writer, match: Match): void {
  try {
    oxmMatch.write(w, match)
  } catch (error) {
    throw within(error, 'match')
  }
}
