/**
 * The outgoing half of a connection: gathers what is sent in one tick into one write, stops when the socket says so, and
 * tells when a peer has stopped reading. What waits is bounded in bytes and in time.
 */
import type { Duplex } from 'node:stream'

export interface WriterLimits {
  /** More waiting bytes than this and the peer is given up. */
  readonly maxWaitingBytes: number
  /** Waiting bytes without any progress for this long and the peer is given up. */
  readonly stallMs: number
  /** Senders of much wait until no more than this waits. */
  readonly lowWaterBytes: number
}

export interface WriterOptions {
  readonly socket: Duplex
  readonly limits: WriterLimits
  readonly now: () => number
  /** More than `maxWaitingBytes` wait; the caller is expected to close. */
  readonly onOverflow: (detail: string) => void
  /** The socket has taken some of what waited. */
  readonly onTaken: () => void
}

/** One socket write is at most this long, so that progress can be seen inside a long send. */
const PIECE_BYTES = 128 * 1024

export class ConnectionWriter {
  readonly #socket: Duplex
  readonly #limits: WriterLimits
  readonly #now: () => number
  readonly #onOverflow: (detail: string) => void
  readonly #onTaken: () => void
  readonly #drained: (() => void)[] = []
  #queue: Uint8Array[] = []
  #waitingBytes = 0
  #sentBytes = 0
  #progressMs = 0
  #scheduled = false
  #blocked = false
  #ended = false

  constructor({ socket, limits, now, onOverflow, onTaken }: WriterOptions) {
    this.#socket = socket
    this.#limits = limits
    this.#now = now
    this.#onOverflow = onOverflow
    this.#onTaken = onTaken
    socket.on('drain', () => {
      this.#blocked = false
      this.#flush()
    })
  }

  /** Bytes that the peer's side has not taken yet. */
  get waitingBytes(): number {
    return this.#waitingBytes
  }

  /** Bytes sent so far, those that wait included. */
  get sentBytes(): number {
    return this.#sentBytes
  }

  /** When waiting bytes will have waited too long; undefined while nothing waits. */
  get stallsAtMs(): number | undefined {
    return this.#waitingBytes > 0 ? this.#progressMs + this.#limits.stallMs : undefined
  }

  write(bytes: Uint8Array): void {
    if (this.#ended) return
    if (this.#waitingBytes === 0) this.#progressMs = this.#now()
    this.#queue.push(bytes)
    this.#waitingBytes += bytes.length
    this.#sentBytes += bytes.length
    if (this.#waitingBytes > this.#limits.maxWaitingBytes) {
      this.#onOverflow(`${this.#waitingBytes} bytes wait to be read`)
      return
    }
    if (this.#scheduled) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#scheduled = false
      this.#flush()
    })
  }

  /** Resolves when little enough waits for more to be sent; at once when that is so now, and when the writer ends. */
  async drained(): Promise<void> {
    if (this.#ended || this.#waitingBytes <= this.#limits.lowWaterBytes) return
    await new Promise<void>((resolve) => this.#drained.push(resolve))
  }

  /** Writes what waits, then ends the stream. */
  end(): void {
    if (this.#ended) return
    if (this.#queue.length > 0) this.#socket.write(Buffer.concat(this.#queue))
    this.drop()
    this.#socket.end()
  }

  /** Forgets what waits and takes no more. */
  drop(): void {
    this.#ended = true
    this.#queue = []
    this.#release()
  }

  #flush(): void {
    while (this.#queue.length > 0 && !this.#blocked && !this.#ended) {
      const piece = this.#nextPiece()
      this.#blocked = !this.#socket.write(piece, () => this.#taken(piece.length))
    }
  }

  /** As many whole messages as fit into one piece, at least one. */
  #nextPiece(): Uint8Array {
    let count = 0
    let length = 0
    for (const bytes of this.#queue) {
      if (count > 0 && length + bytes.length > PIECE_BYTES) break
      count += 1
      length += bytes.length
    }
    const [first] = this.#queue
    const piece = count === 1 && first ? first : Buffer.concat(this.#queue.slice(0, count), length)
    this.#queue = count === this.#queue.length ? [] : this.#queue.slice(count)
    return piece
  }

  #taken(length: number): void {
    this.#waitingBytes -= length
    this.#progressMs = this.#now()
    if (this.#waitingBytes <= this.#limits.lowWaterBytes) this.#release()
    this.#onTaken()
  }

  #release(): void {
    for (const resolve of this.#drained.splice(0)) resolve()
  }
}
