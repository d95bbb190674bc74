/**
 * Programs for observations that may come next, compiled and proved before they do: a switch-over then only has to be sent.
 * Each counts just for the intent and the observation that it was made for.
 */
import type { Program } from '../compiler/program.ts'
import type { Intent } from '../model/intent.ts'
import type { Observation, Passage } from '../model/observation.ts'

export interface Rehearsed {
  readonly intent: Intent
  readonly observation: Observation
  readonly program: Program
  /** The intent, with every NIC where it is plugged in. */
  readonly located: Intent
}

const noPassages: NonNullable<Observation['passages']> = new Map()

export class Rehearsals {
  readonly #kept = new Map<string, Rehearsed>()

  /** Instead of what had this name. */
  keep(name: string, rehearsed: Rehearsed): void {
    this.#kept.set(name, rehearsed)
  }

  forget(name: string): void {
    this.#kept.delete(name)
  }

  find(intent: Intent, observation: Observation): Rehearsed | undefined {
    for (const rehearsed of this.#kept.values())
      if (rehearsed.intent === intent && sameObservation(rehearsed.observation, observation)) return rehearsed
    return undefined
  }
}

/** Parts by identity, since a part that did not change keeps it; passages, which are made anew, by what they say. */
function sameObservation(a: Observation, b: Observation): boolean {
  const { passages: some = noPassages, ...rest } = a
  const { passages: others = noPassages, ...remaining } = b
  const names = new Set([...Object.keys(rest), ...Object.keys(remaining)])
  return (
    [...names].every((name) => Reflect.get(rest, name) === Reflect.get(remaining, name)) &&
    some.size === others.size &&
    [...some].every(([nic, passage]) => samePassage(passage, others.get(nic)))
  )
}

const samePassage = (a: Passage, b: Passage | undefined): boolean =>
  b !== undefined && a.from === b.from && a.to === b.to && a.stage === b.stage && a.noted === b.noted
