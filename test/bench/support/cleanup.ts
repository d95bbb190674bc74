/** What a benchmark started ends with it: at its end, after an error, and after Ctrl-C. */

type Undo = () => unknown

const statuses = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

export class Cleanup {
  readonly #undo: Undo[] = []
  #ending = false

  /** Undone in reverse order. */
  add(undo: Undo): void {
    this.#undo.push(undo)
  }

  /** A signal is ending the process: what fails from now on fails because its processes were ended. */
  get ending(): boolean {
    return this.#ending
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

  /** From now on signals, and errors that nobody caught, clean up and end the process. */
  endWithProcess(): void {
    for (const [signal, status] of Object.entries(statuses)) process.on(signal, () => this.#end(status))
    process.on('uncaughtException', (error) => {
      if (!this.#ending) console.error(error)
      this.#end(1)
    })
  }

  #end(status: number): void {
    if (this.#ending) return
    this.#ending = true
    void this.run().then(() => process.exit(status))
  }
}
