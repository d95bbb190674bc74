/**
 * The small interface that REST, the command line and scripts see of a running controller.
 * Views are plain JSON: 64-bit values and addresses are text.
 */
import type { MovePlanOutcome, PlanRequest } from '../mobility/plan/plan.ts'
import type { Move, MoveRequest } from '../mobility/move.ts'
import type { MoveOutcome } from '../mobility/moves.ts'
import type { ClassName } from '../model/intent.ts'
import type { Problem } from '../model/problem.ts'
import type { IntentSpec, NetworkSpec, SwitchSpec, VmSpec } from '../model/schema.ts'

/** A change of intent, as a user asks for it. */
export type Change =
  | { readonly kind: 'replace'; readonly spec: IntentSpec }
  | { readonly kind: 'put'; readonly resource: 'switches'; readonly name: string; readonly spec: SwitchSpec }
  | { readonly kind: 'put'; readonly resource: 'networks'; readonly name: string; readonly spec: NetworkSpec }
  | { readonly kind: 'put'; readonly resource: 'vms'; readonly name: string; readonly spec: VmSpec }
  | { readonly kind: 'delete'; readonly resource: 'switches' | 'networks' | 'vms'; readonly name: string }

/** A change that could not be made durable, so it was not made at all; the message says what to do. */
export class NotStoredError extends Error {
  override readonly name = 'NotStoredError'
}

export interface ApplyOptions {
  /** Refuse unless the stored intent has this revision. */
  readonly ifRevision?: number
  /** Answer as soon as the intent is durable, without waiting for switches. */
  readonly wait?: boolean
  /** How long to wait for switches; what has not answered by then is reported as pending. */
  readonly timeoutMs?: number
}

/** A rule that a switch refused, with the switch's own error. */
export interface RefusedRule {
  readonly owner: string
  /** In ovs-ofctl syntax. */
  readonly rule: string
  /** OpenFlow error name, such as `OFPFMFC_TABLE_FULL`. */
  readonly error: string
}

export interface SwitchReceipt {
  readonly switch: string
  readonly datapathId: string
  readonly state: 'confirmed' | 'refused' | 'pending' | 'disconnected'
  readonly added: number
  readonly modified: number
  readonly deleted: number
  readonly refused: readonly RefusedRule[]
  /** Milliseconds from the request to the switch's confirmation. */
  readonly confirmedAfterMs?: number
}

/** What the database of a host answered to the bridges, ports and queues that are wanted there. */
export interface HostReceipt {
  /** Its address. */
  readonly target: string
  readonly state: 'confirmed' | 'refused' | 'pending' | 'disconnected'
  /** What it refused, such as `port br-int/eth0`, with its own words. */
  readonly refused: readonly { readonly subject: string; readonly error: string }[]
}

export interface Receipt {
  readonly revision: number
  /** True when every switch in scope, and every host, has confirmed everything. */
  readonly complete: boolean
  readonly switches: readonly SwitchReceipt[]
  /** Hosts whose database is declared. */
  readonly hosts?: readonly HostReceipt[]
  /** Declared things that cannot work yet, such as a NIC whose port does not exist. */
  readonly obstacles: readonly { readonly owner: string; readonly code: string; readonly text: string }[]
}

export interface Violation {
  readonly switch: string
  readonly owner: string
  readonly rule: string
  readonly reason: string
}

export type ApplyOutcome =
  | { readonly status: 'applied'; readonly receipt: Receipt }
  | { readonly status: 'accepted'; readonly revision: number }
  | { readonly status: 'invalid'; readonly problems: readonly Problem[] }
  | { readonly status: 'conflict'; readonly revision: number }
  | { readonly status: 'absent' }
  | { readonly status: 'unproved'; readonly violations: readonly Violation[] }

/** What a change would send, per switch, in ovs-ofctl syntax. */
export interface PlanReport {
  readonly revision: number
  readonly objects: readonly { readonly change: 'add' | 'modify' | 'delete'; readonly object: string }[]
  readonly switches: readonly {
    readonly switch: string
    readonly datapathId: string
    readonly operations: readonly {
      readonly op: 'add' | 'modify' | 'delete'
      readonly owner: string
      readonly rule: string
    }[]
  }[]
  readonly obstacles: Receipt['obstacles']
}

export type PlanOutcome =
  | { readonly status: 'planned'; readonly plan: PlanReport }
  | { readonly status: 'invalid'; readonly problems: readonly Problem[] }
  | { readonly status: 'absent' }
  | { readonly status: 'unproved'; readonly violations: readonly Violation[] }

export interface PortView {
  readonly no: number
  readonly name: string
  readonly mac: string
  readonly up: boolean
  /** What it is: `nic web1/0`, `uplink`, `fabric`, `undeclared`. */
  readonly use: string
}

export interface SwitchView {
  /** Declared name, or the datapath id for a switch nobody declared. */
  readonly name: string
  readonly datapathId: string
  readonly declared: boolean
  readonly role?: string
  readonly site?: string
  readonly connected: boolean
  /** `1.3`, `1.5`. */
  readonly version?: string
  readonly address?: string
  readonly description?: string
  /** The database of its host, where that is declared. */
  readonly ovsdb?: HostReceipt
  readonly state: 'converged' | 'converging' | 'refused' | 'disconnected' | 'observed'
  readonly rules: number
  readonly foreignRules: number
  /** Made by hand, with `throwbar flows SWITCH add`. */
  readonly operatorRules: number
  readonly refused: readonly RefusedRule[]
  readonly ports: readonly PortView[]
}

/** A team of uplinks, with what each of them carries at the moment. */
export interface TeamView {
  readonly switch: string
  readonly datapathId: string
  readonly name: string
  readonly mode: 'hash' | 'active-backup' | 'lacp'
  /** What tells flows apart; not in `active-backup`. */
  readonly hash?: 'l2' | 'l3' | 'l3l4'
  /** `up`: every uplink is up; `degraded`: some are; `down`: none is. */
  readonly state: 'up' | 'degraded' | 'down'
  readonly uplinks: readonly {
    readonly port: string
    readonly weight: number
    /**
     * `held`: up again, and not used while another one works until it was up for the team's delay. `silent`: it has a
     * carrier, and nobody answers BFD at the other end. `detached`: it has a carrier, and LACP has not taken it in.
     */
    readonly state: 'up' | 'held' | 'silent' | 'detached' | 'down' | 'absent'
    /** Of the 256 slots of flows, those that take this uplink now. */
    readonly slots: number
    /** What it carries, in bit/s over the last two seconds; absent before that was measured. */
    readonly outBps?: number
    readonly inBps?: number
  }[]
  /** Since the controller started. `from` failed, `to` carry its traffic. */
  readonly lastFailover?: {
    readonly time: string
    readonly from: readonly string[]
    readonly to: readonly string[]
  }
  /** Since the controller started. */
  readonly lastRebalancing?: {
    readonly time: string
    /** Slots of flows that moved. */
    readonly slots: number
    /** Bytes on the busiest uplink by its fair share, as measured. */
    readonly before: number
    /** The same bytes, had they gone as they go since. */
    readonly after: number
  }
}

/** What a class of traffic may send, and sends, by one uplink of a hypervisor. Rates are in bit/s. */
export interface ClassView {
  readonly switch: string
  readonly datapathId: string
  readonly uplink: string
  readonly class: ClassName
  /**
   * `held`: what is always its own is what counts; `lent`: classes lend to each other what they do not use; `queued`: queues
   * of the datapath divide the uplink; `unlimited`: the uplink's speed is not known; `disconnected`: nothing is known.
   */
  readonly state: 'held' | 'lent' | 'queued' | 'unlimited' | 'disconnected'
  readonly shares: number
  readonly reservationBps: number
  readonly limitBps?: number
  /** Of the uplink. */
  readonly bandwidthBps?: number
  /** What is always its own while the same is declared. */
  readonly heldBps?: number
  /** What it may send at the moment. */
  readonly rateBps?: number
  /** What it tried to send, and what of that was dropped, in the second read last. */
  readonly useBps?: number
  readonly droppedBps?: number
}

export interface LinkView {
  readonly from: {
    readonly switch: string
    readonly datapathId: string
    readonly port: string
    readonly portNo: number
  }
  readonly to: {
    readonly switch: string
    readonly datapathId: string
    readonly port: string
    readonly portNo: number
  }
  /** `up`: proved by a signed probe; `remembered`: proved before a restart, not yet again; `missing`: declared, never seen. */
  readonly state: 'up' | 'remembered' | 'missing'
  readonly declared: boolean
}

export interface HostView {
  readonly mac: string
  readonly ips: readonly string[]
  readonly switch: string
  readonly datapathId: string
  readonly port: string
  readonly portNo: number
  /** The declared VM with this MAC, if any. */
  readonly vm?: string
  /** The hypervisor's own interface with this MAC, if any, such as `hv1:stor-a`. */
  readonly interface?: string
  /** `as-declared`, `misplaced` (declared elsewhere), `undeclared`, `silent` (declared, nothing heard yet). */
  readonly state: 'as-declared' | 'misplaced' | 'undeclared' | 'silent'
  readonly lastSeen?: string
}

export interface NetworkView {
  readonly name: string
  readonly spec: NetworkSpec
  readonly key: number
  readonly vms: number
  /** Hypervisors' own interfaces in it. */
  readonly interfaces: number
  readonly switches: readonly string[]
  /** Which ports on its ways are too small for its `mtu`; absent where none is known to be. */
  readonly narrow?: string
  readonly state: ObjectState
}

/** A hypervisor's own interface, for storage or migration. */
export interface InterfaceView {
  /** Such as `hv1:stor-a`. */
  readonly id: string
  readonly switch: string
  readonly datapathId: string
  readonly name: string
  readonly network: string
  readonly kind: 'storage' | 'migration'
  readonly mac: string
  readonly ips: readonly string[]
  /** The only uplink that its network takes there. */
  readonly uplink?: string
  /** `unreachable` while that uplink is down. */
  readonly state: ObjectState
}

export interface VmView {
  readonly name: string
  readonly spec: VmSpec
  readonly state: ObjectState
  readonly nics: readonly {
    readonly id: string
    readonly network: string
    readonly mac: string
    readonly ips: readonly string[]
    /** By which hypervisors tell where it is plugged in. */
    readonly iface?: string
    /** Where it is; absent while it is plugged in nowhere. */
    readonly switch?: string
    readonly port?: string
    readonly state: ObjectState
  }[]
}

/** `active` only when every switch in the object's scope confirmed every rule of it. */
export type ObjectState = 'active' | 'pending' | 'refused' | 'port-absent' | 'unplugged' | 'unreachable'

export interface FlowView {
  /** In ovs-ofctl syntax, with table names. */
  readonly text: string
  /** `operator` for what was made by hand. */
  readonly owner: string
  readonly foreign: boolean
  /** True for a rule made by hand that is not shown to keep networks isolated. */
  readonly unproved?: true
  readonly packets: number
  readonly bytes: number
}

/** What an operator changes by hand on one switch, in ovs-ofctl syntax. */
export type FlowChange =
  | {
      readonly kind: 'add'
      readonly flows: readonly string[]
      /** Take rules that are not shown to keep networks isolated, too. */
      readonly unproved: boolean
    }
  /** Only rules that were made by hand are deleted. `strict`: the one with this priority and exactly this match. */
  | { readonly kind: 'delete'; readonly match: string; readonly strict: boolean }

/** What the switch confirmed, as read from it afterwards. */
export interface FlowReceipt {
  readonly switch: string
  readonly datapathId: string
  readonly added: readonly FlowView[]
  readonly deleted: readonly FlowView[]
}

/** Of any but `confirmed` and `unanswered`, nothing was changed. */
export type FlowOutcome =
  | { readonly status: 'confirmed'; readonly receipt: FlowReceipt }
  /** `pointer` is `/flows/0` or `/match`; `column` counts from 1 in that text. */
  | { readonly status: 'invalid'; readonly problems: readonly Problem[] }
  | { readonly status: 'unproved'; readonly violations: readonly Violation[] }
  /** A rule of `owner`, or one that is foreign, has the same table, priority and match. */
  | { readonly status: 'taken'; readonly rule: string; readonly owner: string }
  | { readonly status: 'refused'; readonly refused: readonly RefusedRule[] }
  /** The session ended meanwhile: nothing is known of what is in effect. */
  | { readonly status: 'unanswered' }

/** `over`: it has gone too far for that. */
export type MoveChange =
  | { readonly status: 'done'; readonly move: MoveView }
  | { readonly status: 'absent' }
  | { readonly status: 'over'; readonly move: MoveView }

export interface ControllerEvent {
  /** Increases by one; the SSE `id`. */
  readonly id: number
  readonly time: string
  /** Such as `intent.applied`, `switch.up`, `switch.down`, `link.up`, `link.down`, `host.seen`, `nic.plugged`, `nic.moved`, `ovsdb.up`, `rule.refused`, `uplink.changed`, `team.failover`, `move.planned`, `move.prepared`, `move.transferring`, `move.switched`, `move.settling`, `move.done`, `move.aborting`, `move.aborted`, `team.restored`, `team.rebalanced`. */
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

export interface EventFeed {
  /** Events after `id`, oldest first; `gap` is true when older ones are no longer kept. */
  readonly since: (id: number) => { readonly events: readonly ControllerEvent[]; readonly gap: boolean }
  readonly subscribe: (listener: (event: ControllerEvent) => void) => () => void
}

/** A move: as it is kept, so that nothing of it is told in two ways. */
export type MoveView = Move

export interface MoveWait {
  /** Answer when it has come so far, or is over. */
  readonly until?: 'prepared' | 'switched' | 'done'
  readonly timeoutMs?: number
}

export interface Controller {
  readonly intent: () => { readonly revision: number; readonly spec: IntentSpec }
  readonly apply: (change: Change, options?: ApplyOptions) => Promise<ApplyOutcome>
  readonly plan: (change: Change) => Promise<PlanOutcome>
  readonly switches: () => readonly SwitchView[]
  readonly links: () => readonly LinkView[]
  readonly teams: () => readonly TeamView[]
  readonly classes: () => readonly ClassView[]
  readonly hosts: () => readonly HostView[]
  readonly interfaces: () => readonly InterfaceView[]
  readonly networks: () => readonly NetworkView[]
  readonly vms: () => readonly VmView[]
  /** Which way of moving VMs fits; measures, changes nothing. */
  readonly planMove: (request: PlanRequest) => Promise<MovePlanOutcome>
  /** Newest first. */
  readonly moves: () => readonly MoveView[]
  /** Rejects with `NotStoredError`; then there is no such move. */
  readonly move: (request: MoveRequest, wait?: MoveWait) => Promise<MoveOutcome>
  /** For whoever knows that the guest runs at the destination and cannot make it say so. */
  readonly switchMove: (id: string) => MoveChange
  readonly abortMove: (id: string) => Promise<MoveChange>
  /** What is installed on a switch right now, read from it; undefined when no such switch is connected. */
  readonly flows: (switchName: string) => Promise<readonly FlowView[] | undefined>
  /** Changes rules by hand, outside the program; undefined when no such switch is connected. */
  readonly changeFlows: (switchName: string, change: FlowChange) => Promise<FlowOutcome | undefined>
  readonly drops: () => Promise<
    readonly { readonly switch: string; readonly reason: string; readonly packets: number }[]
  >
  readonly events: EventFeed
  /** Prometheus text. */
  readonly metrics: () => Promise<string>
  /** False while starting or when the store has failed. */
  readonly healthy: () => { readonly ok: boolean; readonly detail: string }
}
