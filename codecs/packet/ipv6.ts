/** The fixed IPv6 header (RFC 8200); extension headers stay in the payload, named by `nextHeader`. */
import { ByteReader, ByteWriter, fits, PacketError } from './bytes.ts'

export interface Ipv6 {
  readonly trafficClass: number
  /** 20 bits. */
  readonly flowLabel: number
  readonly nextHeader: number
  readonly hopLimit: number
  /** 128 bits. */
  readonly src: bigint
  /** 128 bits. */
  readonly dst: bigint
  readonly payload: Uint8Array
}

/** Bytes after the header's payload length are padding and not looked at. */
export function readIpv6(bytes: Uint8Array): Ipv6 {
  const reader = new ByteReader(bytes)
  const first = reader.u32('ipv6.version')
  if (first >>> 28 !== 6) throw new PacketError('value', 'ipv6.version', 0)
  const payloadLength = reader.u16('ipv6.payload_length')
  const nextHeader = reader.u8('ipv6.next_header')
  const hopLimit = reader.u8('ipv6.hop_limit')
  const src = reader.u128('ipv6.src')
  const dst = reader.u128('ipv6.dst')
  return {
    trafficClass: (first >>> 20) & 0xff,
    flowLabel: first & 0xfffff,
    nextHeader,
    hopLimit,
    src,
    dst,
    payload: reader.take(payloadLength, 'ipv6.payload'),
  }
}

export function writeIpv6(ip: Ipv6): Uint8Array {
  const flowLabel = fits(ip.flowLabel, 20, 'ipv6.flow_label')
  const first = 0x60000000 + fits(ip.trafficClass, 8, 'ipv6.traffic_class') * 0x100000 + flowLabel
  const writer = new ByteWriter(40 + ip.payload.length).u32(first, 'ipv6.version')
  writer.u16(ip.payload.length, 'ipv6.payload_length')
  writer.u8(ip.nextHeader, 'ipv6.next_header').u8(ip.hopLimit, 'ipv6.hop_limit')
  return writer.u128(ip.src, 'ipv6.src').u128(ip.dst, 'ipv6.dst').raw(ip.payload).bytes
}
