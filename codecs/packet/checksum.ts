/** The internet checksum (RFC 1071) and the pseudo headers that UDP, TCP and ICMPv6 put in front of it. */
import { ByteWriter } from './bytes.ts'

/** The one's complement sum of all parts as if they were one; parts but the last must have an even length. */
export function checksum(...parts: readonly Uint8Array[]): number {
  let sum = 0
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 2) sum += ((part[at] ?? 0) << 8) | (part[at + 1] ?? 0)
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000)
  return ~sum & 0xffff
}

/** Source and destination of the packet that carries a transport: numbers for IPv4, bigints for IPv6. */
export type Endpoints =
  | { readonly family: 4; readonly src: number; readonly dst: number }
  | { readonly family: 6; readonly src: bigint; readonly dst: bigint }

/** RFC 768 and RFC 9293 for IPv4, RFC 8200 section 8.1 for IPv6. */
export function pseudoHeader(endpoints: Endpoints, protocol: number, length: number): Uint8Array {
  if (endpoints.family === 4) {
    const writer = new ByteWriter(12).u32(endpoints.src, 'ipv4.src').u32(endpoints.dst, 'ipv4.dst')
    return writer.u16(protocol, 'ipv4.protocol').u16(length, 'ipv4.total_length').bytes
  }
  const writer = new ByteWriter(40).u128(endpoints.src, 'ipv6.src').u128(endpoints.dst, 'ipv6.dst')
  return writer.u32(length, 'ipv6.payload_length').u32(protocol, 'ipv6.next_header').bytes
}
