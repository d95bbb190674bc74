/** What is not confirmed yet, by owner: the ground for saying that a declared object is active. */
import type { DatapathId } from '../model/observation.ts'

export interface Unsettled {
  /** Owners with a rule that some switch has not confirmed, or has refused. */
  readonly owners: ReadonlyMap<string, 'pending' | 'refused'>
  /** True for a switch of which nothing is known: it is away, or its table is being read. */
  readonly unknown: (id: DatapathId) => boolean
}
