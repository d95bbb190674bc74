/**
 * Which slots of flows change their port so that bytes are shared by weight: as few as will do, since a flow that moves may
 * arrive out of order once. Pure: from what each slot carries to the moves, the same each time.
 */

export interface SharedLoad {
  /** By place of a port: its share; 0 where it takes nothing at the moment. */
  readonly weights: readonly number[]
  /** By slot: the place of the port that carries it now. */
  readonly places: readonly number[]
  /** By slot: bytes in any unit of time, the same for all. */
  readonly bytes: readonly number[]
  /** By slot: whether it may move; one that another port has only lent goes back by itself. */
  readonly movable: readonly boolean[]
}

export interface Rebalancing {
  /** By slot: the place of the port that is to have it. Empty where nothing is to be gained. */
  readonly moves: ReadonlyMap<number, number>
  readonly before: number
  /** As it would have been with these moves. */
  readonly after: number
}

/** Bytes on the busiest port by its fair share that moves are to reach. */
export const goal = 1.01

/** A plan that takes away less than this part of what is uneven is not worth the moves. */
const leastGain = 0.1

/** The load on the busiest port by its fair share; 1 is even, and so is nothing at all. */
export function imbalanceOf(loads: readonly number[], weights: readonly number[]): number {
  const total = sum(loads)
  if (total === 0) return 1
  const share = total / sum(weights)
  return Math.max(...loads.map((load, place) => load / Math.max(weights[place] ?? 0, 1e-9))) / share
}

/** What each port carries. */
export function loadsOf({ weights, places, bytes }: Omit<SharedLoad, 'movable'>): number[] {
  const loads = weights.map(() => 0)
  for (const [slot, place] of places.entries()) loads[place] = (loads[place] ?? 0) + (bytes[slot] ?? 0)
  return loads
}

export function rebalance(load: SharedLoad): Rebalancing {
  const draft = new Draft(load)
  const before = draft.imbalance
  const wanted = Math.max(goal, leastPossible(load))
  while (draft.imbalance > wanted) {
    const step = draft.bestMove() ?? draft.bestSwap()
    if (!step) break
    draft.make(step)
  }
  draft.takeBack(Math.max(wanted, draft.imbalance))
  const { moves, imbalance: after } = draft
  const isWorth = before > wanted && before - after >= leastGain * (before - 1)
  return isWorth ? { moves, before, after } : { moves: new Map(), before, after: before }
}

/** The largest slot cannot be split; below that, and a little for what is beside it, no plan comes. */
function leastPossible({ weights, bytes }: SharedLoad): number {
  const share = sum(bytes) / sum(weights)
  return share === 0 ? 1 : Math.max(...bytes) / Math.max(...weights) / share + (goal - 1)
}

type Step = readonly { readonly slot: number; readonly to: number }[]

/** Slots as they are moved, one step at a time. Each step leaves the busiest port with less, so it ends. */
class Draft {
  readonly #load: SharedLoad
  readonly #places: number[]
  readonly #loads: number[]
  readonly #ports: readonly number[]

  constructor(load: SharedLoad) {
    this.#load = load
    this.#places = [...load.places]
    this.#loads = loadsOf(load)
    this.#ports = [...load.weights.keys()].filter((place) => (load.weights[place] ?? 0) > 0)
  }

  get imbalance(): number {
    return imbalanceOf(this.#loads, this.#load.weights)
  }

  get moves(): ReadonlyMap<number, number> {
    return new Map([...this.#places.entries()].filter(([slot, place]) => place !== this.#load.places[slot]))
  }

  make(step: Step): void {
    for (const { slot, to } of step) {
      const from = this.#places[slot] ?? 0
      this.#loads[from] = (this.#loads[from] ?? 0) - this.#bytes(slot)
      this.#loads[to] = (this.#loads[to] ?? 0) + this.#bytes(slot)
      this.#places[slot] = to
    }
  }

  /** Undoes the moves, small ones first, without which it is no worse than that. */
  takeBack(most: number): void {
    const small = [...this.moves.keys()].toSorted((a, b) => this.#bytes(a) - this.#bytes(b))
    for (const slot of small) {
      const now = this.#places[slot] ?? 0
      this.make([{ slot, to: this.#load.places[slot] ?? 0 }])
      if (this.imbalance > most) this.make([{ slot, to: now }])
    }
  }

  /** Of one slot, away from the busiest port. */
  bestMove(): Step | undefined {
    const steps = this.#slotsOf(this.#busiest()).flatMap((slot) =>
      this.#ports.map((to): Step => [{ slot, to }]),
    )
    return this.#best(steps)
  }

  /** A slot of the busiest port for a smaller one of another. */
  bestSwap(): Step | undefined {
    const busiest = this.#busiest()
    const [own, others] = [this.#slotsOf(busiest), this.#ports.filter((place) => place !== busiest)]
    const steps = others.flatMap((to) =>
      this.#slotsOf(to).flatMap((back) =>
        own
          .filter((slot) => this.#bytes(slot) > this.#bytes(back))
          .map(
            (slot): Step => [
              { slot, to },
              { slot: back, to: busiest },
            ],
          ),
      ),
    )
    return this.#best(steps)
  }

  /** The step after which the busiest port has least and the rest is most even, if that is better than now. */
  #best(steps: readonly Step[]): Step | undefined {
    let best: Step | undefined
    let least = this.#score()
    for (const step of steps) {
      const undo = step.map(({ slot }) => ({ slot, to: this.#places[slot] ?? 0 }))
      this.make(step)
      const score = this.#score()
      this.make(undo)
      if (!isLess(score, least)) continue
      best = step
      least = score
    }
    return best
  }

  /** The busiest port's load for its weight, as far as that is above the goal, then how uneven all are. */
  #score(): readonly [number, number] {
    const share = sum(this.#loads) / sum(this.#load.weights)
    let [most, squares] = [goal, 0]
    for (const place of this.#ports) {
      const weight = this.#load.weights[place] ?? 0
      const relative = (this.#loads[place] ?? 0) / weight / share
      most = Math.max(most, relative)
      squares += weight * relative * relative
    }
    return [most, squares]
  }

  #busiest(): number {
    const relative = (place: number) => (this.#loads[place] ?? 0) / (this.#load.weights[place] ?? 1)
    return this.#ports.reduce((most, place) => (relative(place) > relative(most) ? place : most))
  }

  #slotsOf(place: number): number[] {
    const { movable } = this.#load
    return [...this.#places.keys()].filter(
      (slot) => this.#places[slot] === place && movable[slot] === true && this.#bytes(slot) > 0,
    )
  }

  #bytes(slot: number): number {
    return this.#load.bytes[slot] ?? 0
  }
}

/** Rounding is no gain. */
const noise = 1e-9

function isLess([a, b]: readonly [number, number], [c, d]: readonly [number, number]): boolean {
  return a < c - noise || (a < c + noise && b < d - noise)
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)
