/**
 * One transfer under way: follows the events of both ends, and looks at both again and again, so that nothing depends on an
 * event having come. What is to be done is `judge`'s to say; this does it, and tells the listener each thing once.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Transfer, TransferListener, TransferProgress, TransferReport } from '../driver.ts'
import { type Ends, look, lookThere, migrationOf } from './looking.ts'
import { StopAhead } from './ahead.ts'
import { Bandwidth, unhold } from './bandwidth.ts'
import { prepare, type TransferSettings } from './preparing.ts'
import { type Fields, numberIn, textIn } from './messages.ts'
import { QmpError } from './session.ts'
import { isFarFromSwitch, type MigrationFacts, reportOf } from './progress.ts'
import { type End, type Facts, judge, type Verdict } from './verdict.ts'

export interface TransferOptions extends TransferSettings {
  readonly ends: Ends
  readonly uri: string
  readonly listener: TransferListener
  readonly bandwidthBps?: number
  readonly pollMs: number
}

/** A switch that does not answer does not keep the guest from running. */
const mostOpeningMs = 200

export class QemuTransfer implements Transfer {
  readonly #options: TransferOptions
  #began = false
  #over = false
  #closed = false
  #stopped = false
  #resumed = false
  #held = false
  /** We told the guest to stop, or may have. */
  #stops = false
  /** It is being started at the destination. */
  #starting = false
  #stoppedMs = 0
  #stillMs = 0
  /** The destination may take frames of the guest. */
  #opened: Promise<void> = Promise.resolve()
  readonly #ahead: StopAhead
  readonly #bandwidth: Bandwidth
  #doubted = false
  #sessions = 0
  #migration: MigrationFacts | undefined
  #progress: TransferProgress | undefined
  #cancelReason: string | undefined
  #cancelSent = false
  #wake: (() => void) | undefined
  #poked = false

  constructor(options: TransferOptions) {
    this.#options = options
    const { source, destination } = options.ends
    this.#bandwidth = new Bandwidth(source, options.bandwidthBps)
    const onClosed = () => this.#poke()
    source.listen({ onEvent: (name, data) => this.#onSourceEvent(name, data), onClosed })
    destination.listen({ onEvent: (name, data) => this.#onDestinationEvent(name, data), onClosed })
    this.#ahead = new StopAhead({
      source,
      downtimeLimitMs: options.downtimeLimitMs,
      onStopping: () => options.listener.onStopping(),
      onStop: () => (this.#stops = true),
      isWanted: () => !this.#isOver() && !this.#stopped && this.#cancelReason === undefined,
    })
  }

  async start(): Promise<void> {
    const { ends, uri } = this.#options
    try {
      await prepare(ends, this.#options)
      await this.#limit()
      this.#sessions = ends.destination.sessions
    } catch (error) {
      this.#fail(messageOf(error))
      return
    }
    if (this.#cancelReason !== undefined) {
      this.#fail(this.#cancelReason)
      return
    }
    if (this.#closed) return
    this.#began = true
    try {
      await ends.source.execute('migrate', { uri })
    } catch (error) {
      if (error instanceof QmpError && error.code === 'refused') {
        this.#fail(error.message)
        return
      }
      // It may have been taken all the same: what both ends say next decides.
    }
    await this.#follow()
  }

  async resume(mayHaveStopped: boolean): Promise<void> {
    this.#began = true
    this.#stops = mayHaveStopped
    // Nobody heard what was told meanwhile.
    this.#doubted = true
    await unhold(this.#options.ends.source).catch(() => undefined)
    await this.#follow()
  }

  limit(bandwidthBps: number): void {
    this.#bandwidth.want(bandwidthBps)
    this.#poke()
  }

  cancel(reason: string): void {
    this.#cancelReason ??= reason
    this.#poke()
  }

  /** Nothing more is told. */
  close(): void {
    this.#closed = true
    this.#poke()
  }

  #onSourceEvent(name: string, data: Fields): void {
    if (!this.#began) return
    if (name === 'MIGRATION_PASS' && this.#options.stopsAhead)
      this.#ahead.passBegan(numberIn(data, 'pass') ?? 0)
    // At once: until frames go to the destination they are lost.
    if (name === 'STOP') this.#tellStopped()
    this.#poke()
  }

  #onDestinationEvent(name: string, data: Fields): void {
    if (!this.#began) return
    if (name === 'RESUME') this.#tellResumed()
    const hasAll = name === 'MIGRATION' && textIn(data, 'status') === 'completed'
    // As it was at the source: stopped. While it is being cancelled, what both ends say decides.
    if (hasAll && this.#stops && !this.#held && this.#cancelReason === undefined) {
      this.#tellStopped()
      this.#startThere().catch(() => undefined)
    }
    this.#poke()
  }

  async #follow(): Promise<void> {
    while (!this.#isOver()) {
      const hadStopped = this.#stopped
      const facts = await this.#look()
      if (this.#isOver()) return
      await this.#act(judge(facts), facts, hadStopped).catch(() => undefined)
      if (this.#isOver()) return
      if (this.#cancelReason !== undefined && !this.#cancelSent)
        await this.#tryCancel().catch(() => undefined)
      await this.#limit().catch(() => undefined)
      await this.#pause()
    }
  }

  #isOver(): boolean {
    return this.#over || this.#closed
  }

  async #look(): Promise<Facts> {
    const { ends } = this.#options
    const { source, destination } = await look(ends)
    if (source.reach === 'up') {
      this.#migration = source.migration
      this.#progress = source.migration.progress ?? this.#progress
    }
    if (destination.reach === 'unknown' || ends.destination.sessions !== this.#sessions) this.#doubted = true
    const heardAll = !this.#doubted
    return { source, destination, resumed: this.#resumed, held: this.#held, stops: this.#stops, heardAll }
  }

  async #act(verdict: Verdict, { destination }: Facts, hadStopped: boolean): Promise<void> {
    const { ends, listener } = this.#options
    switch (verdict.is) {
      case 'sending':
        if (hadStopped) this.cancel('something else started the guest again at its source')
        else if (this.#progress) listener.onProgress(this.#progress)
        if (this.#options.stopsAhead) this.#ahead.passBegan(this.#migration?.passes ?? 0)
        return
      case 'switching':
        this.#tellStopped()
        return
      case 'arrived':
        this.#tellResumed()
        return
      case 'completed':
        this.#tellResumed()
        this.#over = true
        listener.onCompleted(this.#report())
        return
      case 'failed':
        this.#fail(this.#cancelReason ?? verdict.reason)
        return
      case 'wake':
        if (verdict.end === 'destination') await this.#startThere()
        else await ends.source.execute('cont')
        return
      case 'hold':
        await this.#hold(destination)
        if (this.#held) this.#poke()
        return
      case 'give-up':
        this.cancel(verdict.reason)
        return
      case 'doubled':
        await ends.destination.execute('stop')
        this.#fail('the guest was started again at its source: it was stopped at the destination')
        return
      case 'unclear':
    }
  }

  /**
   * A transfer that is cancelled as its last bytes arrive would run at both ends. So the destination is first told to wait;
   * only then is the source told to give up, and whichever has the guest is started.
   */
  async #tryCancel(): Promise<void> {
    const { source } = this.#options.ends
    if (this.#starting) return
    const there = await lookThere(this.#options.ends)
    if (there.reach === 'up') await this.#hold(there)
    if (this.#hasResumed()) return
    if (there.reach === 'unknown' && (this.#stopped || !isFarFromSwitch(await migrationOf(source)))) return
    if (there.reach === 'up' && !this.#held) return
    await source.execute('migrate_cancel')
    this.#cancelSent = true
    this.#poke()
  }

  async #hold(destination: End<{ readonly run: string }>): Promise<void> {
    const end = this.#options.ends.destination
    if (this.#hasResumed() || (destination.reach === 'up' && destination.run === 'running')) return
    // While it waits for its guest, QEMU takes this as: do not start it when it is there.
    await end.execute('stop')
    // What happened there before is heard by now.
    if (this.#hasResumed()) await end.execute('cont')
    else this.#held = true
  }

  #hasResumed(): boolean {
    return this.#resumed
  }

  /** Once frames of the guest are taken in there: should this controller end then, nothing is lost. */
  async #startThere(): Promise<void> {
    if (this.#starting || this.#isOver()) return
    this.#starting = true
    try {
      await Promise.race([this.#opened, sleep(mostOpeningMs, undefined, { ref: false })])
      if (!this.#isOver()) await this.#options.ends.destination.execute('cont')
    } finally {
      this.#starting = false
    }
  }

  /** Not while the guest is being stopped, nor from then on. */
  async #limit(): Promise<void> {
    if (!this.#ahead.isUnderWay && !this.#stops) await this.#bandwidth.tell()
  }

  /** QEMU counts from where it stops the guest itself. */
  #report(): TransferReport {
    const told = reportOf(this.#migration, this.#progress)
    return this.#stops ? { ...told, downtimeMs: Math.max(told.downtimeMs, Math.round(this.#stillMs)) } : told
  }

  #tellStopped(): void {
    if (this.#stopped || this.#isOver()) return
    this.#stopped = true
    this.#stoppedMs = performance.now()
    this.#opened = this.#options.listener.onStopped()
  }

  #tellResumed(): void {
    this.#tellStopped()
    if (this.#resumed || this.#isOver()) return
    this.#resumed = true
    this.#stillMs = performance.now() - this.#stoppedMs
    this.#options.listener.onResumed()
  }

  #fail(reason: string): void {
    if (this.#isOver()) return
    this.#over = true
    this.#ahead.restore().catch(() => undefined)
    this.#options.listener.onFailed(reason)
  }

  #poke(): void {
    this.#poked = true
    this.#wake?.()
  }

  async #pause(): Promise<void> {
    if (!this.#poked) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.#options.pollMs)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    this.#wake = undefined
    this.#poked = false
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
