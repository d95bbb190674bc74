/** What tells that a guest has left and that it has arrived: who said so first, and when. */
import { deferred } from './deferred.ts'
import type { TransferListener, TransferReport } from './driver.ts'
import type { MoveReport, MoveSignal } from './move.ts'

export interface ArrivalOptions {
  readonly vms: readonly string[]
  /** Monotonic milliseconds. */
  readonly clockMs: () => number
  /** The hypervisor is about to stop the guest. */
  readonly onStopping: () => Promise<void>
  /** Resolves when the guest may run at the destination. */
  readonly opened: Promise<void>
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
  #ledMs: number | undefined

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

  /** From now on, what is for the guest goes to the destination. */
  led(): void {
    this.#ledMs ??= this.#options.clockMs()
  }

  /** Resolves with what came of it when the hypervisor says that the transfer is complete. */
  async transferred(report: MoveReport | undefined): Promise<MoveReport | undefined> {
    const { totalMs, downtimeMs, transferredBytes: bytes } = await this.#ended.promise
    if (!report) return undefined
    const gap = this.gap((this.#firstMs ?? 0) + report.switchedAfterMs)
    return { ...report, transfer: { totalMs, downtimeMs, bytes }, ...gap }
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

  /** How long no guest could speak, where it was told when it stopped; and how long before it was led. */
  gap(readyMs: number): Pick<MoveReport, 'gapMs' | 'aheadMs'> {
    const stoppedMs = this.#stoppedMs
    if (stoppedMs === undefined) return {}
    const gapMs = Math.max(readyMs, this.#resumedMs ?? 0) - stoppedMs
    return this.#ledMs === undefined ? { gapMs } : { gapMs, aheadMs: stoppedMs - this.#ledMs }
  }

  listener(): TransferListener {
    const { clockMs, onStopping, opened, onFailed } = this.#options
    return {
      onProgress: () => undefined,
      onStopping,
      onStopped: () => {
        this.#stoppedMs = clockMs()
        this.all('hypervisor')
        return opened
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
