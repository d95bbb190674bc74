/**
 * Cuts a byte stream into JSON texts and parses each. OVSDB puts nothing between them: a text ends where its outermost
 * bracket closes. Every byte is looked at once, whatever the chunks; what is held is bounded; after an error the framer is
 * dead, for nobody can tell where the next text begins. No socket, no clock.
 */
import { OvsdbError, type OvsdbErrorCode } from './errors.ts'

export interface FramerLimits {
  /** Bytes of one text. */
  readonly maxBytes: number
  /** Brackets inside brackets. */
  readonly maxDepth: number
}

export const defaultFramerLimits: FramerLimits = { maxBytes: 64 * 1024 * 1024, maxDepth: 64 }

export interface Framed {
  /** What the texts say that the chunk completed, in order; those before an error as well. */
  readonly messages: readonly unknown[]
  readonly error?: OvsdbError
}

const quote = 0x22
const backslash = 0x5c
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

export class JsonFramer {
  readonly #limits: FramerLimits
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  /** The brackets that are open. */
  readonly #open: Uint8Array
  #depth = 0
  #inString = false
  #escaped = false
  /** Pieces of the text that is not whole yet. */
  #pieces: Uint8Array[] = []
  #held = 0
  /** Bytes before the chunk that is being looked at. */
  #passed = 0
  #dead = false

  constructor(limits: Partial<FramerLimits> = {}) {
    this.#limits = { ...defaultFramerLimits, ...limits }
    this.#open = new Uint8Array(this.#limits.maxDepth)
  }

  /** Bytes of an unfinished text that are being held. */
  get held(): number {
    return this.#held
  }

  push(chunk: Uint8Array): Framed {
    if (this.#dead) {
      return { messages: [], error: new OvsdbError('DEAD', 'the stream has failed before', this.#passed) }
    }
    const messages: unknown[] = []
    try {
      this.#scan(chunk, messages)
      return { messages }
    } catch (error) {
      if (!(error instanceof OvsdbError)) throw error
      this.#dead = true
      this.#pieces = []
      this.#held = 0
      return { messages, error }
    }
  }

  #scan(chunk: Uint8Array, messages: unknown[]): void {
    let start = 0
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false
        else if (byte === backslash) this.#escaped = true
        else if (byte === quote) this.#inString = false
      } else if (byte === openBrace || byte === openBracket) {
        if (this.#depth === 0) start = at
        this.#enter(byte, at)
      } else if (this.#depth === 0) {
        if (!isSpace(byte)) throw this.#error('SYNTAX', 'a message must begin with a bracket', at)
      } else if (byte === quote) this.#inString = true
      else if (byte === closeBrace || byte === closeBracket) {
        if (this.#leave(byte, at)) messages.push(this.#parse(this.#take(chunk, start, at + 1), at + 1))
      }
    }
    if (this.#depth > 0) this.#hold(start === 0 ? chunk : chunk.subarray(start), chunk.length)
    this.#passed += chunk.length
  }

  #enter(bracket: number, at: number): void {
    if (this.#depth === this.#limits.maxDepth) {
      throw this.#error('TOO_DEEP', `more than ${this.#limits.maxDepth} brackets are open`, at)
    }
    this.#open[this.#depth++] = bracket
  }

  /** True when the text is whole. */
  #leave(bracket: number, at: number): boolean {
    // In ASCII each closing bracket is its opening one plus two.
    if (this.#open[--this.#depth] !== bracket - 2) throw this.#error('SYNTAX', 'brackets do not match', at)
    return this.#depth === 0
  }

  #hold(piece: Uint8Array, end: number): void {
    this.#pieces.push(piece)
    this.#held += piece.length
    this.#check(this.#held, end)
  }

  #check(length: number, end: number): void {
    const { maxBytes } = this.#limits
    if (length > maxBytes)
      throw this.#error('TOO_LONG', `a message is longer than ${maxBytes} bytes`, end - length)
  }

  #take(chunk: Uint8Array, start: number, end: number): Uint8Array {
    if (this.#held === 0) {
      this.#check(end - start, end)
      return chunk.subarray(start, end)
    }
    this.#hold(chunk.subarray(0, end), end)
    const text = new Uint8Array(this.#held)
    let at = 0
    for (const piece of this.#pieces) {
      text.set(piece, at)
      at += piece.length
    }
    this.#pieces = []
    this.#held = 0
    return text
  }

  #parse(bytes: Uint8Array, end: number): unknown {
    let text: string
    try {
      text = this.#utf8.decode(bytes)
    } catch {
      throw this.#error('UTF8', 'a message is not UTF-8', end - bytes.length)
    }
    try {
      return JSON.parse(text)
    } catch (error) {
      throw this.#error('SYNTAX', String(error), end - bytes.length)
    }
  }

  #error(code: OvsdbErrorCode, reason: string, at: number): OvsdbError {
    return new OvsdbError(code, reason, this.#passed + at)
  }
}
