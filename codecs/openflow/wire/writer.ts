/**
 * The writing cursor: writes each message behind the one before into a block of fresh memory, so that nothing is
 * copied and padding is there already, with lengths patched in afterwards. Every number is checked against its width.
 */
import { EncodeError } from './errors.ts'

/** The header's length field has 16 bits. */
export const maxMessageLength = 0xffff

const blockLength = 0x10000

/** Most messages are no longer; where less is left of a block, the next message begins a new one. */
const usualLength = 0x400
const u48Limit = 0x1_0000_0000_0000

/** As deep as reading goes; a value that contains itself ends here too. */
const maxDepth = 64

interface Numbered {
  readonly version: number
  readonly xid: number
}

/** Thrown when the block ends before the message does; the message is then written again into a new one. */
const blockFull = new Error('the block is full')

export class Writer {
  #block = new ArrayBuffer(blockLength)
  bytes = new Uint8Array(this.#block)
  view = new DataView(this.#block)
  version = 0
  xid = 0
  /** Where the message begins. */
  origin = 0
  pos = 0
  /** Where the innermost self-measuring structure has its length field. */
  lengthAt = 0
  /** Where an earlier field waits for the length of a list further on. */
  announcedAt = 0
  #depth = 0

  /**
   * What `write` writes, as a view of the block: keeping one message keeps its block of 64 KiB.
   * @throws EncodeError, with `at`; whatever else `write` throws
   */
  message<T extends Numbered>(value: T, write: (w: Writer, value: T) => void): Uint8Array {
    this.version = value.version
    this.xid = value.xid
    if (this.pos > blockLength - usualLength) this.#turnBlock()
    try {
      return this.#attempt(value, write)
    } catch (error) {
      if (error !== blockFull) throw error
      this.#turnBlock()
      return this.#attempt(value, write)
    }
  }

  #attempt<T>(value: T, write: (w: Writer, value: T) => void): Uint8Array {
    const start = this.pos
    this.origin = start
    this.#depth = 0
    try {
      write(this, value)
      return new Uint8Array(this.#block, start, this.pos - start)
    } catch (error) {
      const refused = error instanceof TypeError ? new EncodeError('INVALID', error.message) : error
      if (refused instanceof EncodeError) refused.stoppedAt(this.pos - start)
      // The next message counts on zeros.
      this.bytes.fill(0, start, this.pos)
      this.pos = start
      throw refused
    }
  }

  #turnBlock(): void {
    this.#block = new ArrayBuffer(blockLength)
    this.bytes = new Uint8Array(this.#block)
    this.view = new DataView(this.#block)
    this.pos = 0
  }

  /** Makes room for `count` bytes, which are zeros, and says where. */
  take(count: number): number {
    const at = this.pos
    const end = at + count
    if (end > this.origin + maxMessageLength) {
      throw new EncodeError('TOO_LONG', `the message is longer than ${maxMessageLength} bytes`)
    }
    if (end > blockLength) throw blockFull
    this.pos = end
    return at
  }

  u8(value: number): void {
    if (typeof value !== 'number' || (value & 0xff) !== value) throw outOfRange(value, 8)
    this.view.setUint8(this.take(1), value)
  }

  u16(value: number): void {
    if (typeof value !== 'number' || (value & 0xffff) !== value) throw outOfRange(value, 16)
    this.view.setUint16(this.take(2), value)
  }

  u24(value: number): void {
    if (typeof value !== 'number' || (value & 0xffffff) !== value) throw outOfRange(value, 24)
    const at = this.take(3)
    this.view.setUint16(at, value >>> 8)
    this.view.setUint8(at + 2, value & 0xff)
  }

  u32(value: number): void {
    if (typeof value !== 'number' || value >>> 0 !== value) throw outOfRange(value, 32)
    this.view.setUint32(this.take(4), value)
  }

  u48(value: number): void {
    if (!Number.isInteger(value) || value < 0 || value >= u48Limit) throw outOfRange(value, 48)
    const at = this.take(6)
    this.view.setUint16(at, Math.floor(value / 0x1_0000_0000))
    this.view.setUint32(at + 2, value >>> 0)
  }

  u64(value: bigint): void {
    if (typeof value !== 'bigint' || BigInt.asUintN(64, value) !== value) throw outOfRange(value, 64)
    this.view.setBigUint64(this.take(8), value)
  }

  u128(value: bigint): void {
    if (typeof value !== 'bigint' || BigInt.asUintN(128, value) !== value) throw outOfRange(value, 128)
    const at = this.take(16)
    this.view.setBigUint64(at, value >> 64n)
    this.view.setBigUint64(at + 8, BigInt.asUintN(64, value))
  }

  raw(value: Uint8Array): void {
    if (!(value instanceof Uint8Array)) {
      throw (value as unknown) === undefined
        ? new EncodeError('MISSING', 'the value is missing')
        : new EncodeError('INVALID', 'a Uint8Array is wanted')
    }
    this.bytes.set(value, this.take(value.length))
  }

  zeros(count: number): void {
    this.take(count)
  }

  /** Pads with zeros until the distance from `start` is a multiple of `align`. */
  align(start: number, align: number): void {
    const over = (this.pos - start) % align
    if (over !== 0) this.take(align - over)
  }

  /** Called around each element that may hold others. */
  enter(): void {
    if (++this.#depth > maxDepth)
      throw new EncodeError('TOO_LONG', `elements are nested deeper than ${maxDepth}`)
  }

  leave(): void {
    this.#depth--
  }

  /** Fills in a 16-bit length written as a placeholder before. */
  patchLength(at: number, length: number): void {
    if (length > 0xffff) throw new EncodeError('TOO_LONG', `${length} bytes do not fit a 16-bit length`)
    this.view.setUint16(at, length)
  }
}

/** Why `value` is no unsigned number of so many bits. */
export function outOfRange(value: number | bigint | undefined, bits: number): EncodeError {
  if (value === undefined) return new EncodeError('MISSING', 'the value is missing')
  const wanted = bits > 48 ? 'bigint' : 'number'
  if (typeof value !== wanted)
    return new EncodeError('INVALID', `a ${wanted} is wanted, not a ${typeof value}`)
  return new EncodeError('RANGE', `${String(value)} does not fit ${bits} unsigned bits`)
}
