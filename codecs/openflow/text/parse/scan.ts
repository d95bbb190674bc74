/**
 * The outer form of ovs-ofctl's texts: a list of `key`, `key=value`, `key:value` and `key(value)`, separated by commas and
 * white space. Every piece knows its offset in the whole text, so that an error can say where.
 */
import { EncodeError } from '../../wire/errors.ts'

/** A piece of a text. */
export interface Piece {
  readonly text: string
  /** Offset of its first character in the whole text. */
  readonly at: number
}

export interface Pair {
  readonly key: Piece
  /** Empty if there is none. `(x)->y` has the value `x)->y`, as `(` opens it. */
  readonly value: Piece
  /** What stands between key and value. */
  readonly by: '=' | ':' | '(' | ''
}

const separators = ', \t\r\n'
const keyEnds = `:=(${separators}`

/** The text that was not understood, and why; `at` counts from the start of the whole text. */
export const syntaxError = ({ at }: { readonly at: number }, reason: string): EncodeError =>
  new EncodeError('SYNTAX', reason, at)

/** What the version cannot say. */
export const versionError = ({ at }: { readonly at: number }, reason: string): EncodeError =>
  new EncodeError('VERSION', reason, at)

export const piece = (text: string, at = 0): Piece => ({ text, at })

/** A part of a piece; negative numbers count from its end. */
export function slice({ text, at }: Piece, start: number, end?: number): Piece {
  const from = start < 0 ? Math.max(0, text.length + start) : Math.min(start, text.length)
  return { text: text.slice(start, end), at: at + from }
}

/** Without the white space around it. */
export function trim(whole: Piece): Piece {
  const start = whole.text.length - whole.text.trimStart().length
  return { text: whole.text.trim(), at: whole.at + start }
}

/** Where the value that starts at `start` ends: at one of `ends` outside parentheses, or at the end of the text. */
function valueEnd(text: string, start: number, ends: string): number {
  let depth = 0
  for (let index = start; index < text.length; index++) {
    const letter = text.charAt(index)
    if (depth === 0 && ends.includes(letter)) return index
    if (letter === '(') depth++
    else if (letter === ')' && depth > 0) depth--
  }
  return text.length
}

function skip(text: string, start: number, letters: string): number {
  let index = start
  while (index < text.length && letters.includes(text.charAt(index))) index++
  return index
}

function keyEnd(text: string, start: number): number {
  let index = start
  while (index < text.length && !keyEnds.includes(text.charAt(index))) index++
  return index
}

/** The pair that starts at `start`, and where it ends. */
function pairAt({ text, at }: Piece, start: number): { pair: Pair; end: number } {
  const middle = keyEnd(text, start)
  const key = { text: text.slice(start, middle), at: at + start }
  const delimiter = text.charAt(middle)
  if (delimiter !== '=' && delimiter !== ':' && delimiter !== '(')
    return { pair: { key, value: { text: '', at: at + middle }, by: '' }, end: middle + 1 }
  const from = middle + 1
  let end = valueEnd(text, from, delimiter === '(' ? ')' : separators)
  // `(x)->y`: what follows the arrow belongs to the value.
  if (delimiter === '(' && text.startsWith(')->', end)) end = valueEnd(text, end, separators)
  return { pair: { key, value: { text: text.slice(from, end), at: at + from }, by: delimiter }, end: end + 1 }
}

/** All pairs of a text, in order. */
export function pairsOf(whole: Piece): readonly Pair[] {
  const pairs: Pair[] = []
  let index = skip(whole.text, 0, separators)
  while (index < whole.text.length) {
    const { pair, end } = pairAt(whole, index)
    pairs.push(pair)
    index = skip(whole.text, end, separators)
  }
  return pairs
}

/** Splits at each of `letters`, dropping what is empty. */
export function words(whole: Piece, letters = separators): readonly Piece[] {
  const found: Piece[] = []
  let start = skip(whole.text, 0, letters)
  while (start < whole.text.length) {
    let end = start
    while (end < whole.text.length && !letters.includes(whole.text.charAt(end))) end++
    found.push(slice(whole, start, end))
    start = skip(whole.text, end, letters)
  }
  return found
}
