/** A session under test: on a fake socket whose other end is the test, and on a clock that the test moves. */
import assert from 'node:assert/strict'
import { Duplex } from 'node:stream'
import type { TestContext } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import {
  type Clock,
  Connection,
  decode,
  type Ending,
  encode,
  Framer,
  helloBytes,
  type Incident,
  type Message,
  type MessageInput,
  type SessionHandlers,
  type SessionLimits,
} from 'ts-openflow'

/** Lets everything that is due now happen. */
export { turn }

/** More timers than any test has; a timer that sets itself again for the same moment gets there. */
const MOST_TIMERS = 10_000

export class FakeClock implements Clock {
  #now = 0
  #timers: { readonly atMs: number; readonly run: () => void }[] = []
  readonly now = (): number => this.#now
  readonly after = (ms: number, run: () => void): (() => void) => {
    const timer = { atMs: this.#now + ms, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** Lets time pass, running what falls due in order. Throws when there is no end to it. */
  pass(ms: number): void {
    const end = this.#now + ms
    for (let ran = 0; ; ran += 1) {
      assert.ok(ran < MOST_TIMERS, `timers go on falling due at ${this.#now} ms`)
      const [next] = this.#timers.filter(({ atMs }) => atMs <= end).sort((a, b) => a.atMs - b.atMs)
      if (!next) break
      this.#timers = this.#timers.filter((other) => other !== next)
      this.#now = Math.max(this.#now, next.atMs)
      next.run()
    }
    this.#now = end
  }

  get waiting(): number {
    return this.#timers.length
  }
}

/** A socket whose other end is the test: `written` is what the session wrote, one entry per write. */
export class FakeSocket extends Duplex {
  readonly written: Buffer[] = []
  reads = true
  #parked: (() => void) | undefined

  constructor() {
    super({ allowHalfOpen: false, readableHighWaterMark: 16, writableHighWaterMark: 1024 })
  }

  override _read(): void {
    // The test pushes.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written.push(Buffer.from(chunk))
    if (this.reads) done()
    else this.#parked = done
  }

  /** Takes what was parked, as a peer does that reads again. */
  readAgain(): void {
    this.reads = true
    this.#parked?.()
  }

  /** Takes one write, and parks the next. */
  takeOne(): void {
    const done = this.#parked
    this.#parked = undefined
    done?.()
  }

  get messages(): Message[] {
    return new Framer().push(Buffer.concat(this.written)).map(decode)
  }
}

export interface Bench {
  readonly clock: FakeClock
  readonly socket: FakeSocket
  readonly connection: Connection
  readonly endings: Ending[]
  readonly incidents: string[]
  readonly taken: Message[]
  /** What the peer sends; resolves when the session has looked at it. */
  readonly receive: (...messages: readonly (MessageInput | Uint8Array)[]) => Promise<void>
}

export function bench(
  t: TestContext,
  { limits = {}, handlers }: { limits?: Partial<SessionLimits>; handlers?: SessionHandlers } = {},
): Bench {
  const clock = new FakeClock()
  const socket = new FakeSocket()
  const endings: Ending[] = []
  const incidents: string[] = []
  const taken: Message[] = []
  const connection = new Connection(socket, 'peer:1', {
    clock,
    limits,
    onUp: () =>
      handlers ?? {
        onMessage: (message) => {
          taken.push(message)
        },
      },
    onEnd: (ending) => endings.push(ending),
    onIncident: ({ code }: Incident) => incidents.push(code),
  })
  t.after(() => socket.destroy())
  const receive: Bench['receive'] = async (...messages) => {
    socket.push(Buffer.concat(messages.map((one) => (one instanceof Uint8Array ? one : encode(one)))))
    await turn()
  }
  return { clock, socket, connection, endings, incidents, taken, receive }
}

export const features = (version: number): MessageInput => ({
  type: 'features_reply',
  version,
  xid: 2,
  datapathId: 1n,
  nBuffers: 0,
  nTables: 254,
  auxiliaryId: 0,
  capabilities: [],
})

export async function up(b: Bench, version = 4): Promise<void> {
  await b.receive(helloBytes([version], 1), features(version))
  assert.ok(b.connection.isUp)
}

export const portStatus = (portNo: number): MessageInput => ({
  type: 'port_status',
  version: 4,
  xid: 0,
  reason: 'add',
  port: {
    portNo,
    hwAddr: 1,
    name: `p${portNo}`,
    config: [],
    state: [],
    properties: [
      {
        type: 'ethernet',
        curr: [],
        advertised: [],
        supported: [],
        peer: [],
        currSpeedKbps: 0,
        maxSpeedKbps: 0,
      },
    ],
  },
})

export const barrierReply = (xid: number): MessageInput => ({ type: 'barrier_reply', version: 4, xid })
export const types = (messages: readonly Message[]): string[] => messages.map(({ type }) => type)
export const xidOf = (b: Bench, type: Message['type']): number =>
  b.socket.messages.filter((message) => message.type === type).at(-1)?.xid ?? -1
