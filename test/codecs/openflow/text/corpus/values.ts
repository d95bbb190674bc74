/** Values of fields in every spelling that ovs-ofctl reads: numbers in three bases, addresses, prefixes, masks, names. */
import { familyOf, type Field, isTunnelMetadata, nameOf } from './fields.ts'
import type { Option, Random } from './random.ts'

const hex = (value: bigint, digits = 1): string => value.toString(16).padStart(digits, '0')

/** The same number in decimal, hex (either case, with leading zeros or not) or, seldom, octal. */
export const numberText = (random: Random, value: bigint | number): string => {
  switch (random.below(12)) {
    case 0:
    case 1:
    case 2:
      return `0x${hex(BigInt(value))}`
    case 3:
      return `0x${hex(BigInt(value), 4).toUpperCase()}`
    case 4:
      return `0X${hex(BigInt(value), 2)}`
    case 5:
      return BigInt(value) < 1n << 32n ? `0${BigInt(value).toString(8)}` : `${value}`
    default:
      return `${value}`
  }
}

export const macText = (random: Random): string => {
  const digits = hex(random.bits(48), 12)
  const parts = digits.match(/../g) ?? []
  const text = random.chance(0.1) ? parts.map((part) => part.replace(/^0/, '')).join(':') : parts.join(':')
  return random.chance(0.1) ? text.toUpperCase() : text
}

const ipv4Of = (bits: bigint): string => [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn).join('.')

export const ipv4Text = (random: Random): string => ipv4Of(random.bits(32))

const ipv6Groups = (bits: bigint): string =>
  Array.from({ length: 8 }, (_one, at) => hex((bits >> BigInt(112 - 16 * at)) & 0xffffn)).join(':')

export const ipv6Text = (random: Random): string => {
  switch (random.below(8)) {
    case 0:
      return '::'
    case 1:
      return '::1'
    case 2:
      return `fe80::${hex(random.bits(16))}`
    case 3:
      return `2001:DB8:${hex(random.bits(16))}::${hex(random.bits(16))}`
    case 4:
      return `::ffff:${ipv4Text(random)}`
    case 5:
      return `2001:db8::${hex(random.bits(16))}:0:1`
    default:
      return ipv6Groups(random.bits(128))
  }
}

const named = [
  'in_port',
  'LOCAL',
  'local',
  'IN_PORT',
  'controller',
  'CONTROLLER',
  'Normal',
  'flood',
  'ALL',
  'table',
  'ANY',
  'none',
  'unset',
]

/** One that begins with a digit would be read as a length of a prefix. */
const ipv6Mask = (random: Random): string =>
  random.pick([
    '::',
    '::1',
    '::ffff',
    'ffff::',
    'ffff:ffff::',
    '::ffff:255.255.0.0',
    `f${ipv6Groups(random.bits(112)).slice(1)}`,
    'FFFF::FFFF',
  ])

/** A number that both port spaces know, or a name in any case. */
export const portText = (random: Random): string => {
  switch (random.below(6)) {
    case 0:
      return random.pick(named)
    case 1:
      return `${random.pick([0, 1, 65279, 65280 - 1, 0xfff8, 0xfffe, 0xffff])}`
    case 2:
      return `${random.pick([4294967288, 4294967292, 4294967294])}`
    default:
      return `${random.between(1, 200)}`
  }
}

interface Case {
  readonly random: Random
  readonly field: Field
  /** As a match, or as the value of set_field. */
  readonly use: 'match' | 'set'
  readonly masks: boolean
}

/** Values with which Open vSwitch would not read its own message, or that set_field refuses. */
const sane = (field: Field, use: Case['use'], value: bigint): bigint => {
  switch (nameOf(field)) {
    case 'vlan_tci':
      return value === 0n ? 0n : value | 0x1000n
    case 'vlan_vid':
      return value | 0x1000n
    case 'nsh_ttl':
      return value & 0x3fn
    case 'nsh_mdtype':
      return (value & 1n) + 1n
    case 'nw_tos':
      return use === 'set' ? value & 0xfcn : value
    case 'arp_op':
      return value & 0xffn
    default:
      return value
  }
}

const integer = ({ random, field, use }: Case): bigint =>
  sane(field, use, random.bits(Math.min(field.bits, 64)))

/** In a match the value may have bits that the mask has not; they are dropped. Those of set_field are sent as they are. */
const maskedNumbers = (one: Case): string => {
  const { random, field, use } = one
  const mask = maskOf(one)
  if (isMistaken(one)) return `${numberText(random, mask | 1n)}/${numberText(random, mask | 1n)}`
  const tag = isTag(field) ? 0x1000n : 0n
  const value = random.bits(Math.min(field.bits, 64)) | tag
  const kept = use === 'set' ? value & mask : value
  return `${numberText(random, kept)}/${numberText(random, mask)}`
}

const isTag = (field: Field): boolean => /^vlan_(?:tci|vid)$/.test(nameOf(field))

/** A tag's mask has the bit that says there is one, and all of the priority or none of it: OXM can tell no other. */
const maskOf = ({ random, field, use }: Case): bigint => {
  const mask = random.bits(Math.min(field.bits, 64))
  if (nameOf(field) === 'vlan_tci') return random.pick([0x1000n, 0xf000n]) | (mask & 0xfffn)
  if (isTag(field)) return mask | 0x1000n
  return use === 'set' ? mask | 1n : mask
}

const maskedWide = (one: Case): string => {
  const { random, field, use } = one
  const width = isTunnelMetadata(field) ? random.pick([8, 32, 64, 128, 320]) : field.bits
  const mask = random.bits(width) | 1n
  const value = use === 'set' ? random.bits(width) & mask : random.bits(width)
  return `0x${hex(value)}/0x${hex(mask)}`
}

const macOf = (bits: bigint): string => (hex(bits, 12).match(/../g) ?? []).join(':')

const maskedMacs = ({ random, use }: Case): string => {
  if (use === 'match') return `${macText(random)}/${macText(random)}`
  const mask = random.bits(48) | 1n
  return `${macOf(random.bits(48) & mask)}/${macOf(mask)}`
}

const prefix = (bits: bigint, width: number, length: number): bigint => {
  const rest = BigInt(width - length)
  return (bits >> rest) << rest
}

const prefixed = ({ random, use }: Case, width: 32 | 128): string => {
  const length = random.between(1, width)
  const show = width === 32 ? ipv4Of : ipv6Groups
  const address =
    use === 'set'
      ? show(prefix(random.bits(width), width, length))
      : width === 32
        ? ipv4Text(random)
        : ipv6Text(random)
  return `${address}/${length}`
}

const maskedIpv4 = ({ random, use }: Case): string => {
  if (use === 'match') return `${ipv4Text(random)}/${ipv4Text(random)}`
  const mask = random.bits(32) | 1n
  return `${ipv4Of(random.bits(32) & mask)}/${ipv4Of(mask)}`
}

const maskedIpv6 = ({ random, use }: Case): string => {
  if (use === 'match') return `${ipv6Text(random)}/${ipv6Mask(random)}`
  return random.pick(['2001:db8::/ffff:ffff::', '::1/::ffff', 'fe80::1/ffc0::ff', '::/f0f0::'])
}

const wide = ({ random, field }: Case): string => {
  if (isTunnelMetadata(field)) return `0x${hex(random.bits(random.pick([8, 16, 32, 64, 128, 320, 992])))}`
  return `0x${hex(random.bits(field.bits))}`
}

const isNumber = ({ field }: Case): boolean => field.format === 'decimal' || field.format === 'hex'
const isWide = ({ field }: Case): boolean => isNumber({ field } as Case) && field.bits > 64
const mayMask = ({ field, masks }: Case): boolean => masks && field.maskable
const isFormat =
  (format: Field['format'], more: (one: Case) => boolean = () => true) =>
  (one: Case): boolean =>
    one.field.format === format && more(one)

const tcpFlags = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ece', 'cwr', 'ns']
const ctStates = ['new', 'est', 'rel', 'rpl', 'inv', 'trk', 'snat', 'dnat']

const signs = (random: Random, names: readonly string[]): string =>
  random
    .shuffle(names)
    .slice(0, random.between(1, names.length))
    .map((name) => `${random.pick(['+', '-'])}${name}`)
    .join('')

const bars = (random: Random, names: readonly string[]): string =>
  random.shuffle(names).slice(0, random.between(1, names.length)).join('|')

const flagNames = ({ field }: Case): readonly string[] => (field.format === 'tcp_flags' ? tcpFlags : ctStates)
const isFlags = (one: Case): boolean => one.field.format === 'tcp_flags' || one.field.format === 'ct_state'

const flagNumber = (one: Case): string => numberText(one.random, one.random.below(1 << flagNames(one).length))

/** Of these Open vSwitch 3.1 sends the value in place of the mask, so only the two alike say what they mean. */
const maskIsValue = /^tun_(?:erspan_(?:ver|dir|hwid)|gtpu_(?:flags|msgtype))$/
const isMistaken = ({ field, use }: Case): boolean => use === 'match' && maskIsValue.test(nameOf(field))

const integers = (one: Case): boolean => isNumber(one) && !isWide(one)

const spellings: readonly Option<Case>[] = [
  {
    name: 'number',
    when: (one) => integers(one) && !isMistaken(one),
    make: (one) => numberText(one.random, integer(one)),
  },
  { name: 'number/mask', when: (one) => integers(one) && mayMask(one), make: maskedNumbers },
  { name: 'wide', when: isWide, make: wide },
  { name: 'wide/mask', when: (one) => isWide(one) && mayMask(one), make: maskedWide },
  { name: 'mac', when: isFormat('mac'), make: ({ random }) => macText(random) },
  { name: 'mac/mask', when: isFormat('mac', mayMask), make: maskedMacs },
  { name: 'ipv4', when: isFormat('ipv4'), make: ({ random }) => ipv4Text(random) },
  { name: 'ipv4/prefix', when: isFormat('ipv4', mayMask), make: (one) => prefixed(one, 32) },
  { name: 'ipv4/mask', when: isFormat('ipv4', mayMask), make: maskedIpv4 },
  {
    name: 'ipv4/netmask',
    when: isFormat('ipv4', (one) => mayMask(one) && one.use === 'match'),
    make: ({ random }) =>
      `${ipv4Text(random)}/${random.pick(['255.255.255.0', '255.0.0.0', '255.255.255.252'])}`,
  },
  { name: 'ipv6', when: isFormat('ipv6'), make: ({ random }) => ipv6Text(random) },
  { name: 'ipv6/prefix', when: isFormat('ipv6', mayMask), make: (one) => prefixed(one, 128) },
  { name: 'ipv6/mask', when: isFormat('ipv6', mayMask), make: maskedIpv6 },
  { name: 'port', when: isFormat('port'), make: ({ random }) => portText(random) },
  {
    name: 'frag',
    when: isFormat('frag'),
    make: ({ random }) => random.pick(['no', 'yes', 'first', 'later', 'not_later', 'No']),
  },
  {
    name: 'tun_flags',
    when: isFormat('tun_flags'),
    make: ({ random }) => random.pick(['oam', '+oam', '-oam', '0', '1', '0/1', '1/1']),
  },
  { name: 'flags |', when: isFlags, make: (one) => bars(one.random, flagNames(one)) },
  { name: 'flags +-', when: isFlags, make: (one) => signs(one.random, flagNames(one)) },
  { name: 'flags number', when: isFlags, make: (one) => flagNumber(one) },
  { name: 'flags number/mask', when: isFlags, make: (one) => `${flagNumber(one)}/${flagNumber(one)}` },
  {
    name: 'packet_type',
    when: isFormat('packet_type'),
    make: ({ random }) =>
      random.pick(['(0,0)', '(0x0,0x0)', '(1,0x800)', '(1,0x894f)', '(1,0x86dd)', '(1,2054)']),
  },
]

/** A value for the field; its spelling is named beside the field's name. */
export const valueText = (random: Random, field: Field, use: 'match' | 'set', masks: boolean): string => {
  const one: Case = { random, field, use, masks }
  const possible = spellings.filter((spelling) => spelling.when?.(one) ?? true)
  const featureOf = (spelling: Option<Case>): string => `~${use} ${familyOf(field)} ${spelling.name}`
  const spelling = random.least(possible, featureOf)
  random.name(featureOf(spelling))
  return spelling.make(one)
}
