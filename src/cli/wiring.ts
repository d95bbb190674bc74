/** What the command line needs from the rest of the program besides REST: to start a controller, and to prove a file. */
import type { ProgramReport } from '../check.ts'
import type { Intent } from '../model/intent.ts'
import { CliError, exit } from './io.ts'
import type { RunOptions } from './options.ts'

export interface Wiring {
  /** Resolves when the controller runs; a signal stops it in order. Rejects with CliError when it cannot start. */
  readonly startController: (options: RunOptions) => Promise<void>
  /** Absent: files are validated, not proved. */
  readonly checkProgram?: (intent: Intent) => Promise<ProgramReport>
}

/** Loads the controller and the compiler only when a command needs them: most commands speak REST and start fast. */
export const wiring: Wiring = {
  checkProgram: async (intent) => (await import('../check.ts')).checkProgram(intent),
  startController: async (options) => {
    const { startController, StartError } = await import('../main.ts')
    const { stop } = await startController(options).catch((error: unknown) => {
      if (error instanceof StartError) throw new CliError(error.message, exit.refused)
      throw error
    })
    // The second signal finds no handler and ends the process at once.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop())
  },
}
