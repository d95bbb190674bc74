/**
 * One host's Open vSwitch, as OVSDB has it: tells which VM NICs are plugged in where, and keeps bridges, ports and queues
 * what is wanted, whoever else changes them and whatever restarts. One transaction is in flight at a time; after each the
 * plan is made anew from what the database then says.
 */
import type { ConnectionOptions } from 'node:tls'
import { type Clock, systemClock } from 'ts-openflow'
import { applyPlan, type Applied } from './apply.ts'
import { type Attachment, type AttachmentChanges, AttachmentIndex, isEmpty } from './attachments.ts'
import { OvsdbClient } from './client.ts'
import type { OvsdbIncident, OvsdbLimits } from './client-options.ts'
import type { dial } from './dial.ts'
import { type HostReceipt, interfaceErrors, type ReceiptItem } from './host-receipt.ts'
import type { LinkCode } from './link.ts'
import { bridgePlan, type PlanStep } from './plan.ts'
import { concerns } from './relevance.ts'
import { Repairs } from './repairs.ts'
import { OvsdbSessionEnded } from './requests.ts'
import {
  type SwitchChanges,
  switchDatabase,
  type SwitchRow,
  switchTables,
  type SwitchTables,
} from './tables.ts'
import type { OvsdbTarget } from '../../model/ovsdb-target.ts'
import type { WantedHost } from './wanted.ts'

/** All are called in the turn in which what they tell arrived. */
export interface HostHandlers {
  /** What differs from what was told before; after a reconnect as well. */
  readonly onAttachments?: (changes: AttachmentChanges) => void
  /** Every change of a row, after the attachments that follow from it; `tables` has it already. */
  readonly onRows?: (changes: SwitchChanges) => void
  /** The host's rows are known; attachments were told before. */
  readonly onUp?: () => void
  /** Attachments stay as last known: a lost session is no lost port. */
  readonly onDown?: (ending: { readonly code: LinkCode; readonly detail: string }) => void
  /** What was put right without being asked, after somebody or a restart had changed it. */
  readonly onRepair?: (items: readonly ReceiptItem[]) => void
  readonly onIncident?: (incident: OvsdbIncident) => void
}

export interface HostOptions extends HostHandlers {
  readonly target: OvsdbTarget
  readonly tls?: ConnectionOptions
  readonly limits?: Partial<OvsdbLimits>
  readonly clock?: Clock
  readonly random?: () => number
  readonly dial?: typeof dial
}

interface Ticket {
  readonly settle: (receipt: HostReceipt) => void
  readonly items: Map<string, ReceiptItem>
}

/** Time that changes by others are gathered for before they are looked at. */
const gatherMs = 20
/** Plans in a row that were outdated when they arrived, before waiting a little. */
const maxStale = 5

export class OvsdbHost {
  readonly #client: OvsdbClient<typeof switchTables>
  readonly #attachments: AttachmentIndex
  readonly #handlers: HostHandlers
  readonly #clock: Clock
  readonly #repairs: Repairs
  /** What the database refused, by subject, with the operations: the same is not sent again in this session. */
  readonly #refused = new Map<string, { readonly operations: string; readonly error: string }>()
  #wanted: WantedHost | undefined
  #ticket: Ticket | undefined
  /** What vswitchd's `cur_cfg` must have come to for the ticket. */
  #nextCfg = 0
  #kept: readonly string[] = []
  #isSending = false
  #stale = 0
  #timer: { readonly dueMs: number; readonly cancel: () => void } | undefined
  #isClosed = false

  /** Begins to connect at once. */
  constructor({ target, tls, limits, clock = systemClock, random, dial: call, ...handlers }: HostOptions) {
    this.#handlers = handlers
    this.#clock = clock
    this.#repairs = new Repairs(clock.now)
    this.#client = new OvsdbClient({
      target,
      database: switchDatabase,
      selection: switchTables,
      clock,
      ...(tls && { tls }),
      ...(limits && { limits }),
      ...(random && { random }),
      ...(call && { dial: call }),
      onSynchronised: ({ changes }) => {
        this.#refused.clear()
        // The database may be another one since.
        this.#nextCfg = this.#root?.next_cfg ?? 0
        this.#soon(0)
        this.#tell(changes)
        handlers.onUp?.()
      },
      onChange: (changes) => {
        this.#takeNews(changes)
        this.#tell(changes)
      },
      ...(handlers.onDown && { onDown: handlers.onDown }),
      ...(handlers.onIncident && { onIncident: handlers.onIncident }),
    })
    this.#attachments = new AttachmentIndex(this.#client.replica)
  }

  get isUp(): boolean {
    return this.#client.isUp
  }

  get remote(): string {
    return this.#client.remote
  }

  /** This machine's address, as the host sees it; undefined for unix sockets and when not connected. */
  get localAddress(): string | undefined {
    return this.#client.localAddress
  }

  /** Rows as last known. */
  get tables(): SwitchTables {
    return this.#client.replica.tables
  }

  get attachments(): Iterable<Attachment> {
    return this.#attachments.all.values()
  }

  /** `Open_vSwitch.external_ids:system-id`, which names the host. */
  get systemId(): string | undefined {
    return this.#root?.external_ids.get('system-id')
  }

  /**
   * Makes this so, and keeps it so. Resolves when it is done or refused: when the host is away, once it is back. Rows of
   * this owner that are not wanted are removed, so what is wanted must be whole from the first call on.
   */
  want(wanted: WantedHost): Promise<HostReceipt> {
    if (this.#isClosed) return Promise.resolve({ state: 'closed', items: [], kept: [] })
    this.#settle('superseded')
    this.#wanted = wanted
    this.#refused.clear()
    this.#repairs.forget()
    this.#nextCfg = this.#root?.next_cfg ?? 0
    return new Promise((settle) => {
      this.#ticket = { settle, items: new Map() }
      this.#soon(0)
    })
  }

  /** Ends the session; the host stays as it is. */
  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
    this.#settle('closed')
    this.#client.close()
  }

  get #root(): SwitchRow<'Open_vSwitch'> | undefined {
    const [root] = this.tables.Open_vSwitch.values()
    return root
  }

  #takeNews(changes: SwitchChanges): void {
    if (this.#ticket) this.#soon(0)
    else if (
      this.#wanted &&
      concerns(changes, { wanted: this.#wanted, tables: this.tables, kept: this.#kept })
    ) {
      this.#soon(gatherMs)
    }
  }

  #tell(changes: SwitchChanges): void {
    const told = this.#attachments.take(changes)
    this.#guard(() => {
      if (!isEmpty(told)) this.#handlers.onAttachments?.(told)
    })
    this.#guard(() => this.#handlers.onRows?.(changes))
  }

  /** Looks again after this time, or before if that was said already. */
  #soon(ms: number): void {
    const dueMs = this.#clock.now() + ms
    if (this.#isClosed || (this.#timer && this.#timer.dueMs <= dueMs)) return
    this.#timer?.cancel()
    const cancel = this.#clock.after(ms, () => {
      this.#timer = undefined
      this.#reconcile()
    })
    this.#timer = { dueMs, cancel }
  }

  #reconcile(): void {
    const wanted = this.#wanted
    if (!wanted || this.#isSending || !this.isUp) return
    const plan = bridgePlan(wanted, this.#client.replica)
    this.#kept = plan.kept
    for (const { subject, error } of plan.refused) this.#note({ subject, state: 'refused', error })
    const steps = plan.steps.filter((step) => !this.#wasRefused(step))
    if (steps.length === 0) {
      this.#finish(wanted)
      return
    }
    const waitMs = this.#ticket ? 0 : this.#repairs.waitMs()
    if (waitMs > 0) {
      this.#soon(waitMs)
      return
    }
    this.#isSending = true
    void this.#send(steps)
  }

  async #send(steps: readonly PlanStep[]): Promise<void> {
    const asked = this.#ticket
    let applied: Applied | undefined
    try {
      applied = await applyPlan(steps, (operations) => this.#client.transact(operations))
    } catch (error) {
      // The next session plans anew.
      if (!(error instanceof OvsdbSessionEnded)) this.#incident(error)
    }
    this.#isSending = false
    if (applied) this.#takeApplied(applied, asked)
    this.#stale = applied?.stale === true ? this.#stale + 1 : 0
    this.#soon(this.#stale > maxStale ? 200 : 0)
  }

  #takeApplied({ done, refused, nextCfg }: Applied, asked: Ticket | undefined): void {
    if (nextCfg !== undefined) this.#nextCfg = Math.max(this.#nextCfg, nextCfg)
    const items: ReceiptItem[] = done.map(({ subject }) => ({ subject, state: 'done' }))
    for (const { step, error } of refused) {
      this.#refused.set(step.subject, { operations: signature(step), error })
      items.push({ subject: step.subject, state: 'refused', error })
    }
    if (asked === this.#ticket) for (const item of items) this.#note(item)
    if (asked || items.length === 0) return
    this.#repairs.done()
    this.#guard(() => this.#handlers.onRepair?.(items))
  }

  /** Nothing is left to send: the ticket is settled once vswitchd has taken what was sent. */
  #finish(wanted: WantedHost): void {
    if (!this.#ticket || (this.#root?.cur_cfg ?? 0) < this.#nextCfg) return
    for (const item of interfaceErrors(wanted, this.tables)) this.#note(item)
    const refused = [...this.#ticket.items.values()].some(({ state }) => state === 'refused')
    this.#settle(refused ? 'refused' : 'done', this.#kept)
  }

  #settle(state: HostReceipt['state'], kept: readonly string[] = []): void {
    const ticket = this.#ticket
    this.#ticket = undefined
    ticket?.settle({ state, items: [...ticket.items.values()], kept })
  }

  #note(item: ReceiptItem): void {
    this.#ticket?.items.set(item.subject, item)
  }

  #wasRefused(step: PlanStep): boolean {
    return this.#refused.get(step.subject)?.operations === signature(step)
  }

  #guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.#incident(error)
    }
  }

  #incident(error: unknown): void {
    const detail = error instanceof Error ? error.message : String(error)
    this.#handlers.onIncident?.({ code: 'handler-failed', detail, remote: this.remote })
  }
}

/** Names of rows to come differ from plan to plan. */
const signature = ({ operations }: PlanStep): string =>
  JSON.stringify(operations).replace(/"row\d+"/g, '"row"')
