/**
 * One move under way, from beginning to end, as the steps that it takes. Each step is kept before the next begins, so that a
 * controller that starts again goes on where the last one was; all that a step does can be done twice.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { PassageStage } from '../model/observation.ts'
import { Abort, messageOf } from './abort.ts'
import { Arrival } from './arrival.ts'
import { Carriage } from './carriage.ts'
import { deferred } from './deferred.ts'
import {
  canAbort,
  type Move,
  type MoveChange,
  type MovePhase,
  type MoveReport,
  type MoveSignal,
  type MoveStep,
  stageOf,
  stepped,
  stoppingOf,
  wasLed,
} from './move.ts'
import { SessionCount } from './session-count.ts'
import {
  type HeldFrame,
  lacking,
  leadsIntoSegment,
  type MoveWorld,
  readiness,
  receiptOf,
  whyNotReturned,
} from './world.ts'

export interface JourneyOptions {
  readonly move: Move
  readonly world: MoveWorld
  /** Resolves when it is durable. */
  readonly save: (move: Move) => Promise<void>
  /** Where the compiler is to see its NICs; undefined: nothing of it. `noted`: and note their sessions. */
  readonly setPassage: (stage: PassageStage | undefined, noted?: true) => void
  /** What a transfer may use. */
  readonly bandwidthBps: () => number | undefined
}

const receiptTimeoutMs = 10_000
/** Between two looks at what the destination lacks. */
const lookAgainMs = 50
/** The first frames of a guest that has just arrived: an announcement for each NIC, and what it was about to say. */
const mostHeld = 64
/** What can wait does: a guest that has just arrived has all to fetch anew, and on small machines shares its cores with us. */
const breathMs = 100
/** A guest that is about to be stopped does not wait longer for switches. */
const leadTimeoutMs = 50
/** What was on its way to the source when the last switch had confirmed. */
const onItsWayMs = 1
/** A full disk may be made room on. */
const storeAgainMs = 5_000

export class Journey {
  #move: Move
  readonly #options: JourneyOptions
  readonly #held: HeldFrame[] = []
  readonly #arrival: Arrival
  readonly #carriage: Carriage
  readonly #sessions: SessionCount
  readonly #abort = deferred<never>()
  /** The guest may run at the destination. */
  readonly #opened = deferred<undefined>()
  #sourceFrames = 0
  #closed = false

  constructor(options: JourneyOptions) {
    this.#options = options
    this.#move = options.move
    this.#arrival = new Arrival({
      vms: options.move.vms,
      clockMs: options.world.clockMs,
      onStopping: () => this.#lead(),
      opened: this.#opened.promise,
      onFailed: (reason) => this.#abort.reject(new Abort(reason)),
    })
    this.#sessions = new SessionCount(options.move, options.world)
    this.#carriage = new Carriage(options.move, options.world, this.#arrival.listener())
    this.#abort.promise.catch(() => undefined)
  }

  get move(): Move {
    return this.#move
  }

  get transfers(): boolean {
    return this.#carriage.isUnderWay
  }

  /** From wherever it is; resolves when it is over, or when this controller closes. */
  async run(): Promise<void> {
    try {
      if (this.#is('aborting')) throw new Abort(this.#move.reason ?? 'aborted')
      if (this.#is('planned')) await this.#prepare()
      if (this.#is('prepared', 'transferring')) await this.#transferGuest()
      if (this.#is('switched')) await this.#switched()
      if (this.#is('settling')) await this.#settle()
    } catch (error) {
      if (this.#closed) return
      if (!(error instanceof Abort))
        this.#world.onIncident('move', { move: this.#move.id, error: String(error) })
      await this.#takeBack(error instanceof Error ? error.message : String(error))
    } finally {
      this.#carriage.close()
    }
  }

  /** The guest of a VM does not run at the source any more, or is seen at the destination. */
  signal(vm: string, by: MoveSignal): void {
    this.#arrival.signal(vm, by)
  }

  /** All of its guests. */
  signalAll(by: MoveSignal): void {
    this.#arrival.all(by)
  }

  /** A frame at the destination, before that was open. */
  hold(held: HeldFrame): void {
    if (this.#is('switched', 'settling')) this.#world.reinject(held)
    else if (this.#held.length < mostHeld) this.#held.push(held)
  }

  /** A frame at the port that the guest had left. */
  sourceSpoke(): void {
    this.#sourceFrames += 1
  }

  /** True when it will be aborted, or is. */
  abort(reason: string): boolean {
    if (!canAbort(this.#move)) return this.#is('aborting', 'aborted')
    if (!this.#carriage.cancel(reason)) this.#abort.reject(new Abort(reason))
    return true
  }

  limit(bandwidthBps: number): void {
    this.#carriage.limit(bandwidthBps)
  }

  /** Leaves it as it is, for the next controller. */
  close(): void {
    this.#closed = true
    this.#abort.reject(new Abort('the controller stops'))
  }

  get #world(): MoveWorld {
    return this.#options.world
  }

  #is(...phases: readonly MovePhase[]): boolean {
    return phases.includes(this.#move.phase)
  }

  async #step(
    phase: MovePhase,
    { detail, receipts, stopping, ...change }: Omit<MoveStep, 'phase' | 'time'> & MoveChange = {},
  ): Promise<void> {
    const time = this.#world.now().toISOString()
    const more = { ...(receipts && { receipts }), ...(stopping && { stopping }) }
    const step = { phase, time, ...(detail !== undefined && { detail }), ...more }
    this.#move = stepped(this.#move, step, change)
    await this.#options.save(this.#move)
  }

  /** Everything at the destination is there, and confirmed, before the guest is. */
  async #prepare(): Promise<void> {
    const { method } = this.#move
    const late = this.#carriage.deadline(this.#move.timeoutS)
    await this.#carriage.check()
    // A guest that is stopped has nothing to lose at the source.
    this.#options.setPassage(stageOf(this.#move), this.#sessions.noted)
    this.#sessions.begin()
    for (;;) {
      const missing = method === 'cold' ? [] : lacking(this.#move, this.#world)
      const { receipts, refused, ready, why } = readiness(
        this.#move,
        await this.#world.receipts(this.#move, receiptTimeoutMs),
      )
      if (refused !== undefined) throw new Abort(refused)
      if (missing.length === 0 && ready) {
        await this.#step('prepared', { receipts, flowsReady: method === 'live' })
        late.cancel()
        return
      }
      // It was moved without waiting for us.
      if (this.#arrival.atMs !== undefined) {
        await this.#step('prepared', { receipts, detail: 'the guest did not wait', flowsReady: false })
        late.cancel()
        return
      }
      await this.#tell(missing.length > 0 ? `waits for ${missing.join(', ')}` : why)
      await Promise.race([this.#sleep(lookAgainMs), this.#abort.promise, this.#arrival.told, late.promise])
    }
  }

  /** Only told when it is something else than before: what a user is to do is in the last step's detail. */
  async #tell(detail: string): Promise<void> {
    if (this.#move.timeline.at(-1)?.detail !== detail) await this.#step('planned', { detail })
  }

  async #transferGuest(): Promise<void> {
    const late = this.#carriage.deadline(this.#move.timeoutS)
    const again = this.#is('transferring')
    this.#options.setPassage(stageOf(this.#move), this.#sessions.noted)
    if (again) this.#carriage.takeUp(this.#move, this.#options.bandwidthBps())
    else {
      const foretold = this.#carriage.foretold(this.#move)
      const prediction = await Promise.race([foretold, this.#abort.promise, late.promise])
      await this.#step('transferring', prediction ? { prediction } : {})
      this.#carriage.begin(this.#options.bandwidthBps())
    }
    if (this.#move.method === 'cold') await this.#awaitPlug(late.promise)
    else await Promise.race([this.#arrival.told, this.#abort.promise, late.promise])
    late.cancel()
    await this.#switchOver()
  }

  async #awaitPlug(late: Promise<never>): Promise<void> {
    while (lacking(this.#move, this.#world).length > 0)
      await Promise.race([this.#sleep(lookAgainMs), this.#abort.promise, late])
    this.#arrival.all('unplugged')
  }

  /**
   * The guest is about to be stopped: what is for it goes to the destination from now on and waits there, so that nothing
   * comes to where it does not run any more. Kept before the guest is stopped: the next controller must know.
   */
  async #lead(): Promise<void> {
    const { method, networks } = this.#move
    if (!this.#is('transferring')) return
    const led = method === 'live' && networks.length === 0 && !leadsIntoSegment(this.#world, this.#move)
    if (led) this.#options.setPassage('led', this.#sessions.noted)
    const answered = led ? this.#world.receipts(this.#move, leadTimeoutMs) : undefined
    // What is to be sent goes first.
    await nextTurn()
    const kept = stoppingOf(this.#move) ? undefined : this.#step('transferring', { stopping: { led } })
    const answers = await answered
    if (answers) this.#arrival.led()
    const confirmed = answers?.every(({ state }) => state === 'confirmed') === true
    await Promise.all([kept, confirmed ? this.#sleep(onItsWayMs) : undefined])
  }

  /** The moment itself: all switches at once, and the step is kept while they are at it. */
  async #switchOver(): Promise<void> {
    const startedMs = this.#arrival.atMs ?? this.#world.clockMs()
    const goesAlong = this.#move.networks.length > 0 ? this.#world.declare(this.#move, 'to') : undefined
    this.#options.setPassage('arrived')
    const answered = this.#world.receipts(this.#move, receiptTimeoutMs)
    // What is to be sent goes first.
    await nextTurn()
    const kept = this.#step('switched')
    const answers = await answered
    const readyMs = this.#world.clockMs()
    this.#opened.resolve(undefined)
    this.#sessions.left()
    await Promise.all([kept, goesAlong])
    for (const held of this.#held.splice(0)) this.#world.reinject(held)
    const report: MoveReport = {
      signal: await this.#arrival.told,
      switchedAfterMs: readyMs - startedMs,
      ...this.#arrival.gap(readyMs),
      lateFrames: 0,
      sourceFrames: 0,
    }
    const receipts = answers.map(receiptOf)
    const refused = answers.flatMap(({ errors }) => errors).join(', ')
    await this.#step('switched', { receipts, report, ...(refused && { detail: `refused: ${refused}` }) })
  }

  /** What comes late is sent after the guest; its word to all who knew it elsewhere; the hypervisor's last word on the transfer. */
  async #switched(): Promise<void> {
    const { move } = this
    this.#options.setPassage('arrived')
    this.#opened.resolve(undefined)
    const receipts =
      move.timeline.findLast(({ phase }) => phase === 'switched')?.receipts ??
      (await this.#world.receipts(move, receiptTimeoutMs)).map(receiptOf)
    const away = receipts.filter(({ state }) => state !== 'confirmed').map((one) => one.switch)
    const returns = move.method === 'live' && away.length === 0 && !wasLed(this.#move)
    if (returns) this.#options.setPassage('returning')
    this.#carriage.takeUp(move, this.#options.bandwidthBps())
    if (wasLed(this.#move)) await this.#sleep(breathMs)
    this.#announce(move.to)
    if (this.#carriage.isUnderWay) {
      const { report } = this.#move
      const told = await Promise.race([this.#arrival.transferred(report), this.#abort.promise])
      this.#move = { ...this.#move, ...(told && { report: told }) }
      this.#announce(move.to)
    }
    const answers = returns ? await this.#world.receipts(move, receiptTimeoutMs) : []
    const detail = whyNotReturned(away, answers)
    await this.#step('settling', detail === undefined ? {} : { detail })
  }

  /** Frames that were on their way are sent after the guest for a while more; then nothing of the move is left. */
  async #settle(): Promise<void> {
    const { settleS, method } = this.#move
    const settles = method === 'live' && this.#move.timeline.at(-1)?.detail === undefined
    const stage = settles && !wasLed(this.#move) ? 'returning' : 'arrived'
    this.#options.setPassage(stage)
    if (settles) await this.#sleep(breathMs)
    const counts = settles && (await this.#sessions.isKnown())
    if (counts) this.#options.setPassage(stage, true)
    await this.#declared()
    if (settles) await Promise.race([this.#sleep(settleS * 1_000), this.#abort.promise])
    const lateFrames = settles ? await this.#world.lateFrames(this.#move) : 0
    const sessions = counts ? await this.#sessions.carried() : undefined
    this.#options.setPassage(undefined)
    const receipts = (await this.#world.receipts(this.#move, receiptTimeoutMs)).map(receiptOf)
    await this.#sessions.forget()
    const { report } = this.#move
    const told = { lateFrames, sourceFrames: this.#sourceFrames, ...(sessions && { sessions }) }
    await this.#step('done', { receipts, ...(report && { report: { ...report, ...told } }) })
  }

  /** What is declared follows, so that a whole document applied later does not bring the guest's old place back unseen. */
  async #declared(): Promise<void> {
    for (;;) {
      try {
        await this.#world.declare(this.#move, 'to')
        return
      } catch (error) {
        this.#world.onIncident('move', {
          move: this.#move.id,
          error: messageOf(error),
          retryAfterMs: storeAgainMs,
        })
        await Promise.race([this.#sleep(storeAgainMs), this.#abort.promise])
      }
    }
  }

  async #takeBack(reason: string): Promise<void> {
    const wasSwitched = this.#is('switched', 'settling')
    await this.#step('aborting', { reason, detail: reason, flowsReady: false })
    if (wasSwitched) await this.#world.declare(this.#move, 'from')
    this.#options.setPassage(undefined)
    const answers = await this.#world.receipts(this.#move, receiptTimeoutMs)
    if (wasSwitched) this.#announce(this.#move.from)
    await this.#sessions.forget()
    await this.#step('aborted', { receipts: answers.map(receiptOf) })
  }

  #announce(host: string): void {
    this.#world.announce(
      host,
      this.#move.nics.map(({ nic }) => nic),
    )
  }

  async #sleep(ms: number): Promise<void> {
    await nextTurn()
    await new Promise<void>((resolve) => {
      this.#world.after(ms, resolve)
    })
  }
}
