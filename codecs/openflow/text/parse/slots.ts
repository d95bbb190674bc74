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
