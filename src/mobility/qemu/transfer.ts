/**
 * One transfer under way: follows the events of both ends, and looks at both again and again, so that nothing depends on an
 * event having come. What is to be done is `judge`'s to say; this does it, and tells the listener each thing once.
 */
import type { Transfer, TransferListener, TransferProgress } from '../driver.ts'
import { type Ends, look, lookThere, migrationOf } from './looking.ts'
import { limitBandwidth, prepare, type TransferSettings } from './preparing.ts'
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

export class QemuTransfer implements Transfer {
  readonly #options: TransferOptions
  #began = false
  #over = false
  #closed = false
  #stopped = false
  #resumed = false
  #held = false
  #doubted = false
  #sessions = 0
  #migration: MigrationFacts | undefined
  #progress: TransferProgress | undefined
  #cancelReason: string | undefined
  #cancelSent = false
  #wantedBps: number | undefined
  #limitedBps: number | undefined
  #wake: (() => void) | undefined
  #poked = false

  constructor(options: TransferOptions) {
    this.#options = options
    this.#wantedBps = options.bandwidthBps
    const { source, destination } = options.ends
    const onClosed = () => this.#poke()
    source.listen({ onEvent: (name) => this.#onSourceEvent(name), onClosed })
    destination.listen({ onEvent: (name) => this.#onDestinationEvent(name), onClosed })
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

  async resume(): Promise<void> {
    this.#began = true
    // Nobody heard what was told meanwhile.
    this.#doubted = true
    await this.#follow()
  }

  limit(bandwidthBps: number): void {
    this.#wantedBps = bandwidthBps
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

  #onSourceEvent(name: string): void {
    if (!this.#began) return
    // At once: until frames go to the destination they are lost.
    if (name === 'STOP') this.#tellStopped()
    this.#poke()
  }

  #onDestinationEvent(name: string): void {
    if (!this.#began) return
    if (name === 'RESUME') this.#tellResumed()
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
    return { source, destination, resumed: this.#resumed, held: this.#held, heardAll: !this.#doubted }
  }

  async #act(verdict: Verdict, { destination }: Facts, hadStopped: boolean): Promise<void> {
    const { ends, listener } = this.#options
    switch (verdict.is) {
      case 'sending':
        if (hadStopped) this.cancel('something else started the guest again at its source')
        else if (this.#progress) listener.onProgress(this.#progress)
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
        listener.onCompleted(reportOf(this.#migration, this.#progress))
        return
      case 'failed':
        this.#fail(this.#cancelReason ?? verdict.reason)
        return
      case 'wake':
        await ends[verdict.end].execute('cont')
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

  async #limit(): Promise<void> {
    const bandwidthBps = this.#wantedBps
    if (bandwidthBps === undefined || bandwidthBps === this.#limitedBps) return
    await limitBandwidth(this.#options.ends, bandwidthBps)
    this.#limitedBps = bandwidthBps
  }

  #tellStopped(): void {
    if (this.#stopped || this.#isOver()) return
    this.#stopped = true
    this.#options.listener.onStopped()
  }

  #tellResumed(): void {
    this.#tellStopped()
    if (this.#resumed || this.#isOver()) return
    this.#resumed = true
    this.#options.listener.onResumed()
  }

  #fail(reason: string): void {
    if (this.#isOver()) return
    this.#over = true
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
