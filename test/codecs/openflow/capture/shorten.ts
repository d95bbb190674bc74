/**
 * Replies about Open vSwitch's 254 tables, cut to a few of them: the one thing in the recording that is not as it was
 * seen. Of table features, 1.2 MB in twenty parts, remain the
 * first part's first table, of 1.3 only, and the last part's last.
 */

/** Sizes of a table's statistics; from 1.3 on they are all like the last. */
const tableStatsBytes = [64, 88, 128, 24]
const moreToFollow = 1

export function shorten(bytes: Buffer): Buffer {
  const minor = bytes.readUInt8(0) - 1
  const isReply = bytes.length > 16 && bytes.readUInt8(1) === (minor === 0 ? 17 : 19)
  if (!isReply) return bytes
  const start = minor === 0 ? 12 : 16
  switch (bytes.readUInt16BE(8)) {
    case 3: {
      const size = tableStatsBytes[Math.min(minor, 3)] ?? 24
      return withBody(bytes, start, bytes.subarray(start, start + 2 * size))
    }
    case 12: {
      const isMore = (bytes.readUInt16BE(10) & moreToFollow) !== 0
      const tables = entries(bytes.subarray(start))
      return withBody(bytes, start, tables.at(isMore ? 0 : -1) ?? Buffer.alloc(0))
    }
    case 14:
      return withBody(bytes, start, Buffer.concat(entries(bytes.subarray(start)).slice(0, 2)))
    default:
      return bytes
  }
}

/** A part of the table features that is not worth keeping: neither the last nor 1.3's first. */
export function isMiddlePart(bytes: Buffer): boolean {
  const isFeatures = bytes.length > 18 && bytes.readUInt8(0) >= 4 && bytes.readUInt8(1) === 19
  if (!isFeatures || bytes.readUInt16BE(8) !== 12) return false
  const isFirst = bytes.readUInt8(18) === 0 && bytes.readUInt8(0) === 4
  return !isFirst && (bytes.readUInt16BE(10) & moreToFollow) !== 0
}

/** Structures that open with their own 16-bit length. */
function entries(body: Buffer): Buffer[] {
  const found: Buffer[] = []
  for (let at = 0; at + 2 <= body.length; ) {
    const length = body.readUInt16BE(at)
    if (length < 8) throw new Error(`a table of ${length} bytes`)
    found.push(body.subarray(at, at + length))
    at += length
  }
  return found
}

function withBody(bytes: Buffer, start: number, body: Buffer): Buffer {
  const short = Buffer.concat([bytes.subarray(0, start), body])
  short.writeUInt16BE(short.length, 2)
  return short
}
