/** How many TCP sessions of a move's guests went on, from what switches note: only where that is asked for. */
import type { Move, MoveReport } from './move.ts'
import type { MoveWorld } from './world.ts'

/**
 * A switch that begins to note has what it does with frames cached for many sessions at once, and notes for each such entry
 * the session that made it, which may be over. So what is noted at first is thrown away.
 */
const afreshMs = 300

export class SessionCount {
  readonly #move: Move
  readonly #world: MoveWorld
  #left = false
  #before: Promise<ReadonlySet<string> | undefined> = Promise.resolve(undefined)

  constructor(move: Move, world: MoveWorld) {
    this.#move = move
    this.#world = world
  }

  /** For passages. */
  get noted(): true | undefined {
    return this.#move.countSessions
  }

  /** Its source notes them from now on. */
  begin(): void {
    if (!this.noted) return
    this.#world.after(afreshMs, () => {
      if (!this.#left) void this.forget()
    })
  }

  /** The guest has left. What its source has noted by now is what may go on: it runs out soon. */
  left(): void {
    this.#left = true
    if (this.noted) this.#before = this.#world.sessions(this.#move, 'from')
  }

  /** Whether it is known what may go on. */
  async isKnown(): Promise<boolean> {
    return (await this.#before) !== undefined
  }

  async carried(): Promise<MoveReport['sessions']> {
    const before = await this.#before
    const after = before && (await this.#world.sessions(this.#move, 'to'))
    return after && { before: before.size, carried: [...before].filter((key) => after.has(key)).length }
  }

  /** At both ends. */
  async forget(): Promise<void> {
    if (this.noted) await this.#world.forgetSessions(this.#move)
  }
}
