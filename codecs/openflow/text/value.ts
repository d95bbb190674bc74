/** Values of fields as ovs-ofctl writes them in actions, and the pieces that matches are written with too. */
import { fieldRow, type Format } from '../fields/table.ts'
import type { KnownField } from '../fields/oxm.ts'
import { formatIpv4, formatIpv6, formatMac } from './address.ts'
import { flagNames } from './flags.ts'
import { portName } from './names.ts'

type Value = number | bigint

export const hex = (value: Value): string => `0x${value.toString(16)}`
/** C's `%#x`: zero has no prefix. */
export const hexOrZero = (value: Value): string => (BigInt(value) === 0n ? '0' : hex(value))
export const hexPadded = (value: Value, digits: number): string =>
  `0x${value.toString(16).padStart(digits, '0')}`

const isSet = (value: bigint, bit: number): boolean => ((value >> BigInt(bit)) & 1n) === 1n

/** `syn|ack`; bits without a name come last as a number. */
function plainFlags(value: bigint, names: readonly string[]): string {
  const named = names.filter((_, bit) => isSet(value, bit))
  const rest = value >> BigInt(names.length)
  const parts = rest === 0n ? named : [...named, hex(rest << BigInt(names.length))]
  return parts.length === 0 ? '0' : parts.join('|')
}

/** `+syn-ack`, or the flags that are set if all of `every` are compared. */
export function flags(value: bigint, mask: bigint, names: readonly string[], every: bigint): string {
  if (mask === every) return plainFlags(value, names)
  if (mask === 0n) return '0/0'
  const bits = Array.from({ length: mask.toString(2).length }, (_, bit) => bit)
  return bits
    .filter((bit) => isSet(mask, bit))
    .map((bit) => (isSet(value, bit) ? '+' : '-') + (names[bit] ?? '[Unknown]'))
    .join('')
}

/** `/8` for a mask of leading ones, or the mask itself. */
function ipMask(mask: bigint, bits: number, format: (mask: bigint) => string): string {
  const inverted = BigInt.asUintN(bits, ~mask)
  if (inverted === 0n) return ''
  const isPrefix = (inverted & (inverted + 1n)) === 0n
  return isPrefix ? `/${bits - inverted.toString(2).length}` : `/${format(mask)}`
}

export const ipv4Masked = (value: bigint, mask: bigint): string =>
  formatIpv4(Number(value)) + ipMask(mask, 32, (wide) => formatIpv4(Number(wide)))

export const ipv6Masked = (value: bigint, mask: bigint): string =>
  formatIpv6(value) + ipMask(mask, 128, formatIpv6)

export const macMasked = (value: bigint, mask: bigint): string => {
  const exact = mask === 0xffff_ffff_ffffn
  return formatMac(Number(value)) + (exact ? '' : `/${formatMac(Number(mask))}`)
}

const fragments: Readonly<Record<string, string>> = {
  '0/3': 'no',
  '1/3': 'first',
  '3/3': 'later',
  '0/1': 'no',
  '1/1': 'yes',
  '0/2': 'not_later',
  '2/2': 'later',
}

/** Two bits: fragment at all, and not the first. */
export const fragment = (value: bigint, mask: bigint): string =>
  fragments[`${value & mask & 3n}/${mask & 3n}`] ?? '<error>'

const half = (value: bigint, mask: bigint): string => {
  if (mask === 0n) return '*'
  if (mask !== 0xffffn) return `${hex(value)}/${hex(mask)}`
  return value > 9n ? hex(value) : String(value)
}

/** Namespace and type. */
export function packetType(value: bigint, mask: bigint): string {
  if (value === 0n && mask === 0xffff_ffffn) return 'eth'
  return `packet_type=(${half(value >> 16n, mask >> 16n)},${half(value & 0xffffn, mask & 0xffffn)})`
}

/** In a match: there are more flags than the one with a name, so that never all are compared. */
export const tunnelFlags = (value: bigint, mask: bigint): string =>
  flags(value, mask & 1n, flagNames('tun_flags'), -1n)

type Show = (value: bigint, mask: bigint, exact: boolean) => string

const decimal: Show = (value, mask, exact) => (exact ? String(value) : `${value}/${hex(mask)}`)
const hexadecimal: Show = (value, mask, exact) => hexOrZero(value) + (exact ? '' : `/${hex(mask)}`)

const byFormat: Readonly<Record<Format, Show>> = {
  decimal,
  hex: hexadecimal,
  eth_type: hexadecimal,
  vlan_vid: decimal,
  mac: macMasked,
  ipv4: ipv4Masked,
  ipv6: ipv6Masked,
  port: (value, mask, exact) => (exact ? portName(Number(value)) : decimal(value, mask, exact)),
  tcp_flags: (value, mask) => flags(value, mask & 0xfffn, flagNames('tcp_flags'), 0xfffn),
  tun_flags: (value, mask) => flags(value, mask & 1n, flagNames('tun_flags'), 1n),
  ct_state: (value, mask) => flags(value, mask, flagNames('ct_state'), 0xffffn),
  frag: fragment,
  packet_type: packetType,
}

export const ones = (bytes: number): bigint => (1n << BigInt(8 * bytes)) - 1n

/** The value as set_field and learn have it. */
export function setValue({ field, value, mask, width }: KnownField): string {
  const row = fieldRow(field)
  const all = ones(width ?? row?.width ?? 8)
  const bits = mask === undefined ? all : BigInt(mask)
  if (mask !== undefined && bits === 0n) return 'ANY'
  return byFormat[row?.format ?? 'hex'](BigInt(value), bits, bits === all)
}
