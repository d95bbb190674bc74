/** What an action's text may mean differently by: the version, and what is known of the packet by then. */
import type { ActionInput } from '../../../actions/actions.ts'
import { integer } from '../number.ts'
import { type Piece, syntaxError } from '../scan.ts'

export interface ActionContext {
  readonly version: number
  /** Whether the packet has a VLAN tag, by the match and the actions so far: `mod_vlan_vid` adds one if not. */
  hasVlan: boolean
  /** That the match says; 0 if it says none. Ports are TCP's, UDP's or SCTP's by it. */
  readonly ipProtocol: number
}

/** What one action says, in the words of the version: often one action, for some versions several. */
export type ActionParser = (arg: Piece, context: ActionContext) => readonly ActionInput[]

/** A list of actions, for actions that have one inside. */
export type NestedParser = (text: Piece, context: ActionContext) => readonly ActionInput[]

/** Bytes as hexadecimal digits, which spaces, dots and colons may separate. */
export function bytesOf(word: Piece): Uint8Array {
  const digits = word.text.replace(/[\s.:]+/g, '')
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(digits))
    throw syntaxError(word, `"${word.text}" is no row of hexadecimal bytes`)
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
    Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16),
  )
}

/** C's `atoi`, which ovs-ofctl reads some numbers with: what does not look like one counts as 0. */
export function loose(word: Piece, bits: number): number {
  const found = /^\s*[+-]?[0-9]+/.exec(word.text)?.[0] ?? '0'
  return Number(BigInt.asUintN(bits, integer(found.replace(/^(\s*[+-]?)0+(?=[0-9])/, '$1')) ?? 0n))
}

/** `value->key`: the two sides of the arrow. */
export function arrow(word: Piece): readonly [Piece, Piece] {
  const at = word.text.indexOf('->')
  if (at < 0) throw syntaxError(word, `"${word.text}" lacks "->" and what it is for`)
  const [left, right] = [word.text.slice(0, at), word.text.slice(at + 2)]
  if (right === '') throw syntaxError(word, 'nothing follows "->"')
  return [
    { text: left, at: word.at },
    { text: right, at: word.at + at + 2 },
  ]
}
