/** Problems as people read them: `file:line:column`, the line itself, a caret under the value, and what would be right. */
import type { Problem } from './problem.ts'

export interface FormatOptions {
  readonly fileName: string
  /** The document's text, for the source lines. */
  readonly text: string
  /** ANSI colours. */
  readonly color?: boolean
}

/** Wider source lines are cut around the value. */
const WIDEST = 120

export function formatProblems(
  problems: readonly Problem[],
  { fileName, text, color = false }: FormatOptions,
): string {
  const lines = text.split(/\r\n|\n|\r/)
  const paint = (code: number, part: string) => (color ? `\u001b[${code}m${part}\u001b[0m` : part)
  return problems
    .map((problem) => {
      const where =
        problem.line === undefined ? fileName : `${fileName}:${problem.line}:${problem.column ?? 1}`
      const place = problem.line === undefined && problem.pointer !== '' ? `${problem.pointer}: ` : ''
      const parts = [`${paint(1, `${printable(where)}:`)} ${place}${paint(31, printable(problem.message))}`]
      const source = problem.line === undefined ? undefined : lines[problem.line - 1]
      if (source !== undefined && source.trim() !== '') {
        const { shown, before, mark } = excerpt(source, problem.column ?? 1)
        parts.push(`    ${shown}`, `    ${before}${paint(32, mark)}`)
      }
      if (problem.hint !== undefined) parts.push(`    ${paint(36, `hint: ${printable(problem.hint)}`)}`)
      return `${parts.join('\n')}\n`
    })
    .join('\n')
}

interface Excerpt {
  readonly shown: string
  /** As wide as what stands before the value. */
  readonly before: string
  /** A caret, and tildes for the rest of the value. */
  readonly mark: string
}

function excerpt(source: string, column: number): Excerpt {
  const start = Math.min(column - 1, source.length)
  const length = tokenLength(source.slice(start))
  const from = source.length <= WIDEST ? 0 : Math.max(0, start - WIDEST / 3)
  const shown = printable(source.slice(from, from + WIDEST))
  const width = Math.min(length, Math.max(1, shown.length - (start - from)))
  return { shown, before: ' '.repeat(start - from), mark: `^${'~'.repeat(Math.max(0, width - 1))}` }
}

/** How long the value is that starts here: to its closing quote, or to where a plain one ends. */
function tokenLength(rest: string): number {
  const token =
    /^"(?:[^"\\]|\\.)*"|^'(?:[^']|'')*'|^[^\s,[\]{}#][^,[\]{}]*?(?=\s*(?:[,[\]{}]|:\s|:$|\s#|$))/.exec(rest)
  return token?.[0].length ?? 1
}

/** One column for every character, and nothing that a terminal would act on. */
function printable(text: string): string {
  return text.replace(/\t/g, ' ').replace(/\p{Cc}/gu, '?')
}
