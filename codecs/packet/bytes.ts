/**
 * Big-endian reading and writing with bounds: the floor under every packet codec of this folder.
 * A reader never looks outside its bytes and a writer never truncates a value; both throw `PacketError` and nothing else.
 */

/** Why a packet could not be read or written. */
export type PacketErrorCode =
  /** The bytes end before the field does. */
  | 'short'
  /** A length field contradicts the bytes or the format. */
  | 'length'
  /** A field has a value that the format forbids, or a value to be written does not fit its field. */
  | 'value'
  | 'checksum'

export class PacketError extends Error {
  readonly code: PacketErrorCode
  /** The protocol and field, such as `ipv4.total_length`. */
  readonly field: string
  /** Offset in bytes from the start of that protocol's header. */
  readonly at: number

  constructor(code: PacketErrorCode, field: string, at: number) {
    super(`${field}: ${code} at byte ${at}`)
    this.name = 'PacketError'
    this.code = code
    this.field = field
    this.at = at
  }
}

/** Reads front to back. What `take` and `rest` hand out are views of the input, not copies. */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get at(): number {
    return this.#at
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  #advance(count: number, field: string): number {
    if (count > this.left) throw new PacketError('short', field, this.#at)
    const start = this.#at
    this.#at += count
    return start
  }

  u8(field: string): number {
    return this.#view.getUint8(this.#advance(1, field))
  }

  u16(field: string): number {
    return this.#view.getUint16(this.#advance(2, field))
  }

  u32(field: string): number {
    return this.#view.getUint32(this.#advance(4, field))
  }

  u48(field: string): number {
    const start = this.#advance(6, field)
    return this.#view.getUint16(start) * 2 ** 32 + this.#view.getUint32(start + 2)
  }

  u64(field: string): bigint {
    return this.#view.getBigUint64(this.#advance(8, field))
  }

  u128(field: string): bigint {
    const start = this.#advance(16, field)
    return (this.#view.getBigUint64(start) << 64n) | this.#view.getBigUint64(start + 8)
  }

  take(count: number, field: string): Uint8Array {
    const start = this.#advance(count, field)
    return this.#bytes.subarray(start, start + count)
  }

  rest(): Uint8Array {
    return this.take(this.left, 'rest')
  }
}

/** Writes front to back into a buffer whose size is known beforehand. */
export class ByteWriter {
  readonly bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(size: number) {
    this.bytes = new Uint8Array(size)
    this.#view = new DataView(this.bytes.buffer)
  }

  #advance(count: number, value: number | bigint, field: string): number {
    const limit = 2 ** (8 * count)
    const whole = typeof value === 'bigint' || Number.isInteger(value)
    if (!whole || value < 0 || value >= limit) throw new PacketError('value', field, this.#at)
    const start = this.#at
    this.#at += count
    return start
  }

  u8(value: number, field: string): this {
    this.#view.setUint8(this.#advance(1, value, field), value)
    return this
  }

  u16(value: number, field: string): this {
    this.#view.setUint16(this.#advance(2, value, field), value)
    return this
  }

  u32(value: number, field: string): this {
    this.#view.setUint32(this.#advance(4, value, field), value)
    return this
  }

  u48(value: number, field: string): this {
    const start = this.#advance(6, value, field)
    this.#view.setUint16(start, Math.floor(value / 2 ** 32))
    this.#view.setUint32(start + 2, value % 2 ** 32)
    return this
  }

  u64(value: bigint, field: string): this {
    this.#view.setBigUint64(this.#advance(8, value, field), value)
    return this
  }

  u128(value: bigint, field: string): this {
    const start = this.#advance(16, value, field)
    this.#view.setBigUint64(start, value >> 64n)
    this.#view.setBigUint64(start + 8, BigInt.asUintN(64, value))
    return this
  }

  raw(bytes: Uint8Array): this {
    this.bytes.set(bytes, this.#at)
    this.#at += bytes.length
    return this
  }
}

/** `value` if it is a whole number of at most `bits` bits; for fields narrower than a byte boundary. */
export function fits(value: number, bits: number, field: string): number {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** bits) throw new PacketError('value', field, 0)
  return value
}
