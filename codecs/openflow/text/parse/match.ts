/** One `key=value` of a match into slots. Knows every name that ovs-ofctl knows for a field. */
import { type FieldName, fieldRow, type FieldRow } from '../../fields/table.ts'
import { fieldNamed } from './field-names.ts'
import { isPlain, type TextField } from './plain-fields.ts'
import { type Pair, type Piece, syntaxError, versionError } from './scan.ts'
import {
  assumeEthernet,
  etherType,
  nothing,
  put,
  putRegisters,
  putWhole,
  registers,
  type Slots,
  slotOf,
  vlanBits,
} from './slots.ts'
import { type Subfield, subfield } from './subfield.ts'
import { unsigned } from './number.ts'
import { type Masked, ones, valueOf } from './value.ts'

const protocols: ReadonlyMap<string, readonly [etherType: number, ipProtocol?: number]> = new Map([
  ['ip', [0x800]],
  ['ipv4', [0x800]],
  ['ip4', [0x800]],
  ['icmp', [0x800, 1]],
  ['tcp', [0x800, 6]],
  ['udp', [0x800, 17]],
  ['sctp', [0x800, 132]],
  ['arp', [0x806]],
  ['rarp', [0x8035]],
  ['ipv6', [0x86dd]],
  ['ip6', [0x86dd]],
  ['icmp6', [0x86dd, 58]],
  ['tcp6', [0x86dd, 6]],
  ['udp6', [0x86dd, 17]],
  ['sctp6', [0x86dd, 132]],
  ['mpls', [0x8847]],
  ['mplsm', [0x8848]],
])

/** Fields that share a slot with others. */
const shared: Readonly<Partial<Record<FieldName, string>>> = {
  arp_spa: 'ipv4_src',
  arp_tpa: 'ipv4_dst',
  arp_op: 'ip_proto',
  tcp_src: 'tp_src',
  tcp_dst: 'tp_dst',
  udp_src: 'tp_src',
  udp_dst: 'tp_dst',
  sctp_src: 'tp_src',
  sctp_dst: 'tp_dst',
  icmpv4_type: 'tp_src',
  icmpv4_code: 'tp_dst',
  icmpv6_type: 'tp_src',
  icmpv6_code: 'tp_dst',
  ipv6_nd_sll: 'arp_sha',
  ipv6_nd_tll: 'arp_tha',
}

/** Compared whole when all the bits that they use are. */
const narrow = new Set<string>(['ip_frag', 'ipv6_flabel'])

const widened = (mask: bigint, bits: number, width: number): bigint =>
  (mask & ones(bits)) === ones(bits) ? ones(width * 8) : mask & ones(bits)

export interface MatchDraft {
  readonly version: number
  readonly slots: Slots
  /** Whether 1.0 has to send the flow in Nicira's form. */
  wantsNxm: boolean
}

/** Notes what the fixed matches of 1.0 and 1.1 do not hold. */
function noteForm(
  draft: MatchDraft,
  key: Piece,
  part: { field: TextField; mask: bigint; bits: number },
): void {
  if (!isPlain(1, part)) draft.wantsNxm = true
  if (draft.version === 2 && !isPlain(2, part))
    throw versionError(key, `a match of OpenFlow 1.1 does not hold this ${key.text}`)
}

/** What IPv6 packets carry was not compared in 1.0. */
const notOfIpv6 = ['ip_proto', 'nw_tos', 'tp_src', 'tp_dst']

/** To be asked when the match is complete. */
export const needsNxm = ({ slots, wantsNxm }: MatchDraft): boolean =>
  wantsNxm || (etherType(slots) === 0x86dd && notOfIpv6.some((name) => slots.has(name)))

/** Takes a pair of the match; false if its key is no field and no protocol. */
export function matchPair(draft: MatchDraft, { key, value }: Pair): boolean {
  const { slots } = draft
  const protocol = protocols.get(key.text)
  if (protocol !== undefined) {
    const [etherType, ipProtocol] = protocol
    putWhole(slots, 'eth_type', { value: BigInt(etherType), mask: ones(16) }, 16)
    if (ipProtocol !== undefined) putWhole(slots, 'ip_proto', { value: BigInt(ipProtocol), mask: ones(8) }, 8)
    assumeEthernet(slots)
    return true
  }
  if (key.text === 'eth') {
    putWhole(slots, 'packet_type', { value: 0n, mask: ones(32) }, 32)
    return true
  }
  if (key.text.includes('[')) {
    matchBits(draft, key, value)
    return true
  }
  return key.text === 'dl_vlan' ? dlVlan(slots, value) : matchField(draft, key, value)
}

/** `dl_vlan=5`: a tag with this identifier; 0xffff: no tag. */
function dlVlan(slots: Slots, word: Piece): boolean {
  assumeEthernet(slots)
  if (word.text === '' || word.text === '*') return anyVlan(slots, vlanBits.vid, vlanBits.pcp)
  const { value, mask } = valueOf(word, { name: 'dl_vlan', format: 'decimal', bits: 16 })
  if (mask === 0n) return anyVlan(slots, vlanBits.vid, vlanBits.pcp)
  if (mask !== ones(16)) throw syntaxError(word, 'dl_vlan takes no mask')
  if (value === 0xffffn) putWhole(slots, 'vlan_tci', { value: 0n, mask: ones(16) }, 16)
  else if (value > vlanBits.vid) throw syntaxError(word, `${word.text} is no VLAN identifier`)
  else
    put(
      slots,
      'vlan_tci',
      { value: value | vlanBits.present, mask: vlanBits.vid | vlanBits.present },
      vlanBits.vid | vlanBits.present,
    )
  return true
}

/** Stops comparing one part of the tag; if the other is not compared either, the whole tag. */
function anyVlan(slots: Slots, part: bigint, other: bigint): true {
  const compared = slotOf(slots, 'vlan_tci').mask & other
  put(slots, 'vlan_tci', { value: 0n, mask: 0n }, compared === 0n ? ones(16) : part)
  return true
}

function matchField(draft: MatchDraft, key: Piece, value: Piece): boolean {
  const row = fieldNamed(key.text)
  if (row === undefined) return false
  // A field without a value is only there: nothing of it is compared.
  const word = value.text === '' ? { ...value, text: '0/0' } : value
  const shape = { name: row.name, format: row.format, bits: row.width * 8 }
  const masked = valueOf(word, shape)
  if (row.mask === 'none' && masked.mask !== 0n && masked.mask !== ones(shape.bits))
    throw syntaxError(word, `${key.text} takes no mask`)
  const field = key.text === 'in_port_oxm' ? key.text : (row.name as FieldName)
  noteForm(draft, key, { field, mask: masked.mask, bits: shape.bits })
  setField(draft.slots, row, masked, word)
  return true
}

function setField(slots: Slots, row: FieldRow, masked: Masked, word: Piece): void {
  const { name, width } = row
  if (row.needs !== undefined) assumeEthernet(slots)
  const register = /^(x{0,2})reg(\d+)$/.exec(name)
  if (register !== null) {
    const count = 2 ** (register[1]?.length ?? 0)
    putRegisters(slots, Number(register[2]) * count, count, masked)
    return
  }
  if (setPart(slots, row, masked, word)) return
  if (row.variable) {
    slots.set(name, masked)
    return
  }
  const bits = row.bits ?? width * 8
  if ((masked.value & masked.mask & ~ones(bits)) !== 0n)
    throw syntaxError(word, `${word.text} does not fit the ${bits} bits of ${name}`)
  const mask = narrow.has(name) ? widened(masked.mask, bits, width) : masked.mask
  putWhole(slots, shared[name as FieldName] ?? name, { ...masked, mask }, width * 8)
}

/** Open vSwitch knows eight bits of a connection's state, and one flag of a tunnel. */
const ctStateBits = 0xffn
const tunnelFlagBits = 1n

/** Fields that are some bits of a slot. */
function setPart(slots: Slots, { name }: FieldRow, { value, mask }: Masked, word: Piece): boolean {
  const within = (slot: string, bits: number, shift: number): true => {
    if ((value & ~ones(bits)) !== 0n)
      throw syntaxError(word, `${word.text} does not fit the ${bits} bits of ${name}`)
    const part = { value: value << BigInt(shift), mask: (mask & ones(bits)) << BigInt(shift) }
    put(slots, slot, part, ones(bits) << BigInt(shift))
    return true
  }
  switch (name) {
    case 'vlan_vid':
      if (mask === 0n) return anyVlan(slots, vlanBits.vid, vlanBits.pcp)
      return within('vlan_tci', 13, 0)
    case 'vlan_pcp':
      if (mask === 0n) return anyVlan(slots, vlanBits.pcp, vlanBits.vid)
      put(slots, 'vlan_tci', { value: vlanBits.present, mask: vlanBits.present }, vlanBits.present)
      return within('vlan_tci', 3, 13)
    case 'nw_tos':
      // The last two bits are nw_ecn, which ovs-ofctl leaves alone here.
      put(slots, 'nw_tos', { value, mask: mask & 0xfcn }, 0xfcn)
      return true
    case 'ip_dscp':
      return within('nw_tos', 6, 2)
    case 'ip_ecn':
      return within('nw_tos', 2, 0)
    case 'ct_state':
      putWhole(slots, name, { value, mask: mask & ctStateBits }, 32)
      return true
    case 'tun_flags':
      putWhole(slots, name, { value, mask: mask & tunnelFlagBits }, 16)
      return true
    default:
      return false
  }
}

/** `NXM_OF_ETH_DST[19..21]=2`: some bits of a field. */
function matchBits(draft: MatchDraft, key: Piece, word: Piece): void {
  const part = subfield(key)
  const { mask } = putSubfield(draft.slots, part, { value: unsigned(word, part.nBits, key.text), word })
  const field = part.oxmClass === undefined ? part.field : 'in_port_oxm'
  noteForm(draft, key, { field, mask, bits: (fieldRow(part.field)?.width ?? 0) * 8 })
}

/** Compares some bits of a field besides those that are compared already; returns what is compared of it then. */
export function putSubfield(
  slots: Slots,
  { field, offset, nBits }: Subfield,
  { value: given, word }: { readonly value: bigint; readonly word: Piece },
): Masked {
  const row = fieldRow(field)
  if (row === undefined) return nothing
  const isPort = field === 'in_port' && offset === 0 && nBits >= 16
  // The reserved ports of 16 bits are the last of 32.
  const number = isPort && nBits === 16 && given >= 0xff00n ? given + 0xffff_0000n : given
  const before = currentOf(slots, row)
  const bits = ones(nBits) << BigInt(offset)
  // A port is compared whole, in NXM's 16 bits as in OpenFlow's 32.
  const mask = isPort ? ones(32) : before.mask | bits
  const masked = { value: (before.value & ~bits) | (number << BigInt(offset)), mask }
  setField(slots, row, masked, word)
  return masked
}

/** What is compared of a field so far. */
function currentOf(slots: Slots, { name }: FieldRow): Masked {
  const register = /^(x{0,2})reg(\d+)$/.exec(name)
  if (register !== null) {
    const count = 2 ** (register[1]?.length ?? 0)
    return registers(slots, Number(register[2]) * count, count)
  }
  const tci = slotOf(slots, 'vlan_tci')
  if (name === 'vlan_vid') return { value: tci.value & 0x1fffn, mask: tci.mask & 0x1fffn }
  if (name === 'vlan_pcp') return { value: tci.value >> 13n, mask: tci.mask >> 13n }
  return slotOf(slots, shared[name as FieldName] ?? name)
}
