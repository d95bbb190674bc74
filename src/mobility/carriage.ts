/** The hypervisors' side of a journey: the driver that transfers the guest, where the move has one, and the transfer. */
import { Abort, messageOf } from './abort.ts'
import { deferred } from './deferred.ts'
import type { GuestMeasure, HypervisorDriver, Transfer, TransferListener } from './driver.ts'
import { type Move, stoppingOf } from './move.ts'
import type { MovePrediction } from './prediction.ts'
import type { MoveWorld } from './world.ts'

export class Carriage {
  readonly #world: MoveWorld
  readonly #listener: TransferListener
  readonly #driver: HypervisorDriver | undefined
  #transfer: Transfer | undefined

  constructor(move: Move, world: MoveWorld, listener: TransferListener) {
    this.#world = world
    this.#listener = listener
    this.#driver = move.driver && world.driver?.(move.driver)
  }

  get isUnderWay(): boolean {
    return this.#transfer !== undefined
  }

  /** Both ends are as they should be; nothing to check without a driver. Rejects with an `Abort`. */
  async check(): Promise<void> {
    try {
      await this.#driver?.check()
    } catch (error) {
      throw new Abort(messageOf(error))
    }
  }

  /** What a plan says of the transfer. It takes a second or so. */
  async foretold(move: Move): Promise<MovePrediction | undefined> {
    const driver = this.#driver
    if (!driver) return undefined
    const measure = (): Promise<GuestMeasure> => driver.measure()
    return this.#world.foretell(move, measure)
  }

  begin(bandwidthBps: number | undefined): void {
    this.#transfer = this.#driver?.start(this.#listener, bandwidthBps === undefined ? {} : { bandwidthBps })
  }

  /** What an earlier controller had begun, unless it is under way. */
  takeUp(move: Move, bandwidthBps: number | undefined): void {
    this.#transfer ??= this.#driver?.resume(this.#listener, {
      mayHaveStopped: stoppingOf(move) !== undefined,
      ...(bandwidthBps !== undefined && { bandwidthBps }),
    })
  }

  limit(bandwidthBps: number): void {
    this.#transfer?.limit(bandwidthBps)
  }

  /** False when nothing is under way that could be. */
  cancel(reason: string): boolean {
    this.#transfer?.cancel(reason)
    return this.#transfer !== undefined
  }

  /** Gives the move up after that time: by the transfer, if one is under way. */
  deadline(timeoutS: number): { readonly promise: Promise<never>; readonly cancel: () => void } {
    const late = deferred<never>()
    late.promise.catch(() => undefined)
    const cancel = this.#world.after(timeoutS * 1_000, () => {
      const reason = `the guest did not arrive within ${timeoutS} s`
      if (!this.cancel(reason)) late.reject(new Abort(reason))
    })
    return { promise: late.promise, cancel }
  }

  /** A transfer under way goes on by itself. */
  close(): void {
    this.#driver?.close()
  }
}
