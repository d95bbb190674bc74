/**
 * The reading cursor: one object per message, moved over a DataView, never slicing for a field.
 * `end` is lowered while a length-bounded element is read, so that no field can read past its element.
 */
import { WireError } from './errors.ts'

export class Reader {
  readonly bytes: Uint8Array
  readonly view: DataView
  /** Wire version of the message being read: fields may exist in some versions only. */
  readonly version: number
  pos: number
  end: number
  /** Where the innermost structure that states its own length began. */
  base = 0
  /** Length that an earlier field announced for a list further on. */
  announced = 0

  constructor(bytes: Uint8Array, version: number) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.version = version
    this.pos = 0
    this.end = bytes.byteLength
  }

  /** Moves over `count` bytes and says where they began. */
  take(count: number): number {
    const at = this.pos
    if (at + count > this.end) {
      throw new WireError('SHORT', at, `${count} bytes wanted, ${this.end - at} left`)
    }
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
    const at = this.take(count)
    return new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + at, count)
  }

  fail(code: 'LENGTH' | 'TRAILING' | 'VALUE', reason: string, at = this.pos): WireError {
    return new WireError(code, at, reason)
  }
}
