/** What tells that a guest has left and that it has arrived: who said so first, and when. */
import { deferred } from './deferred.ts'
import type { TransferListener, TransferReport } from './driver.ts'
import type { MoveReport, MoveSignal } from './move.ts'

export interface ArrivalOptions {
  readonly vms: readonly string[]
  /** Monotonic milliseconds. */
  readonly clockMs: () => number
  /** The hypervisor says that the guest is at the source after all. */
  readonly onFailed: (reason: string) => void
}

export class Arrival {
  readonly #options: ArrivalOptions
  readonly #gone = new Set<string>()
  readonly #signal = deferred<MoveSignal>()
  readonly #ended = deferred<TransferReport>()
  #firstMs: number | undefined
  #stoppedMs: number | undefined
  #resumedMs: number | undefined

  constructor(options: ArrivalOptions) {
    this.#options = options
  }

  /** When the first word came; undefined before. */
  get atMs(): number | undefined {
    return this.#firstMs
  }

  /** Resolves with who told. */
  get told(): Promise<MoveSignal> {
    return this.#signal.promise
  }

  /** Resolves when the hypervisor says that the transfer is complete. */
  get completed(): Promise<TransferReport> {
    return this.#ended.promise
  }

  /** Of one guest; all must have gone. */
  signal(vm: string, by: MoveSignal): void {
    this.#gone.add(vm)
    if (by === 'unplugged') this.#stoppedMs ??= this.#options.clockMs()
    if (this.#options.vms.every((one) => this.#gone.has(one))) this.all(by)
  }

  all(by: MoveSignal): void {
    this.#firstMs ??= this.#options.clockMs()
    this.#signal.resolve(by)
  }

  /** How long no guest could speak, where it was told when it stopped. */
  gap(readyMs: number): Pick<MoveReport, 'gapMs'> {
    const stoppedMs = this.#stoppedMs
    return stoppedMs === undefined ? {} : { gapMs: Math.max(readyMs, this.#resumedMs ?? 0) - stoppedMs }
  }

  listener(): TransferListener {
    const { clockMs, onFailed } = this.#options
    return {
      onProgress: () => undefined,
      onStopped: () => {
        this.#stoppedMs = clockMs()
        this.all('hypervisor')
      },
      onResumed: () => {
        this.#resumedMs = clockMs()
        this.all('hypervisor')
      },
      onCompleted: (report) => {
        this.all('hypervisor')
        this.#ended.resolve(report)
      },
      onFailed,
    }
  }
}
