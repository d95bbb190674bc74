/** What the messages written by hand share: memory in blocks, as `encode` has it, and the checks of their values. */

const blockLength = 0x1_0000

export class HandWriter {
  bytes = new Uint8Array(blockLength)
  view = new DataView(this.bytes.buffer)
  #free = 0

  /** Where a message of at most so many bytes may be written: zeros that nobody else will ever have. */
  reserve(most: number): number {
    if (most > 0xffff) throw badValue('length', most)
    if (this.#free + most > blockLength) {
      this.bytes = new Uint8Array(blockLength)
      this.view = new DataView(this.bytes.buffer)
      this.#free = 0
    }
    const start = this.#free
    this.#free = start + most
    return start
  }

  /** The message, which needed no more; what is left is for the next one. */
  finish(start: number, end: number): Uint8Array {
    this.#free = end
    return new Uint8Array(this.bytes.buffer, start, end - start)
  }
}

/** A number from 0 to `most`. */
export function narrow(value: number | bigint | undefined, most: number): number {
  if (typeof value === 'number' && value >= 0 && value <= most && Number.isInteger(value)) return value
  throw badValue('number', value)
}

/** A bigint of 64 bits. */
export function wide(value: number | bigint | undefined): bigint {
  if (typeof value === 'bigint' && value >= 0n && value <= 0xffff_ffff_ffff_ffffn) return value
  throw badValue('number', value)
}

export function badBytes(what: string, at: number): RangeError {
  return new RangeError(`${what} at byte ${at}`)
}

export function badValue(what: string, value: unknown): TypeError {
  return new TypeError(`a ${what} that cannot be written: ${String(value)}`)
}
