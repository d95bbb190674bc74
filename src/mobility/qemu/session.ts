/** One session with QEMU's monitor: connected, negotiated, and then commands and events until one side ends it. */
import { connect, type Socket } from 'node:net'
import { JsonFramer } from '../../../codecs/ovsdb/index.ts'
import { parseAddress } from './address.ts'
import { type Fields, type QmpMessage, readMessage, writeCommand } from './messages.ts'

export type QmpErrorCode =
  | 'bad-address'
  /** Nobody listens there: the process has ended, or was never started. */
  | 'absent'
  | 'connect-failed'
  /** Connected, but no greeting: a monitor serves one client at a time. */
  | 'no-greeting'
  | 'bad-message'
  | 'no-answer'
  | 'closed'
  /** QEMU's own answer to a command. */
  | 'refused'
  | 'busy'

export class QmpError extends Error {
  override readonly name = 'QmpError'
  readonly code: QmpErrorCode
  /** What went wrong, without the address. */
  readonly reason: string
  constructor(code: QmpErrorCode, address: string, reason: string) {
    super(`QEMU at ${address}: ${reason}`)
    this.code = code
    this.reason = reason
  }
}

export interface QmpLimits {
  readonly connectMs: number
  readonly greetingMs: number
  readonly answerMs: number
  readonly maxMessageBytes: number
  /** Commands that wait for their answer. */
  readonly maxWaiting: number
}

export const defaultQmpLimits: QmpLimits = {
  connectMs: 3_000,
  greetingMs: 3_000,
  answerMs: 5_000,
  maxMessageBytes: 1024 * 1024,
  maxWaiting: 32,
}

/** Called in the turn in which their bytes arrive. */
export interface QmpHandlers {
  readonly onEvent: (name: string, data: Fields) => void
  /** Once, however it ended, but not when `open` rejects. */
  readonly onClosed: (error: QmpError) => void
}

interface Waiting {
  readonly command: string
  readonly resolve: (value: unknown) => void
  readonly reject: (error: QmpError) => void
  readonly timer: NodeJS.Timeout
}

const absent: readonly unknown[] = ['ECONNREFUSED', 'ENOENT']

export class QmpSession {
  readonly #address: string
  readonly #socket: Socket
  readonly #handlers: QmpHandlers
  readonly #limits: QmpLimits
  readonly #waiting = new Map<number, Waiting>()
  readonly #framer: JsonFramer
  #lastId = 0
  #ended: QmpError | undefined
  /** Until commands are understood. */
  #opening: { readonly resolve: () => void; readonly reject: (error: QmpError) => void } | undefined
  #timer: NodeJS.Timeout | undefined

  /** Resolves when commands can be given. */
  static async open(address: string, handlers: QmpHandlers, limits: QmpLimits): Promise<QmpSession> {
    const parsed = parseAddress(address)
    if (typeof parsed === 'string') throw new QmpError('bad-address', address, parsed)
    const socket = parsed.kind === 'unix' ? connect({ path: parsed.path }) : connect(parsed.port, parsed.host)
    const session = new QmpSession(address, socket.setNoDelay(true), handlers, limits)
    await session.#opened()
    return session
  }

  private constructor(address: string, socket: Socket, handlers: QmpHandlers, limits: QmpLimits) {
    this.#address = address
    this.#socket = socket
    this.#handlers = handlers
    this.#limits = limits
    this.#framer = new JsonFramer({ maxBytes: limits.maxMessageBytes, maxDepth: 32 })
  }

  /** What QEMU returns; rejects with `QmpError`. */
  execute(command: string, args: Fields = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#ended) {
        reject(this.#ended)
        return
      }
      if (this.#waiting.size >= this.#limits.maxWaiting) {
        reject(this.#error('busy', `${this.#waiting.size} commands wait for their answer`))
        return
      }
      const { answerMs } = this.#limits
      const timer = setTimeout(
        () => this.#end('no-answer', `no answer to ${command} within ${answerMs} ms`),
        answerMs,
      )
      const id = ++this.#lastId
      this.#waiting.set(id, { command, resolve, reject, timer })
      this.#socket.write(writeCommand(id, command, args))
    })
  }

  close(): void {
    this.#end('closed', 'closed here')
  }

  #opened(): Promise<void> {
    const { connectMs, greetingMs } = this.#limits
    const socket = this.#socket
    this.#expect('connect-failed', `no connection within ${connectMs} ms`, connectMs)
    socket.once('connect', () => {
      const busy = 'its monitor serves one client at a time, and may have another'
      this.#expect('no-greeting', `no greeting within ${greetingMs} ms: ${busy}`, greetingMs)
    })
    socket.on('data', (chunk: Uint8Array) => this.#onData(chunk))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (absent.includes(error.code)) this.#end('absent', `nobody listens (${String(error.code)})`)
      else this.#end(this.#opening ? 'connect-failed' : 'closed', error.message)
    })
    socket.on('close', () => this.#end('closed', 'the session ended'))
    return new Promise((resolve, reject) => {
      this.#opening = { resolve, reject }
    })
  }

  #expect(code: QmpErrorCode, otherwise: string, withinMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#end(code, otherwise), withinMs)
  }

  #onData(chunk: Uint8Array): void {
    const { messages, error } = this.#framer.push(chunk)
    for (const json of messages) {
      if (this.#ended) return
      this.#take(readMessage(json))
    }
    if (error) this.#end('bad-message', error.message)
  }

  #take(message: QmpMessage): void {
    switch (message.type) {
      case 'greeting':
        clearTimeout(this.#timer)
        this.execute('qmp_capabilities').then(
          () => {
            this.#opening?.resolve()
            this.#opening = undefined
          },
          (error: unknown) => this.#end('refused', error instanceof QmpError ? error.reason : String(error)),
        )
        return
      case 'answer':
        this.#settle(message.id)?.resolve(message.value)
        return
      case 'refusal': {
        const waiting = this.#settle(message.id)
        waiting?.reject(this.#error('refused', `${waiting.command}: ${message.reason}`))
        return
      }
      case 'event':
        this.#handlers.onEvent(message.name, message.data)
        return
      case 'unknown':
        this.#end('bad-message', message.why)
    }
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    clearTimeout(waiting?.timer)
    return waiting
  }

  #end(code: QmpErrorCode, reason: string): void {
    if (this.#ended) return
    const error = this.#error(code, reason)
    this.#ended = error
    clearTimeout(this.#timer)
    this.#socket.destroy()
    for (const id of [...this.#waiting.keys()]) this.#settle(id)?.reject(error)
    const opening = this.#opening
    this.#opening = undefined
    if (opening) opening.reject(error)
    else this.#handlers.onClosed(error)
  }

  #error(code: QmpErrorCode, reason: string): QmpError {
    return new QmpError(code, this.#address, reason)
  }
}
