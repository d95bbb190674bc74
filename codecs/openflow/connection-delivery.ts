/**
 * Hands messages to a caller's functions: what they throw becomes an incident, what they promise counts as waiting, and
 * packet-ins get no more room than is theirs.
 */
import type { Message } from './message.ts'
import { ingressPort, isPacketIn } from './session-checks.ts'
import { PacketInGate, type PacketInLimits } from './session-packet-ins.ts'
import type { Incident, SessionHandlers } from './session-options.ts'

export interface DeliveryOptions {
  readonly limits: PacketInLimits & { readonly maxWaitingMessages: number }
  readonly now: () => number
  readonly note: (code: Incident['code'], detail: string) => void
  /** A handler that was waited for is done. */
  readonly onRoom: () => void
}

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export class Delivery {
  readonly #options: DeliveryOptions
  readonly #packetIns: PacketInGate
  #waiting = 0

  constructor(options: DeliveryOptions) {
    this.#options = options
    this.#packetIns = new PacketInGate(options.limits, options.now())
  }

  /** Whether so many messages wait for their handler that no more should be read. */
  get isFull(): boolean {
    return this.#waiting > this.#options.limits.maxWaitingMessages
  }

  get packetInsShed(): number {
    return this.#packetIns.shed
  }

  /** Gives a message to its handler; a packet-in only if there is room for it. */
  handOver(message: Message, handlers: SessionHandlers): void {
    const port = isPacketIn(message) ? ingressPort(message) : undefined
    if (port !== undefined && !this.#admits(port)) return
    const handled = this.guard(() => handlers.onMessage?.(message))
    if (handled) void handled.then(port === undefined ? this.#wait() : this.#packetIns.wait(port))
  }

  /** Runs a caller's function. Gives a promise, which does not reject, when the function does. */
  guard(run: () => void | Promise<void>): Promise<void> | undefined {
    const failed = (error: unknown) => this.#options.note('handler-failed', describe(error))
    try {
      return run()?.catch(failed)
    } catch (error) {
      failed(error)
      return undefined
    }
  }

  #admits(port: number): boolean {
    const now = this.#options.now()
    if (this.#packetIns.admits(port, now)) return true
    const report = this.#packetIns.report(now)
    if (report !== undefined) this.#options.note('packet-in-shed', report)
    return false
  }

  #wait(): () => void {
    this.#waiting += 1
    return () => {
      this.#waiting -= 1
      this.#options.onRoom()
    }
  }
}
