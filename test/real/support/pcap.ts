/** Reads a classic pcap file (libpcap's, microseconds, Ethernet) into frames. */

export interface Frame {
  /** Milliseconds since 1970, with microseconds after the point. */
  readonly atMs: number
  /** From the destination MAC on, VLAN tags included. */
  readonly bytes: Buffer
}

const fileHeaderBytes = 24
const recordHeaderBytes = 16

/** Throws when the file is not a classic pcap file or is cut short. */
export function readPcap(file: Buffer): readonly Frame[] {
  const magic = file.length >= fileHeaderBytes ? file.readUInt32LE(0) : 0
  if (magic !== 0xa1b2c3d4) throw new Error(`not a little-endian classic pcap file (${file.length} bytes)`)
  const frames: Frame[] = []
  for (let at = fileHeaderBytes; at < file.length; ) {
    if (at + recordHeaderBytes > file.length)
      throw new Error(`pcap file ends inside a record header at ${at}`)
    const end = at + recordHeaderBytes + file.readUInt32LE(at + 8)
    if (end > file.length) throw new Error(`pcap file ends inside a frame at ${at}`)
    frames.push({
      atMs: file.readUInt32LE(at) * 1000 + file.readUInt32LE(at + 4) / 1000,
      bytes: file.subarray(at + recordHeaderBytes, end),
    })
    at = end
  }
  return frames
}
