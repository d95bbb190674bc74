/**
 * What a flow's actions may take for granted of its packets: what the match says, and what the actions before changed.
 * Open vSwitch follows a packet in the same way before it takes a flow.
 */
import { type Condition, type Needs, prerequisites } from '../../fields/prerequisites.ts'
import type { FieldName } from '../../fields/table.ts'
import { type Slots, slotOf, vlanBits } from './slots.ts'
import type { Masked } from './value.ts'

export interface PacketState {
  /** Namespace and type in one, as OpenFlow has them; 0 is Ethernet. */
  readonly packetType: number
  readonly etherType: number
  readonly ipProtocol: number
  /** Whether there is an outer VLAN tag and one inside; Open vSwitch follows no more. */
  readonly tags: readonly [outer: boolean, inner: boolean]
  readonly transport: readonly [src: number, dst: number]
  readonly laterFragment: boolean
  readonly ctState: Masked
}

const unknownType = 0xffff_ffff
const laterBit = 2n

export function packetOf(slots: Slots): PacketState {
  const valueOf = (name: string): bigint => slotOf(slots, name).value
  const packetType = Number(valueOf('packet_type'))
  return {
    packetType,
    etherType: packetType >>> 16 === 1 ? packetType & 0xffff : Number(valueOf('eth_type')),
    ipProtocol: Number(valueOf('ip_proto')),
    tags: [(valueOf('vlan_tci') & vlanBits.present) !== 0n, false],
    transport: [Number(valueOf('tp_src')), Number(valueOf('tp_dst'))],
    laterFragment: (valueOf('ip_frag') & laterBit) !== 0n,
    ctState: slotOf(slots, 'ct_state'),
  }
}

/** The Ethernet type of an Ethernet packet or of what it was before it lost its header; 0 of anything else. */
function typeOf({ packetType, etherType }: PacketState): number {
  if (packetType === 0) return etherType
  return packetType >>> 16 === 1 ? packetType & 0xffff : 0
}

export const isIp = (packet: PacketState): boolean => [0x800, 0x86dd].includes(typeOf(packet))
export const isIpv4 = (packet: PacketState): boolean => typeOf(packet) === 0x800
export const isIpv6 = (packet: PacketState): boolean => typeOf(packet) === 0x86dd

function known(packet: PacketState, field: FieldName): number {
  switch (field) {
    case 'packet_type':
      return packet.packetType
    case 'eth_type':
      return typeOf(packet)
    case 'ip_proto':
      return packet.ipProtocol
    case 'vlan_vid':
      return packet.tags[0] ? Number(vlanBits.present) : 0
    case 'icmpv6_type':
      return packet.transport[0]
    case 'icmpv6_code':
      return packet.transport[1]
    default:
      return field === 'ct_state' ? Number(packet.ctState.value) : 0
  }
}

const holds = (packet: PacketState, condition: Condition): boolean =>
  'values' in condition
    ? condition.values.includes(known(packet, condition.field))
    : (known(packet, condition.field) & condition.anyBit) !== 0

const withPorts = new Set<Needs>(['tcp', 'udp', 'sctp'])
const tracked = 0x20n
const invalid = 0x10n

/** Whether the packet has what a field needs. */
export function meets(packet: PacketState, needs: Needs): boolean {
  // Fragments after the first have no ports.
  if (withPorts.has(needs) && packet.laterFragment) return false
  const { value, mask } = packet.ctState
  if (needs === 'ct' && (value & tracked) !== 0n && (mask & ~value & invalid) !== 0n) return true
  return prerequisites[needs].every((condition) => holds(packet, condition))
}

/** Undefined if there are two tags already. */
export const tagged = (packet: PacketState): PacketState | undefined =>
  packet.tags[1] ? undefined : { ...packet, tags: [true, packet.tags[0]] }

/** With an outer tag or without, whatever is inside. */
export const withOuterTag = (packet: PacketState, outer: boolean): PacketState => ({
  ...packet,
  tags: [outer, packet.tags[1]],
})

export function untagged(packet: PacketState): PacketState {
  const [outer, inner] = packet.tags
  return outer ? { ...packet, tags: [inner, false] } : packet
}

/** Behind a new MPLS label nothing is known of IP. */
export const labelled = (packet: PacketState, etherType: number): PacketState => ({
  ...packet,
  etherType,
  ipProtocol: 0,
})

export const unlabelled = (packet: PacketState, etherType: number): PacketState => ({ ...packet, etherType })

export function encapsulated(packet: PacketState, packetType: number): PacketState {
  const etherType = packetType >>> 16 === 1 ? packetType & 0xffff : packet.etherType
  const changed = { ...packet, packetType, etherType }
  return isIp(changed) ? changed : { ...changed, ipProtocol: 0 }
}

/** What was inside Ethernet is known by its type; what was inside anything else is not. */
export const decapsulated = (packet: PacketState): PacketState =>
  packet.packetType === 0
    ? { ...packet, packetType: 0x1_0000 + packet.etherType }
    : { ...packet, packetType: unknownType, etherType: 0xffff }
