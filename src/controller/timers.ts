/** Timers that end together; after that none begins. */
export class Timers {
  readonly #running = new Set<NodeJS.Timeout>()
  #closed = false

  /** Runs once after a delay; returns how to cancel. */
  after(delayMs: number, run: () => void): () => void {
    if (this.#closed) return () => undefined
    const timer = setTimeout(() => {
      this.#running.delete(timer)
      run()
    }, delayMs)
    this.#running.add(timer)
    return () => {
      clearTimeout(timer)
      this.#running.delete(timer)
    }
  }

  every(intervalMs: number, run: () => void): void {
    this.after(intervalMs, () => {
      run()
      this.every(intervalMs, run)
    })
  }

  close(): void {
    this.#closed = true
    for (const timer of this.#running) clearTimeout(timer)
    this.#running.clear()
  }
}
