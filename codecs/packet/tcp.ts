/** The TCP header (RFC 9293), read only: nothing here speaks TCP, it only looks at it. */
import { ByteReader, PacketError } from './bytes.ts'

const FLAGS = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ece', 'cwr'] as const

export type TcpFlag = (typeof FLAGS)[number]

export interface Tcp {
  readonly srcPort: number
  readonly dstPort: number
  readonly seq: number
  readonly ack: number
  readonly flags: readonly TcpFlag[]
  /** As on the wire, before scaling. */
  readonly window: number
  readonly options: Uint8Array
  readonly payload: Uint8Array
}

/** The checksum is not judged, for the reason given at `readUdp`. */
export function readTcp(bytes: Uint8Array): Tcp {
  const reader = new ByteReader(bytes)
  const srcPort = reader.u16('tcp.src_port')
  const dstPort = reader.u16('tcp.dst_port')
  const seq = reader.u32('tcp.seq')
  const ack = reader.u32('tcp.ack')
  const headerLength = (reader.u8('tcp.data_offset') >> 4) * 4
  if (headerLength < 20) throw new PacketError('length', 'tcp.data_offset', 12)
  const bits = reader.u8('tcp.flags')
  const window = reader.u16('tcp.window')
  reader.u32('tcp.checksum')
  const options = reader.take(headerLength - 20, 'tcp.options')
  const flags = FLAGS.filter((_, bit) => (bits & (1 << bit)) !== 0)
  return { srcPort, dstPort, seq, ack, flags, window, options, payload: reader.rest() }
}
