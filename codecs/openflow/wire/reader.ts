/**
 * The reading cursor: moved over a DataView of the whole buffer that the message lies in, never slicing for a field.
 * `end` is lowered while a length-bounded element is read, so that no field can read past its element.
 */
import { WireError } from './errors.ts'

/** Elements inside elements, such as `clone` in `clone`; more is refused rather than risking the stack. */
const maxDepth = 64

export class Reader {
  view: DataView = new DataView(new ArrayBuffer(0))
  #buffer: ArrayBufferLike = this.view.buffer
  /** Wire version of the message being read: fields may exist in some versions only. */
  version = 0
  xid = 0
  /** Positions are those in `view`; `origin` is where the message begins. */
  origin = 0
  pos = 0
  end = 0
  /** Where the innermost structure that states its own length began. */
  base = 0
  /** Length that an earlier field announced for a list further on. */
  announced = 0
  #depth = 0

  /** Turns to another message. Messages that lie in one buffer share one view. */
  reset(bytes: Uint8Array, version: number): void {
    const { buffer, byteOffset } = bytes
    if (buffer !== this.#buffer) {
      this.#buffer = buffer
      this.view = new DataView(buffer)
    }
    this.version = version
    this.origin = byteOffset
    this.pos = byteOffset
    this.end = byteOffset + bytes.length
    this.base = byteOffset
    this.announced = 0
    this.#depth = 0
  }

  /** Moves over `count` bytes and says where they began. */
  take(count: number): number {
    const at = this.pos
    if (at + count > this.end) throw this.short(at, count)
    this.pos = at + count
    return at
  }

  u8(): number {
    return this.view.getUint8(this.take(1))
  }

  u16(): number {
    return this.view.getUint16(this.take(2))
  }

  u24(): number {
    const at = this.take(3)
    return this.view.getUint16(at) * 0x100 + this.view.getUint8(at + 2)
  }

  u32(): number {
    return this.view.getUint32(this.take(4))
  }

  u48(): number {
    const at = this.take(6)
    return this.view.getUint16(at) * 0x1_0000_0000 + this.view.getUint32(at + 2)
  }

  u64(): bigint {
    return this.view.getBigUint64(this.take(8))
  }

  u128(): bigint {
    const at = this.take(16)
    return (this.view.getBigUint64(at) << 64n) | this.view.getBigUint64(at + 8)
  }

  /** A view (not a copy) of the next `count` bytes; it keeps the chunk it came in alive. */
  view8(count: number): Uint8Array {
    return new Uint8Array(this.#buffer, this.take(count), count)
  }

  /** Everything up to the end of the element. */
  rest(): Uint8Array {
    return this.view8(this.end - this.pos)
  }

  /** Called around each element that may hold others. */
  enter(): void {
    if (++this.#depth > maxDepth) throw this.fail('LENGTH', `elements are nested deeper than ${maxDepth}`)
  }

  leave(): void {
    this.#depth--
  }

  short(at: number, count: number): WireError {
    return new WireError('SHORT', at - this.origin, `${count} bytes wanted, ${this.end - at} left`)
  }

  fail(code: 'LENGTH' | 'TRAILING' | 'VALUE', reason: string, at = this.pos): WireError {
    return new WireError(code, at - this.origin, reason)
  }
}
