/** Values of match fields as ovs-ofctl writes them, with and without a mask. */
import { type FieldName, fieldRow, type FieldRow, type Format } from '../fields/table.ts'
import type { KnownField } from '../fields/oxm.ts'
import { formatIpv4, formatIpv6, formatMac } from './address.ts'
import { portName } from './names.ts'

type Value = number | bigint

const tcpFlagNames = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ece', 'cwr', 'ns', '[200]', '[400]', '[800]']
const ctStateNames = ['new', 'est', 'rel', 'rpl', 'inv', 'trk', 'snat', 'dnat']

/** C's `%#x`: zero has no prefix. */
export const hexOrZero = (value: Value): string => (BigInt(value) === 0n ? '0' : `0x${value.toString(16)}`)
const hexPadded = (value: Value, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`

function flags(value: Value, mask: Value | undefined, names: readonly string[]): string {
  const isSet = (bits: Value, bit: number): boolean => ((BigInt(bits) >> BigInt(bit)) & 1n) === 1n
  const named = names.map((name, bit) => ({
    name,
    on: isSet(value, bit),
    compared: mask === undefined || isSet(mask, bit),
  }))
  if (mask !== undefined) {
    const signed = named.filter(({ compared }) => compared).map(({ name, on }) => (on ? '+' : '-') + name)
    return signed.join('')
  }
  const set = named.filter(({ on }) => on).map(({ name }) => name)
  return set.length === 0 ? '0' : set.join('|')
}

/** `/8` for a mask of leading ones, or the mask itself. */
function ipMask(mask: bigint, bits: number, format: (mask: bigint) => string): string {
  const inverted = BigInt.asUintN(bits, ~mask)
  const isPrefix = (inverted & (inverted + 1n)) === 0n
  return isPrefix ? `/${bits - inverted.toString(2).replace(/^0$/, '').length}` : `/${format(mask)}`
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

const masked = (value: Value, mask: Value | undefined, show: (value: Value) => string): string =>
  mask === undefined ? show(value) : `${show(value)}/${show(mask)}`

const byFormat: Readonly<Record<Format, (value: Value, mask: Value | undefined, row: FieldRow) => string>> = {
  decimal: (value, mask) => (mask === undefined ? String(value) : masked(value, mask, hexOrZero)),
  hex: (value, mask) => masked(value, mask, hexOrZero),
  mac: (value, mask) => masked(value, mask, (mac) => formatMac(Number(mac))),
  ipv4: (value, mask) =>
    formatIpv4(Number(value)) +
    (mask === undefined ? '' : ipMask(BigInt(mask), 32, (wide) => formatIpv4(Number(wide)))),
  ipv6: (value, mask) =>
    formatIpv6(BigInt(value)) + (mask === undefined ? '' : ipMask(BigInt(mask), 128, formatIpv6)),
  port: (value) => portName(Number(value)),
  eth_type: (value) => hexPadded(value, 4),
  vlan_vid: (value, mask) => masked(value, mask, (vid) => hexPadded(vid, 4)),
  tcp_flags: (value, mask) => flags(value, mask, tcpFlagNames),
  ct_state: (value, mask) => flags(value, mask, ctStateNames),
  tun_flags: (value, mask) => flags(value, mask, ['oam']),
  frag: (value, mask) => fragments[`${value}/${mask ?? 3}`] ?? masked(value, mask, hexOrZero),
  packet_type: (value) => `(${Number(value) >>> 16},${hexOrZero(Number(value) & 0xffff)})`,
}

/** The value as a match has it. */
export function matchValue({ field, value, mask }: KnownField): string {
  const row = fieldRow(field)
  return row === undefined ? masked(value, mask, hexOrZero) : byFormat[row.format](value, mask, row)
}

/** The value as set_field has it: as in a match, but zero keeps its `0x`, and labels and tags differ. */
export function setValue({ field, value, mask }: KnownField): string {
  const row = fieldRow(field)
  const hex = (bits: Value): string => `0x${bits.toString(16)}`
  if (row === undefined || row.format === 'hex') return masked(value, mask, hex)
  if (row.format === 'vlan_vid' || row.format === 'decimal')
    return mask === undefined ? String(value) : masked(value, mask, hex)
  return byFormat[row.format](value, mask, row)
}

/** A label of 20 bits has five digits in matches. */
export const labelField: FieldName = 'ipv6_flabel'
export const labelValue = ({ value, mask }: KnownField): string =>
  masked(value, mask, (label) => hexPadded(label, 5))
