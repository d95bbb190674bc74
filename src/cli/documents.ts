/** Sends a topology file to the controller, and shows the mistakes that it found as if they were found here. */
import { formatProblems } from '../model/format-problems.ts'
import { type Answer, type Client, RefusedError } from './client.ts'
import { CliError, type Io, readInput } from './io.ts'
import { plural, type Session } from './session.ts'

export interface Document {
  readonly file: string
  readonly text: string
}

export async function readDocument(io: Io, file: string): Promise<Document> {
  return { file, text: await readInput(io, file) }
}

interface Sending {
  readonly session: Session
  readonly client: Client
  readonly method: 'PUT' | 'POST'
  readonly path: string
}

/** The answer, with what a switch refused among the answers: that document is stored. */
export async function sendDocument(
  { session: { io, colour }, client, method, path }: Sending,
  { file, text }: Document,
): Promise<Answer> {
  try {
    return await client.send({ method, path, body: text, contentType: 'application/yaml' })
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error
    if (error.status === 422) return { status: 422, body: error.document }
    const { violations } = error.document
    if (error.problems.length > 0) {
      io.err(formatProblems(error.problems, { fileName: file, text, color: colour }))
      throw new CliError(
        `${file}: ${plural(error.problems.length, 'problem')}; nothing was changed`,
        error.exitCode,
      )
    }
    if (Array.isArray(violations))
      for (const { switch: name, owner, rule, reason } of violations as Readonly<Record<string, string>>[])
        io.err(`${name}: ${owner}: ${reason}\n    ${rule}\n`)
    throw error
  }
}
