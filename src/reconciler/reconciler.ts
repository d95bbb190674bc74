/**
 * Makes every connected switch equal to the program, in rounds: one in flight per switch, receivers before senders
 * across switches, each stage confirmed before the next. A slow or dead switch holds up nobody but itself.
 */
import type { FlowEntry, FlowMod } from 'ts-openflow'
import type { Program } from '../compiler/program.ts'
import type { DatapathId } from '../model/observation.ts'
import type { Owner } from '../pipeline/rule.ts'
import { type LentRate, sendLent } from './lend.ts'
import { Member } from './member.ts'
import { type OperatorOutcome, sendOperators } from './operator.ts'
import { stageOf, stages, type Operation, type Stage } from './plan.ts'
import type { ReadResult } from './read.ts'
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
  /** Made by hand. */
  readonly operatorRules: number
  readonly refusals: readonly Refusal[]
}

export interface ReceiptOptions {
  readonly timeoutMs: number
  readonly startedAtMs: number
  /** Owners whose rules the receipt is about, when they were refused before; all unless told. */
  readonly concerns?: (owner: Owner) => boolean
}

const everyOwner = () => true

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
    this.#member(target.datapathId).connect(target)
    this.#kick()
  }

  switchDown(id: DatapathId, target: Target): void {
    const member = this.#members.get(id)
    if (member?.target !== target) return
    member.connect(undefined)
    this.#settle()
  }

  /** Whether the switch has a session. */
  connected(id: DatapathId): boolean {
    return this.#members.get(id)?.target !== undefined
  }

  /** Reads the switch again, beside its rounds, and heals what somebody else changed. Does nothing while it is busy. */
  audit(id: DatapathId): void {
    const member = this.#members.get(id)
    if (member?.ready) void member.audit(member.ready, this.#onRead(id))
  }

  /**
   * Sends rules that an operator made, between the switch's rounds. Undefined when it is away or did not answer: nothing
   * is known then of what became of them.
   */
  async operate(id: DatapathId, flows: readonly FlowMod[]): Promise<OperatorOutcome | undefined> {
    const member = this.#members.get(id)
    const sent = await member?.turn((target) =>
      sendOperators(target, flows, (key) => member.table.wanted(key)?.owner),
    )
    return sent?.outcome
  }

  /**
   * Sets adaptive meters to these rates, and renews the lease under which they count. False when that was not the moment,
   * or when the switch refused a part of it or did not answer: what was lent before stands until its lease runs out.
   */
  async lend(id: DatapathId, rates: readonly LentRate[]): Promise<boolean> {
    const member = this.#held ? undefined : this.#members.get(id)
    return (await member?.lend((target) => sendLent(target, rates))) ?? false
  }

  /**
   * Flow-mods about rules that are no part of the program. False when that was not the moment, or when the switch refused
   * them or did not answer.
   */
  async aside(id: DatapathId, flows: readonly FlowMod[]): Promise<boolean> {
    const member = this.#held ? undefined : this.#members.get(id)
    await member?.freed
    return (await member?.lend(async (target) => (await target.commit(flows)).ok)) ?? false
  }

  /** Resolves when every switch in `scope` has confirmed, refused or gone away, or after `timeoutMs`. */
  receipt(
    scope: Iterable<DatapathId>,
    { timeoutMs, startedAtMs, concerns = everyOwner }: ReceiptOptions,
  ): Promise<readonly SwitchAnswer[]> {
    const ids = new Set(scope)
    const ticket = new Ticket(ids, startedAtMs)
    this.#tickets.add(ticket)
    // What was refused before and still is has not been confirmed by being asked for again.
    for (const id of ids) {
      for (const [key, refusal] of this.#members.get(id)?.table.refusals ?? []) {
        if (concerns(refusal.rule.owner)) ticket.refused(id, key, refusal)
      }
    }
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
    return { state, rules, foreignRules, operatorRules: member?.table.operatorCount ?? 0, refusals }
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

  readonly #standing = (id: DatapathId): Standing =>
    this.#members.get(id)?.standing(this.#options.clockMs()) ?? 'disconnected'

  #member(id: DatapathId): Member {
    let member = this.#members.get(id)
    if (!member) {
      const table = new SwitchTable((key, refusal) => {
        for (const ticket of this.#tickets) ticket.refused(id, key, refusal)
        this.#options.onRefused?.(id, refusal)
      })
      const made = new Member({
        id,
        table,
        clockMs: this.#options.clockMs,
        onFree: () => this.#kick(),
        onBroken: (error) => this.#broken(made, error),
      })
      member = made
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
    this.#readUnread()
    // With nobody to wait for, what is to be sent is sent before anything else that its cause brings about.
    const busy = this.#busy()
    if (busy.length > 0) {
      await this.#withinStage(busy.map(({ freed }) => freed))
      this.#readUnread()
    }
    const work: Work[] = []
    const nowMs = this.#options.clockMs()
    for (const member of this.#members.values()) {
      const { ready: target, table } = member
      if (!target || !table.program || (this.#held && table.installedCount > 0)) continue
      const operations = table.pending(nowMs)
      if (operations.length > 0) work.push({ member, target, operations })
    }
    // One switch alone needs no stages: its bundle is atomic.
    if (work.length === 1) await this.#stage(work)
    else for (const stage of stages) await this.#stage(restrict(work, stage))
  }

  #readUnread(): void {
    for (const member of this.#members.values()) {
      const { ready: target, table } = member
      if (target && table.program && member.unread) this.#read(member, target)
    }
  }

  /**
   * Switches that are being read or written and have something to come: others may be about to send toward them. Nobody
   * waits for them longer than a stage's time since each became busy.
   */
  #busy(): readonly Member[] {
    const sinceMs = this.#options.clockMs() - this.#stageTimeoutMs
    return [...this.#members.values()].filter((member) => member.isBusySince(sinceMs))
  }

  /** Sends to all at once and waits for the slowest, but not longer than the stage's time. */
  async #stage(work: readonly Work[]): Promise<void> {
    const sends = work.filter(({ member, target }) => member.ready === target)
    if (sends.length > 0) await this.#withinStage(sends.map((one) => this.#send(one)))
  }

  get #stageTimeoutMs(): number {
    return this.#options.stageTimeoutMs ?? defaultStageTimeoutMs
  }

  #withinStage(work: readonly Promise<void>[]): Promise<void> {
    return withinTime(Promise.all(work), this.#stageTimeoutMs, this.#options.setTimer)
  }

  #send({ member, target, operations }: Work): Promise<void> {
    const { id, table } = member
    return member.occupy(
      target,
      () => sendPlan(target, operations),
      ({ confirmed, refused }) => {
        table.confirm(confirmed)
        for (const ticket of this.#tickets) ticket.confirmed(id, confirmed)
        this.#options.onConfirmed?.(id, confirmed)
        for (const { operation, error } of refused) table.refuse(operation, error, this.#options.clockMs())
      },
    )
  }

  #read(member: Member, target: Target): void {
    void member.read(target, this.#onRead(member.id))
  }

  #onRead(id: DatapathId): (result: ReadResult) => void {
    return ({ entries }) => this.#options.onRead?.(id, entries)
  }

  #broken(member: Member, error: unknown): void {
    const { target } = member
    this.#options.onBroken?.(member.id, error)
    member.pause()
    this.#options.setTimer(() => {
      if (target) member.resume(target)
      this.#kick()
    }, brokenPauseMs)
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

/** The part of the work that belongs to a stage, without what is no longer wanted: a newer program has come since. */
function restrict(work: readonly Work[], stage: Stage): Work[] {
  const keep = ({ member: { table } }: Work, operation: Operation) =>
    stageOf(operation) === stage && table.wants(operation)
  return work
    .map((one) => ({ ...one, operations: one.operations.filter((operation) => keep(one, operation)) }))
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
