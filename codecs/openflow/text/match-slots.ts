/**
 * A match as a switch keeps it: fields that are pieces of one thing put together, such as VLAN number and priority, and
 * fields that are the same in different protocols under one name.
 */
import type { KnownField, Match, OxmField } from '../fields/oxm.ts'
import { type FieldName, fieldRow } from '../fields/table.ts'
import { ones } from './value.ts'

export interface Slot {
  readonly value: bigint
  readonly mask: bigint
}

export type Slots = Map<string, Slot>

/** Fields that share a place with others, and how many bytes the place has. */
const shared: Readonly<Partial<Record<FieldName, readonly [slot: string, bytes: number]>>> = {
  ip_proto: ['nw_proto', 1],
  arp_op: ['nw_proto', 1],
  ipv4_src: ['nw_src', 4],
  arp_spa: ['nw_src', 4],
  ipv4_dst: ['nw_dst', 4],
  arp_tpa: ['nw_dst', 4],
  tcp_src: ['tp_src', 2],
  udp_src: ['tp_src', 2],
  sctp_src: ['tp_src', 2],
  icmpv4_type: ['tp_src', 2],
  icmpv6_type: ['tp_src', 2],
  tcp_dst: ['tp_dst', 2],
  udp_dst: ['tp_dst', 2],
  sctp_dst: ['tp_dst', 2],
  icmpv4_code: ['tp_dst', 2],
  icmpv6_code: ['tp_dst', 2],
  ipv6_nd_sll: ['arp_sha', 6],
  ipv6_nd_tll: ['arp_tha', 6],
}

const registerPattern = /^(x{1,2})reg(\d+)$/
const registerBits = 32n
const oneRegister = 0xffff_ffffn

/** Two registers or four, the lowest-numbered above. */
function registersOf(width: number, first: number, { value, mask }: Slot): [string, Slot][] {
  return Array.from({ length: width }, (_, index) => {
    const shift = BigInt(width - 1 - index) * registerBits
    return [
      `reg${first + index}`,
      { value: (value >> shift) & oneRegister, mask: (mask >> shift) & oneRegister },
    ]
  })
}

const present = 0x1000n

/** In the fixed matches of 1.0 and 1.1 "no tag" compares the priority too. */
const noTag = (version: number | undefined): bigint => (version === 1 || version === 2 ? 0xffffn : 0x1fffn)

/** Where the bits of a field lie in what the switch keeps. */
function placed(one: KnownField, version: number | undefined): readonly (readonly [string, Slot])[] {
  const bytes = one.width ?? fieldRow(one.field)?.width ?? 8
  const all = ones(bytes)
  const value = BigInt(one.value)
  const mask = one.mask === undefined ? all : BigInt(one.mask) & all
  switch (one.field) {
    case 'vlan_vid':
      if (mask === all && value === 0n) return [['vlan', { value, mask: noTag(version) }]]
      return [['vlan', { value: value & 0x1fffn, mask: mask & 0x1fffn }]]
    case 'vlan_pcp':
      return [['vlan', { value: ((value & 7n) << 13n) | present, mask: 0xe000n | present }]]
    case 'vlan_tci':
      return [['vlan', { value, mask }]]
    case 'ip_dscp':
      return [['nw_tos', { value: (value << 2n) & 0xfcn, mask: 0xfcn }]]
    case 'nw_tos':
      return [['nw_tos', { value: value & 0xfcn, mask: 0xfcn }]]
    case 'ip_ecn':
      return [['nw_tos', { value: value & 3n, mask: 3n }]]
    case 'ip_frag':
      return [['ip_frag', { value, mask: mask & 3n }]]
    case 'tun_flags':
      return [['tun_flags', { value, mask: mask & 1n }]]
    case 'tun_erspan_ver':
    case 'tun_erspan_dir':
    case 'tun_erspan_hwid':
    case 'tun_gtpu_flags':
    case 'tun_gtpu_msgtype':
      // Open vSwitch 3.1 takes the value for the mask too, and so does not show a zero.
      return [[one.field, { value: value & mask, mask: value & mask }]]
    default:
  }
  const [, size, index] = registerPattern.exec(one.field) ?? []
  if (size !== undefined) {
    const width = 2 ** size.length
    return registersOf(width, width * Number(index), { value, mask })
  }
  const [slot = one.field, wide = bytes] = shared[one.field] ?? []
  return [[slot, { value, mask: mask === all ? ones(wide) : mask }]]
}

const join = (a: Slot | undefined, b: Slot): Slot =>
  a === undefined ? b : { value: a.value | b.value, mask: a.mask | b.mask }

/** Bits that are not compared count as zeros. Fields that no switch of this kind has are left over. */
export function slotsOf(
  match: Match,
  version?: number,
): { readonly slots: Slots; readonly leftOver: readonly OxmField[] } {
  const slots: Slots = new Map()
  const leftOver: OxmField[] = []
  const seen = new Set<string>()
  for (const one of match) {
    if (one.field === 'unknown' || foreign.has(one.field) || seen.has(one.field)) leftOver.push(one)
    else {
      seen.add(one.field)
      for (const [name, { value, mask }] of placed(one, version))
        slots.set(name, join(slots.get(name), { value: value & mask, mask }))
    }
  }
  return { slots, leftOver }
}

const foreign: ReadonlySet<FieldName> = new Set<FieldName>([
  'in_phy_port',
  'pbb_isid',
  'pbb_uca',
  'ipv6_exthdr',
  'cookie',
])
