/** Probes that are sent to be timed: how long each was on its way, from the order to send it until the switch showed it. */
import type { LinkEnd } from './relink.ts'

export interface Flight {
  /** Where it arrived. */
  readonly to: LinkEnd
  /** With the ways from and to this controller at both ends. */
  readonly ms: number
}

interface Waiting {
  readonly sentMs: number
  readonly arrived: (flight: Flight | undefined) => void
}

/** More at a time are not timed. */
const maxWaiting = 1_024

export class Flights {
  /** By the sequence of the probe. */
  readonly #waiting = new Map<number, Waiting>()

  /** Undefined, through `arrived`, when it was given up. */
  sent(sequence: number, waiting: Waiting): void {
    if (this.#waiting.size < maxWaiting) this.#waiting.set(sequence, waiting)
    else waiting.arrived(undefined)
  }

  heard(sequence: number, to: LinkEnd, nowMs: number): void {
    const waiting = this.#take(sequence)
    waiting?.arrived({ to, ms: nowMs - waiting.sentMs })
  }

  giveUp(sequence: number): void {
    this.#take(sequence)?.arrived(undefined)
  }

  stop(): void {
    for (const sequence of [...this.#waiting.keys()]) this.giveUp(sequence)
  }

  #take(sequence: number): Waiting | undefined {
    const waiting = this.#waiting.get(sequence)
    this.#waiting.delete(sequence)
    return waiting
  }
}
