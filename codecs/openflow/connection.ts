/**
 * A live session: the shell of a socket and one timer around the table in `session.ts`, with requests that wait for
 * replies and back-pressure both ways. What arrives goes framer -> event -> table -> actions, in order, one at a time.
 */
import type { Duplex } from 'node:stream'
import { type PeerCertificate, TLSSocket } from 'node:tls'
import { Delivery } from './connection-delivery.ts'
import { ConnectionReader } from './connection-reader.ts'
import { ConnectionWriter } from './connection-writer.ts'
import {
  FIRST_FREE_XID,
  type SessionAction,
  type SessionEvent,
  type SessionState,
  start,
  step,
  wakeAt,
} from './session.ts'
import { SessionClosed } from './session-errors.ts'
import { classify } from './session-events.ts'
import { encode, type FeaturesReply, type Message } from './message.ts'
import type { ReplyTo, Request, Unsent } from './session-messages.ts'
import {
  type Ending,
  type Incident,
  type ResolvedOptions,
  resolveOptions,
  type SessionHandlers,
  type SessionOptions,
} from './session-options.ts'
import { SessionRequests } from './session-requests.ts'

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The peer is gone, and told us by the answer to what we wrote. */
const isReset = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')

export class Connection {
  /** `address:port` of the peer. */
  readonly remote: string
  /** Resolves when the session has ended and the socket is gone. */
  readonly ended: Promise<Ending>

  readonly #socket: Duplex
  readonly #options: ResolvedOptions
  readonly #reader = new ConnectionReader()
  readonly #writer: ConnectionWriter
  readonly #requests: SessionRequests
  readonly #delivery: Delivery
  #state: SessionState
  #features: FeaturesReply | undefined
  #handlers: SessionHandlers = {}
  #nextXid = FIRST_FREE_XID
  /** Whether we have stopped reading. */
  #held = false
  #timer: { readonly dueMs: number; readonly cancel: () => void } | undefined
  #ending: Ending | undefined
  #settle: (ending: Ending) => void = () => undefined

  /** Takes over a connected socket, says HELLO, and goes on by itself. */
  constructor(socket: Duplex, remote: string, options: SessionOptions) {
    this.remote = remote
    this.#socket = socket
    this.#options = resolveOptions(options)
    this.ended = new Promise((resolve) => {
      this.#settle = resolve
    })
    const { limits, clock } = this.#options
    this.#requests = new SessionRequests({ maxParts: limits.maxParts, maxBytes: limits.maxReplyBytes })
    this.#delivery = new Delivery({
      limits,
      now: clock.now,
      note: (code, detail) => this.#note({ code, detail }),
      onRoom: () => this.#pump(),
    })
    this.#writer = new ConnectionWriter({
      socket,
      limits,
      now: clock.now,
      onOverflow: (detail) => this.#on({ type: 'stalled', detail }),
      onTaken: () => this.#pump(),
    })
    const [state, actions] = start(limits, clock.now())
    this.#state = state
    this.#perform(actions, 0)
    this.#listen()
    this.#arm()
  }

  get isUp(): boolean {
    return this.#state.phase === 'up'
  }

  /** Wire number of the version in use. Only for a session that has come up. */
  get version(): number {
    return this.features.version
  }

  /** What the switch told in the handshake. Only for a session that has come up. */
  get features(): FeaturesReply {
    if (!this.#features) throw new Error('the handshake is not over')
    return this.#features
  }

  /** What a TLS peer has shown; whether it is trusted was decided before. */
  get certificate(): PeerCertificate | undefined {
    if (!(this.#socket instanceof TLSSocket)) return undefined
    const certificate = this.#socket.getPeerCertificate()
    // Node gives an empty object for a peer that has shown none.
    return 'fingerprint256' in certificate ? certificate : undefined
  }

  /** Packet-ins that were dropped because they came faster than the limits or their handler allow. */
  get packetInsShed(): number {
    return this.#delivery.packetInsShed
  }

  /** Bytes that the peer has not taken yet. */
  get waitingBytes(): number {
    return this.#writer.waitingBytes
  }

  /** Bytes sent so far, those that wait included. */
  get sentBytes(): number {
    return this.#writer.sentBytes
  }

  /** An xid that no waiting request has. */
  newXid(): number {
    let xid: number
    do {
      xid = this.#nextXid
      this.#nextXid = xid === 0xffffffff ? FIRST_FREE_XID : xid + 1
    } while (this.#requests.has(xid))
    return xid
  }

  /**
   * Sends a message and gives its xid; an ERROR in answer to it reaches `onMessage` with that xid. What is sent in one
   * tick leaves in one write. Throws `SessionClosed` when the session has ended and `EncodeError` for a bad value.
   */
  send(message: Unsent, xid = this.newXid()): number {
    this.#mustBeUp()
    this.#writer.write(encode({ ...message, version: this.version, xid }))
    this.#requests.sent(message)
    return xid
  }

  /**
   * Sends a request and resolves with its reply; a multipart reply is given whole. Rejects with `SwitchError`,
   * `SessionTimeout`, `ReplyRefused` (over the limits) or `SessionClosed`.
   */
  async request<R extends Request>(request: R, { timeoutMs = this.#options.limits.requestTimeoutMs } = {}) {
    const reply = await new Promise<Message>((resolve, reject) => {
      const xid = this.send(request)
      const sent = { ...request, version: this.version, xid } as Message
      this.#requests.add({
        request: sent,
        deadlineMs: this.#options.clock.now() + timeoutMs,
        resolve,
        reject,
      })
      this.#arm()
    })
    return reply as ReplyTo<R>
  }

  /** Resolves when the switch has done everything sent before. */
  async barrier(options?: { readonly timeoutMs?: number }): Promise<void> {
    await this.request({ type: 'barrier_request' }, options)
  }

  /** Resolves when the switch has answered an ECHO_REQUEST. */
  async ping(options?: { readonly timeoutMs?: number }): Promise<void> {
    await this.request({ type: 'echo_request', data: new Uint8Array(0) }, options)
  }

  /** Resolves when little enough waits to be read for a long send to go on; at once if that is so. */
  async drained(): Promise<void> {
    await this.#writer.drained()
    this.#mustBeUp()
  }

  /** Sends what waits, ends the stream, and cuts it after the grace time. Resolves when the socket is gone. */
  async close(detail = ''): Promise<void> {
    this.#on({ type: 'close', detail })
    await this.ended
  }

  #mustBeUp(): void {
    if (this.#state.phase === 'up') return
    throw new SessionClosed(this.#ending?.code ?? 'closed-here', this.#ending?.detail ?? 'not up yet')
  }

  #listen(): void {
    const socket = this.#socket
    socket.on('data', (chunk: Uint8Array) => this.#onData(chunk))
    socket.on('error', (error) =>
      this.#lost(isReset(error) ? 'peer-closed' : 'socket-error', describe(error)),
    )
    socket.on('end', () => this.#lost('peer-closed', ''))
    socket.on('close', () => {
      this.#lost('peer-closed', '')
      if (this.#ending) this.#settle(this.#ending)
    })
  }

  #lost(code: 'peer-closed' | 'socket-error', detail: string): void {
    const partial = this.#reader.holdsPart
    this.#on({
      type: 'lost',
      code: partial ? 'half-message' : code,
      detail: partial ? `${detail} after part of a message`.trim() : detail,
    })
  }

  #onData(chunk: Uint8Array): void {
    if (this.#state.phase === 'closed') return
    const bad = this.#reader.take(chunk)
    if (bad) this.#on(bad)
    else this.#pump()
  }

  /** Looks at what has arrived until too much waits, and stops or starts reading accordingly. */
  #pump(): void {
    const { pauseAboveBytes, minFrameBytes } = this.#options.limits
    const full = () => this.#delivery.isFull || this.#writer.waitingBytes > pauseAboveBytes
    while (!full() && this.#state.phase !== 'closed') {
      const message = this.#reader.next()
      if (!message) break
      const version = this.#state.phase === 'hello' ? undefined : this.#state.version
      this.#on(classify(message, { version, minFrameBytes }), message.length)
    }
    if (this.#state.phase === 'closed' || full() === this.#held) return
    this.#held = !this.#held
    if (this.#held) this.#socket.pause()
    else this.#socket.resume()
  }

  #on(event: SessionEvent, size = 0): void {
    const before = this.#state.phase
    const [state, actions] = step(this.#state, event, this.#options.clock.now())
    this.#state = state
    this.#perform(actions, size)
    if (this.#state.phase !== before) this.#arm()
  }

  #perform(actions: readonly SessionAction[], size: number): void {
    for (const action of actions) {
      if (action.do === 'send') this.#writer.write(action.bytes)
      else if (action.do === 'deliver') this.#deliver(action.message, size)
      else if (action.do === 'note') this.#note(action)
      else if (action.do === 'up') this.#comeUp(action.features)
      else this.#end(action)
    }
  }

  #note({ code, detail }: Pick<Incident, 'code' | 'detail'>): void {
    const datapathId = this.#features?.datapathId
    const named = datapathId === undefined ? {} : { datapathId }
    this.#options.onIncident({ code, detail, remote: this.remote, ...named })
  }

  #comeUp(features: FeaturesReply): void {
    this.#features = features
    void this.#delivery.guard(() => {
      this.#handlers = this.#options.onUp(this)
    })
  }

  #deliver(message: Message, size: number): void {
    const outcome = this.#requests.take(message, size)
    if (outcome === 'other') this.#delivery.handOver(message, this.#handlers)
    else if (outcome === 'unsolicited') {
      this.#note({ code: 'unsolicited', detail: `${message.type} with xid ${message.xid}` })
    }
  }

  #end({ how, code, detail }: Extract<SessionAction, { do: 'close' }>): void {
    const ending: Ending = { code, detail, remote: this.remote, wasUp: this.#features !== undefined }
    this.#ending = ending
    this.#reader.drop()
    this.#requests.close(new SessionClosed(code, detail))
    if (how === 'destroy') {
      this.#writer.drop()
      this.#socket.destroy()
    } else {
      this.#writer.end()
      // Read on, into nothing, so that the peer's own end can arrive.
      this.#socket.resume()
      const cut = this.#options.clock.after(this.#options.limits.graceMs, () => this.#socket.destroy())
      this.#socket.once('close', cut)
    }
    void this.#delivery.guard(() => this.#handlers.onClose?.(ending))
    void this.#delivery.guard(() => this.#options.onEnd(ending))
  }

  /** Sets the one timer to whatever is due first: the table's tick, a request's deadline, a stalled writer. */
  #arm(): void {
    const due = [wakeAt(this.#state), this.#requests.nextDeadlineMs, this.#writer.stallsAtMs]
    const dueMs = Math.min(...due.map((at) => at ?? Number.POSITIVE_INFINITY))
    if (this.#state.phase === 'closed') {
      this.#disarm()
      return
    }
    if (this.#timer && this.#timer.dueMs <= dueMs) return
    this.#disarm()
    const { now, after } = this.#options.clock
    this.#timer = { dueMs, cancel: after(Math.max(0, dueMs - now()), () => this.#onTimer()) }
  }

  #disarm(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #onTimer(): void {
    this.#timer = undefined
    const now = this.#options.clock.now()
    this.#requests.expire(now)
    if ((this.#writer.stallsAtMs ?? Number.POSITIVE_INFINITY) <= now) {
      this.#on({
        type: 'stalled',
        detail: `${this.#writer.waitingBytes} bytes unread for ${this.#options.limits.stallMs} ms`,
      })
    }
    this.#on({
      type: 'tick',
      partial: this.#reader.holdsPart,
      paused: this.#held,
      clogged: this.#writer.waitingBytes > 0,
    })
    this.#arm()
  }
}
