/** What the reconciler needs of a connected switch; `switches/` provides it, tests simulate it. */
import type { FlowEntry, FlowMod, GroupEntry, GroupMod, MeterEntry, MeterMod } from 'ts-openflow'

export interface Refused {
  /** Position in the list that was sent. */
  readonly index: number
  /** OpenFlow error name, such as `OFPFMFC_TABLE_FULL`. */
  readonly error: string
}

export type CommitOutcome =
  | { readonly ok: true }
  | {
      readonly ok: false
      /** Empty when the switch's error names no message. */
      readonly refused: readonly Refused[]
      /** How many messages, from the first on, are in effect all the same, but for those refused. */
      readonly applied: number
      /** The switch's error when it names no message. */
      readonly failure?: string
    }

/** Calls reject when the session ends before the switch has answered. */
export interface Target {
  readonly datapathId: string
  /** OpenFlow wire version. */
  readonly version: number
  /** Installs all or none and resolves after the switch confirmed. */
  readonly commit: (messages: readonly FlowMod[]) => Promise<CommitOutcome>
  /** Installs together, or not at all, what the switch does not refuse at once; sooner confirmed than `commit`. */
  readonly commitAccepted: (messages: readonly FlowMod[]) => Promise<CommitOutcome>
  /** Sends one by one and resolves after a barrier: what is not refused is installed. */
  readonly commitEach: (messages: readonly FlowMod[]) => Promise<readonly Refused[]>
  readonly sendFixtures: (messages: readonly (MeterMod | GroupMod)[]) => Promise<readonly Refused[]>
  readonly readFlows: () => Promise<readonly FlowEntry[]>
  readonly readMeters: () => Promise<readonly MeterEntry[]>
  readonly readGroups: () => Promise<readonly GroupEntry[]>
}
