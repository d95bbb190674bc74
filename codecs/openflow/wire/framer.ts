/**
 * Cuts a byte stream into messages. It owns the limits, not the policy: a length below 8 or above the limit is a
 * `WireError`, and after one the framer is dead. No socket, no clock.
 */
import { WireError } from './errors.ts'
import { maxMessageLength } from './writer.ts'

const headerLength = 8

export class Framer {
  readonly #limit: number
  /** What has come of the next message's header while it is not whole: that many bytes are held. */
  readonly #header = new Uint8Array(headerLength)
  /** The next message once its length is known; the first so many of its bytes are held. */
  #partial: Uint8Array | undefined
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
    const end = chunk.length
    let at = this.#held > 0 ? this.#complete(chunk, messages) : 0
    if (end - at >= headerLength) {
      // Asked once for all messages: asking a view for its buffer takes longer than making a view.
      const { buffer, byteOffset } = chunk
      do {
        const length = this.#lengthAt(chunk, at)
        if (end - at < length) break
        messages.push(new Uint8Array(buffer, byteOffset + at, length))
        at += length
      } while (end - at >= headerLength)
    }
    if (at < end) this.#hold(chunk, at)
    return messages
  }

  /** Feeds the message that is held; returns how much of the chunk it took. */
  #complete(chunk: Uint8Array, messages: Uint8Array[]): number {
    let at = 0
    if (this.#partial === undefined) {
      at = Math.min(headerLength - this.#held, chunk.length)
      this.#append(this.#header, at < chunk.length ? chunk.subarray(0, at) : chunk)
      if (this.#held < headerLength) return at
      this.#partial = roomFor(this.#lengthAt(this.#header, 0))
      this.#partial.set(this.#header)
    }
    const to = Math.min(at + this.#partial.length - this.#held, chunk.length)
    this.#append(this.#partial, chunk.subarray(at, to))
    if (this.#held === this.#partial.length) {
      messages.push(this.#partial)
      this.#partial = undefined
      this.#held = 0
    }
    return to
  }

  /** Nothing is held yet, and what is left of the chunk is no whole message. */
  #hold(chunk: Uint8Array, at: number): void {
    if (chunk.length - at >= headerLength) this.#partial = roomFor(this.#lengthAt(chunk, at))
    this.#append(this.#partial ?? this.#header, at > 0 ? chunk.subarray(at) : chunk)
  }

  #append(to: Uint8Array, bytes: Uint8Array): void {
    to.set(bytes, this.#held)
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

const blockLength = 0x4000

/** Memory of which nothing was handed out yet is at the end of this. */
let block = new ArrayBuffer(blockLength)
let used = 0

/** Memory for one message. Short ones share blocks: memory of its own costs a message ten times the rest of the work. */
function roomFor(length: number): Uint8Array {
  if (length > blockLength / 4) return new Uint8Array(length)
  if (used + length > blockLength) {
    block = new ArrayBuffer(blockLength)
    used = 0
  }
  used += length
  return new Uint8Array(block, used - length, length)
}
