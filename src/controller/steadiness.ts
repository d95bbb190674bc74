/**
 * Keeps traffic from following an uplink that comes and goes: one that failed is used after all others until it was up for
 * its team's delay. The switch leaves a failed uplink by itself and at once; this is only about its return.
 */
import type { Intent } from '../model/intent.ts'
import type { DatapathId, Observation, ObservedSwitch, Unsteady } from '../model/observation.ts'
import type { Timers } from './timers.ts'

export interface SteadinessOptions {
  readonly timers: Pick<Timers, 'after'>
  readonly onChange: (unsteady: ReadonlyMap<DatapathId, Unsteady>) => void
}

/** After an uplink is used again, its neighbours may send to the one before for this long: VMs are announced meanwhile. */
export const settleMs = 2_000

type Phase =
  /** Never seen up: what was not there before has not failed. */
  | 'new'
  | 'steady'
  /** Failed; down, or up for less than the delay. */
  | 'held'
  | 'settling'

interface Uplink {
  phase: Phase
  up: boolean
  /** Ends the timer of its phase. */
  cancel: () => void
}

const idle = () => undefined

export class Steadiness {
  readonly #options: SteadinessOptions
  /** By datapath id and interface name; in each switch those that changed last come last. */
  readonly #uplinks = new Map<DatapathId, Map<string, Uplink>>()
  /** By datapath id and interface name: the delay of its team. */
  #delays: ReadonlyMap<DatapathId, ReadonlyMap<string, number>> = new Map()
  #restored: Observation | undefined
  #told: ReadonlyMap<DatapathId, Unsteady> = new Map()

  constructor(options: SteadinessOptions) {
    this.#options = options
  }

  /** What was last seen before a restart: what was held then is held on. */
  restore(observation: Observation): void {
    this.#restored = observation
    this.#told = observation.unsteady ?? this.#told
  }

  /** Takes up another intent: uplinks that are in no team any more are forgotten. */
  follow({ switches }: Intent, observation: Observation): void {
    this.#delays = new Map(
      [...switches.values()].map(({ datapathId, teams }) => [
        datapathId,
        new Map(
          teams.flatMap(({ uplinks, upDelayMs }) => uplinks.map(({ port }) => [port, upDelayMs] as const)),
        ),
      ]),
    )
    for (const [id, uplinks] of this.#uplinks)
      for (const [name, { cancel }] of uplinks) {
        if (this.#delays.get(id)?.has(name) === true) continue
        cancel()
        uplinks.delete(name)
      }
    for (const observed of observation.switches.values()) this.seen(observed)
    this.#tell()
  }

  seen({ datapathId, ports }: ObservedSwitch): void {
    const delays = this.#delays.get(datapathId)
    if (!delays || delays.size === 0) return
    for (const [name, delayMs] of delays)
      this.#look(datapathId, name, { delayMs, up: ports.get(name)?.up === true })
    this.#tell()
  }

  #look(id: DatapathId, name: string, now: { readonly delayMs: number; readonly up: boolean }): void {
    const uplinks = this.#uplinks.get(id) ?? new Map<string, Uplink>()
    this.#uplinks.set(id, uplinks)
    let uplink = uplinks.get(name)
    if (!uplink) {
      uplink = this.#first(id, name, now.up)
      uplinks.set(name, uplink)
    }
    const { phase } = uplink
    const isWaiting = phase === 'held' && now.up && uplink.cancel === idle
    if (uplink.up === now.up && !isWaiting) return
    uplink.up = now.up
    uplink.cancel()
    uplink.cancel = idle
    if (phase === 'new') {
      uplink.phase = 'steady'
      return
    }
    uplinks.delete(name)
    uplinks.set(name, uplink)
    uplink.phase = now.delayMs > 0 ? 'held' : 'settling'
    if (now.up && now.delayMs > 0) this.#later(uplink, now.delayMs, () => this.#release(uplink))
    else if (now.up) this.#settle(uplink)
  }

  #first(id: DatapathId, name: string, up: boolean): Uplink {
    const { unsteady, switches } = this.#restored ?? {}
    const wasHeld = unsteady?.get(id)?.held.includes(name) === true
    const wasUp = switches?.get(id)?.ports.get(name)?.up
    if (wasHeld) return { phase: 'held', up: wasUp === true, cancel: idle }
    return { phase: up ? 'steady' : 'new', up, cancel: idle }
  }

  /** The delay has passed. */
  #release(uplink: Uplink): void {
    uplink.phase = 'settling'
    this.#settle(uplink)
    this.#tell()
  }

  #settle(uplink: Uplink): void {
    this.#later(uplink, settleMs, () => {
      uplink.phase = 'steady'
      this.#tell()
    })
  }

  #later(uplink: Uplink, delayMs: number, run: () => void): void {
    uplink.cancel = this.#options.timers.after(delayMs, () => {
      uplink.cancel = idle
      run()
    })
  }

  #tell(): void {
    const now = new Map<DatapathId, Unsteady>()
    for (const [id, uplinks] of this.#uplinks) {
      const those = (phase: Phase) =>
        [...uplinks].flatMap(([name, one]) => (one.phase === phase ? [name] : []))
      const unsteady = { held: those('held'), settling: those('settling') }
      if (unsteady.held.length + unsteady.settling.length > 0) now.set(id, unsteady)
    }
    if (sameText(now, this.#told)) return
    this.#told = now
    this.#options.onChange(now)
  }
}

const sameText = (a: ReadonlyMap<DatapathId, Unsteady>, b: ReadonlyMap<DatapathId, Unsteady>) =>
  JSON.stringify([...a]) === JSON.stringify([...b])
