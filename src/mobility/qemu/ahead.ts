/**
 * Stops a guest at a moment of our choosing instead of QEMU's, so that what is for it can be led to the destination before.
 *
 * QEMU 7.2 sends in windows of 100 ms: what a window may carry goes at once, and then the sending thread sleeps until the
 * next. A guest that is stopped while it sleeps stands still for the rest of the window. So a guest that writes little is
 * held: QEMU is slowed until hardly anything goes, which shows where its windows begin, and the guest is stopped just before
 * the next one. One that writes more is stopped when a pass has left little enough. One that writes next to nothing may be
 * stopped by QEMU itself before: what is for it is then led to the destination after the fact, as without this.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { bandwidthBytesPerS, heldBytesPerS, setBandwidth } from './bandwidth.ts'
import type { QmpEndpoint } from './endpoint.ts'
import { migrationOf } from './looking.ts'
import type { TransferProgress } from '../driver.ts'

export interface AheadOptions {
  readonly source: QmpEndpoint
  /** For how long the guest may stand still while the last of its memory is sent. */
  readonly downtimeLimitMs: number
  /** It is about to be stopped: resolves when it may be. */
  readonly onStopping: () => Promise<void>
  /** From now on a guest that does not run at the source was stopped by us. */
  readonly onStop: () => void
  /** Whether it is still to be stopped. */
  readonly isWanted: () => boolean
}

const windowMs = 100
/** Before the end of a window: what it takes to lead what is for the guest, and to stop it. Too late costs a window. */
const beforeEndMs = 32
const lookMs = 4
/** It is held until a window has begun, and for most of that window. */
const mostHeldMs = 3 * windowMs
/** The first pass sends all of the memory. */
const leastPasses = 2

export class StopAhead {
  readonly #options: AheadOptions
  #under = false
  #passes = 0
  #passedMs: number
  /** What was set before. */
  #bytesPerS: number | undefined

  constructor(options: AheadOptions) {
    this.#options = options
    this.#passedMs = performance.now()
  }

  /** While it slows QEMU or stops the guest, the bandwidth is its own. */
  get isUnderWay(): boolean {
    return this.#under
  }

  /** Call when a pass begins, as the source says or a look at it shows. */
  passBegan(pass: number): void {
    if (pass < leastPasses || pass <= this.#passes || this.#under || !this.#options.isWanted()) return
    const nowMs = performance.now()
    const passMs = nowMs - this.#passedMs
    this.#passes = pass
    this.#passedMs = nowMs
    void this.#stopIfLittle(passMs)
  }

  /** For a source that keeps its guest. */
  async restore(): Promise<void> {
    const bytesPerS = this.#bytesPerS
    this.#bytesPerS = undefined
    if (bytesPerS !== undefined) await setBandwidth(this.#options.source, bytesPerS)
  }

  /** What goes wrong is seen at the next look, and tried again at the next pass. */
  async #stopIfLittle(passMs: number): Promise<void> {
    const { source, downtimeLimitMs, onStopping, onStop, isWanted } = this.#options
    this.#under = true
    try {
      const { progress } = await migrationOf(source)
      const way = wayToStop(progress, { passMs, downtimeLimitMs })
      if (way === 'not-yet') return
      if (way === 'hold') await this.#hold()
      // It sleeps by now; one that does not would be done too soon.
      if (way === 'hold' && isWanted()) await setBandwidth(source, 0)
      if (isWanted()) await onStopping()
      if (!isWanted()) {
        await this.restore()
        return
      }
      onStop()
      await Promise.all([...(way === 'now' ? [setBandwidth(source, 0)] : []), source.execute('stop')])
    } catch {
      await this.restore().catch(() => undefined)
    } finally {
      this.#under = false
    }
  }

  /** Until shortly before QEMU wakes the next time. */
  async #hold(): Promise<void> {
    const { source, isWanted } = this.#options
    const [before] = await Promise.all([bandwidthBytesPerS(source), setBandwidth(source, heldBytesPerS)])
    this.#bytesPerS ??= before
    const untilMs = performance.now() + mostHeldMs - windowMs
    let [last, same] = [-1, 0]
    while (performance.now() < untilMs && isWanted()) {
      const now = (await migrationOf(source)).progress?.remainingBytes ?? 0
      if (now !== last && same > 1) break
      same = now === last ? same + 1 : 0
      last = now
      await sleep(lookMs)
    }
    if (isWanted()) await sleep(windowMs - beforeEndMs)
  }
}

/** Pure: whether a guest is to be stopped now, held first, or sent for another pass. `passMs`: how long the last one took. */
export function wayToStop(
  progress: TransferProgress | undefined,
  { passMs, downtimeLimitMs }: { readonly passMs: number; readonly downtimeLimitMs: number },
): 'hold' | 'now' | 'not-yet' {
  const { remainingBytes = 0, throughputBps = 0 } = progress ?? {}
  const limitBytes = (throughputBps / 8 / 1000) * downtimeLimitMs
  if (remainingBytes > limitBytes || limitBytes === 0) return 'not-yet'
  // What is left was written during the pass.
  const bytesPerMs = remainingBytes / Math.max(passMs, 1)
  return remainingBytes + bytesPerMs * mostHeldMs <= limitBytes ? 'hold' : 'now'
}
