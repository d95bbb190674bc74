/** `ct` and `nat` in ovs-ofctl's syntax. */
import type { ActionInput } from '../../../actions/actions.ts'
import { noRecirculation, type NatRange } from '../../../actions/conntrack.ts'
import { integer, number, table } from '../number.ts'
import { isIp, isIpv4, isIpv6, type PacketState } from '../packet-state.ts'
import { type Pair, pairsOf, type Piece, slice, syntaxError } from '../scan.ts'
import { type Subfield, subfield } from '../subfield.ts'
import { ipv4Of, ipv6Of } from '../value.ts'
import { type ActionContext, type ActionParser, type NestedParser, within } from './context.ts'
import { checkSource } from './fitness.ts'

type CtFlag = 'commit' | 'force'
type NatFlag = 'src' | 'dst' | 'persistent' | 'protocol_hash' | 'protocol_random'

interface CtDraft {
  flags: CtFlag[]
  zone: number | Subfield
  recircTable: number
  alg: 'none' | 'ftp' | 'tftp'
  actions: ActionInput[]
}

/** With `nested` for the actions of `exec`. */
export const conntrack =
  (nested: NestedParser): ActionParser =>
  (arg, context) => {
    const draft: CtDraft = { flags: [], zone: 0, recircTable: noRecirculation, alg: 'none', actions: [] }
    const pairs = pairsOf(arg)
    const inner = within(context, 'ct')
    // Open vSwitch looks at what is inside only where the zone is a number.
    if (pairs.some(isZoneOfField)) inner.packet = undefined
    for (const { key, value } of pairs) {
      if (key.text === 'commit' || key.text === 'force') draft.flags.push(key.text)
      else if (key.text === 'table') draft.recircTable = recirculation(value)
      else if (key.text === 'zone') draft.zone = zone(value, context)
      else if (key.text === 'alg') draft.alg = alg(value)
      else if (key.text === 'nat') draft.actions.push(nat(value, inner))
      else if (key.text === 'exec') draft.actions.push(...nested(value, inner))
      else throw syntaxError(key, `ct has no ${key.text}`)
    }
    const flags = (['commit', 'force'] as const).filter((flag) => draft.flags.includes(flag))
    if (flags.includes('force') && !flags.includes('commit')) throw syntaxError(arg, 'force needs commit')
    if (context.packet !== undefined && !isTrackable(context.packet, draft))
      throw syntaxError(arg, 'the match does not say that packets are such as this ct follows')
    return [{ type: 'nx_ct', ...draft, flags }]
  }

const invalid = 0x10n
const algProtocol = { none: undefined, ftp: 6, tftp: 17 } as const

function isTrackable(packet: PacketState, { flags, alg }: CtDraft): boolean {
  const protocol = algProtocol[alg]
  if (flags.includes('commit') && (packet.ctState.value & invalid) !== 0n) return false
  return isIp(packet) && (protocol === undefined || packet.ipProtocol === protocol)
}

function recirculation(word: Piece): number {
  const next = table(word)
  if (next === noRecirculation) throw syntaxError(word, 'a packet cannot go on in table 255')
  return next
}

const isZoneOfField = ({ key, value }: Pair): boolean =>
  key.text === 'zone' && integer(value.text) === undefined

/** A number, or sixteen bits of a field. */
function zone(word: Piece, context: ActionContext): number | Subfield {
  if (integer(word.text) !== undefined) return number(word, 16, 'a zone')
  const bits = subfield(word)
  if (bits.nBits !== 16) throw syntaxError(word, `a zone has 16 bits, ${word.text} has ${bits.nBits}`)
  checkSource(bits, context, word)
  return bits
}

function alg(word: Piece): 'ftp' | 'tftp' {
  if (word.text === 'ftp' || word.text === 'tftp') return word.text
  throw syntaxError(word, `connections are followed for ftp and tftp, not "${word.text}"`)
}

const natFlags: ReadonlyMap<string, NatFlag> = new Map([
  ['src', 'src'],
  ['dst', 'dst'],
  ['persistent', 'persistent'],
  ['hash', 'protocol_hash'],
  ['random', 'protocol_random'],
])

export function nat(arg: Piece, { inside, packet }: ActionContext): ActionInput {
  if (inside !== 'ct') throw syntaxError(arg, 'nat stands inside of ct')
  const flags: NatFlag[] = []
  let range: NatRange = {}
  for (const { key, value } of pairsOf(arg)) {
    const flag = natFlags.get(key.text)
    if (flag === undefined) throw syntaxError(key, `nat has no ${key.text}`)
    flags.push(flag)
    if (flag !== 'src' && flag !== 'dst') continue
    range = natRange(value)
    if (packet !== undefined && !hasSuchAddresses(packet, value))
      throw syntaxError(value, 'the match does not say that packets have such addresses')
  }
  const has = (flag: NatFlag): boolean => flags.includes(flag)
  if (has('src') && has('dst')) throw syntaxError(arg, 'nat is of src or of dst')
  if (flags.length > 0 && !has('src') && !has('dst')) throw syntaxError(arg, 'flags of nat need src or dst')
  if (has('protocol_hash') && has('protocol_random'))
    throw syntaxError(arg, 'nat has hash or random, not both')
  return { type: 'nx_nat', flags, ...range }
}

const ipv4Pattern = String.raw`\d+\.\d+\.\d+\.\d+`
/** Without brackets an IPv6 address takes every colon, so that no port can follow. */
const addressPattern = String.raw`${ipv4Pattern}|\[[^\]]*\]|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*`
const ranges = new RegExp(
  String.raw`^(?:(${addressPattern})(?:-(${addressPattern}))?)??(?::(\d+)(?:-(\d+))?)?$`,
)
const startsAsIpv4 = new RegExp(`^${ipv4Pattern}`)

function hasSuchAddresses(packet: PacketState, { text }: Piece): boolean {
  if (text === '' || /^:\d/.test(text)) return true
  return startsAsIpv4.test(text) ? isIpv4(packet) : isIpv6(packet)
}

/** `10.0.0.1-10.0.0.9:1024-65535`; an IPv6 address before a port stands in brackets. */
function natRange(word: Piece): NatRange {
  const found = ranges.exec(word.text)
  if (found === null) throw syntaxError(word, `"${word.text}" is no range of addresses and ports`)
  const [, first, last, low, high] = found
  const part = (text: string): Piece => {
    const bare = text.replace(/^\[|\]$/g, '')
    return { ...slice(word, word.text.indexOf(text)), text: bare }
  }
  const addresses: NatRange =
    first === undefined
      ? {}
      : first.includes(':')
        ? ipv6Range(part(first), last && part(last))
        : ipv4Range(part(first), last && part(last))
  const portMin = low === undefined ? 0 : number(part(low), 16, 'a port')
  const portMax = high === undefined ? 0 : number(part(high), 16, 'a port')
  if (high !== undefined && portMax < portMin)
    throw syntaxError(word, 'the range of ports ends before it begins')
  return {
    ...addresses,
    ...(portMin === 0 ? {} : { portMin }),
    ...(portMax > portMin && portMin !== 0 ? { portMax } : {}),
  }
}

function ipv4Range(first: Piece, last: Piece | '' | undefined): NatRange {
  const min = Number(ipv4Of(first))
  const max = last === undefined || last === '' ? 0 : Number(ipv4Of(last))
  if (last && max < min) throw syntaxError(last, 'the range of addresses ends before it begins')
  return { ...(min === 0 ? {} : { ipv4Min: min }), ...(max === 0 ? {} : { ipv4Max: max }) }
}

function ipv6Range(first: Piece, last: Piece | '' | undefined): NatRange {
  const min = ipv6Of(first)
  const max = last === undefined || last === '' ? 0n : ipv6Of(last)
  if (last && max < min) throw syntaxError(last, 'the range of addresses ends before it begins')
  return { ...(min === 0n ? {} : { ipv6Min: min }), ...(max === 0n ? {} : { ipv6Max: max }) }
}
