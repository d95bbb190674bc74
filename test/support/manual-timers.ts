/** Timers whose time passes when a test says so. */
export class ManualTimers {
  #nowMs = 0
  readonly #waiting = new Set<{ readonly atMs: number; readonly run: () => void }>()

  readonly after = (delayMs: number, run: () => void): (() => void) => {
    const one = { atMs: this.#nowMs + delayMs, run }
    this.#waiting.add(one)
    return () => this.#waiting.delete(one)
  }

  pass(ms: number): void {
    const endMs = this.#nowMs + ms
    for (;;) {
      const [next] = [...this.#waiting]
        .filter(({ atMs }) => atMs <= endMs)
        .toSorted((a, b) => a.atMs - b.atMs)
      if (!next) break
      this.#waiting.delete(next)
      this.#nowMs = next.atMs
      next.run()
    }
    this.#nowMs = endMs
  }
}
