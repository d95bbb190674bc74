/**
 * All moves: those that wait, those under way and the last that are over. It gives each journey its turn and its share of the
 * migration network, and tells it what switches and databases show.
 */
import type { Intent } from '../model/intent.ts'
import type { Observation, Passage, PassageStage } from '../model/observation.ts'
import { deferred } from './deferred.ts'
import { canAbort, isOver, type Move, type MoveRequest, passagesOf, stageOf } from './move.ts'
import { Journey } from './journey.ts'
import { noticed } from './noticed.ts'
import { planned } from './requests.ts'
import { shareAgain, shareOf, type WholeBps } from './shares.ts'
import { type HeldFrame, isReplugged, leadsIntoSegment, type MoveWorld, portAt } from './world.ts'
import type { Problem } from '../model/problem.ts'

export interface MovesOptions {
  readonly world: MoveWorld
  /** All that is to be known after a restart. Resolves when it is durable. */
  readonly remember: (kept: unknown) => Promise<void>
  readonly recall: () => Promise<unknown>
  /** A step that is kept. */
  readonly onStep: (move: Move) => void
  /** What transfers may use together, if anything says. */
  readonly bandwidthBps: WholeBps
  /** How many go on at once; the others wait. */
  readonly mostActive?: number
}

export type MoveOutcome =
  | { readonly status: 'accepted'; readonly move: Move; readonly created: boolean }
  | { readonly status: 'invalid'; readonly problems: readonly Problem[] }
  /** Another move has this id. */
  | { readonly status: 'conflict'; readonly move: Move }

const defaultMostActive = 8
const keptWhenOver = 100
/** Several changes in one go are rehearsed in one go. */
const rehearseAfterMs = 20

interface Kept {
  readonly moves: readonly Move[]
  readonly nextNumber: number
}

export class Moves {
  readonly #options: MovesOptions
  readonly #moves = new Map<string, Move>()
  readonly #journeys = new Map<string, Journey>()
  readonly #passages = new Map<string, Passage>()
  #nextNumber = 1
  #writing: Promise<void> = Promise.resolve()
  #closed = false
  #rehearsing = false
  #stepped = deferred<undefined>()

  constructor(options: MovesOptions) {
    this.#options = options
  }

  /** Takes up what was under way. Call before the first program is made: `resume` when switches may be spoken to. */
  async open(): Promise<void> {
    const { moves = [], nextNumber = 1 } = ((await this.#options.recall()) ?? {}) as Partial<Kept>
    this.#nextNumber = nextNumber
    for (const move of moves) {
      this.#moves.set(move.id, move)
      if (isOver(move) || move.phase === 'planned' || move.phase === 'aborting') continue
      for (const [nic, passage] of passagesOf(move, stageOf(move))) this.#passages.set(nic, passage)
    }
    if (this.#passages.size > 0) this.#options.world.setPassages(this.passages)
  }

  get passages(): ReadonlyMap<string, Passage> {
    return new Map(this.#passages)
  }

  /** Goes on with what was under way. */
  resume(): void {
    this.#next()
  }

  /** Newest first. */
  get list(): readonly Move[] {
    return [...this.#moves.values()].toReversed()
  }

  get(id: string): Move | undefined {
    return this.#moves.get(id)
  }

  async ask(request: MoveRequest): Promise<MoveOutcome> {
    const known = request.id === undefined ? undefined : this.#moves.get(request.id)
    if (known) {
      const same = known.to === request.to && known.vms.join() === [...new Set(request.vms)].join()
      return same ? { status: 'accepted', move: known, created: false } : { status: 'conflict', move: known }
    }
    const { world } = this.#options
    const id = request.id ?? `${request.vms[0] ?? 'move'}-${this.#nextNumber}`
    const time = world.now().toISOString()
    const outcome = planned(request, {
      intent: world.intent(),
      located: world.located(),
      time,
      id,
      moving: this.#moving(),
    })
    if ('problems' in outcome) return { status: 'invalid', problems: outcome.problems }
    this.#nextNumber += 1
    await this.#save(outcome.move)
    this.#next()
    return { status: 'accepted', move: outcome.move, created: true }
  }

  /** The guest runs at the destination, or is about to: for whoever knows and has no other way to say so. */
  switchNow(id: string): boolean {
    const journey = this.#journeys.get(id)
    journey?.signalAll('command')
    return journey !== undefined
  }

  /** True when it is being aborted, or was. */
  async abort(id: string, reason: string): Promise<boolean> {
    const move = this.#moves.get(id)
    const journey = this.#journeys.get(id)
    if (!move) return false
    if (journey) return journey.abort(reason)
    if (move.phase !== 'planned') return move.phase === 'aborted'
    const time = this.#options.world.now().toISOString()
    const step = { phase: 'aborted', time, detail: reason } as const
    await this.#save({ ...move, phase: 'aborted', reason, timeline: [...move.timeline, step] })
    return true
  }

  /** Intent or observation are others now. */
  look(): void {
    const { world } = this.#options
    for (const journey of this.#journeys.values()) {
      const { move } = journey
      const lost = move.vms.find((name) => !world.intent().vms.has(name))
      if (lost !== undefined) journey.abort(`VM ${lost} is not declared any more`)
      for (const vm of move.vms) if (isReplugged(move, world, vm)) journey.signal(vm, 'unplugged')
      if (move.origin === 'noticed' && !this.#isThere(move)) journey.abort(`unplugged on ${move.to} again`)
    }
    this.#notice(world.intent(), world.located(), world.observation())
    this.#rehearseSoon()
  }

  /** A switch showed a frame that it did not take in. */
  frameShown(held: HeldFrame): void {
    if (this.#journeys.size === 0 || held.frame.length < 14) return
    const { world } = this.#options
    const source = Buffer.from(held.frame.buffer, held.frame.byteOffset).readUIntBE(6, 6)
    for (const journey of this.#journeys.values()) {
      const { move } = journey
      for (const { nic, from, to } of move.nics) {
        const [vm = ''] = nic.split('/')
        if (
          world
            .intent()
            .vms.get(vm)
            ?.nics.find(({ id }) => id === nic)?.mac !== source
        )
          continue
        if (to.switch === held.switch && portAt(world, nic, to) === held.port) {
          journey.hold(held)
          journey.signal(vm, 'frame')
        } else if (from.switch === held.switch && from.port === held.port) {
          journey.sourceSpoke()
          world.onIncident('moved-vm-at-source', {
            move: move.id,
            nic,
            switch: held.switch,
            port: held.port,
            detail:
              'a frame came from the port that the VM has left: a duplicate, or it was started there again',
          })
        }
      }
    }
  }

  /** Resolves with the next step of any move. */
  get stepped(): Promise<undefined> {
    return this.#stepped.promise
  }

  /** Leaves all as it is. */
  async close(): Promise<void> {
    this.#closed = true
    for (const journey of this.#journeys.values()) journey.close()
    await this.#writing
  }

  #moving(): Map<string, string> {
    return new Map(
      [...this.#moves.values()]
        .filter((move) => !isOver(move))
        .flatMap(({ id, vms }) => vms.map((vm) => [vm, id] as const)),
    )
  }

  #isThere({ nics }: Move): boolean {
    return nics.some(({ nic, to }) => portAt(this.#options.world, nic, to) !== undefined)
  }

  #notice(intent: Intent, located: Intent, observation: Observation): void {
    const moving = this.#moving()
    for (const move of noticed({
      intent,
      located,
      observation,
      moving,
      time: this.#options.world.now().toISOString(),
    })) {
      const id = `${move.vms[0] ?? ''}-${this.#nextNumber++}`
      void this.#save({ ...move, id }).then(() => this.#next())
    }
  }

  /** Begins as many as may go on at once. */
  #next(): void {
    if (this.#closed) return
    const { mostActive = defaultMostActive } = this.#options
    for (const move of this.#moves.values()) {
      if (this.#journeys.size >= mostActive) break
      if (!isOver(move) && !this.#journeys.has(move.id)) this.#begin(move)
    }
  }

  #begin(move: Move): void {
    const { world } = this.#options
    const journey = new Journey({
      move,
      world,
      save: (next) => this.#save(next),
      setPassage: (stage, noted) => this.#setPassage(move, stage, noted),
      bandwidthBps: () => shareOf(move, this.#journeys.values(), this.#options.bandwidthBps),
    })
    this.#journeys.set(move.id, journey)
    void journey.run().then(() => {
      this.#journeys.delete(move.id)
      for (const stage of rehearsed) world.rehearse(rehearsalOf(move, stage), undefined)
      if (this.#closed) return
      shareAgain(this.#journeys.values(), this.#options.bandwidthBps)
      this.#next()
    })
    this.look()
  }

  #setPassage(move: Move, stage: PassageStage | undefined, noted?: true): void {
    for (const { nic } of move.nics) this.#passages.delete(nic)
    if (stage) for (const [nic, passage] of passagesOf(move, stage, noted)) this.#passages.set(nic, passage)
    this.#options.world.setPassages(this.passages)
  }

  /** What the switches are to be told when a guest has gone is made ready while it has not. */
  #rehearseSoon(): void {
    if (this.#rehearsing || this.#journeys.size === 0) return
    this.#rehearsing = true
    const { world } = this.#options
    world.after(rehearseAfterMs, () => {
      this.#rehearsing = false
      for (const { move } of this.#journeys.values()) {
        const awaits = move.method === 'live' && canAbort(move)
        const leads = move.driver !== undefined && !leadsIntoSegment(world, move)
        for (const stage of rehearsed) {
          const noted = stage === 'led' ? move.countSessions : undefined
          const then = new Map([...this.#passages, ...passagesOf(move, stage, noted)])
          world.rehearse(rehearsalOf(move, stage), awaits && (leads || stage !== 'led') ? then : undefined)
        }
      }
    })
  }

  async #save(move: Move): Promise<void> {
    this.#moves.set(move.id, move)
    const over = [...this.#moves.values()].filter(isOver)
    for (const { id } of over.slice(0, Math.max(over.length - keptWhenOver, 0))) this.#moves.delete(id)
    const kept: Kept = { moves: [...this.#moves.values()], nextNumber: this.#nextNumber }
    this.#writing = this.#writing.then(() =>
      this.#options.remember(kept).catch((error: unknown) => {
        this.#options.world.onIncident('moves-not-kept', { error: String(error) })
      }),
    )
    await this.#writing
    this.#options.onStep(move)
    this.#stepped.resolve(undefined)
    this.#stepped = deferred()
  }
}

/** What may come once the guest is about to go, or has gone. */
const rehearsed = ['led', 'arrived', 'returning'] as const

const rehearsalOf = ({ id }: Move, stage: PassageStage): string => `${id}, ${stage}`
