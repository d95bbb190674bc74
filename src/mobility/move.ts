/** A move of VMs between two hypervisors: what was asked, how far it is, and what came of it. Plain values, as they are kept. */
import type { Passage, PassageStage } from '../model/observation.ts'
import type { MovePrediction } from './prediction.ts'

/**
 * `live`: the guest goes on running and its sessions live. `cold`: it is stopped, plugged in elsewhere and started.
 */
export type MoveMethod = 'live' | 'cold'

export const moveMethods: readonly MoveMethod[] = ['live', 'cold']

/**
 * `planned`: waiting for its turn, or for what the destination still lacks. `prepared`: the switches are ready for the guest.
 * `transferring`: the hypervisors' turn. `switched`: frames go to the destination. `settling`: what comes late is sent
 * after it. From anywhere before `switched`, and after it when the hypervisor says that the guest runs at the source again,
 * `aborting` leads to `aborted`.
 */
export type MovePhase =
  | 'planned'
  | 'prepared'
  | 'transferring'
  | 'switched'
  | 'settling'
  | 'done'
  | 'aborting'
  | 'aborted'

/** What told that the guest does not run at the source any more. */
export type MoveSignal = 'hypervisor' | 'frame' | 'unplugged' | 'command'

/** Who moves the guest; without one, an operator or another system does, and the switches are watched. */
export interface QemuEnds {
  readonly kind: 'qemu'
  /** Addresses of QMP, `unix:/path` or `tcp:host:port`. */
  readonly source: string
  readonly destination: string
  /** Where the source sends the guest, such as `tcp:10.9.0.2:4444`. */
  readonly uri: string
}

export interface MoveRequest {
  /** The same request with the same id is the same move. */
  readonly id?: string
  readonly vms: readonly string[]
  /** Name of a hypervisor. */
  readonly to: string
  readonly method?: MoveMethod
  /** By NIC id: the interface at the destination, where it has another name than at the source. */
  readonly ports?: Readonly<Record<string, string>>
  readonly driver?: QemuEnds
  /** How long frames that come late are sent after the guest. */
  readonly settleS?: number
  /** How long it may take until the guest runs at the destination. */
  readonly timeoutS?: number
  /** The switches note its TCP sessions meanwhile, one rule each, so that the report tells how many went on. */
  readonly countSessions?: boolean
}

export interface MoveReceipt {
  readonly switch: string
  readonly state: 'confirmed' | 'refused' | 'pending' | 'disconnected'
  /** From the beginning of the step. */
  readonly confirmedAfterMs?: number
}

export interface MoveStep {
  readonly phase: MovePhase
  /** ISO 8601. */
  readonly time: string
  readonly detail?: string
  /** What switches answered to what it took to come here. */
  readonly receipts?: readonly MoveReceipt[]
  /** The driver may stop the guest from here on. `led`: what is for it goes to the destination, where it waits. */
  readonly stopping?: { readonly led: boolean }
}

export interface MoveReport {
  /** What told that the guest had gone. */
  readonly signal: MoveSignal
  /** From the signal until every switch that was there had confirmed. */
  readonly switchedAfterMs: number
  /** From the last moment that the guest could have spoken at the source until it could at the destination, where both were told. */
  readonly gapMs?: number
  /** For how long what is for the guest had gone to the destination when it was stopped, where we stopped it. */
  readonly aheadMs?: number
  /** Frames that came to the source afterwards and were sent after the guest. */
  readonly lateFrames: number
  /** Frames that came from the port that the guest had left: a duplicate, or a guest that was started again there. */
  readonly sourceFrames: number
  /** TCP sessions in which it had sent something shortly before, and those of them in which it did while it settled. */
  readonly sessions?: { readonly before: number; readonly carried: number }
  /** As the hypervisor counted. */
  readonly transfer?: { readonly totalMs: number; readonly downtimeMs: number; readonly bytes: number }
}

/** One NIC of the move. */
export interface MoveNic {
  readonly nic: string
  readonly from: Passage['from']
  readonly to: Passage['to']
}

export interface Move {
  readonly id: string
  readonly method: MoveMethod
  readonly vms: readonly string[]
  readonly from: string
  readonly to: string
  readonly nics: readonly MoveNic[]
  /** Internal networks that go with their VMs. */
  readonly networks: readonly string[]
  /** `noticed`: a NIC was plugged in on a second hypervisor. */
  readonly origin: 'asked' | 'noticed'
  readonly driver?: QemuEnds
  readonly settleS: number
  readonly timeoutS: number
  readonly countSessions?: true
  readonly phase: MovePhase
  /** The switches have confirmed all that the guest needs at the destination. */
  readonly flowsReady: boolean
  readonly timeline: readonly MoveStep[]
  /** Of a transfer by us, as a plan has it. */
  readonly prediction?: MovePrediction
  readonly report?: MoveReport
  /** Why it was aborted. */
  readonly reason?: string
}

export const defaultSettleS = 5
export const defaultTimeoutS = 600

const over: readonly MovePhase[] = ['done', 'aborted']
const beforeSwitch: readonly MovePhase[] = ['planned', 'prepared', 'transferring']

export const isOver = ({ phase }: Pick<Move, 'phase'>): boolean => over.includes(phase)
export const canAbort = ({ phase }: Pick<Move, 'phase'>): boolean => beforeSwitch.includes(phase)

/** What a step may change besides. */
export type MoveChange = Partial<Pick<Move, 'flowsReady' | 'prediction' | 'report' | 'reason'>>

/** The move one step on. */
export function stepped(move: Move, step: MoveStep, change: MoveChange = {}): Move {
  return { ...move, ...change, phase: step.phase, timeline: [...move.timeline, step] }
}

/** What the compiler is to know of it: nothing before it begins or once it is over. */
export function passagesOf(move: Move, stage: PassageStage, noted?: true): [string, Passage][] {
  return move.nics.map(({ nic, from, to }) => [nic, { from, to, stage, ...(noted && { noted }) }])
}

/** What was kept before the driver might stop the guest; undefined: it may not have. */
export const stoppingOf = ({ timeline }: Move): MoveStep['stopping'] =>
  timeline.find(({ stopping }) => stopping !== undefined)?.stopping

/** Then nothing can come late. */
export const wasLed = ({ report }: Move): boolean => (report?.aheadMs ?? 0) > 0

/** Where a step leaves the guest's frames. */
export function stageOf(move: Move): PassageStage {
  if (move.phase === 'switched' || move.phase === 'settling' || move.method === 'cold') return 'arrived'
  return move.phase === 'transferring' && stoppingOf(move)?.led === true ? 'led' : 'awaited'
}
