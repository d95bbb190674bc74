/**
 * The incoming half of a connection: tells a peer of another protocol by its first bytes, cuts what arrives into messages
 * and keeps them, whole and not looked at, until they are asked for.
 */
import type { SessionEvent } from './session-state.ts'
import { foreignProtocol } from './session-wire.ts'
import { Framer } from './wire/framer.ts'

/** What a stream can be that goes no further. */
export type BadStream = Extract<SessionEvent, { type: 'bad_framing' | 'foreign' }>

export class ConnectionReader {
  readonly #framer = new Framer()
  /** `#inboxAt` is the next: at most what one read gave. */
  #inbox: readonly Uint8Array[] = []
  #inboxAt = 0
  /** The first bytes, while they are too few to tell a protocol by. */
  #start: Uint8Array | undefined = new Uint8Array(0)

  /** Whether part of a message has arrived and the rest has not. */
  get holdsPart(): boolean {
    return this.#framer.held > 0
  }

  /** Takes what a read gave. Gives what is wrong with it, if anything; then none of it is kept. */
  take(chunk: Uint8Array): BadStream | undefined {
    const code = this.#start && this.#foreign(this.#start, chunk)
    if (code) return { type: 'foreign', code }
    let messages: readonly Uint8Array[]
    try {
      messages = this.#framer.push(chunk)
    } catch (error) {
      return { type: 'bad_framing', detail: error instanceof Error ? error.message : String(error) }
    }
    const left = this.#inboxAt < this.#inbox.length
    this.#inbox = left ? [...this.#inbox.slice(this.#inboxAt), ...messages] : messages
    this.#inboxAt = 0
    return undefined
  }

  /** The next whole message, if there is one. */
  next(): Uint8Array | undefined {
    const message = this.#inbox[this.#inboxAt]
    if (message) this.#inboxAt += 1
    return message
  }

  /** Forgets what was not asked for. */
  drop(): void {
    this.#inbox = []
    this.#inboxAt = 0
  }

  #foreign(start: Uint8Array, chunk: Uint8Array): ReturnType<typeof foreignProtocol> {
    const begun = Uint8Array.from([...start, ...chunk.subarray(0, 4)])
    this.#start = begun.length < 4 ? begun : undefined
    return foreignProtocol(begun)
  }
}
