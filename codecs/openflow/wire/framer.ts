/**
 * Cuts a byte stream into messages. It owns the limits, not the policy: a length below 8 or above the limit is a
 * `WireError`, and after one the framer is dead. No socket, no clock.
 */
import { WireError } from './errors.ts'
import { maxMessageLength } from './writer.ts'

const headerLength = 8
const nothing = new Uint8Array(0)

export class Framer {
  readonly #limit: number
  /** The beginning of a message whose end has not come yet: `#held` bytes of `#partial`. */
  #partial: Uint8Array = nothing
  #held = 0
  #dead = false

  constructor({ limit = maxMessageLength }: { readonly limit?: number } = {}) {
    this.#limit = limit
  }

  /** Bytes of an unfinished message that are being held. */
  get held(): number {
    return this.#held
  }

  /**
   * The whole messages that `chunk` completes. A message that lies within one chunk is a view of it; one that spans
   * chunks is copied once. Neither is ever written to again.
   */
  push(chunk: Uint8Array): Uint8Array[] {
    if (this.#dead) throw new WireError('DEAD', 0, 'the stream has failed before')
    const messages: Uint8Array[] = []
    let at = this.#held > 0 ? this.#complete(chunk, messages) : 0
    while (chunk.length - at >= headerLength) {
      const length = this.#lengthAt(chunk, at)
      if (chunk.length - at < length) break
      messages.push(new Uint8Array(chunk.buffer, chunk.byteOffset + at, length))
      at += length
    }
    if (at < chunk.length) this.#hold(chunk, at)
    return messages
  }

  /** Feeds the held message; returns how much of the chunk it took. */
  #complete(chunk: Uint8Array, messages: Uint8Array[]): number {
    let at = 0
    if (this.#held < headerLength) {
      at = Math.min(headerLength - this.#held, chunk.length)
      this.#append(chunk.subarray(0, at), headerLength)
      if (this.#held < headerLength) return at
    }
    const length = this.#lengthAt(this.#partial, 0)
    const more = Math.min(length - this.#held, chunk.length - at)
    this.#append(chunk.subarray(at, at + more), length)
    if (this.#held === length) {
      messages.push(this.#partial.subarray(0, length))
      this.#partial = nothing
      this.#held = 0
    }
    return at + more
  }

  #hold(chunk: Uint8Array, at: number): void {
    const left = chunk.length - at
    this.#append(chunk.subarray(at), left < headerLength ? headerLength : this.#lengthAt(chunk, at))
  }

  #append(bytes: Uint8Array, capacity: number): void {
    if (this.#partial.length < capacity) {
      const grown = new Uint8Array(capacity)
      grown.set(this.#partial.subarray(0, this.#held))
      this.#partial = grown
    }
    this.#partial.set(bytes, this.#held)
    this.#held += bytes.length
  }

  #lengthAt(bytes: Uint8Array, at: number): number {
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
    if (length >= headerLength && length <= this.#limit) return length
    this.#dead = true
    throw new WireError(
      'LENGTH',
      2,
      `a message length of ${length} is not between ${headerLength} and ${this.#limit}`,
    )
  }
}
