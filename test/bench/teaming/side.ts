/** One end of a team as a peer's configuration sees it: a bridge, its uplinks, and the programs that configure it. */
import type { BenchVm } from './flows.ts'

export interface Side {
  /** Name of the bridge in its Open vSwitch. */
  readonly bridge: string
  /** Name of the switch for whoever declares both ends in one document. */
  readonly declaredAs: string
  /** All that there are; a team may have fewer. */
  readonly uplinks: readonly string[]
  /** Actions for what an uplink brings in, where rules are written by hand. */
  readonly inward: string
  /** What makes an interface of that name again once its port was deleted: columns of its record. */
  readonly columns: (uplink: string) => readonly string[]
  readonly vsctl: (args: readonly string[]) => Promise<string>
  /** Over OpenFlow 1.5, with names for ports. */
  readonly ofctl: (command: string, args?: readonly string[]) => Promise<void>
  readonly appctl: (args: readonly string[]) => Promise<string>
}

export interface Placed {
  readonly vm: BenchVm
  /** Name of its switch, as declared. */
  readonly host: string
  readonly port: string
}

export interface Member {
  readonly index: number
  readonly weight: number
}

export interface Rebalanced {
  readonly slots: number
  /** From the first frame until the moves were in force. */
  readonly tookMs: number
}

/** A scheme that is in force at both ends. */
export interface Team {
  /** Makes the team of these and resolves when that is in force. */
  readonly setMembers: (members: readonly Member[]) => Promise<void>
  /** Resolves when the team has taken in which of its members have a carrier; `live` are those. */
  readonly settled: (live: readonly Member[]) => Promise<void>
  /**
   * Of a scheme that moves load by what it measures: gives it the time to, under this traffic; then it holds still again.
   * Tells what it moved where the scheme itself says so.
   */
  readonly rebalance?: (traffic: () => Promise<unknown>) => Promise<Rebalanced | undefined>
  /** Ends what the scheme started beside the bridges. */
  readonly undo: () => Promise<void>
}

export interface Scheme {
  readonly name: string
  /** Whether uplinks may get unequal shares. */
  readonly weights: boolean
  readonly apply: (sides: readonly Side[], members: readonly Member[]) => Promise<Team>
}
