/** Addresses as people write them, turned into numbers and canonical text, or into a reason why not. */
import { Address6 } from 'ip-address'
import type { Address, Network, Subnet } from './intent.ts'

/** A parsed value, or what is wrong with the text and what would be right. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string; readonly hint?: string }

/** A subnet as numbers. */
export interface Range {
  readonly family: 4 | 6
  /** The first address. */
  readonly first: bigint
  readonly last: bigint
  readonly prefixLength: number
  readonly cidr: string
}

const good = <T>(value: T): Parsed<T> => ({ ok: true, value })
const bad = (message: string, hint?: string): Parsed<never> =>
  hint === undefined ? { ok: false, message } : { ok: false, message, hint }

const macShape = /^[0-9a-fA-F]{2}([:-])(?:[0-9a-fA-F]{2}\1){4}[0-9a-fA-F]{2}$/

/** `02:00:00:00:01:01` or `02-00-...` as a 48-bit number; only unicast addresses that a NIC can have. */
export function parseMac(text: string): Parsed<number> {
  if (!macShape.test(text)) {
    return bad(`"${text}" is not a MAC address`, 'write six pairs of hex digits, such as "02:00:00:00:01:01"')
  }
  const mac = Number.parseInt(text.replaceAll(text.charAt(2), ''), 16)
  if (mac === 0)
    return bad('the MAC address is zero', 'give the NIC a MAC of its own, such as "02:00:00:00:01:01"')
  if ((Number.parseInt(text.slice(0, 2), 16) & 1) === 1) {
    return bad(
      `${text} is a multicast address`,
      'a NIC has a unicast MAC: make the first pair even, such as 02',
    )
  }
  return good(mac)
}

/** 48 bits as `02:00:00:00:01:01`. */
export function macText(mac: number): string {
  const digits = mac.toString(16).padStart(12, '0')
  let text = digits.slice(0, 2)
  for (let at = 2; at < 12; at += 2) text += `:${digits.slice(at, at + 2)}`
  return text
}

/** `0000000000000001`, `0x1`, `00:00:00:00:00:00:00:01` as 16 lower-case hex digits. */
export function parseDatapathId(text: string): Parsed<string> {
  const digits =
    /^0x([0-9a-f]{1,16})$/i.exec(text)?.[1] ?? (isWholeDatapathId(text) ? text.replaceAll(':', '') : '')
  if (digits === '') {
    return bad(
      `"${text}" is not a datapath id`,
      'write 16 hex digits in quotes, such as "0000000000000001", or 0x1',
    )
  }
  const id = digits.toLowerCase().padStart(16, '0')
  return /^0+$/.test(id) ? bad('the datapath id is zero', 'give every switch an id of its own') : good(id)
}

function isWholeDatapathId(text: string): boolean {
  return /^[0-9a-f]{16}$/i.test(text) || /^(?:[0-9a-f]{2}:){7}[0-9a-f]{2}$/i.test(text)
}

/** An address that a host can have: not multicast, loopback, unspecified or IPv4-mapped. */
export function parseAddress(text: string): Parsed<Address> {
  const raw = parseRaw(text)
  if (!raw.ok) return raw
  const reason = raw.value.family === 4 ? unusable4(raw.value.value) : unusable6(raw.value.value)
  return reason === undefined
    ? raw
    : bad(`${text} ${reason}`, 'give the NIC a unicast address of its network')
}

function parseRaw(text: string): Parsed<Address> {
  const quad = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (quad) return parseQuad(text, quad.slice(1))
  const groups = parseGroups(text) ?? parseDotted(text)
  if (groups !== undefined) return good({ family: 6, value: valueOf(groups), text: textOf(groups) })
  const hint = text.includes('/')
    ? 'leave out the prefix length'
    : 'write an IPv4 or IPv6 address, such as 10.0.1.11 or "fd00:1::11"'
  return bad(`"${text}" is not an IP address`, hint)
}

function parseQuad(text: string, parts: readonly string[]): Parsed<Address> {
  if (parts.some((part) => part.length > 1 && part.startsWith('0'))) {
    return bad(`"${text}" is not an IP address`, 'leave out leading zeros')
  }
  if (parts.some((part) => Number(part) > 255))
    return bad(`"${text}" is not an IP address`, 'each part is at most 255')
  return good({ family: 4, value: BigInt(parts.reduce((sum, part) => sum * 256 + Number(part), 0)), text })
}

/** IPv6's eight groups; by hand, because a document holds thousands and a general parser takes much longer. */
function parseGroups(text: string): readonly number[] | undefined {
  const groups: number[] = []
  let gap = -1
  let at = 0
  if (text.startsWith('::')) {
    gap = 0
    at = 2
  }
  while (at < text.length) {
    const end = text.indexOf(':', at)
    const group = text.slice(at, end < 0 ? text.length : end)
    if (groups.length === 8 || !/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined
    groups.push(Number.parseInt(group, 16))
    if (end < 0) break
    at = end + 1
    if (text.charAt(at) === ':') {
      if (gap >= 0) return undefined
      gap = groups.length
      at++
    } else if (at === text.length) return undefined
  }
  if (gap < 0) return groups.length === 8 ? groups : undefined
  if (groups.length > 7) return undefined
  return [...groups.slice(0, gap), ...new Array<number>(8 - groups.length).fill(0), ...groups.slice(gap)]
}

/** IPv6 that ends in an IPv4 address, such as `::ffff:10.0.0.1`. */
function parseDotted(text: string): readonly number[] | undefined {
  if (!/^[0-9a-fA-F:]+:[0-9.]+$/.test(text)) return undefined
  try {
    return groupsOf(new Address6(text).bigInt())
  } catch (error: unknown) {
    if (error instanceof Error) return undefined
    throw error
  }
}

function groupsOf(value: bigint): readonly number[] {
  return Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(112 - 16 * i)) & 0xffffn))
}

function valueOf([a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0]: readonly number[]): bigint {
  const [high, middle, low] = [(a * 65536 + b) * 65536 + c, (d * 65536 + e) * 65536 + f, g * 65536 + h]
  return (BigInt(high) << 80n) | (BigInt(middle) << 32n) | BigInt(low)
}

/** RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups as `::`. */
function textOf(groups: readonly number[]): string {
  let [start, length] = [0, 1]
  for (let i = 0; i < 8; i++) {
    let end = i
    while (groups[end] === 0) end++
    if (end - i > length) [start, length] = [i, end - i]
    i = Math.max(i, end)
  }
  let text = ''
  for (let i = 0; i < 8; i++) {
    if (length > 1 && i === start) {
      text += '::'
      i += length - 1
    } else {
      text += (text === '' || text.endsWith(':') ? '' : ':') + (groups[i] ?? 0).toString(16)
    }
  }
  return text
}

function unusable4(value: bigint): string | undefined {
  const first = Number(value >> 24n)
  if (first === 0) return 'is not a host address'
  if (first === 127) return 'is a loopback address'
  if (first >= 224 && first < 240) return 'is a multicast address'
  return first >= 240 ? 'is a reserved address' : undefined
}

function unusable6(value: bigint): string | undefined {
  if (value === 0n) return 'is the unspecified address'
  if (value === 1n) return 'is the loopback address'
  if (value >> 120n === 0xffn) return 'is a multicast address'
  return value >> 32n === 0xffffn ? 'is an IPv4-mapped address; write it as IPv4' : undefined
}

/** `10.0.1.0/24` or `fd00:1::/64`, with no bits beyond the prefix. */
export function parseSubnet(text: string): Parsed<Range> {
  const [prefix = '', length = '', ...rest] = text.split('/')
  if (rest.length > 0 || !/^\d{1,3}$/.test(length)) {
    return bad(
      `"${text}" is not a subnet`,
      'write an address and a prefix length, such as 10.0.1.0/24 or "fd00:1::/64"',
    )
  }
  const address = parseAddress(prefix)
  if (!address.ok) return address
  const { family, value } = address.value
  const width = family === 4 ? 32 : 128
  const prefixLength = Number(length)
  if (prefixLength > width || prefixLength < 1) {
    return bad(`prefix length ${length} is not between 1 and ${width}`)
  }
  const size = 1n << BigInt(width - prefixLength)
  const first = value - (value % size)
  const range = {
    family,
    first,
    last: first + size - 1n,
    prefixLength,
    cidr: `${addressText(family, first)}/${prefixLength}`,
  }
  return first === value ? good(range) : bad(`${text} has bits set beyond its prefix`, `write ${range.cidr}`)
}

function addressText(family: 4 | 6, value: bigint): string {
  if (family === 6) return textOf(groupsOf(value))
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.')
}

/** Why an address of a subnet is no host's: the network and broadcast addresses, and IPv6's subnet-router anycast. */
export function reservedInSubnet(address: Address, range: Range): string | undefined {
  if (range.family === 4 && range.prefixLength <= 30) {
    if (address.value === range.first) return `is the network address of ${range.cidr}`
    if (address.value === range.last) return `is the broadcast address of ${range.cidr}`
  }
  if (range.family === 6 && range.prefixLength <= 126 && address.value === range.first) {
    return `is the subnet-router anycast address of ${range.cidr}`
  }
  return undefined
}

const ranges = new WeakMap<Network, readonly Range[]>()

/** A network's subnets as numbers; kept as long as the network is. */
export function rangesOf(network: Network): readonly Range[] {
  const known = ranges.get(network)
  if (known) return known
  const parsed = network.subnets.map(rangeOf)
  ranges.set(network, parsed)
  return parsed
}

function rangeOf(subnet: Subnet): Range {
  const parsed = parseSubnet(subnet.cidr)
  if (!parsed.ok) throw new TypeError(`an intent holds a bad subnet: ${parsed.message}`)
  return parsed.value
}
