/** What moves need of the controller around them; `controller/mobility.ts` provides it, tests simulate it. */
import type { Intent } from '../model/intent.ts'
import type { Observation } from '../model/observation.ts'
import type { GuestMeasure, HypervisorDriver } from './driver.ts'
import type { Move, MoveNic, MoveReceipt, QemuEnds } from './move.ts'
import type { MovePrediction } from './prediction.ts'

/** A frame that a switch showed instead of taking it in. */
export interface HeldFrame {
  readonly switch: string
  readonly port: string
  readonly frame: Uint8Array
}

/** What a switch answered, and its errors where it refused rules of the move. */
export interface MoveAnswer extends MoveReceipt {
  readonly errors: readonly string[]
}

export interface MoveWorld {
  /** As declared. */
  readonly intent: () => Intent
  /** With every NIC where it is. */
  readonly located: () => Intent
  readonly observation: () => Observation
  /** What the compiler is to know of NICs under way: all of them, by NIC id. Taken up at once. */
  readonly setPassages: (passages: NonNullable<Observation['passages']>) => void
  /**
   * Makes ready what `setPassages` would send, so that it takes no time but the switches' own then; undefined: it is not
   * expected any more. Counts until anything else changes: call it again then.
   */
  readonly rehearse: (name: string, passages: NonNullable<Observation['passages']> | undefined) => void
  /** What every declared switch answers to the program as it is now, and what it refused of this move. */
  readonly receipts: (
    move: Move,
    timeoutMs: number,
  ) => Promise<readonly (MoveReceipt & { readonly errors: readonly string[] })[]>
  /** Declares the move's VMs, and the internal networks that go along, at this hypervisor. Rejects when that cannot be stored. */
  readonly declare: (move: Move, at: 'from' | 'to') => Promise<void>
  /** Tells peers and the physical network where these NICs are now. */
  readonly announce: (host: string, nics: readonly string[]) => void
  /** How many frames came late and were sent after the guest. */
  readonly lateFrames: (move: Move) => Promise<number>
  /** The TCP sessions of its VMs that this end has noted; undefined: it cannot be asked. */
  readonly sessions: (move: Move, at: 'from' | 'to') => Promise<ReadonlySet<string> | undefined>
  /** Takes away at both ends what was noted of its VMs. */
  readonly forgetSessions: (move: Move) => Promise<void>
  /** Puts a frame on its way as if it came in only now. */
  readonly reinject: (held: HeldFrame) => void
  /** Absent where no hypervisor can be spoken to. */
  readonly driver?: (ends: QemuEnds) => HypervisorDriver
  /** What a plan says of a transfer that is about to begin; undefined where it cannot. It takes seconds at most. */
  readonly foretell: (move: Move, measure: () => Promise<GuestMeasure>) => Promise<MovePrediction | undefined>
  readonly now: () => Date
  /** Monotonic milliseconds. */
  readonly clockMs: () => number
  /** Runs once after a delay; returns how to cancel. */
  readonly after: (delayMs: number, run: () => void) => () => void
  readonly onIncident: (code: string, detail: Readonly<Record<string, unknown>>) => void
}

/** Whether the interface is there, as its switch says. */
export function hasPort(world: MoveWorld, { switch: name, port }: MoveNic['to']): boolean {
  const datapathId = world.intent().switches.get(name)?.datapathId ?? ''
  return port !== undefined && world.observation().switches.get(datapathId)?.ports.has(port) === true
}

/** Where a NIC is plugged in on a hypervisor: as the move says or, where it is followed, as the database there says. */
export function portAt(world: MoveWorld, nicId: string, end: MoveNic['to']): string | undefined {
  if (end.port !== undefined) return hasPort(world, end) ? end.port : undefined
  const { switches, vms } = world.intent()
  const host = switches.get(end.switch)
  const nic = vms.get(nicId.slice(0, nicId.indexOf('/')))?.nics.find(({ id }) => id === nicId)
  const attachments = world.observation().attachments?.get(nic?.iface ?? '') ?? []
  const here = attachments.find(
    (one) => one.datapathId === host?.datapathId && one.host === host.ovsdb?.target,
  )
  return here && hasPort(world, { ...end, port: here.port }) ? here.port : undefined
}

/** By an uplink into an unmanaged segment others flood what is for a VM, and its switches learn where a VM speaks. */
export function leadsIntoSegment(world: MoveWorld, { from, to }: Move): boolean {
  const { switches } = world.intent()
  return [from, to].some((name) => switches.get(name)?.uplinks.some(({ segment }) => segment !== undefined))
}

/** Interfaces at the destination that are not there yet, as people call them. */
export function lacking({ nics }: Move, world: MoveWorld): string[] {
  return nics.flatMap(({ nic, to }) =>
    portAt(world, nic, to) === undefined ? `interface ${to.port ?? `of ${nic}`} of ${to.switch}` : [],
  )
}

/** Whether its source's interfaces are gone and its destination's there: then the guest is where it can be. */
export function isReplugged({ nics }: Move, world: MoveWorld, vm: string): boolean {
  const own = nics.filter(({ nic }) => nic.startsWith(`${vm}/`))
  return own.every(({ nic, from, to }) => !hasPort(world, from) && portAt(world, nic, to) !== undefined)
}

export const receiptOf = ({ switch: name, state, confirmedAfterMs }: MoveAnswer): MoveReceipt => ({
  switch: name,
  state,
  ...(confirmedAfterMs !== undefined && { confirmedAfterMs }),
})

export interface Readiness {
  readonly receipts: readonly MoveReceipt[]
  /** The destination has confirmed, and nobody who is connected is still at it. */
  readonly ready: boolean
  readonly why: string
  /** A switch said no. */
  readonly refused?: string
}

export function readiness({ to }: Move, answers: readonly MoveAnswer[]): Readiness {
  const receipts = answers.map(receiptOf)
  const bad = answers.find(({ errors }) => errors.length > 0)
  if (bad) {
    const refused = `${bad.switch} refused: ${bad.errors.join(', ')}`
    return { receipts, ready: false, why: refused, refused }
  }
  const there = receipts.find((one) => one.switch === to)
  const pending = receipts.filter(({ state }) => state === 'pending').map((one) => one.switch)
  if (there?.state !== 'confirmed')
    return { receipts, ready: false, why: `waits for ${to}, which is ${there?.state ?? 'unknown'}` }
  return { receipts, ready: pending.length === 0, why: `waits for ${pending.join(', ')}` }
}

/** Why nothing that comes late is sent after the guest: switches that did not confirm where it is, or refused the rule for that. */
export function whyNotReturned(
  unconfirmed: readonly string[],
  answers: readonly MoveAnswer[],
): string | undefined {
  const refused = answers.filter(({ errors }) => errors.length > 0)
  const why =
    unconfirmed.length > 0
      ? `${unconfirmed.join(', ')} did not confirm`
      : refused.map((one) => `${one.switch} refused: ${one.errors.join(', ')}`).join('; ')
  return why === '' ? undefined : `nothing is sent after the guest: ${why}`
}
