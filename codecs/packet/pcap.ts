/** Classic pcap files (not pcapng), as `tcpdump -w` writes them: both byte orders, micro- and nanoseconds. */
import { ByteWriter, PacketError } from './bytes.ts'

export const LINK_TYPE_ETHERNET = 1

export interface CapturedPacket {
  /** Since 1970. */
  readonly timeNs: bigint
  /** Length on the wire, at least that of `bytes`. */
  readonly length: number
  readonly bytes: Uint8Array
}

export interface Capture {
  readonly linkType: number
  readonly packets: readonly CapturedPacket[]
  /** The file ends inside a packet, as it does when the capturing process was killed. */
  readonly truncated: boolean
}

const MICROSECONDS = 0xa1b2c3d4
const NANOSECONDS = 0xa1b23c4d
const FILE_HEADER = 24
const RECORD_HEADER = 16
/** What libpcap itself takes for the longest packet; a longer record means a damaged file. */
const LONGEST = 262_144

/** @throws PacketError for a file that is no pcap file or has a record longer than any packet. */
export function readPcap(bytes: Uint8Array): Capture {
  if (bytes.length < FILE_HEADER) throw new PacketError('short', 'pcap.header', 0)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const known = (magic: number) => magic === MICROSECONDS || magic === NANOSECONDS
  const little = known(view.getUint32(0, true))
  const magic = view.getUint32(0, little)
  if (!known(magic)) throw new PacketError('value', 'pcap.magic', 0)
  const unitNs = magic === NANOSECONDS ? 1n : 1_000n
  const packets: CapturedPacket[] = []
  let at = FILE_HEADER
  while (at + RECORD_HEADER <= bytes.length) {
    const captured = view.getUint32(at + 8, little)
    if (captured > LONGEST) throw new PacketError('length', 'pcap.captured_length', at + 8)
    const start = at + RECORD_HEADER
    if (start + captured > bytes.length) break
    const seconds = BigInt(view.getUint32(at, little))
    const timeNs = seconds * 1_000_000_000n + BigInt(view.getUint32(at + 4, little)) * unitNs
    packets.push({
      timeNs,
      length: view.getUint32(at + 12, little),
      bytes: bytes.subarray(start, start + captured),
    })
    at = start + captured
  }
  return { linkType: view.getUint32(20, little) & 0xffff, packets, truncated: at !== bytes.length }
}

/** Ethernet, nanoseconds, big-endian. */
export function writePcap(packets: readonly CapturedPacket[]): Uint8Array {
  const size = packets.reduce((sum, packet) => sum + RECORD_HEADER + packet.bytes.length, FILE_HEADER)
  const writer = new ByteWriter(size).u32(NANOSECONDS, 'pcap.magic')
  // Version 2.4, the only one in use; then two words that nobody uses.
  writer.u16(2, 'pcap.major').u16(4, 'pcap.minor').u64(0n, 'pcap.zone')
  writer.u32(LONGEST, 'pcap.snap_length').u32(LINK_TYPE_ETHERNET, 'pcap.link_type')
  for (const packet of packets) {
    if (packet.bytes.length > LONGEST) throw new PacketError('length', 'pcap.captured_length', 8)
    writer.u32(Number(packet.timeNs / 1_000_000_000n), 'pcap.seconds')
    writer.u32(Number(packet.timeNs % 1_000_000_000n), 'pcap.nanoseconds')
    writer
      .u32(packet.bytes.length, 'pcap.captured_length')
      .u32(packet.length, 'pcap.length')
      .raw(packet.bytes)
  }
  return writer.bytes
}
