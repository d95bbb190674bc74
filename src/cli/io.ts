/** What a command may touch of the world, so that tests run commands in process. */

export interface Io {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether a person reads: progress lines and colours. */
  readonly outIsTerminal: boolean
  readonly errIsTerminal: boolean
  /** Reads a file as text; `-` is standard input. */
  readonly readFile: (path: string) => Promise<string>
  /** Ends the command early: what it waits for is given up. */
  readonly signal: AbortSignal
}

/** Exit codes of every command; `throwbar --help` shows them. */
export const exit = {
  done: 0,
  /** The controller or a check said no, and nothing was changed. */
  refused: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** Stored, but not every switch has confirmed everything. */
  incomplete: 3,
  /** No controller answered. */
  unreachable: 4,
  /** Throwbar itself is wrong. */
  failed: 5,
} as const

/** A failure that the user can do something about: printed as two lines, without a stack. */
export class CliError extends Error {
  readonly exitCode: number
  /** What to do. */
  readonly hint: string | undefined

  constructor(message: string, exitCode: number, hint?: string) {
    super(message)
    this.name = 'CliError'
    this.exitCode = exitCode
    this.hint = hint
  }
}

/** Why a file cannot be read or written, in words. */
export function fileProblem(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string }
  return fileProblems[code ?? ''] ?? message ?? String(error)
}

const fileProblems: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
}

export async function readInput(io: Io, path: string): Promise<string> {
  try {
    return await io.readFile(path)
  } catch (error) {
    throw new CliError(`cannot read ${path}: ${fileProblem(error)}`, exit.usage)
  }
}
