/**
 * Tells when, after a start, switches that carry our rules may be changed: as soon as the world they were programmed for
 * is known again. That is when every declared switch was seen, now or before the restart, links have had their time, and
 * databases have said how switches can share uplinks among classes.
 */
import type { Intent } from '../model/intent.ts'
import type { Observation } from '../model/observation.ts'
import type { Timers } from './timers.ts'

export interface SettlingOptions {
  readonly timers: Timers
  /** The longest that it may take. */
  readonly settleMs: number
  readonly onSettled: (although?: string) => void
}

/** Link probes leave at once when a switch comes up, and have answered by then. */
const linksSettleMs = 700

export class Settling {
  readonly #options: SettlingOptions
  #settled = false

  constructor(options: SettlingOptions) {
    this.#options = options
  }

  /** From now on it takes `settleMs` at most. */
  start(): void {
    const { timers, settleMs } = this.#options
    timers.after(settleMs, () => this.#settle('some switches are still missing'))
  }

  /** Call when intent or observation changed, or a switch came. */
  look({ switches: declared, classes }: Intent, { switches, links, datapathTypes }: Observation): void {
    // While nothing is declared, nothing is known of what the rules are for.
    if (this.#settled || declared.size === 0) return
    for (const { datapathId, ovsdb } of declared.values()) {
      if (!switches.has(datapathId)) return
      if (classes.size > 0 && ovsdb && datapathTypes?.has(datapathId) !== true) return
    }
    if (links.length > 0 || declared.size < 2) this.#settle()
    else this.#options.timers.after(linksSettleMs, () => this.#settle())
  }

  #settle(although?: string): void {
    if (this.#settled) return
    this.#settled = true
    this.#options.onSettled(although)
  }
}
