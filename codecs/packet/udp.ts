/** UDP (RFC 768) over IPv4 and IPv6. */
import { ByteReader, ByteWriter, PacketError } from './bytes.ts'
import type { Endpoints } from './checksum.ts'
import { checksum, pseudoHeader } from './checksum.ts'
import { IP_PROTOCOL } from './ipv4.ts'

export interface Udp {
  readonly srcPort: number
  readonly dstPort: number
  readonly payload: Uint8Array
}

/** The checksum is not judged: virtual NICs leave it to be filled in by hardware that is not there. */
export function readUdp(bytes: Uint8Array): Udp {
  const reader = new ByteReader(bytes)
  const srcPort = reader.u16('udp.src_port')
  const dstPort = reader.u16('udp.dst_port')
  const length = reader.u16('udp.length')
  if (length < 8) throw new PacketError('length', 'udp.length', 4)
  reader.u16('udp.checksum')
  return { srcPort, dstPort, payload: reader.take(length - 8, 'udp.payload') }
}

export function writeUdp(udp: Udp, endpoints: Endpoints): Uint8Array {
  const length = 8 + udp.payload.length
  const writer = new ByteWriter(length).u16(udp.srcPort, 'udp.src_port').u16(udp.dstPort, 'udp.dst_port')
  writer.u16(length, 'udp.length').u16(0, 'udp.checksum').raw(udp.payload)
  const sum = checksum(pseudoHeader(endpoints, IP_PROTOCOL.udp, length), writer.bytes)
  // A sum of zero is sent as all ones: zero on the wire means that there is no checksum.
  const sent = sum === 0 ? 0xffff : sum
  writer.bytes[6] = sent >> 8
  writer.bytes[7] = sent & 0xff
  return writer.bytes
}
