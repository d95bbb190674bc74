/**
 * A client of one OVSDB server: keeps a replica of the selected columns through every reconnect, and runs transactions.
 * Bytes go framer -> message -> replica -> handlers in the turn they arrive in. A monitor resumes from the last
 * transaction where the server keeps a history (a clustered one does), else only what differs is told.
 */
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import {
  bindSchema,
  type Changes,
  type Dialect,
  echoReply,
  errorText,
  type Json,
  JsonFramer,
  type Operation,
  OvsdbError,
  readMessage,
  readOutcome,
  readUuid,
  Replica,
  type RpcMessage,
  type RpcNotification,
  type RpcReply,
  type Selection,
  type TransactionOutcome,
  writeReply,
  writeRequest,
} from '../../../codecs/ovsdb/index.ts'
import {
  type ClientOptions,
  type OvsdbIncident,
  type ResolvedClientOptions,
  resolveClientOptions,
} from './client-options.ts'
import { readyEvent } from './dial.ts'
import {
  type LinkAction,
  type LinkCode,
  type LinkEvent,
  type LinkState,
  startLink,
  step,
  wakeAt,
} from './link.ts'
import { Requests } from './requests.ts'
import { formatTarget } from '../../model/ovsdb-target.ts'

/** How rows can be asked for, the best first; a server that does not know one is asked the next way. */
const monitors: readonly { readonly method: string; readonly dialect: Dialect }[] = [
  { method: 'monitor_cond_since', dialect: 'update3' },
  { method: 'monitor_cond', dialect: 'update2' },
  { method: 'monitor', dialect: 'update' },
]
const monitorId = 'throwbar'

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export class OvsdbClient<S extends Selection> {
  readonly replica: Replica<S>
  readonly #options: ResolvedClientOptions<S>
  readonly #requests: Requests
  #state: LinkState
  #socket: Duplex | undefined
  #timer: { readonly dueMs: number; readonly cancel: () => void } | undefined

  /** Begins to connect at once, and goes on until `close`. */
  constructor(options: ClientOptions<S>) {
    this.#options = resolveClientOptions(options)
    const { limits, clock } = this.#options
    this.replica = new Replica(options.selection, limits)
    this.#requests = new Requests({ maxTransactions: limits.maxTransactions })
    this.#state = startLink(clock.now())
    this.#arm()
  }

  /** The replica follows the server now; else it is what was last known. */
  get isUp(): boolean {
    return this.#state.phase === 'up'
  }

  /** This machine's address in the session, as the server sees it; undefined for unix sockets and when not connected. */
  get localAddress(): string | undefined {
    return this.#socket instanceof Socket ? this.#socket.localAddress : undefined
  }

  get remote(): string {
    return formatTarget(this.#options.target)
  }

  /**
   * Runs operations as one transaction. What it changed is in the replica before this resolves. Rejects with
   * `OvsdbSessionEnded` when no answer can come; whether it took effect is then unknown if it was sent.
   */
  transact(operations: readonly Operation[]): Promise<TransactionOutcome> {
    return new Promise((resolve, reject) => {
      const refusal = this.#requests.refusal(this.isUp)
      if (refusal) {
        reject(refusal)
        return
      }
      const settle = (reply: RpcReply) => {
        try {
          resolve(readOutcome(operations, reply))
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)))
        }
      }
      this.#call('transact', [this.#options.database, ...operations], { settle, reject })
    })
  }

  /** Ends the session and every wait, for good. */
  close(): void {
    this.#on({ type: 'close' })
  }

  #on(event: LinkEvent): void {
    const { clock, random, limits } = this.#options
    const before = this.#state
    const [state, actions] = step(before, event, { nowMs: clock.now(), chance: random(), settings: limits })
    this.#state = state
    for (const action of actions) this.#perform(action, before)
    this.#arm()
  }

  #perform(action: LinkAction, before: LinkState): void {
    switch (action.do) {
      case 'connect':
        this.#connect()
        break
      case 'open':
        this.#open()
        break
      case 'probe':
        this.#call('echo', [], { settle: () => undefined })
        break
      case 'cut':
        this.#cut(action, before)
    }
  }

  #connect(): void {
    const { dial, target, tls, limits } = this.#options
    const socket = dial(target, tls)
    const framer = new JsonFramer(limits)
    this.#socket = socket
    const current = () => this.#socket === socket
    const lost = (code: LinkCode, detail: string) => {
      const connecting = this.#state.phase === 'connecting'
      if (current()) this.#on({ type: 'lost', code: connecting ? 'connect-failed' : code, detail })
    }
    socket.once(readyEvent(socket), () => {
      if (current()) this.#on({ type: 'connected' })
    })
    socket.on('data', (chunk: Uint8Array) => {
      if (current()) this.#onData(framer, chunk, current)
    })
    socket.on('error', (error) => lost('socket-error', error.message))
    socket.on('end', () => lost('peer-closed', ''))
    socket.on('close', () => lost('peer-closed', ''))
  }

  #onData(framer: JsonFramer, chunk: Uint8Array, current: () => boolean): void {
    this.#on({ type: 'heard' })
    const { messages, error } = framer.push(chunk)
    for (const json of messages) {
      // A message before may have ended the session.
      if (!current()) return
      this.#take(json)
    }
    if (error && current()) this.#on({ type: 'lost', code: 'bad-framing', detail: error.message })
  }

  #take(json: unknown): void {
    let message: RpcMessage
    try {
      message = readMessage(json)
    } catch (error) {
      this.#incident('bad-message', textOf(error))
      return
    }
    if (message.type === 'reply') {
      if (!this.#requests.take(message))
        this.#incident('unsolicited', `a reply to ${JSON.stringify(message.id)}`)
    } else if (message.type === 'request') {
      this.#write(echoReply(message) ?? writeReply(message.id, { error: 'unknown method' }))
    } else this.#onNotification(message)
  }

  #onNotification({ method, params }: RpcNotification): void {
    const [id, ...rest] = params
    if (id !== monitorId) return
    if (method === 'monitor_canceled') {
      this.#on({ type: 'lost', code: 'peer-closed', detail: 'the monitor was cancelled' })
      return
    }
    // Before the rows have been told nothing can change in them.
    const dialect = monitors.find(({ dialect: one }) => one === method)?.dialect
    if (dialect === undefined || !this.isUp) return
    const changes = this.#checked('bad-update', () => {
      const [first, second] = rest
      if (dialect !== 'update3') return this.replica.update(dialect, first)
      return this.replica.update(dialect, second, readUuid(['uuid', first]))
    })
    if (changes) this.#tell(changes)
  }

  #tell(changes: Changes<S>): void {
    if (Object.keys(changes).length > 0) this.#guard(() => this.#options.handlers.onChange?.(changes))
  }

  #open(): void {
    const settle = ({ result, error }: RpcReply) => {
      const bound = this.#checked('setup-failed', () => {
        if (error !== null) throw new Error(`get_schema: ${textOfError(error)}`)
        this.replica.bind(bindSchema(this.replica.selection, result))
        return true
      })
      if (!bound) return
      const { missing } = this.replica
      if (missing.length > 0) this.#incident('missing-columns', missing.join(', '))
      this.#monitor(monitors)
    }
    this.#call('get_schema', [this.#options.database], { settle })
  }

  #monitor([way, ...others]: typeof monitors): void {
    if (!way) {
      this.#on({ type: 'lost', code: 'setup-failed', detail: 'the server has no monitors' })
      return
    }
    const since = way.dialect === 'update3' ? [this.replica.lastTransactionId] : []
    const params = [this.#options.database, monitorId, this.replica.monitorRequests(), ...since]
    const settle = ({ result, error }: RpcReply) => {
      if (error !== null && errorText(error).error === 'unknown method') {
        this.#monitor(others)
        return
      }
      const told = this.#checked('setup-failed', () => {
        if (error !== null) throw new Error(`${way.method}: ${textOfError(error)}`)
        return this.#takeRows(way.dialect, result)
      })
      if (!told) return
      this.#on({ type: 'synchronised' })
      this.#guard(() => this.#options.handlers.onSynchronised?.(told))
    }
    this.#call(way.method, params, { settle })
  }

  #takeRows(dialect: Dialect, result: unknown): { readonly changes: Changes<S>; readonly resumed: boolean } {
    if (dialect !== 'update3') return { changes: this.replica.reset(dialect, result), resumed: false }
    const [found, id, rows] = Array.isArray(result) ? (result as readonly unknown[]) : []
    const lastId = readUuid(['uuid', id])
    const resumed = found === true
    const changes = resumed
      ? this.replica.update(dialect, rows, lastId)
      : this.replica.reset(dialect, rows, lastId)
    return { changes, resumed }
  }

  /** What does not fit ends the session: the next one begins with all rows. */
  #checked<T>(code: LinkCode, read: () => T): T | undefined {
    try {
      return read()
    } catch (error) {
      if (error instanceof OvsdbError) this.replica.forget()
      this.#on({ type: 'lost', code, detail: textOf(error) })
      return undefined
    }
  }

  #call(
    method: string,
    params: readonly unknown[],
    {
      settle,
      reject = () => undefined,
    }: { settle: (reply: RpcReply) => void; reject?: (error: Error) => void },
  ): void {
    const { clock, limits } = this.#options
    const deadlineMs = clock.now() + limits.requestTimeoutMs
    const id: Json = this.#requests.add({ method, settle, reject, deadlineMs })
    this.#write(writeRequest(id, method, params))
    this.#arm()
  }

  #write(text: string): void {
    const socket = this.#socket
    if (!socket) return
    socket.write(text)
    const waiting = socket.writableLength
    if (waiting > this.#options.limits.maxWaitingBytes) {
      this.#on({ type: 'lost', code: 'slow-reader', detail: `${waiting} bytes wait to be read` })
    }
  }

  #cut({ code, detail }: Extract<LinkAction, { do: 'cut' }>, before: LinkState): void {
    const socket = this.#socket
    this.#socket = undefined
    socket?.on('error', () => undefined).destroy()
    if (code !== 'closed-here') this.#incident(code, detail)
    this.#requests.fail(code, detail)
    if (before.phase === 'up') this.#guard(() => this.#options.handlers.onDown?.({ code, detail }))
  }

  #incident(code: OvsdbIncident['code'], detail: string): void {
    try {
      this.#options.handlers.onIncident?.({ code, detail, remote: this.remote })
    } catch {
      // There is nobody left to tell.
    }
  }

  #guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.#incident('handler-failed', textOf(error))
    }
  }

  /** One timer, for whatever is due first. */
  #arm(): void {
    const { clock, limits } = this.#options
    const due = [wakeAt(this.#state, limits), this.#requests.nextDeadlineMs]
    const dueMs = Math.min(...due.map((at) => at ?? Number.POSITIVE_INFINITY))
    if (this.#timer && this.#timer.dueMs <= dueMs && dueMs !== Number.POSITIVE_INFINITY) return
    this.#timer?.cancel()
    this.#timer = undefined
    if (dueMs === Number.POSITIVE_INFINITY) return
    this.#timer = { dueMs, cancel: clock.after(Math.max(0, dueMs - clock.now()), () => this.#onTimer()) }
  }

  #onTimer(): void {
    this.#timer = undefined
    const late = this.#requests.overdue(this.#options.clock.now())
    if (late === undefined) this.#on({ type: 'tick' })
    else this.#on({ type: 'lost', code: 'request-timeout', detail: `no answer to ${late}` })
  }
}

function textOfError(error: unknown): string {
  const { error: name, details } = errorText(error)
  return details === '' ? name : `${name}: ${details}`
}
