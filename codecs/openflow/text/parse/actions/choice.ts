/** `multipath`, `bundle` and `bundle_load` in ovs-ofctl's syntax. */
import type { ActionInput } from '../../../actions/actions.ts'
import { integer, port } from '../number.ts'
import { type Piece, slice, syntaxError, words } from '../scan.ts'
import { asTarget, bitsOf, subfield } from '../subfield.ts'
import { reservedPort } from '../../../common/names.ts'
import { type ActionContext, type ActionParser, loose } from './context.ts'
import { checkPort, checkTarget } from './fitness.ts'

const hashes = [
  'eth_src',
  'symmetric_l4',
  'symmetric_l3l4',
  'symmetric_l3l4+udp',
  'nw_src',
  'nw_dst',
  'symmetric_l3',
] as const
const multipathAlgorithms = ['modulo_n', 'hash_threshold', 'hrw', 'iter_hash'] as const
const bundleAlgorithms = ['active_backup', 'hrw'] as const

const mostLinks = 65_536

function oneOf<const T extends string>(known: readonly T[], word: Piece, what: string): T {
  const found = known.find((one) => one === word.text.toLowerCase())
  if (found === undefined) throw syntaxError(word, `${what} is one of ${known.join(', ')}, not ${word.text}`)
  return found
}

function several(arg: Piece, count: number, form: string): readonly Piece[] {
  const found = words(arg, ', ')
  if (found.length < count) throw syntaxError(arg, `the form is ${form}`)
  return found
}

const multipath: ActionParser = (arg, context) => {
  const form = 'multipath(FIELDS, BASIS, ALGORITHM, LINKS, ARG, FIELD[BITS])'
  const [fields, basis, algorithm, links, value, dst] = several(arg, 6, form) as [
    Piece,
    Piece,
    Piece,
    Piece,
    Piece,
    Piece,
  ]
  const count = Number(integer(links.text) ?? 0n)
  if (count < 1 || count > mostLinks) throw syntaxError(links, `1 to ${mostLinks} links can be chosen from`)
  const target = subfield(dst)
  if (target.nBits < 16 && count > 2 ** target.nBits)
    throw syntaxError(dst, `${target.nBits} bits do not number ${count} links`)
  checkTarget(target, context, dst)
  return [
    {
      type: 'nx_multipath',
      fields: oneOf(hashes, fields, 'a hash'),
      basis: loose(basis, 16),
      algorithm: oneOf(multipathAlgorithms, algorithm, 'an algorithm'),
      maxLink: count - 1,
      arg: loose(value, 32),
      bits: bitsOf(target),
      ...asTarget(target),
    },
  ]
}

/** The words before the members, and the members. */
function splitMembers(arg: Piece, context: ActionContext): readonly [Piece, readonly number[]] {
  const found = /[, ](?:members|slaves)[: ]?/i.exec(arg.text)
  if (found === null) throw syntaxError(arg, 'a bundle needs members:PORT,PORT...')
  const tail = slice(arg, found.index + found[0].length)
  return [slice(arg, 0, found.index), words(tail, ', []').map((word) => member(word, context))]
}

/** The controller would have to be told how much of the packet it gets; nowhere is a place, though. */
function member(word: Piece, context: ActionContext): number {
  const to = port(word)
  if (context.packet !== undefined && to === reservedPort.controller)
    throw syntaxError(word, 'the controller is no member of a bundle')
  if (to !== reservedPort.any) checkPort(to, context, word)
  return to
}

function bundleHead(parts: readonly Piece[]) {
  const [fields, basis, algorithm, memberType] = parts as [Piece, Piece, Piece, Piece]
  if (memberType.text.toLowerCase() !== 'ofport')
    throw syntaxError(memberType, `members are of the type ofport, not ${memberType.text}`)
  return {
    fields: oneOf(hashes, fields, 'a hash'),
    basis: loose(basis, 16),
    algorithm: oneOf(bundleAlgorithms, algorithm, 'an algorithm'),
  }
}

const bundle: ActionParser = (arg, context) => {
  const [head, members] = splitMembers(arg, context)
  const parts = several(head, 4, 'bundle(FIELDS, BASIS, ALGORITHM, ofport, members:PORTS)')
  return [{ type: 'nx_bundle', ...bundleHead(parts), members }]
}

const bundleLoad: ActionParser = (arg, context): readonly ActionInput[] => {
  const [head, members] = splitMembers(arg, context)
  const parts = several(head, 5, 'bundle_load(FIELDS, BASIS, ALGORITHM, ofport, FIELD[BITS], members:PORTS)')
  const at = parts[4] as Piece
  const dst = subfield(at)
  checkTarget(dst, context, at)
  return [{ type: 'nx_bundle_load', ...bundleHead(parts), bits: bitsOf(dst), ...asTarget(dst), members }]
}

export const choiceActions: Readonly<Record<string, ActionParser>> = {
  multipath,
  bundle,
  bundle_load: bundleLoad,
}
