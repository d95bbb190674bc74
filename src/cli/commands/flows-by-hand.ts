/** `throwbar flows SWITCH add|del`: asks for rules by hand, and shows what the switch confirmed or why nothing was done. */
import type { FlowReceipt } from '../../api/controller.ts'
import { formatProblems } from '../../model/format-problems.ts'
import { type Client, RefusedError, type SendRequest } from '../client.ts'
import { CliError, exit, readInput } from '../io.ts'
import { type OutputFormat, plural, print, type Session } from '../session.ts'
import { printable } from '../table.ts'

export interface ByHand {
  readonly path: string
  readonly verb: Verb
  /** Rules to add, or the match that chooses what to delete. */
  readonly texts: readonly string[]
  readonly options: {
    readonly strict?: boolean
    readonly unproved?: boolean
    readonly output: OutputFormat
  }
}

export type Verb = 'add' | 'del'

export async function changeByHand(session: Session, client: Client, asked: ByHand): Promise<void> {
  const { path, verb, options } = asked
  const texts = asked.texts[0] === '-' && verb === 'add' ? await linesOfInput(session) : asked.texts
  const query = new URLSearchParams({ match: texts[0] ?? '', strict: String(options.strict === true) })
  const request: SendRequest =
    verb === 'add'
      ? {
          method: 'POST',
          path,
          body: JSON.stringify({ flows: texts, unproved: options.unproved === true }),
        }
      : { method: 'DELETE', path: `${path}?${query.toString()}` }
  const receipt = (await send(session, { client, request, texts })) as FlowReceipt
  if (options.output === 'table') session.io.out(describeReceipt(receipt))
  else print(session, receipt, options.output, () => ({ columns: [], rows: [] }))
  const unproved = receipt.added.filter((flow) => flow.unproved === true).length
  if (unproved > 0) session.io.err(warning(receipt.switch, unproved))
}

/** One rule a line; empty lines and comments are skipped. */
async function linesOfInput({ io }: Session): Promise<string[]> {
  const lines = (await readInput(io, '-')).split('\n').map((line) => line.trim())
  const texts = lines.filter((line) => line !== '' && !line.startsWith('#'))
  if (texts.length === 0) throw new CliError('standard input has no rule', exit.usage)
  return texts
}

/** The answer to a request; a mistake in a text is shown with the text and a mark under its place. */
async function send(
  { io, colour }: Session,
  { client, request, texts }: { client: Client; request: SendRequest; texts: readonly string[] },
): Promise<unknown> {
  try {
    return (await client.send(request)).body
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error
    if (error.status === 504) throw new CliError(error.message, exit.incomplete)
    if (error.problems.length > 0) {
      for (const problem of error.problems) {
        const text = texts[Number(/^\/flows\/(\d+)$/.exec(problem.pointer)?.[1] ?? 0)] ?? ''
        io.err(formatProblems([{ ...problem, pointer: '' }], { fileName: 'rule', text, color: colour }))
      }
      throw new CliError(`${plural(error.problems.length, 'problem')}; nothing was changed`, error.exitCode)
    }
    const { violations, refused } = error.document
    const blamed = [violations, refused].flatMap((list) =>
      Array.isArray(list) ? (list as { rule: string }[]) : [],
    )
    for (const { rule } of blamed) io.err(`    ${printable(rule)}\n`)
    if (error.type.endsWith(':unproved-by-hand'))
      throw new CliError(error.message, error.exitCode, unprovedHint)
    throw error
  }
}

const unprovedHint = '--unproved takes such rules all the same'

function describeReceipt({ switch: name, added, deleted }: FlowReceipt): string {
  const counts = [
    ...(added.length > 0 ? [`${plural(added.length, 'rule')} added`] : []),
    ...(deleted.length > 0 ? [`${plural(deleted.length, 'rule')} deleted`] : []),
  ]
  const lines = [
    ...added.map(({ text }) => `added    ${text}`),
    ...deleted.map(({ text }) => `deleted  ${text}`),
    `${name} has confirmed: ${counts.length > 0 ? counts.join(', ') : 'no rule was made by hand that matches, nothing deleted'}`,
  ]
  return lines.map((line) => `${printable(line)}\n`).join('')
}

const warning = (name: string, count: number): string =>
  `warning: no proof covers ${count === 1 ? 'this rule' : `these ${count} rules`}: isolation on ${printable(name)} is up to you until you delete ${count === 1 ? 'it' : 'them'}\n`
