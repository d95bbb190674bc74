/** Actions that push, pop, copy and count, in ovs-ofctl's syntax. */
import type { ActionInput } from '../../../actions/actions.ts'
import type { EncapProperty } from '../../../actions/encap.ts'
import type { FieldName } from '../../../fields/table.ts'
import { fieldOfHeader } from '../field-names.ts'
import { number, unsigned } from '../number.ts'
import { pairsOf, type Piece, syntaxError, words } from '../scan.ts'
import { asSource, asTarget, bitsOf, type Subfield, subfield } from '../subfield.ts'
import { ones } from '../value.ts'
import { decapsulated, encapsulated, labelled, tagged, unlabelled, untagged } from '../packet-state.ts'
import { type ActionParser, arrow, bytesOf } from './context.ts'
import { checkPlace, checkSource, checkTarget } from './fitness.ts'

/** copy_field names a field by its newest number, Nicira's actions by the oldest: of `in_port` they differ in width. */
const byNewestClass = ({ oxmClass, ...bits }: Subfield): Subfield =>
  bits.field === 'in_port' && oxmClass === undefined ? { ...bits, oxmClass: 0 } : bits

/** Copies bits: copy_field from 1.5 on, Nicira's move before. */
const move: ActionParser = (arg, context) => {
  const { version } = context
  const [from, to] = arrow(arg)
  const [src, dst] = [subfield(from), subfield(to)]
  if (src.nBits !== dst.nBits)
    throw syntaxError(arg, `${from.text} has ${src.nBits} bits, ${to.text} has ${dst.nBits}`)
  checkPlace(dst.field, context, to)
  checkSource(src, context, from)
  checkTarget(dst, context, to)
  return [
    {
      type: version >= 6 ? 'copy_field' : 'nx_reg_move',
      nBits: src.nBits,
      srcOffset: src.offset,
      dstOffset: dst.offset,
      ...asSource(version >= 6 ? byNewestClass(src) : src),
      ...asTarget(version >= 6 ? byNewestClass(dst) : dst),
    },
  ]
}

const pushVlan: ActionParser = (arg, context) => {
  const ethertype = number(arg, 16, 'an Ethernet type')
  if (ethertype !== 0x8100 && ethertype !== 0x88a8)
    throw syntaxError(arg, `${arg.text} is no type of a VLAN tag`)
  if (context.packet !== undefined) {
    context.packet = tagged(context.packet)
    if (context.packet === undefined) throw syntaxError(arg, 'a packet has two VLAN tags at most')
  }
  return [{ type: 'push_vlan', ethertype }]
}

const popVlan: ActionParser = (_, context) => {
  if (context.packet !== undefined) context.packet = untagged(context.packet)
  return [{ type: context.version === 1 ? 'strip_vlan' : 'pop_vlan' }]
}

const conjunction: ActionParser = (arg) => {
  const found = /^\s*([0-9a-fA-FxX]+)\s*,\s*(\d+)\s*\/\s*(\d+)\s*$/.exec(arg.text)
  if (found === null) throw syntaxError(arg, 'the form is conjunction(ID,K/N)')
  const [, id = '', k = '', n = ''] = found
  const [clause, nClauses] = [Number(k), Number(n)]
  if (nClauses < 2 || nClauses > 64) throw syntaxError(arg, 'a conjunction has 2 to 64 clauses')
  if (clause < 1 || clause > nClauses) throw syntaxError(arg, `clause ${clause} is not among ${nClauses}`)
  return [
    {
      type: 'nx_conjunction',
      id: number({ ...arg, text: id }, 32, 'a conjunction'),
      clause: clause - 1,
      nClauses,
    },
  ]
}

const finTimeout: ActionParser = (arg) => {
  const said = { finIdleTimeoutS: 0, finHardTimeoutS: 0 }
  for (const { key, value } of pairsOf(arg)) {
    if (key.text === 'idle_timeout') said.finIdleTimeoutS = number(value, 16, 'a timeout')
    else if (key.text === 'hard_timeout') said.finHardTimeoutS = number(value, 16, 'a timeout')
    else throw syntaxError(key, `fin_timeout has no ${key.text}`)
  }
  return [{ type: 'nx_fin_timeout', ...said }]
}

/** `check_pkt_larger(1500)->reg0[0]`. */
const checkLarger: ActionParser = (arg) => {
  const [length, to] = arrow(arg)
  const dst = subfield(to)
  if (dst.nBits !== 1) throw syntaxError(to, 'the answer is one bit')
  const pktLen = number({ ...length, text: length.text.replace(/\)$/, '') }, 16, 'a length')
  return [{ type: 'nx_check_pkt_larger', pktLen, dstOffset: dst.offset, ...asTarget(dst) }]
}

const deleteField: ActionParser = (arg, { packet }) => {
  const row = fieldOfHeader(arg.text.replace(/\[\]$/, ''))
  if (row === undefined) throw syntaxError(arg, `"${arg.text}" is no field`)
  if (packet !== undefined && !row.name.startsWith('tun_metadata'))
    throw syntaxError(arg, 'only options of a tunnel, tun_metadata0 to 63, can be deleted')
  return [{ type: 'nx_delete_field', field: row.name as FieldName }]
}

const packetTypes: ReadonlyMap<string, number> = new Map([
  ['ethernet', 0],
  ['nsh', 0x1_894f],
  ['mpls', 0x1_8847],
  ['mpls_mc', 0x1_8848],
])

const encap: ActionParser = (arg, context) => {
  const [header] = pairsOf(arg)
  const newPacketType = header === undefined ? undefined : packetTypes.get(header.key.text)
  if (header === undefined || newPacketType === undefined)
    throw syntaxError(arg, `a header to put on is one of ${[...packetTypes.keys()].join(', ')}`)
  const properties = pairsOf(header.value).map(({ key, value }) => encapProperty(header.key, key, value))
  if (context.packet !== undefined) context.packet = encapsulated(context.packet, newPacketType)
  return [{ type: 'nx_encap', headerSize: 0, newPacketType, properties }]
}

function encapProperty(header: Piece, key: Piece, value: Piece): EncapProperty {
  if (header.text !== 'nsh') throw syntaxError(key, `${header.text} has no properties`)
  if (key.text === 'md_type') {
    const mdType = number(value, 8, 'a type of metadata')
    if (mdType !== 1 && mdType !== 2) throw syntaxError(value, 'metadata are of type 1 or 2')
    return { type: 'nsh_md_type', mdType }
  }
  if (key.text !== 'tlv') throw syntaxError(key, `nsh has md_type and tlv, not ${key.text}`)
  const [tlvClass, tlvType, bytes] = words(value, ',')
  if (tlvClass === undefined || tlvType === undefined || bytes === undefined || !bytes.text.startsWith('0x'))
    throw syntaxError(value, 'the form is tlv(0xCLASS,TYPE,0xBYTES)')
  const digits = bytes.text.slice(2)
  return {
    type: 'nsh_tlv',
    tlvClass: number(tlvClass, 16, 'a class'),
    tlvType: number(tlvType, 8, 'a type'),
    value: bytesOf({ text: digits.length % 2 === 0 ? digits : digits.slice(0, -1), at: bytes.at + 2 }),
  }
}

/** The packet type that is left; by default what the header says comes next. */
const decap: ActionParser = (arg, context) => {
  const [pair] = pairsOf(arg)
  if (context.packet !== undefined) context.packet = decapsulated(context.packet)
  if (pair === undefined) return [{ type: 'nx_decap', newPacketType: 0xfffe }]
  if (pair.key.text !== 'packet_type')
    throw syntaxError(pair.key, `decap has packet_type, not ${pair.key.text}`)
  const [ns, type] = pairsOf(pair.value)
  if (ns?.key.text !== 'ns' || type?.key.text !== 'type')
    throw syntaxError(pair.value, 'the form is packet_type(ns=NUMBER,type=NUMBER)')
  const namespace = number(ns.value, 16, 'a namespace')
  if (namespace > 1) throw syntaxError(ns.value, 'namespaces are 0 and 1')
  return [{ type: 'nx_decap', newPacketType: namespace * 0x10000 + number(type.value, 16, 'a type') }]
}

const stackPush: ActionParser = (arg, context) => {
  const src = subfield(arg)
  checkSource(src, context, arg)
  return [{ type: 'nx_stack_push', bits: bitsOf(src), ...asSource(src) }]
}

const stackPop: ActionParser = (arg, context) => {
  const dst = subfield(arg)
  checkTarget(dst, context, arg)
  return [{ type: 'nx_stack_pop', bits: bitsOf(dst), ...asTarget(dst) }]
}

const mplsHeader =
  (type: 'push_mpls' | 'pop_mpls'): ActionParser =>
  (arg, context) => {
    const ethertype = number(arg, 16, 'an Ethernet type')
    const change = type === 'push_mpls' ? labelled : unlabelled
    if (context.packet !== undefined) context.packet = change(context.packet, ethertype)
    return [{ type, ethertype }]
  }

/** A note is as long as its padding makes it. */
const note: ActionParser = (arg) => [{ type: 'nx_note', note: bytesOf(arg) }]

const plain =
  (action: ActionInput): ActionParser =>
  (arg) => {
    if (arg.text !== '') throw syntaxError(arg, `${action.type} takes nothing`)
    return [action]
  }

/** `VALUE` or `VALUE/MASK`. */
export function metadataOf(arg: Piece): { metadata: bigint; metadataMask: bigint } {
  const [value, mask] = words(arg, '/')
  return {
    metadata: unsigned(value ?? arg, 64, 'metadata'),
    metadataMask: mask === undefined ? ones(64) : unsigned(mask, 64, 'a mask'),
  }
}

export const headerActions: Readonly<Record<string, ActionParser>> = {
  move,
  push_vlan: pushVlan,
  pop_vlan: popVlan,
  strip_vlan: popVlan,
  push_mpls: mplsHeader('push_mpls'),
  pop_mpls: mplsHeader('pop_mpls'),
  dec_mpls_ttl: plain({ type: 'dec_mpls_ttl' }),
  dec_nsh_ttl: plain({ type: 'nx_dec_nsh_ttl' }),
  push: stackPush,
  pop: stackPop,
  conjunction,
  fin_timeout: finTimeout,
  check_pkt_larger: checkLarger,
  delete_field: deleteField,
  encap,
  decap,
  note,
  exit: plain({ type: 'nx_exit' }),
  ct_clear: plain({ type: 'nx_ct_clear' }),
  debug_recirc: plain({ type: 'nx_debug_recirc' }),
  debug_slow: plain({ type: 'nx_debug_slow' }),
}
