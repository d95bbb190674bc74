/**
 * Makes every connected switch equal to the program, in rounds: one in flight per switch, receivers before senders
 * across switches, each stage confirmed before the next. A slow or dead switch holds up nobody but itself.
 */
import type { FlowEntry } from 'ts-openflow'
import type { Program, SwitchProgram } from '../compiler/program.ts'
import type { DatapathId } from '../model/observation.ts'
import { stageOf, stages, type Operation } from './plan.ts'
import { readInstalled, syncMeters } from './read.ts'
import { Ticket, type Standing, type SwitchAnswer } from './receipt.ts'
import { sendPlan } from './send.ts'
import { SwitchTable, type Refusal } from './switch-table.ts'
import type { Target } from './target.ts'
import type { Unsettled } from './unsettled.ts'

export interface ReconcilerOptions {
  readonly clockMs: () => number
  /** Calls back once after a delay; returns how to cancel. */
  readonly setTimer: (callback: () => void, delayMs: number) => () => void
  /** How long one stage waits for a switch before the others go on without it. */
  readonly stageTimeoutMs?: number
  readonly onConfirmed?: (id: DatapathId, operations: readonly Operation[]) => void
  readonly onRefused?: (id: DatapathId, refusal: Refusal) => void
  /** A switch's table was read, at its connection or by an audit: counters are in it. */
  readonly onRead?: (id: DatapathId, entries: readonly FlowEntry[]) => void
  /** A read or a send broke off; the switch is taken up again when it reconnects. */
  readonly onBroken?: (id: DatapathId, error: unknown) => void
}

export interface SwitchStatus {
  readonly state: 'converged' | 'converging' | 'refused' | 'disconnected'
  readonly rules: number
  readonly foreignRules: number
  readonly refusals: readonly Refusal[]
}

interface Member {
  readonly id: DatapathId
  readonly table: SwitchTable
  target: Target | undefined
  busy: boolean
  /** After a read or send broke off in a living session: not before this time again. */
  notBeforeMs: number
  meters: SwitchProgram['meters'] | undefined
}

interface Work {
  readonly member: Member
  readonly target: Target
  readonly operations: readonly Operation[]
}

const defaultStageTimeoutMs = 1_000
const retryCheckMs = 5_000
const brokenPauseMs = 1_000

export class Reconciler {
  readonly #options: ReconcilerOptions
  readonly #members = new Map<DatapathId, Member>()
  readonly #tickets = new Set<Ticket>()
  #running = false
  #again = false
  #held = false
  #cancelRetry: (() => void) | undefined

  constructor(options: ReconcilerOptions) {
    this.#options = options
  }

  /**
   * While held, a switch that already carries our rules is left as it is: after a restart it is not changed
   * before the world it was programmed for is known again. A switch without our rules is programmed at once.
   */
  hold(held: boolean): void {
    this.#held = held
    this.#kick()
  }

  setProgram(program: Program): void {
    for (const [id, switchProgram] of program.switches) this.#member(id).table.want(switchProgram)
    for (const [id, member] of this.#members) {
      if (!program.switches.has(id) && !member.target) this.#members.delete(id)
    }
    this.#kick()
  }

  switchUp(target: Target): void {
    const member = this.#member(target.datapathId)
    member.target = target
    member.busy = false
    member.notBeforeMs = 0
    member.meters = undefined
    member.table.forget()
    this.#kick()
  }

  switchDown(id: DatapathId, target: Target): void {
    const member = this.#members.get(id)
    if (member?.target !== target) return
    member.target = undefined
    member.busy = false
    member.table.forget()
    this.#settle()
  }

  /** Reads the switch again and heals what somebody else changed. Does nothing while a round is in flight there. */
  audit(id: DatapathId): void {
    const member = this.#members.get(id)
    if (!member?.target || member.busy || !member.table.known) return
    void this.#read(member, member.target)
  }

  /** Resolves when every switch in `scope` has confirmed, refused or gone away, or after `timeoutMs`. */
  receipt(
    scope: Iterable<DatapathId>,
    timeoutMs: number,
    startedAtMs: number,
  ): Promise<readonly SwitchAnswer[]> {
    const ticket = new Ticket(scope, startedAtMs)
    this.#tickets.add(ticket)
    const cancel = this.#options.setTimer(() => {
      ticket.settle(this.#standing, this.#options.clockMs(), true)
      this.#tickets.delete(ticket)
    }, timeoutMs)
    this.#settle()
    return ticket.answers.finally(cancel)
  }

  status(id: DatapathId): SwitchStatus {
    const member = this.#members.get(id)
    const refusals = member ? [...member.table.refusals.values()] : []
    const standing = this.#standing(id)
    const state =
      standing === 'disconnected'
        ? 'disconnected'
        : standing === 'working'
          ? 'converging'
          : refusals.length > 0
            ? 'refused'
            : 'converged'
    const { installedCount: rules = 0, foreignCount: foreignRules = 0 } = member?.table ?? {}
    return { state, rules, foreignRules, refusals }
  }

  unsettled(): Unsettled {
    const owners = new Map<string, 'pending' | 'refused'>()
    for (const { table } of this.#members.values()) table.unsettled(owners)
    return { owners, unknown: (id) => this.#members.get(id)?.table.known !== true }
  }

  /** Who owns the rule with this key on a switch, if it is one that should be there. */
  ownerOf(id: DatapathId, key: string): string | undefined {
    return this.#members.get(id)?.table.wanted(key)?.owner
  }

  close(): void {
    this.#cancelRetry?.()
    this.#members.clear()
    this.#settle()
  }

  readonly #standing = (id: DatapathId): Standing => {
    const member = this.#members.get(id)
    if (!member?.target) return 'disconnected'
    const { table } = member
    const quiet = table.known && !member.busy && member.meters === table.program?.meters
    return quiet && table.pending(this.#options.clockMs()).length === 0 ? 'settled' : 'working'
  }

  #member(id: DatapathId): Member {
    let member = this.#members.get(id)
    if (!member) {
      const table = new SwitchTable((key, refusal) => {
        for (const ticket of this.#tickets) ticket.refused(id, key, refusal)
        this.#options.onRefused?.(id, refusal)
      })
      member = { id, table, target: undefined, busy: false, notBeforeMs: 0, meters: undefined }
      this.#members.set(id, member)
    }
    return member
  }

  #kick(): void {
    if (this.#running) {
      this.#again = true
      return
    }
    this.#running = true
    void this.#rounds()
  }

  async #rounds(): Promise<void> {
    do {
      await this.#round()
      this.#settle()
    } while (this.#calledAgain())
    this.#running = false
    this.#scheduleRetry()
  }

  #calledAgain(): boolean {
    const again = this.#again
    this.#again = false
    return again
  }

  async #round(): Promise<void> {
    const work: Work[] = []
    const nowMs = this.#options.clockMs()
    for (const member of this.#members.values()) {
      const { target, table } = member
      if (!target || member.busy || !table.program || member.notBeforeMs > nowMs) continue
      if (!table.known || member.meters !== table.program.meters) void this.#read(member, target)
      else if (!(this.#held && table.installedCount > 0)) {
        const operations = table.pending(nowMs)
        if (operations.length > 0) work.push({ member, target, operations })
      }
    }
    // One switch alone needs no stages: its bundle is atomic.
    if (work.length === 1) await this.#stage(work)
    else
      for (const stage of stages)
        await this.#stage(restrict(work, (operation) => stageOf(operation) === stage))
  }

  /** Sends to all at once and waits for the slowest, but not longer than the stage's time. */
  async #stage(work: readonly Work[]): Promise<void> {
    const sends = work.filter(({ member, target }) => !member.busy && member.target === target)
    if (sends.length === 0) return
    const all = Promise.all(sends.map((one) => this.#send(one)))
    await withinTime(all, this.#options.stageTimeoutMs ?? defaultStageTimeoutMs, this.#options.setTimer)
  }

  async #send({ member, target, operations }: Work): Promise<void> {
    member.busy = true
    try {
      const { confirmed, refused } = await sendPlan(target, operations)
      if (member.target !== target) return
      member.table.confirm(confirmed)
      for (const ticket of this.#tickets) ticket.confirmed(member.id, confirmed)
      this.#options.onConfirmed?.(member.id, confirmed)
      for (const { operation, error } of refused) {
        member.table.refuse(operation, error, this.#options.clockMs())
      }
    } catch (error) {
      this.#broken(member, target, error)
    } finally {
      this.#free(member, target)
    }
  }

  async #read(member: Member, target: Target): Promise<void> {
    member.busy = true
    const meters = member.table.program?.meters ?? []
    try {
      if (member.meters !== meters) await syncMeters(target, meters)
      const { installed, entries } = await readInstalled(target)
      if (member.target !== target) return
      member.meters = meters
      member.table.read(installed)
      this.#options.onRead?.(member.id, entries)
    } catch (error) {
      this.#broken(member, target, error)
    } finally {
      this.#free(member, target)
    }
  }

  #broken(member: Member, target: Target, error: unknown): void {
    if (member.target !== target) return
    this.#options.onBroken?.(member.id, error)
    // What the switch has is unknown now: read it before anything else is sent.
    member.table.forget()
    member.notBeforeMs = this.#options.clockMs() + brokenPauseMs
    this.#options.setTimer(() => this.#kick(), brokenPauseMs)
  }

  #free(member: Member, target: Target): void {
    if (member.target === target) member.busy = false
    this.#kick()
  }

  #settle(): void {
    for (const ticket of this.#tickets) {
      if (ticket.settle(this.#standing, this.#options.clockMs())) this.#tickets.delete(ticket)
    }
  }

  /** Refused rules wait for their time; look again now and then while there are any. */
  #scheduleRetry(): void {
    this.#cancelRetry?.()
    this.#cancelRetry = undefined
    const waiting = [...this.#members.values()].some(({ target, table }) => target && table.refusals.size > 0)
    if (waiting) this.#cancelRetry = this.#options.setTimer(() => this.#kick(), retryCheckMs)
  }
}

function restrict(work: readonly Work[], keep: (operation: Operation) => boolean): Work[] {
  return work
    .map((one) => ({ ...one, operations: one.operations.filter(keep) }))
    .filter(({ operations }) => operations.length > 0)
}

async function withinTime(
  work: Promise<unknown>,
  timeoutMs: number,
  setTimer: ReconcilerOptions['setTimer'],
): Promise<void> {
  let cancel: () => void = () => undefined
  const timeout = new Promise<void>((resolve) => {
    cancel = setTimer(resolve, timeoutMs)
  })
  await Promise.race([work, timeout])
  cancel()
}
