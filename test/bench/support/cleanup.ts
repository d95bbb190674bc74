/** What a benchmark started ends with it: at its end, after an error, and after Ctrl-C. */

type Undo = () => unknown

export class Cleanup {
  readonly #undo: Undo[] = []
  #interrupted = false

  /** Undone in reverse order. */
  add(undo: Undo): void {
    this.#undo.push(undo)
  }

  get interrupted(): boolean {
    return this.#interrupted
  }

  /** Undoes everything added so far; one failure does not keep the rest from being undone. */
  async run(): Promise<void> {
    for (let undo = this.#undo.pop(); undo; undo = this.#undo.pop()) {
      try {
        await undo()
      } catch (error) {
        console.error('while cleaning up:', error)
      }
    }
  }

  /** From now on Ctrl-C and SIGTERM clean up and end the process. */
  catchSignals(): void {
    for (const [signal, status] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      process.on(signal, () => {
        if (this.#interrupted) return
        this.#interrupted = true
        void this.run().then(() => process.exit(status))
      })
    }
  }
}
