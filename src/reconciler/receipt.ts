/** Tickets: who waits for which switches to confirm which program, and the receipt they get. */
import type { DatapathId } from '../model/observation.ts'
import type { Operation } from './plan.ts'
import type { Refusal } from './switch-table.ts'

/** What one switch answered to one change. */
export interface SwitchAnswer {
  readonly datapathId: DatapathId
  /** `pending`: connected, but it has not confirmed everything in the time given. */
  readonly state: 'confirmed' | 'refused' | 'pending' | 'disconnected'
  readonly added: number
  readonly modified: number
  readonly deleted: number
  readonly refused: readonly Refusal[]
  readonly confirmedAfterMs?: number
}

/** Where a switch stands for a ticket. */
export type Standing = 'settled' | 'working' | 'disconnected'

interface Tally {
  add: number
  modify: number
  delete: number
  readonly refused: Map<string, Refusal>
  settledAtMs: number | undefined
}

export class Ticket {
  readonly answers: Promise<readonly SwitchAnswer[]>
  readonly #tallies: ReadonlyMap<DatapathId, Tally>
  readonly #startedAtMs: number
  #resolve: (answers: readonly SwitchAnswer[]) => void = () => undefined

  constructor(scope: Iterable<DatapathId>, startedAtMs: number) {
    this.#startedAtMs = startedAtMs
    this.#tallies = new Map(
      [...scope].map((id) => [
        id,
        { add: 0, modify: 0, delete: 0, refused: new Map(), settledAtMs: undefined },
      ]),
    )
    this.answers = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  confirmed(id: DatapathId, operations: readonly Operation[]): void {
    const tally = this.#tallies.get(id)
    if (!tally) return
    for (const { op, key } of operations) {
      tally[op]++
      tally.refused.delete(key)
    }
  }

  refused(id: DatapathId, key: string, refusal: Refusal): void {
    this.#tallies.get(id)?.refused.set(key, refusal)
  }

  /** Resolves once no switch in scope is still working, or at once when `timedOut`. True when resolved. */
  settle(standing: (id: DatapathId) => Standing, nowMs: number, timedOut = false): boolean {
    const answers: SwitchAnswer[] = []
    let working = false
    for (const [id, tally] of this.#tallies) {
      const now = standing(id)
      if (now === 'settled') tally.settledAtMs ??= nowMs
      else tally.settledAtMs = undefined
      working ||= now === 'working'
      answers.push(this.#answer(id, tally, now))
    }
    if (working && !timedOut) return false
    this.#resolve(answers)
    return true
  }

  #answer(datapathId: DatapathId, tally: Tally, standing: Standing): SwitchAnswer {
    const refused = [...tally.refused.values()]
    const state =
      standing === 'disconnected'
        ? 'disconnected'
        : standing === 'working'
          ? 'pending'
          : refused.length > 0
            ? 'refused'
            : 'confirmed'
    return {
      datapathId,
      state,
      added: tally.add,
      modified: tally.modify,
      deleted: tally.delete,
      refused,
      ...(tally.settledAtMs === undefined ? {} : { confirmedAfterMs: tally.settledAtMs - this.#startedAtMs }),
    }
  }
}
