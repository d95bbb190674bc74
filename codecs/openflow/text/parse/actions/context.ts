/** What an action's text may mean differently by: the version, where it stands, and what is known of the packet by then. */
import type { ActionInput } from '../../../actions/actions.ts'
import { integer } from '../number.ts'
import type { PacketState } from '../packet-state.ts'
import { type Piece, syntaxError } from '../scan.ts'

export interface ActionContext {
  readonly version: number
  /**
   * By the match and the actions so far. Undefined where any packet may come, as in a group: there no action is refused
   * for the packet's sake.
   */
  packet: PacketState | undefined
  /** The action that the list stands in. */
  readonly inside?: 'ct' | 'clone' | 'write_actions'
  /** How many lists it is inside of. */
  readonly depth: number
  /** Of the flow: whether 1.0 has to send it in Nicira's form. */
  readonly form: { wantsNxm: boolean }
}

/** Ports are TCP's, UDP's or SCTP's by the protocol that the match says; 0 if it says none. */
export const ipProtocolOf = ({ packet }: ActionContext): number => packet?.ipProtocol ?? 0

/** Whether there is a VLAN tag for certain: `mod_vlan_vid` adds one if not. */
export const hasTag = ({ packet }: ActionContext): boolean => packet?.tags[0] === true

/** For the list inside of an action; what it does to the packet is undone after it. */
export const within = (
  context: ActionContext,
  inside: NonNullable<ActionContext['inside']>,
): ActionContext => ({
  ...context,
  inside,
  depth: context.depth + 1,
})

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
