/**
 * Requests that wait for the reply of the same xid: multipart replies are put together within limits, an ERROR rejects
 * with both messages, and every request ends by its deadline. No timers: the connection says what time it is.
 */
import type { Message, MultipartReply } from './message.ts'
import { isOnlyReply, replyTypeOf, type Unsent } from './session-messages.ts'
import { ReplyRefused, type SessionClosed, SessionTimeout, SwitchError } from './session-errors.ts'

export interface MultipartLimits {
  readonly maxParts: number
  /** Wire bytes of all parts of one reply. */
  readonly maxBytes: number
}

/** Flow monitors tell what happens in further replies, under an xid of the switch's choice (OF 1.4.1 7.3.5.17). */
const isMonitor = ({ body }: { readonly body: { readonly type: string } }): boolean =>
  body.type.endsWith('flow_monitor')

export interface NewRequest {
  readonly request: Message
  readonly deadlineMs: number
  readonly resolve: (reply: Message) => void
  readonly reject: (error: Error) => void
}

interface Pending extends NewRequest {
  readonly parts: MultipartReply[]
  bytes: number
}

export class SessionRequests {
  readonly #pending = new Map<number, Pending>()
  readonly #limits: MultipartLimits
  /** A flow monitor has been asked for: what it tells is not unsolicited. */
  #monitors = false

  constructor(limits: MultipartLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#pending.size
  }

  has(xid: number): boolean {
    return this.#pending.has(xid)
  }

  /** To be told of everything that is sent. */
  sent(message: Unsent): void {
    if (message.type === 'multipart_request' && isMonitor(message)) this.#monitors = true
  }

  add(waiting: NewRequest): void {
    this.#pending.set(waiting.request.xid, { ...waiting, parts: [], bytes: 0 })
  }

  /**
   * Offers a message of `size` wire bytes: `taken` by the request it answers, `unsolicited` when it is a reply to nothing,
   * `other` when it is no reply at all or an ERROR that answers no request.
   */
  take(message: Message, size: number): 'taken' | 'unsolicited' | 'other' {
    const waiting = this.#pending.get(message.xid)
    if (message.type === 'error') {
      if (!waiting) return 'other'
      this.#pending.delete(message.xid)
      waiting.reject(new SwitchError(message, waiting.request))
      return 'taken'
    }
    if (!waiting || replyTypeOf(waiting.request.type) !== message.type) {
      if (message.type === 'multipart_reply' && this.#monitors && isMonitor(message)) return 'other'
      return isOnlyReply(message.type) ? 'unsolicited' : 'other'
    }
    if (message.type === 'multipart_reply') return this.#gather(waiting, message, size)
    this.#pending.delete(message.xid)
    waiting.resolve(message)
    return 'taken'
  }

  /** When the next deadline is, if any. */
  get nextDeadlineMs(): number | undefined {
    let next: number | undefined
    for (const { deadlineMs } of this.#pending.values()) {
      if (next === undefined || deadlineMs < next) next = deadlineMs
    }
    return next
  }

  expire(nowMs: number): void {
    for (const [xid, { deadlineMs, request, reject, parts }] of this.#pending) {
      if (deadlineMs > nowMs) continue
      this.#pending.delete(xid)
      reject(
        new SessionTimeout(
          `no reply to ${request.type} (xid ${xid})${parts.length > 0 ? `, ${parts.length} parts came` : ''}`,
        ),
      )
    }
  }

  /** Rejects everything that waits: the session has ended. */
  close(error: SessionClosed): void {
    for (const { reject } of this.#pending.values()) reject(error)
    this.#pending.clear()
  }

  #gather(waiting: Pending, part: MultipartReply, size: number): 'taken' {
    waiting.parts.push(part)
    waiting.bytes += size
    const more = part.flags.includes('more')
    const refusal = this.#refusal(waiting, part)
    if (more && refusal === undefined) return 'taken'
    this.#pending.delete(part.xid)
    if (refusal === undefined) waiting.resolve(joinParts(waiting.parts))
    else waiting.reject(new ReplyRefused(refusal))
    return 'taken'
  }

  #refusal({ request, parts, bytes }: Pending, part: MultipartReply): string | undefined {
    const { maxParts, maxBytes } = this.#limits
    const wanted = request.type === 'multipart_request' ? request.body.type : part.body.type
    if (part.body.type !== wanted && part.body.type !== 'unknown')
      return `${part.body.type} in answer to ${wanted}`
    if (parts.length > maxParts) return `more than ${maxParts} parts`
    if (bytes > maxBytes) return `more than ${maxBytes} bytes`
    return undefined
  }
}

/** One reply of many parts: lists and byte strings are put end to end, everything else is as in the first part. */
function joinParts(parts: readonly MultipartReply[]): Message {
  const [first] = parts
  if (!first || parts.length === 1) return first as Message
  const body: Record<string, unknown> = { ...first.body }
  for (const [name, value] of Object.entries(body)) {
    const values = parts.map((part) => (part.body as unknown as Record<string, unknown>)[name])
    if (Array.isArray(value)) body[name] = values.flat(1)
    else if (value instanceof Uint8Array) body[name] = new Uint8Array(Buffer.concat(values as Uint8Array[]))
  }
  // Same fields, same types: only longer.
  return { ...first, flags: [], body } as unknown as Message
}
