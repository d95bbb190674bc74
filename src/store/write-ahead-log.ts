/**
 * Is LevelDB's write-ahead log whole? LevelDB drops what follows a damaged record without a word, acknowledged writes
 * included; so the log is read before LevelDB opens it. A record cut short at the end is a write that was never
 * acknowledged; a damaged record with a sound one after it is damage.
 *
 * Format (LevelDB's doc/log_format.md): blocks of 32 KiB; records of checksum (4), length (2), type (1) and data, that
 * never cross a block's end; the checksum is a masked CRC-32C over type and data.
 */

const BLOCK = 32 * 1024
const HEADER = 7

/** False when a record was damaged after it was written. */
export function isWholeLog(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  while (at < bytes.length) {
    const left = BLOCK - (at % BLOCK)
    if (left < HEADER) {
      at += left
      continue
    }
    const length = recordLength(view, at)
    if (length === undefined) return !hasRecordAfter(view, at)
    at += length
  }
  return true
}

/** Where the damage hid how long its record is, the next one may be anywhere. */
function hasRecordAfter(view: DataView, damaged: number): boolean {
  for (let at = damaged + 1; at + HEADER <= view.byteLength; at++) {
    if (recordLength(view, at) !== undefined) return true
  }
  return false
}

/** With its header; undefined when there is no sound record. */
function recordLength(view: DataView, at: number): number | undefined {
  if (at + HEADER > view.byteLength) return undefined
  const length = view.getUint16(at + 4, true)
  const type = view.getUint8(at + 6)
  const end = at + HEADER + length
  if (type < 1 || type > 4 || end > view.byteLength || (at % BLOCK) + HEADER + length > BLOCK)
    return undefined
  const expected = view.getUint32(at, true)
  return masked(crc32c(view, at + 6, end)) === expected ? HEADER + length : undefined
}

function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}

/** Castagnoli, reflected. */
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  return crc >>> 0
})

function crc32c(view: DataView, from: number, to: number): number {
  let crc = 0xffffffff
  for (let at = from; at < to; at++) crc = (table[(crc ^ view.getUint8(at)) & 0xff] ?? 0) ^ (crc >>> 8)
  return ~crc >>> 0
}
