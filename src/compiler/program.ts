/**
 * The program: per switch, every rule, meter and group that should exist, the rules in chunks by owner.
 * Chunks that a change did not touch keep their identity, so comparing two programs costs what changed, not what exists.
 */
import type { DatapathId, SlotTable } from '../model/observation.ts'
import type { Meter, Owner, Rule } from '../pipeline/rule.ts'
import type { Sharing } from './features/egress.ts'

/** All rules that one owner has on one switch. */
export interface Chunk {
  readonly owner: Owner
  readonly rules: readonly Rule[]
}

/** Chunks that are recomputed together; nests so that comparison can stop early. */
export interface ChunkGroup {
  readonly key: string
  readonly chunks: readonly Chunk[]
}

export interface SwitchProgram {
  readonly datapathId: DatapathId
  readonly fixtures: Fixtures
  readonly groups: readonly ChunkGroup[]
  /** How flows are dealt to paths, sorted: to be observed next time, so that they stay where they are. */
  readonly slots: readonly SlotTable[]
  /** How classes of traffic share its uplinks; absent where they do not. */
  readonly sharing?: Sharing
}

/** What rules rely on: it is there before any rule is sent. Keeps its identity while it stays the same. */
export interface Fixtures {
  readonly meters: readonly Meter[]
  /** Whether rules spread flows over paths, for which OpenFlow 1.5 wants a group. */
  readonly spreads: boolean
}

/** Something declared that cannot work at the moment: a port that is absent, a switch that no path reaches. */
export interface Obstacle {
  readonly owner: Owner
  readonly code:
    | 'port-absent'
    | 'port-duplicate'
    | 'unplugged'
    | 'unreachable'
    | 'overbooked'
    | 'mtu'
    | 'speed-unknown'
  readonly text: string
}

export interface Program {
  readonly switches: ReadonlyMap<DatapathId, SwitchProgram>
  readonly obstacles: readonly Obstacle[]
}

export interface SwitchDelta {
  readonly datapathId: DatapathId
  readonly removed: readonly Rule[]
  readonly added: readonly Rule[]
}
