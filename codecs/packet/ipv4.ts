/** The IPv4 header (RFC 791) with its checksum; what it carries is left as bytes. */
import { ByteReader, ByteWriter, fits, PacketError } from './bytes.ts'
import { checksum } from './checksum.ts'

export const IP_PROTOCOL = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const

export interface Ipv4 {
  /** 6 bits. */
  readonly dscp: number
  /** 2 bits. */
  readonly ecn: number
  readonly id: number
  readonly dontFragment: boolean
  readonly moreFragments: boolean
  /** In units of 8 bytes. */
  readonly fragmentOffset: number
  readonly ttl: number
  readonly protocol: number
  /** 32 bits. */
  readonly src: number
  /** 32 bits. */
  readonly dst: number
  /** As on the wire: a multiple of 4 bytes, at most 40. */
  readonly options: Uint8Array
  readonly payload: Uint8Array
}

/** Bytes after the header's total length are padding and not looked at. */
export function readIpv4(bytes: Uint8Array): Ipv4 {
  const reader = new ByteReader(bytes)
  const versionAndLength = reader.u8('ipv4.version')
  if (versionAndLength >> 4 !== 4) throw new PacketError('value', 'ipv4.version', 0)
  const headerLength = (versionAndLength & 0xf) * 4
  if (headerLength < 20) throw new PacketError('length', 'ipv4.header_length', 0)
  const service = reader.u8('ipv4.dscp')
  const totalLength = reader.u16('ipv4.total_length')
  if (totalLength < headerLength) throw new PacketError('length', 'ipv4.total_length', 2)
  if (totalLength > bytes.length) throw new PacketError('short', 'ipv4.total_length', 2)
  const id = reader.u16('ipv4.id')
  const fragment = reader.u16('ipv4.fragment_offset')
  const ttl = reader.u8('ipv4.ttl')
  const protocol = reader.u8('ipv4.protocol')
  reader.u16('ipv4.checksum')
  const src = reader.u32('ipv4.src')
  const dst = reader.u32('ipv4.dst')
  const options = reader.take(headerLength - 20, 'ipv4.options')
  if (checksum(bytes.subarray(0, headerLength)) !== 0) throw new PacketError('checksum', 'ipv4.checksum', 10)
  return {
    dscp: service >> 2,
    ecn: service & 3,
    id,
    dontFragment: (fragment & 0x4000) !== 0,
    moreFragments: (fragment & 0x2000) !== 0,
    fragmentOffset: fragment & 0x1fff,
    ttl,
    protocol,
    src,
    dst,
    options,
    payload: reader.take(totalLength - headerLength, 'ipv4.payload'),
  }
}

export function writeIpv4(ip: Ipv4): Uint8Array {
  const headerLength = 20 + ip.options.length
  if (headerLength % 4 !== 0 || headerLength > 60) throw new PacketError('length', 'ipv4.options', 20)
  const flags = (ip.dontFragment ? 0x4000 : 0) | (ip.moreFragments ? 0x2000 : 0)
  const writer = new ByteWriter(headerLength + ip.payload.length)
  writer.u8(0x40 | (headerLength / 4), 'ipv4.version')
  writer.u8((fits(ip.dscp, 6, 'ipv4.dscp') << 2) | fits(ip.ecn, 2, 'ipv4.ecn'), 'ipv4.dscp')
  writer.u16(headerLength + ip.payload.length, 'ipv4.total_length').u16(ip.id, 'ipv4.id')
  writer.u16(flags | fits(ip.fragmentOffset, 13, 'ipv4.fragment_offset'), 'ipv4.fragment_offset')
  writer.u8(ip.ttl, 'ipv4.ttl').u8(ip.protocol, 'ipv4.protocol').u16(0, 'ipv4.checksum')
  writer.u32(ip.src, 'ipv4.src').u32(ip.dst, 'ipv4.dst').raw(ip.options).raw(ip.payload)
  const sum = checksum(writer.bytes.subarray(0, headerLength))
  writer.bytes[10] = sum >> 8
  writer.bytes[11] = sum & 0xff
  return writer.bytes
}
