/**
 * Lends what a class of traffic leaves of an uplink to the others: each second reads what they sent, divides anew, and
 * renews the lease. When this ends, so does the lease, and every class is back at the rate that is always its own.
 */
import type { Sharing } from '../compiler/features/egress.ts'
import type { Program } from '../compiler/program.ts'
import { type ClassUse, type Ledger, lentBy, openLedger, settle, withoutRates } from './lent-rates.ts'
import type { DatapathId } from '../model/observation.ts'
import { isClassMeter } from '../pipeline/shares.ts'
import type { Reconciler } from '../reconciler/reconciler.ts'
import type { LiveSwitch } from '../switches/live-switch.ts'
import type { Timers } from './timers.ts'

export interface LendingOptions {
  readonly timers: Pick<Timers, 'every'>
  readonly reconciler: Pick<Reconciler, 'lend'>
  readonly live: (id: DatapathId) => Pick<LiveSwitch, 'readMeterCounters'> | undefined
  readonly clockMs: () => number
  /** What classes sent since this was called before. */
  readonly onUse: (id: DatapathId, uses: readonly ClassUse[]) => void
}

interface Borrowers {
  readonly sharing: Sharing
  /** The session that the ledger is about. */
  live: ReturnType<LendingOptions['live']>
  ledger: Ledger | undefined
  isBusy: boolean
}

/** A third of the lease's time: one step may be late or left out. */
const stepMs = 1_000

export class Lending {
  readonly #options: LendingOptions
  readonly #switches = new Map<DatapathId, Borrowers>()

  constructor(options: LendingOptions) {
    this.#options = options
    options.timers.every(stepMs, () => {
      for (const [id, borrowers] of this.#switches) void this.#step(id, borrowers)
    })
  }

  /** A program is on its way: its switches that share by meters are looked after from now on, and no others. */
  adopted({ switches }: Pick<Program, 'switches'>): void {
    for (const id of this.#switches.keys())
      if (!isMetered(switches.get(id)?.sharing)) this.#switches.delete(id)
    for (const [id, { sharing }] of switches) {
      const before = this.#switches.get(id)
      if (!isMetered(sharing) || before?.sharing === sharing) continue
      const ledger = before?.ledger && withoutRates(before.ledger)
      this.#switches.set(id, { sharing, live: before?.live, ledger, isBusy: false })
    }
  }

  /** As read last; undefined where nothing is metered, and before the first reading of a session. */
  ledger(id: DatapathId): Ledger | undefined {
    const one = this.#switches.get(id)
    return one?.live !== undefined && one.live === this.#options.live(id) ? one.ledger : undefined
  }

  async #step(id: DatapathId, borrowers: Borrowers): Promise<void> {
    const live = this.#options.live(id)
    if (!live || borrowers.isBusy) return
    borrowers.isBusy = true
    try {
      const entries = await live.readMeterCounters()
      const read = { atMs: this.#options.clockMs(), counts: countsIn(entries) }
      const before = borrowers.live === live ? borrowers.ledger : undefined
      borrowers.live = live
      borrowers.ledger = before
        ? await this.#settled(id, borrowers.sharing, { before, read })
        : openLedger(read.atMs, read.counts)
    } catch {
      // The session ended, or the switch has no meters: its rules that need them are refused, and told, one by one.
      borrowers.ledger = undefined
    } finally {
      borrowers.isBusy = false
    }
  }

  async #settled(
    id: DatapathId,
    sharing: Sharing,
    { before, read }: { readonly before: Ledger; readonly read: Pick<Ledger, 'atMs' | 'counts'> },
  ): Promise<Ledger> {
    const settlement = settle(sharing, before, read)
    this.#options.onUse(id, settlement.ledger.uses)
    // Another program came meanwhile, and these rates are not what it allows.
    if (!settlement.lends || this.#switches.get(id)?.sharing !== sharing) return settlement.ledger
    const isLent = await this.#options.reconciler.lend(id, settlement.meters)
    return isLent ? lentBy(settlement) : settlement.ledger
  }
}

function isMetered(sharing: Sharing | undefined): sharing is Sharing {
  return sharing?.by === 'meters' && sharing.uplinks.some(({ bandwidthBps }) => bandwidthBps !== undefined)
}

function countsIn(entries: Awaited<ReturnType<LiveSwitch['readMeterCounters']>>): Ledger['counts'] {
  const ours = entries.filter(({ meterId }) => isClassMeter(meterId))
  return new Map(
    ours.map(({ meterId, byteInCount, bands }) => [
      meterId,
      { bytes: byteInCount, droppedBytes: bands.reduce((sum, band) => sum + band.byteBandCount, 0n) },
    ]),
  )
}
