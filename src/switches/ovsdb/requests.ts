/** The requests of one session that wait for their replies, bounded; they all end with it. */
import type { RpcReply } from '../../../codecs/ovsdb/index.ts'
import type { LinkCode } from './link.ts'

/** No answer will come. */
export class OvsdbSessionEnded extends Error {
  override readonly name = 'OvsdbSessionEnded'
  readonly code: LinkCode | 'not-up' | 'too-many-transactions'
  /** The request had left: it may have taken effect. */
  readonly sent: boolean

  constructor(code: OvsdbSessionEnded['code'], detail: string, sent: boolean) {
    super(detail === '' ? code : `${code}: ${detail}`)
    this.code = code
    this.sent = sent
  }
}

export interface WaitingRequest {
  readonly method: string
  readonly settle: (reply: RpcReply) => void
  readonly reject: (error: Error) => void
  readonly deadlineMs: number
}

export class Requests {
  readonly #maxTransactions: number
  /** In the order of their deadlines, which is that of sending. */
  readonly #waiting = new Map<number, WaitingRequest>()
  /** Never used twice: a reply that comes late finds nobody. */
  #nextId = 1

  constructor({ maxTransactions }: { readonly maxTransactions: number }) {
    this.#maxTransactions = maxTransactions
  }

  /** Why no transaction can begin now. */
  refusal(isUp: boolean): OvsdbSessionEnded | undefined {
    if (!isUp) return new OvsdbSessionEnded('not-up', 'there is no session', false)
    if (this.#waiting.size < this.#maxTransactions) return undefined
    return new OvsdbSessionEnded('too-many-transactions', `${this.#waiting.size} wait`, false)
  }

  add(request: WaitingRequest): number {
    const id = this.#nextId++
    this.#waiting.set(id, request)
    return id
  }

  /** False when nobody waits for it. */
  take(reply: RpcReply): boolean {
    const request = typeof reply.id === 'number' ? this.#waiting.get(reply.id) : undefined
    if (typeof reply.id === 'number') this.#waiting.delete(reply.id)
    request?.settle(reply)
    return request !== undefined
  }

  fail(code: LinkCode, detail: string): void {
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of waiting) reject(new OvsdbSessionEnded(code, detail, true))
  }

  get nextDeadlineMs(): number | undefined {
    const [first] = this.#waiting.values()
    return first?.deadlineMs
  }

  /** The method of a request that has waited too long. */
  overdue(nowMs: number): string | undefined {
    const [first] = this.#waiting.values()
    return first && first.deadlineMs <= nowMs ? first.method : undefined
  }
}
