/** ARP (RFC 826) and RARP (RFC 903) for IPv4 over Ethernet: the two share one format and differ in ethertype and operation. */
import { ByteReader, ByteWriter, PacketError } from './bytes.ts'

export const ARP_OP = { request: 1, reply: 2, reverseRequest: 3, reverseReply: 4 } as const

export interface Arp {
  /** See `ARP_OP`. */
  readonly op: number
  /** Sender's MAC, 48 bits. */
  readonly sha: number
  /** Sender's IPv4 address, 32 bits. */
  readonly spa: number
  /** Target's MAC, 48 bits. */
  readonly tha: number
  /** Target's IPv4 address, 32 bits. */
  readonly tpa: number
}

/** Bytes after the 28 of the packet are padding and not looked at. */
export function readArp(bytes: Uint8Array): Arp {
  const reader = new ByteReader(bytes)
  if (reader.u16('arp.hardware_type') !== 1) throw new PacketError('value', 'arp.hardware_type', 0)
  if (reader.u16('arp.protocol_type') !== 0x0800) throw new PacketError('value', 'arp.protocol_type', 2)
  if (reader.u8('arp.hardware_length') !== 6) throw new PacketError('length', 'arp.hardware_length', 4)
  if (reader.u8('arp.protocol_length') !== 4) throw new PacketError('length', 'arp.protocol_length', 5)
  const op = reader.u16('arp.op')
  const sha = reader.u48('arp.sha')
  const spa = reader.u32('arp.spa')
  const tha = reader.u48('arp.tha')
  return { op, sha, spa, tha, tpa: reader.u32('arp.tpa') }
}

export function writeArp(arp: Arp): Uint8Array {
  const writer = new ByteWriter(28).u16(1, 'arp.hardware_type').u16(0x0800, 'arp.protocol_type')
  writer.u8(6, 'arp.hardware_length').u8(4, 'arp.protocol_length').u16(arp.op, 'arp.op')
  writer.u48(arp.sha, 'arp.sha').u32(arp.spa, 'arp.spa')
  return writer.u48(arp.tha, 'arp.tha').u32(arp.tpa, 'arp.tpa').bytes
}
