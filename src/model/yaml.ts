/** A topology file: YAML (or JSON) text to a declaration, or to problems with the line and column of what is wrong. */
import { LineCounter, parseDocument } from 'yaml'
import type { Document, YAMLError } from 'yaml'
import { buildShaped } from './build.ts'
import type { Declaration, Refusal } from './declaration.ts'
import { capped } from './derive.ts'
import { locate, lineAndColumn, structureProblems } from './positions.ts'
import type { Problem } from './problem.ts'
import { type IntentSpec, limits } from './schema.ts'
import { checkShape } from './shape.ts'

/** Parses and checks a topology. Problems carry line and column and are in the order of the text. */
export function parseTopology(text: string): Declaration | Refusal {
  if (Buffer.byteLength(text) > limits.documentBytes) {
    return refusal('the file is larger than 10 MB', 'split it, or declare its parts over REST')
  }
  if (tooManyOpenBrackets(text)) return refusal('brackets are nested too deeply')
  const lines = new LineCounter()
  let document: Document.Parsed
  try {
    // Keys are compared in `structureProblems`: the library's own comparison takes the square of their number.
    const options = { lineCounter: lines, schema: 'core', uniqueKeys: false, prettyErrors: false } as const
    document = parseDocument(text, options)
  } catch (error: unknown) {
    if (!(error instanceof RangeError)) throw error
    return refusal('the file is nested too deeply')
  }
  const syntax = syntaxProblems([...document.errors, ...document.warnings], lines)
  if (syntax.length > 0) return { problems: capped(syntax) }
  const structure = structureProblems(document, lines)
  return structure.length > 0 ? { problems: capped(structure) } : fromDocument(document, lines)
}

function fromDocument(document: Document.Parsed, lines: LineCounter): Declaration | Refusal {
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: limits.yamlAliases })
  } catch (error: unknown) {
    // The library's word for too many aliases, and for an alias of nothing.
    if (!(error instanceof ReferenceError)) throw error
    return refusal(error.message, 'write the values out instead of using aliases')
  }
  if (value === null) return refusal('the file declares nothing', 'start with `name: my-network`')
  const shape = checkShape('intent', value)
  const built = shape.length > 0 ? { problems: capped(shape) } : buildShaped(value as IntentSpec)
  if (!('problems' in built)) return built
  const located = built.problems.map((problem) => locate(problem, document, lines))
  return { problems: located.sort((a, b) => lineOf(a) - lineOf(b) || (a.column ?? 0) - (b.column ?? 0)) }
}

function lineOf({ line }: Problem): number {
  return line ?? Number.MAX_SAFE_INTEGER
}

function refusal(message: string, hint?: string): Refusal {
  const problem = { pointer: '', message, line: 1, column: 1 }
  return { problems: [hint === undefined ? problem : { ...problem, hint }] }
}

/** Far more than any topology, and so many that the parser's own stack or time would be at risk. */
const MOST_OPEN_BRACKETS = 1_000

function tooManyOpenBrackets(text: string): boolean {
  let open = 0
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    open = bracket === '[' || bracket === '{' ? open + 1 : Math.max(0, open - 1)
    if (open > MOST_OPEN_BRACKETS) return true
  }
  return false
}

/** One problem a line: the parser's further complaints about a line follow from the first. */
function syntaxProblems(errors: readonly YAMLError[], lines: LineCounter): readonly Problem[] {
  const byLine = new Map<number, Problem>()
  for (const { code, message, pos } of errors) {
    const at = lineAndColumn(lines, pos[0])
    if (!byLine.has(at.line)) byLine.set(at.line, { pointer: '', ...inWords(code, message), ...at })
  }
  return [...byLine.values()].sort((a, b) => lineOf(a) - lineOf(b))
}

function inWords(
  code: YAMLError['code'],
  message: string,
): { readonly message: string; readonly hint?: string } {
  switch (code) {
    case 'TAB_AS_INDENT':
      return { message: 'a tab is used as indentation', hint: 'indent with spaces' }
    case 'MULTIPLE_DOCS':
      return {
        message: 'the file holds more than one document',
        hint: 'remove the `---` line and what follows it',
      }
    case 'BLOCK_AS_IMPLICIT_KEY':
      return {
        message: 'a second key on one line',
        hint: 'quote a value that holds ": ", or start a new line',
      }
    case 'BAD_SCALAR_START':
      return { message, hint: 'quote the value' }
    case 'TAG_RESOLVE_FAILED':
      return { message: 'a topology uses no tags', hint: 'remove the word that starts with "!"' }
    default:
      return { message }
  }
}
