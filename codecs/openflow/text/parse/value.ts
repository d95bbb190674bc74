/** Values of match fields in ovs-ofctl's syntax, with and without a mask, by the format of the field. */
import { isIPv4, isIPv6 } from 'node:net'
import type { Format } from '../../fields/table.ts'
import { flagNames } from '../flags.ts'
import { integer, portOf, unsigned } from './number.ts'
import { type Piece, slice, syntaxError } from './scan.ts'

/** All bits of the mask one: the field is compared whole. */
export interface Masked {
  readonly value: bigint
  readonly mask: bigint
}

export const ones = (bits: number): bigint => (1n << BigInt(bits)) - 1n

/** How many bytes it takes; none for zero. */
export const bytesIn = (value: bigint): number => Math.ceil(value.toString(16).replace(/^0$/, '').length / 2)

interface Shape {
  readonly name: string
  readonly format: Format
  /** Of the value on the wire. */
  readonly bits: number
}

/** Cuts at the first slash. */
function halves(word: Piece): readonly [Piece, Piece | undefined] {
  const at = word.text.indexOf('/')
  return at < 0 ? [word, undefined] : [slice(word, 0, at), slice(word, at + 1)]
}

function integerValue(word: Piece, { bits, name }: Shape): Masked {
  const [value, mask] = halves(word)
  return {
    value: unsigned(value, bits, name),
    mask: mask === undefined ? ones(bits) : unsigned(mask, bits, `the mask of ${name}`),
  }
}

export function macOf(word: Piece): bigint {
  if (!/^[0-9a-fA-F]{1,2}(:[0-9a-fA-F]{1,2}){5}$/.test(word.text))
    throw syntaxError(word, `"${word.text}" is no Ethernet address`)
  return word.text.split(':').reduce((value, octet) => (value << 8n) | BigInt(`0x${octet}`), 0n)
}

function macValue(word: Piece): Masked {
  const [value, mask] = halves(word)
  return { value: macOf(value), mask: mask === undefined ? ones(48) : macOf(mask) }
}

export function ipv4Of(word: Piece): bigint {
  if (!isIPv4(word.text)) throw syntaxError(word, `"${word.text}" is no IPv4 address`)
  return word.text.split('.').reduce((value, octet) => (value << 8n) | BigInt(octet), 0n)
}

export function ipv6Of(word: Piece): bigint {
  const { text } = word
  if (!isIPv6(text) || text.includes('%')) throw syntaxError(word, `"${text}" is no IPv6 address`)
  const tail = /[0-9]+(?:\.[0-9]+){3}$/.exec(text)?.[0]
  const last = tail === undefined ? 0n : ipv4Of({ ...word, text: tail })
  const hex =
    tail === undefined
      ? text
      : text.slice(0, -tail.length) + `${(last >> 16n).toString(16)}:${(last & 0xffffn).toString(16)}`
  const [head = '', rest] = hex.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const [left, right] = [groups(head), groups(rest ?? '')]
  const zeros = new Array<string>(8 - left.length - right.length).fill('0')
  return [...left, ...zeros, ...right].reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n)
}

function addressValue(word: Piece, bits: number, address: (word: Piece) => bigint): Masked {
  const [value, mask] = halves(word)
  if (mask === undefined) return { value: address(value), mask: ones(bits) }
  const prefix = /^[0-9]+$/.test(mask.text) ? Number(mask.text) : undefined
  if (prefix === undefined) return { value: address(value), mask: address(mask) }
  if (prefix > bits) throw syntaxError(mask, `a prefix has at most ${bits} bits`)
  return { value: address(value), mask: ones(bits) ^ ones(bits - prefix) }
}

const fragments: ReadonlyMap<string, Masked> = new Map([
  ['no', { value: 0n, mask: 0xffn }],
  ['yes', { value: 1n, mask: 0xfdn }],
  ['first', { value: 1n, mask: 0xffn }],
  ['later', { value: 3n, mask: 0xffn }],
  ['not_later', { value: 0n, mask: 0xfen }],
])

function fragmentValue(word: Piece): Masked {
  const found = fragments.get(word.text.toLowerCase())
  if (found === undefined)
    throw syntaxError(word, `a fragment is no, yes, first, later or not_later, not "${word.text}"`)
  return found
}

/** `+syn-ack`: those named are compared. */
function signedFlags(word: Piece, names: readonly string[], what: string): Masked {
  let value = 0n
  let mask = 0n
  for (const [sign = '', ...letters] of word.text.match(/[+-][^+-]*/g) ?? []) {
    const bit = 1n << BigInt(bitOf(word, names, { flag: letters.join(''), what }))
    if ((mask & bit) !== 0n) throw syntaxError(word, `each ${what} flag may stand once`)
    mask |= bit
    if (sign === '+') value |= bit
  }
  return { value, mask }
}

function bitOf(
  word: Piece,
  names: readonly string[],
  { flag, what }: { flag: string; what: string },
): number {
  const bit = names.indexOf(flag)
  if (bit < 0) throw syntaxError(word, `"${flag}" is no ${what} flag`)
  return bit
}

/** `+a-b`, `a|b`, a number, or a number with a mask. */
export function flagsValue(word: Piece, { name, bits }: Pick<Shape, 'name' | 'bits'>): Masked {
  const names = flagNames(name)
  const allowed = names.reduce((all, _, bit) => all | (1n << BigInt(bit)), 0n)
  const checked = (part: Piece): bigint => {
    const value = unsigned(part, bits, name)
    if ((value & ~allowed) !== 0n) throw syntaxError(part, `${part.text} has bits that ${name} has not`)
    return value
  }
  const { text } = word
  if (text.startsWith('+') || text.startsWith('-')) return signedFlags(word, names, name)
  const [first, second] = halves(word)
  if (second !== undefined) return { value: checked(first), mask: checked(second) }
  let value = 0n
  for (const flag of text.split('|')) {
    const number = integer(flag)
    if (number !== undefined) value |= checked({ ...word, text: flag })
    else if (flag !== '' || text === '') value |= 1n << BigInt(bitOf(word, names, { flag, what: name }))
  }
  return { value, mask: ones(bits) }
}

function packetTypeValue(word: Piece): Masked {
  const found = /^\(([^,]*),([^,)]*)\)$/.exec(word.text)
  if (found === null) throw syntaxError(word, `a packet type is (namespace,type), not "${word.text}"`)
  const [, namespace = '', type = ''] = found
  const high = unsigned({ ...word, text: namespace }, 16, 'a namespace')
  return { value: (high << 16n) | unsigned({ ...word, text: type }, 16, 'a packet type'), mask: ones(32) }
}

function portValue(word: Piece, { name }: Shape): Masked {
  const port = portOf(word.text)
  if (port === undefined) throw syntaxError(word, `"${word.text}" is no port for ${name}`)
  return { value: BigInt(port), mask: ones(32) }
}

/** The value of a field; `*` compares nothing. */
export function valueOf(word: Piece, shape: Shape): Masked {
  if (word.text === '*') return { value: 0n, mask: 0n }
  switch (shape.format) {
    case 'mac':
      return macValue(word)
    case 'ipv4':
      return addressValue(word, 32, ipv4Of)
    case 'ipv6':
      return addressValue(word, 128, ipv6Of)
    case 'port':
      return portValue(word, shape)
    case 'frag':
      return fragmentValue(word)
    case 'packet_type':
      return packetTypeValue(word)
    case 'tcp_flags':
    case 'tun_flags':
    case 'ct_state':
      return flagsValue(word, shape)
    default:
      return integerValue(word, shape)
  }
}
