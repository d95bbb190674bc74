/**
 * QEMU's monitor at an address, through as many sessions as it takes: one is opened when a command needs it. After a failed
 * attempt commands fail at once for a while, each time longer, so that whoever asks often does not dial often.
 */
import type { Fields } from './messages.ts'
import { defaultQmpLimits, QmpError, type QmpHandlers, type QmpLimits, QmpSession } from './session.ts'

export interface EndpointLimits extends QmpLimits {
  /** The first wait after a failed attempt; each failure doubles it, up to the last. */
  readonly backoffMinMs: number
  readonly backoffMaxMs: number
}

export const defaultEndpointLimits: EndpointLimits = {
  ...defaultQmpLimits,
  backoffMinMs: 100,
  backoffMaxMs: 2_000,
}

const silent: QmpHandlers = { onEvent: () => undefined, onClosed: () => undefined }

export class QmpEndpoint {
  readonly address: string
  readonly #limits: EndpointLimits
  #handlers = silent
  #session: Promise<QmpSession> | undefined
  #failures = 0
  #again: { readonly atMs: number; readonly error: QmpError } | undefined
  #closed = false
  #sessions = 0

  constructor(address: string, limits: Partial<EndpointLimits> = {}) {
    this.address = address
    this.#limits = { ...defaultEndpointLimits, ...limits }
  }

  /** How many sessions there have been: between two of them events may have passed unseen. */
  get sessions(): number {
    return this.#sessions
  }

  /** Who is told of events from now on. */
  listen(handlers: QmpHandlers): void {
    this.#handlers = handlers
  }

  async execute(command: string, args: Fields = {}): Promise<unknown> {
    return (await this.#open()).execute(command, args)
  }

  /** For good. */
  close(): void {
    this.#closed = true
    this.#handlers = silent
    this.#session?.then(
      (session) => session.close(),
      () => undefined,
    )
  }

  #open(): Promise<QmpSession> {
    if (this.#closed) return Promise.reject(new QmpError('closed', this.address, 'closed here'))
    if (this.#session) return this.#session
    if (this.#again && performance.now() < this.#again.atMs) return Promise.reject(this.#again.error)
    const session = QmpSession.open(
      this.address,
      {
        onEvent: (name, data) => this.#handlers.onEvent(name, data),
        onClosed: (error) => {
          this.#session = undefined
          this.#handlers.onClosed(error)
        },
      },
      this.#limits,
    )
    this.#session = session
    session.then(
      (opened) => {
        this.#sessions += 1
        this.#failures = 0
        if (this.#closed) opened.close()
      },
      (error: unknown) => this.#failed(error),
    )
    return session
  }

  #failed(error: unknown): void {
    const { backoffMinMs, backoffMaxMs } = this.#limits
    this.#session = undefined
    if (!(error instanceof QmpError)) return
    const waitMs = Math.min(backoffMaxMs, backoffMinMs * 2 ** Math.min(this.#failures++, 20))
    this.#again = { atMs: performance.now() + waitMs, error }
  }
}
