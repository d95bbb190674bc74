/**
 * A match while it is being parsed. Fields that Open vSwitch keeps in one place are one slot here: `ipv4_src` and
 * `arp_spa`, the ports of TCP, UDP and SCTP and the type and code of ICMP, all that is in a VLAN tag, the registers under
 * their wide names. What a slot becomes on the wire is decided at the end, when the protocol is known.
 */
import { type Masked, ones } from './value.ts'

export type Slots = Map<string, Masked>

export const nothing: Masked = { value: 0n, mask: 0n }

export const slotOf = (slots: Slots, name: string): Masked => slots.get(name) ?? nothing

/** Replaces the bits that `within` covers. A slot of which nothing is compared is none. */
export function put(slots: Slots, name: string, part: Masked, within: bigint): void {
  const old = slotOf(slots, name)
  const mask = (old.mask & ~within) | (part.mask & within)
  const value = ((old.value & ~within) | (part.value & within)) & mask
  if (mask === 0n) slots.delete(name)
  else slots.set(name, { value, mask })
}

export const putWhole = (slots: Slots, name: string, part: Masked, bits: number): void =>
  put(slots, name, part, ones(bits))

/** The bits of a VLAN tag: identifier, "there is a tag", priority. */
export const vlanBits = { vid: 0x0fffn, present: 0x1000n, pcp: 0xe000n } as const

/** Splits a wide register over the 32-bit registers it is made of, the first being the highest. */
export function putRegisters(slots: Slots, first: number, count: number, { value, mask }: Masked): void {
  for (let index = 0; index < count; index++) {
    const shift = BigInt(32 * (count - 1 - index))
    const part = { value: (value >> shift) & ones(32), mask: (mask >> shift) & ones(32) }
    putWhole(slots, `reg${first + index}`, part, 32)
  }
}

/** Registers put together: the match of `xreg` or `xxreg`. */
export function registers(slots: Slots, first: number, count: number): Masked {
  let value = 0n
  let mask = 0n
  for (let index = first; index < first + count; index++) {
    const part = slotOf(slots, `reg${index}`)
    value = (value << 32n) | part.value
    mask = (mask << 32n) | part.mask
  }
  return { value, mask }
}

/** The Ethernet type that the fields above it go by; 0 if the packet type rules Ethernet out. */
export function etherType(slots: Slots): number {
  const packetType = slotOf(slots, 'packet_type')
  if (packetType.mask === 0n || packetType.value === 0n) return Number(slotOf(slots, 'eth_type').value)
  return packetType.value >> 16n === 1n ? Number(packetType.value & 0xffffn) : 0
}

/** Ethernet is said where a field needs it and nothing else is said. */
export function assumeEthernet(slots: Slots): void {
  if (!slots.has('packet_type')) slots.set('packet_type', { value: 0n, mask: ones(32) })
}

/** What a match of 1.0 holds, and whether it may be masked there (addresses by a prefix). */
const in10 = new Set([
  'in_port',
  'eth_src',
  'eth_dst',
  'eth_type',
  'vlan_tci',
  'ipv4_src',
  'ipv4_dst',
  'ip_proto',
  'tp_src',
])

/** Whether 1.0 has to send the match in Nicira's form. */
export function needsNxm(slots: Slots): boolean {
  const ipv6 = etherType(slots) === 0x86dd
  return [...slots].some(([name, { value, mask }]) => {
    if (name === 'packet_type') return value !== 0n
    if (name === 'tp_dst' || in10.has(name))
      return ipv6 ? name.startsWith('tp_') || name === 'ip_proto' : !plainIn10(name, mask)
    return name === 'nw_tos' ? (mask & 3n) !== 0n || ipv6 : true
  })
}

function plainIn10(name: string, mask: bigint): boolean {
  if (name === 'ipv4_src' || name === 'ipv4_dst') {
    const open = mask ^ ones(32)
    return (open & (open + 1n)) === 0n
  }
  if (name === 'vlan_tci') return mask === 0xffffn || mask === 0x1fffn || mask === 0xf000n
  const bits: Readonly<Record<string, number>> = { eth_src: 48, eth_dst: 48, ip_proto: 8, in_port: 32 }
  return mask === ones(bits[name] ?? 16) || (name.startsWith('tp_') && mask === ones(8))
}
