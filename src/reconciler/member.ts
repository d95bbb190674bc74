/** One switch and what is under way with it: one read or one send at a time, over the session that it has now. */
import type { Fixtures } from '../compiler/program.ts'
import type { DatapathId } from '../model/observation.ts'
import { fixtureMods, readInstalled, type ReadResult, syncFixtures } from './read.ts'
import type { Standing } from './receipt.ts'
import type { Installed, SwitchTable } from './switch-table.ts'
import type { Target } from './target.ts'

export interface MemberOptions {
  readonly id: DatapathId
  readonly table: SwitchTable
  readonly clockMs: () => number
  /** What was under way is over, well or not. */
  readonly onFree: () => void
  /** A read or a send broke off; what the switch has is unknown now. */
  readonly onBroken: (error: unknown) => void
}

/** Audits in a row that something was sent into, before one is made that nothing can be sent into. */
const disturbedAudits = 3
/** A switch rests so many times as long as its last audit took: audits cost a fiftieth of the time at most. */
const auditRest = 50

const ignored = () => undefined

export class Member {
  readonly id: DatapathId
  readonly table: SwitchTable
  readonly #options: MemberOptions
  #target: Target | undefined
  #busySinceMs: number | undefined
  #freed: Promise<void> = Promise.resolve()
  #pausing = false
  /** What it is busy with changes nothing that is compared. */
  #lending = false
  /** How often it was occupied: whether anything was sent while something else went on. */
  #occupations = 0
  #auditing = false
  #auditsDisturbed = 0
  #nextAuditMs = 0
  /** Those that the switch is known to have. */
  #fixtures: Fixtures | undefined

  constructor(options: MemberOptions) {
    this.id = options.id
    this.table = options.table
    this.#options = options
  }

  get target(): Target | undefined {
    return this.#target
  }

  /** Resolves when what is under way is over. Never rejects. */
  get freed(): Promise<void> {
    return this.#freed
  }

  /** The session to use now; none while it is busy, pausing or away. */
  get ready(): Target | undefined {
    return this.#busySinceMs === undefined && !this.#pausing ? this.#target : undefined
  }

  /** Whether its flows and fixtures have to be read before anything is sent. */
  get unread(): boolean {
    return !this.table.known || this.#fixtures !== this.table.program?.fixtures
  }

  /** Busy since then or later, and with more to come than was settled before. */
  isBusySince(sinceMs: number): boolean {
    return this.#busySinceMs !== undefined && this.#busySinceMs > sinceMs && !this.table.settled
  }

  standing(nowMs: number): Standing {
    if (!this.#target) return 'disconnected'
    const quiet = (this.#busySinceMs === undefined || this.#lending) && !this.unread
    return quiet && this.table.pending(nowMs).length === 0 ? 'settled' : 'working'
  }

  /** Undefined when its session ended. Nothing is known of what a new session's switch has. */
  connect(target: Target | undefined): void {
    this.#target = target
    this.#busySinceMs = undefined
    this.#lending = false
    this.#pausing = false
    this.#auditsDisturbed = 0
    this.#nextAuditMs = 0
    this.#fixtures = undefined
    this.table.forget()
  }

  /** Leaves it alone until `resume`, and then reads it anew: what it has is unknown. */
  pause(): void {
    this.#pausing = true
    this.table.forget()
  }

  resume(target: Target): void {
    if (this.#target === target) this.#pausing = false
  }

  /** Runs something over the session; its outcome counts only if the session is still the same. */
  occupy<T>(target: Target, run: () => Promise<T>, done: (outcome: T) => void): Promise<void> {
    this.#occupations++
    return this.#hold(target, run, done)
  }

  /**
   * Runs something that changes nothing that audits compare. False when it was not the moment: the switch is away, busy
   * or not yet as its program wants it; or when nothing came of it.
   */
  async lend(run: (target: Target) => Promise<boolean>): Promise<boolean> {
    const target = this.ready
    if (!target || this.unread) return false
    let isDone = false
    this.#lending = true
    await this.#hold(
      target,
      () => run(target),
      (outcome) => {
        isDone = outcome
      },
    )
    return isDone
  }

  /**
   * Runs something when nothing else is under way, and takes what it found installed as the truth. Undefined when the
   * switch is away, is being taken up again after something broke off, or did not answer.
   */
  async turn<T extends { readonly installed: Installed }>(
    run: (target: Target) => Promise<T>,
  ): Promise<T | undefined> {
    while (this.#target && this.#busySinceMs !== undefined) await this.#freed
    const target = this.ready
    let outcome: T | undefined
    if (target)
      await this.occupy(
        target,
        () => run(target),
        (result) => {
          this.table.read(result.installed)
          outcome = result
        },
      )
    return outcome
  }

  /** Sets its fixtures and reads its flows. */
  read(target: Target, done: (result: ReadResult) => void): Promise<void> {
    const fixtures = this.table.program?.fixtures
    const read = async () => {
      if (fixtures) await syncFixtures(target, fixtures)
      return readInstalled(target)
    }
    return this.occupy(target, read, (result) => {
      this.#fixtures = fixtures
      this.table.read(result.installed)
      done(result)
    })
  }

  /**
   * Reads its flows beside whatever is sent meanwhile, and takes them as the truth if nothing was. After several audits
   * that something was sent into, the switch is occupied for one. Large tables are audited less often.
   */
  async audit(target: Target, done: (result: ReadResult) => void): Promise<void> {
    const startedMs = this.#options.clockMs()
    if (this.#auditing || this.unread || this.ready !== target || startedMs < this.#nextAuditMs) return
    if (this.#auditsDisturbed >= disturbedAudits) {
      this.#auditsDisturbed = 0
      return this.read(target, done)
    }
    this.#auditing = true
    const occupations = this.#occupations
    try {
      const wanted = this.table.program?.fixtures
      const { due, surplus } = wanted ? await fixtureMods(target, wanted) : { due: [], surplus: [] }
      const result = await readInstalled(target)
      const undisturbed = this.ready === target && this.#occupations === occupations
      this.#auditsDisturbed = undisturbed ? 0 : this.#auditsDisturbed + 1
      if (undisturbed) this.table.read(result.installed)
      if (undisturbed && due.length > 0) this.#fixtures = undefined
      // Nothing of ours uses them any more, and nothing is about to.
      else if (
        undisturbed &&
        surplus.length > 0 &&
        this.table.settled &&
        this.table.program?.fixtures === wanted
      )
        await this.occupy(target, () => target.sendFixtures(surplus), ignored)
      if (this.#target === target) done(result)
    } catch (error) {
      if (this.ready === target) this.#options.onBroken(error)
    } finally {
      this.#auditing = false
      const nowMs = this.#options.clockMs()
      this.#nextAuditMs = nowMs + auditRest * (nowMs - startedMs)
      this.#options.onFree()
    }
  }

  #hold<T>(target: Target, run: () => Promise<T>, done: (outcome: T) => void): Promise<void> {
    this.#busySinceMs = this.#options.clockMs()
    this.#freed = this.#run(target, run, done)
    return this.#freed
  }

  async #run<T>(target: Target, run: () => Promise<T>, done: (outcome: T) => void): Promise<void> {
    try {
      const outcome = await run()
      if (this.#target === target) done(outcome)
    } catch (error) {
      if (this.#target === target) this.#options.onBroken(error)
    } finally {
      if (this.#target === target) {
        this.#busySinceMs = undefined
        this.#lending = false
      }
      this.#options.onFree()
    }
  }
}
