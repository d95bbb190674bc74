/**
 * The loop: a change of intent or observation becomes a program, is proved, made durable and handed to the reconciler.
 * Changes are taken one at a time; waiting for switches is not part of a change's turn.
 */
import { Compiler } from '../compiler/compiler.ts'
import type { Program } from '../compiler/program.ts'
import { changeIntent } from '../model/build.ts'
import { type Changed, type Declaration, emptyDeclaration, type IntentChange } from '../model/declaration.ts'
import { emptyIntent, type Intent } from '../model/intent.ts'
import type { DatapathId, Observation } from '../model/observation.ts'
import type { Problem } from '../model/problem.ts'
import { Prover, type RuleViolation } from '../prover/prover.ts'
import type { SwitchAnswer } from '../reconciler/receipt.ts'
import type { Reconciler } from '../reconciler/reconciler.ts'
import type { Store } from '../store/store.ts'
import { changedIds, type Concerns, concernOf, holders, summaryOf } from './concerns.ts'
import { Rehearsals } from './rehearsals.ts'

export interface LoopOptions {
  readonly store: Store
  readonly reconciler: Reconciler
  readonly observation: () => Observation
  /** Monotonic milliseconds. */
  readonly clockMs: () => number
  readonly now: () => Date
  /** A new program is on its way to the switches. */
  readonly onProgram: (adopted: Adopted) => void
  /** What was observed would need rules that cannot be proved; the program before stays. */
  readonly onUnproved: (untypable: readonly RuleViolation[]) => void
  /** What was observed could not be taken up; the program before stays. */
  readonly onFailed: (error: unknown) => void
}

export interface Adopted {
  readonly program: Program
  /** The intent, with every NIC where it is plugged in; and as it was for the program before. */
  readonly located: Intent
  readonly locatedBefore: Intent
  /** Whose program is another one than before. */
  readonly touched: readonly DatapathId[]
  readonly compileMs: number
}

export interface LoopApplyOptions {
  readonly ifRevision?: number | undefined
  readonly timeoutMs: number
  readonly by: string
}

/** What the switches answered to a change that is durable. */
export interface Applied {
  readonly status: 'applied'
  readonly revision: number
  readonly changed: Changed
  readonly answers: Promise<readonly SwitchAnswer[]>
}

export type NotApplied =
  | { readonly status: 'invalid'; readonly problems: readonly Problem[] }
  | { readonly status: 'conflict'; readonly revision: number }
  | { readonly status: 'absent' }
  | { readonly status: 'unproved'; readonly untypable: readonly RuleViolation[] }

export interface Planned {
  readonly status: 'planned'
  readonly revision: number
  readonly changed: Changed
  readonly before: Program
  readonly after: Program
}

const nothing: Program = { switches: new Map(), obstacles: [] }

export class Loop {
  readonly #options: LoopOptions
  readonly #compiler = new Compiler()
  readonly #prover = new Prover()
  readonly #rehearsals = new Rehearsals()
  #declaration: Declaration = emptyDeclaration
  #revision = 0
  #program = nothing
  #located = emptyIntent
  #turn: Promise<unknown> = Promise.resolve()
  #observed = false

  constructor(options: LoopOptions) {
    this.#options = options
  }

  get declaration(): Declaration {
    return this.#declaration
  }

  get revision(): number {
    return this.#revision
  }

  get program(): Program {
    return this.#program
  }

  /** The intent that the program was made for, with every NIC where it is plugged in. */
  get located(): Intent {
    return this.#located
  }

  /** Takes up what is stored. Rejects with `StoreError`, or when what is stored is no longer valid. */
  async open(): Promise<void> {
    await this.#inTurn(() => this.#takeUp())
  }

  async #takeUp(): Promise<void> {
    const stored = await this.#options.store.load()
    if (stored) {
      const changed = changeIntent(emptyDeclaration, { kind: 'replace', spec: stored.spec })
      if ('problems' in changed)
        throw new Error(`the stored intent is not valid: ${JSON.stringify(changed.problems[0])}`)
      this.#declaration = changed
      this.#revision = stored.revision
    }
    this.#recompute()
  }

  /** Rejects with `StoreError`; then nothing was changed. */
  apply(change: IntentChange, options: LoopApplyOptions): Promise<Applied | NotApplied> {
    return this.#inTurn(async () => {
      const outcome = await this.#apply(change, options)
      // The store was ahead of us; what it has is taken up now. Who named no revision meant the latest.
      const again = outcome.status === 'conflict' && options.ifRevision === undefined
      return again ? this.#apply(change, options) : outcome
    })
  }

  /** What a change would do; nothing is stored or sent. */
  plan(change: IntentChange): Promise<Planned | NotApplied> {
    return this.#inTurn(() => {
      const changed = this.#changed(change)
      if ('status' in changed) return changed
      const before = this.#program
      const compiled = this.#compile(changed)
      this.#recompute()
      if ('status' in compiled) return compiled
      return { status: 'planned', revision: this.#revision, changed, before, after: compiled }
    })
  }

  /**
   * Makes ready what an observation would need that may come next: when just that is observed, it only has to be sent.
   * Undefined: it is not expected any more.
   */
  async rehearse(name: string, observation: Observation | undefined): Promise<void> {
    if (!observation) {
      this.#rehearsals.forget(name)
      return
    }
    await this.#inTurn(() => {
      const { intent } = this.#declaration
      if (this.#rehearsals.find(intent, observation)) return
      const program = this.#compile(this.#declaration, observation)
      if ('status' in program) this.#rehearsals.forget(name)
      else this.#rehearsals.keep(name, { intent, observation, program, located: this.#compiler.located })
      this.#recompute()
    })
  }

  /** The observation changed. Cheap: what changes in one go is compiled in one go. */
  observed(): void {
    if (this.#observed) return
    this.#observed = true
    this.#inTurn(() => {
      this.#observed = false
      this.#recompute()
    }).catch(this.#options.onFailed)
  }

  /** Resolves when no change is under way. */
  async idle(): Promise<void> {
    await this.#inTurn(() => undefined)
  }

  async #apply(change: IntentChange, options: LoopApplyOptions): Promise<Applied | NotApplied> {
    const startedAtMs = this.#options.clockMs()
    if (options.ifRevision !== undefined && options.ifRevision !== this.#revision)
      return { status: 'conflict', revision: this.#revision }
    const changed = this.#changed(change)
    if ('status' in changed) return changed
    const compiled = this.#compile(changed)
    if ('status' in compiled) {
      this.#recompute()
      return compiled
    }
    const compileMs = this.#options.clockMs() - startedAtMs
    const stored = await this.#store(changed, summaryOf(change), options.by)
    if (stored) return stored
    const concerns = concernOf(change)
    const scope = this.#scopeOf(change, { changed, compiled, concerns })
    this.#declaration = changed
    this.#adopt(compiled, compileMs)
    const { timeoutMs } = options
    const answers = this.#options.reconciler.receipt(scope, { timeoutMs, startedAtMs, concerns })
    return { status: 'applied', revision: this.#revision, changed, answers }
  }

  #changed(change: IntentChange): Changed | NotApplied {
    const changed = changeIntent(this.#declaration, change)
    if (!('problems' in changed)) return changed
    return changed.absent ? { status: 'absent' } : { status: 'invalid', problems: changed.problems }
  }

  /**
   * Whose word a change needs: every declared switch's for a whole document; otherwise that of switches whose rules it
   * changes or, when it changes nothing, that have rules of its object. Of those that are declared no more, whoever is
   * connected.
   */
  #scopeOf(
    change: IntentChange,
    { changed, compiled, concerns }: { changed: Changed; compiled: Program; concerns: Concerns },
  ): ReadonlySet<DatapathId> {
    const declared = new Set([...changed.intent.switches.values()].map(({ datapathId }) => datapathId))
    const ids = changed.edits.length === 0 ? holders(compiled, concerns) : changedIds(this.#program, compiled)
    const { reconciler } = this.#options
    const touched = ids.filter((id) => declared.has(id) || reconciler.connected(id))
    return new Set(change.kind === 'replace' ? [...declared, ...touched] : touched)
  }

  /**
   * The proved program of a declaration. The compiler remembers it: whoever does not adopt it recomputes, so that
   * identity goes on telling what changed.
   */
  #compile({ intent }: Declaration, observation = this.#options.observation()): Program | NotApplied {
    const program = this.#compiler.update(intent, observation)
    const untypable = this.#prover.check(program, intent, observation)
    return untypable.length > 0 ? { status: 'unproved', untypable } : program
  }

  /** Undefined when durable; otherwise the program is that of the declaration before, or of the one that the store has. */
  async #store({ edits }: Changed, summary: string, by: string): Promise<NotApplied | undefined> {
    if (edits.length === 0) return undefined
    const time = this.#options.now().toISOString()
    try {
      const outcome = await this.#options.store.commit({
        ifRevision: this.#revision,
        edits,
        time,
        by,
        summary,
      })
      if (outcome.status === 'committed') {
        this.#revision = outcome.revision
        return undefined
      }
      // A write that was said to have failed may have been made all the same.
      await this.#takeUp()
      return { status: 'conflict', revision: this.#revision }
    } catch (error) {
      this.#recompute()
      throw error
    }
  }

  #recompute(): void {
    const startedAtMs = this.#options.clockMs()
    const rehearsed = this.#rehearsals.find(this.#declaration.intent, this.#options.observation())
    const compiled = rehearsed?.program ?? this.#compile(this.#declaration)
    if ('status' in compiled)
      this.#options.onUnproved(compiled.status === 'unproved' ? compiled.untypable : [])
    else this.#adopt(compiled, this.#options.clockMs() - startedAtMs, rehearsed?.located)
  }

  #adopt(program: Program, compileMs: number, located = this.#compiler.located): void {
    const touched = changedIds(this.#program, program)
    const locatedBefore = this.#located
    this.#program = program
    this.#located = located
    this.#options.reconciler.setProgram(program)
    this.#options.onProgram({ program, located: this.#located, locatedBefore, touched, compileMs })
  }

  #inTurn<T>(run: () => T | Promise<T>): Promise<T> {
    const result = this.#turn.then(run)
    this.#turn = result.catch(() => undefined)
    return result
  }
}
