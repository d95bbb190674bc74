/** A token bucket: how many of something may pass per second, with a burst; time is a parameter. */
export interface TokenBucketOptions {
  readonly perSecond: number
  readonly burst: number
}

export class TokenBucket {
  readonly #options: TokenBucketOptions
  #tokens: number
  #filledMs: number

  constructor(options: TokenBucketOptions, nowMs: number) {
    this.#options = options
    this.#tokens = options.burst
    this.#filledMs = nowMs
  }

  /** Takes a token if there is one. */
  take(nowMs: number): boolean {
    const { perSecond, burst } = this.#options
    const gained = ((nowMs - this.#filledMs) / 1000) * perSecond
    if (gained > 0) {
      this.#tokens = Math.min(burst, this.#tokens + gained)
      this.#filledMs = nowMs
    }
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}
