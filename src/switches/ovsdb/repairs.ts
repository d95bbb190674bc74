/** How soon to put right what somebody else keeps changing: the oftener it was needed, the later. */
const firstMs = 50
const longestMs = 10_000
/** After so long a quiet the next one is the first again. */
const quietMs = 30_000

export class Repairs {
  readonly #now: () => number
  #count = 0
  #lastMs = Number.NEGATIVE_INFINITY

  constructor(now: () => number) {
    this.#now = now
  }

  /** Time left until one may be made. */
  waitMs(): number {
    if (this.#count === 0) return 0
    const sinceMs = this.#now() - this.#lastMs
    if (sinceMs >= quietMs) {
      this.#count = 0
      return 0
    }
    return Math.max(0, Math.min(longestMs, firstMs * 2 ** Math.min(this.#count - 1, 20)) - sinceMs)
  }

  done(): void {
    this.#count += 1
    this.#lastMs = this.#now()
  }

  forget(): void {
    this.#count = 0
  }
}
