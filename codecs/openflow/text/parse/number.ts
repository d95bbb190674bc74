/** Numbers, ports, groups and meters as ovs-ofctl's texts have them. */
import { reservedPort } from '../../common/names.ts'
import { type Piece, syntaxError } from './scan.ts'

const decimal = /^[+-]?[0-9]+$/
const hexadecimal = /^[+-]?0[xX][0-9a-fA-F]+$/

/** C's `strtoull` of base 0: decimal, hexadecimal with `0x`, octal with a leading zero; undefined if it is none. */
export function integer(text: string): bigint | undefined {
  const trimmed = text.trim()
  const sign = trimmed.startsWith('-') ? -1n : 1n
  const digits = trimmed.replace(/^[+-]/, '')
  if (hexadecimal.test(trimmed)) return sign * BigInt(digits)
  if (!decimal.test(trimmed)) return undefined
  if (!/^0[0-9]/.test(digits)) return sign * BigInt(digits)
  return /^[0-7]+$/.test(digits) ? sign * BigInt(`0o${digits.slice(1)}`) : undefined
}

/** An unsigned number of so many bits; `what` names it in the error. */
export function unsigned(word: Piece, bits: number, what: string): bigint {
  const value = integer(word.text)
  if (value === undefined) throw syntaxError(word, `"${word.text}" is no number for ${what}`)
  // Negative numbers of 64 bits wrap around, as in C: -1 is all ones.
  const wrapped = value < 0n && bits === 64 ? BigInt.asUintN(64, value) : value
  if (BigInt.asUintN(bits, wrapped) !== wrapped)
    throw syntaxError(word, `${word.text} does not fit the ${bits} bits of ${what}`)
  return wrapped
}

export const number = (word: Piece, bits: number, what: string): number => Number(unsigned(word, bits, what))

const portWords: ReadonlyMap<string, number> = new Map([
  ['IN_PORT', reservedPort.inPort],
  ['TABLE', reservedPort.table],
  ['NORMAL', reservedPort.normal],
  ['FLOOD', reservedPort.flood],
  ['ALL', reservedPort.all],
  ['CONTROLLER', reservedPort.controller],
  ['LOCAL', reservedPort.local],
  ['ANY', reservedPort.any],
  ['NONE', reservedPort.any],
  ['UNSET', 0xffff_fff7],
])

/** A reserved port's number, by its name in any case. */
export const reservedPortOf = (text: string): number | undefined => portWords.get(text.toUpperCase())

/** A port as ovs-ofctl takes it: a decimal number, of which the last of 16 and of 32 bits are reserved, or a name. */
export function portOf(text: string): number | undefined {
  if (!/^[0-9]+$/.test(text)) return reservedPortOf(text)
  const port = Number(text)
  if (port < 0xff00) return port
  if (port <= 0xffff) return port + 0xffff_0000
  return port >= 0xffff_ff00 && port <= 0xffff_ffff ? port : undefined
}

export function port(word: Piece): number {
  const value = portOf(word.text)
  if (value === undefined) throw syntaxError(word, `"${word.text}" is no port`)
  return value
}

/** Tables are numbered in decimal, and a name would be the switch's own. */
export function table(word: Piece): number {
  if (!/^\+?[0-9]+$/.test(word.text)) throw syntaxError(word, `"${word.text}" is no table`)
  const id = Number(word.text)
  if (id > 0xff) throw syntaxError(word, `${word.text} is above the last table, 255`)
  return id
}

const groupWords: ReadonlyMap<string, number> = new Map([
  ['all', 0xffff_fffc],
  ['any', 0xffff_ffff],
])

export function group(word: Piece): number {
  return groupWords.get(word.text.toLowerCase()) ?? number(word, 32, 'a group')
}
