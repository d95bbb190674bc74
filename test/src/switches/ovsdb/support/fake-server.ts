/** The server's end of sessions that stay inside the process: what the client sends is kept, and the test answers it. */
import { Duplex } from 'node:stream'
import { JsonFramer } from '../../../../../codecs/ovsdb/index.ts'

export interface Request {
  readonly id: unknown
  readonly method: string
  readonly params: readonly unknown[]
  readonly result?: unknown
}

/** One connection. Bytes are handed over in the turn in which they are written. */
export class FakeSession {
  readonly received: Request[] = []
  readonly socket: Duplex
  readonly #framer = new JsonFramer()
  /** Answers by itself what the test does not want to. */
  onRequest: ((request: Request) => void) | undefined
  /** While true nothing the client sends is taken. */
  blocked = false

  constructor() {
    this.socket = new Duplex({
      read: () => undefined,
      write: (chunk: Uint8Array, _encoding, done) => {
        if (this.blocked) return
        for (const request of this.#framer.push(chunk).messages as Request[]) {
          this.received.push(request)
          this.onRequest?.(request)
        }
        done()
      },
    })
  }

  connect(): void {
    this.socket.emit('connect')
  }

  /** As the socket would: the handlers have run when this returns. */
  raw(text: string): void {
    this.socket.emit('data', Buffer.from(text))
  }

  send(message: unknown): void {
    this.raw(JSON.stringify(message))
  }

  get last(): Request {
    const request = this.received.at(-1)
    if (!request) throw new Error('the client has sent nothing')
    return request
  }

  reply(result: unknown, error: unknown = null): void {
    this.send({ id: this.last.id, result, error })
  }

  notify(method: string, ...params: unknown[]): void {
    this.send({ id: null, method, params })
  }
}

export class FakeServer {
  readonly sessions: FakeSession[] = []

  readonly dial = (): Duplex => {
    const session = new FakeSession()
    this.sessions.push(session)
    return session.socket
  }

  get session(): FakeSession {
    const session = this.sessions.at(-1)
    if (!session) throw new Error('the client has not called')
    return session
  }
}
