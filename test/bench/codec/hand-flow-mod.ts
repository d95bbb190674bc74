/**
 * The yardstick: a flow-mod of OpenFlow 1.3 read and written by hand, for this one message and the kinds of field,
 * instruction and action that the measured ones have. It takes and gives the same values as `decode` and `encode` and
 * checks as much: every length, every name, every number's range. It knows nothing else and generates nothing.
 */
import type { FlowMod } from 'ts-openflow'
import { badBytes, badValue, type HandWriter, narrow, wide } from './hand-writer.ts'

type Field = FlowMod['match'][number]
type Instruction = FlowMod['instructions'][number]
type Output = Extract<Extract<Instruction, { type: 'apply_actions' }>['actions'][number], { type: 'output' }>

const commands = ['add', 'modify', 'modify_strict', 'delete', 'delete_strict'] as const
const flagNames: FlowMod['flags'] = [
  'send_flow_rem',
  'check_overlap',
  'reset_counts',
  'no_pkt_counts',
  'no_byt_counts',
  ...Array.from({ length: 11 }, (_, index) => `bit_${index + 5}` as const),
]
const none: readonly never[] = []

export function readFlowMod(bytes: Uint8Array): FlowMod {
  const length = bytes.length
  if (length < 56) throw badBytes('too short', length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, length)
  if (view.getUint16(0) !== 0x040e) throw badBytes('not a flow-mod of OpenFlow 1.3', 0)
  if (view.getUint16(2) !== length) throw badBytes('the length is wrong', 2)
  const command = commands[view.getUint8(25)]
  if (command === undefined) throw badBytes('unknown command', 25)
  const matchLength = view.getUint16(50)
  const afterMatch = 48 + ((matchLength + 7) & ~7)
  if (view.getUint16(48) !== 1 || matchLength < 4 || afterMatch > length) throw badBytes('bad match', 48)
  const flags = view.getUint16(44)
  return {
    type: 'flow_mod',
    version: 4,
    xid: view.getUint32(4),
    cookie: view.getBigUint64(8),
    cookieMask: view.getBigUint64(16),
    tableId: view.getUint8(24),
    command,
    idleTimeoutS: view.getUint16(26),
    hardTimeoutS: view.getUint16(28),
    priority: view.getUint16(30),
    bufferId: view.getUint32(32),
    outPort: view.getUint32(36),
    outGroup: view.getUint32(40),
    flags: flags === 0 ? none : readFlags(flags),
    match: readMatch(view, 52, 48 + matchLength),
    instructions: readInstructions(view, afterMatch, length),
  }
}

function readFlags(bits: number): FlowMod['flags'] {
  return flagNames.filter((_, bit) => (bits >>> bit) & 1)
}

export function readMatch(view: DataView, from: number, end: number): readonly Field[] {
  const fields: Field[] = []
  for (let at = from; at < end; ) {
    if (at + 4 > end) throw badBytes('a field without a header', at)
    const header = view.getUint32(at)
    const next = at + 4 + (header & 0xff)
    if (next > end) throw badBytes('a field that is too long', at)
    fields.push(readField(view, header, at + 4))
    at = next
  }
  return fields
}

/** The header with its mask bit and length says all: any other is none of ours. */
function readField(view: DataView, header: number, at: number): Field {
  switch (header) {
    case 0x8000_0004:
      return { field: 'in_port', value: view.getUint32(at) }
    case 0x8000_0a02:
      return { field: 'eth_type', value: view.getUint16(at) }
    case 0x8000_0c02:
      return { field: 'vlan_vid', value: view.getUint16(at) }
    case 0x8000_0d04:
      return { field: 'vlan_vid', value: view.getUint16(at), mask: view.getUint16(at + 2) }
    case 0x8000_1401:
      return { field: 'ip_proto', value: view.getUint8(at) }
    case 0x8000_1604:
      return { field: 'ipv4_src', value: view.getUint32(at) }
    case 0x8000_1804:
      return { field: 'ipv4_dst', value: view.getUint32(at) }
    case 0x8000_1a02:
      return { field: 'tcp_src', value: view.getUint16(at) }
    case 0x8000_1c02:
      return { field: 'tcp_dst', value: view.getUint16(at) }
    default:
      throw badBytes('not a field of ours', at)
  }
}

function readInstructions(view: DataView, from: number, end: number): readonly Instruction[] {
  const instructions: Instruction[] = []
  for (let at = from; at < end; ) {
    if (at + 8 > end) throw badBytes('an instruction is cut off', at)
    const kind = view.getUint16(at)
    const length = view.getUint16(at + 2)
    const next = at + length
    if (length < 8 || length % 8 !== 0 || next > end) throw badBytes('bad instruction length', at)
    if (kind === 1 && length === 8) instructions.push({ type: 'goto_table', tableId: view.getUint8(at + 4) })
    else if (kind === 4)
      instructions.push({ type: 'apply_actions', actions: readActions(view, at + 8, next) })
    else throw badBytes('not an instruction of ours', at)
    at = next
  }
  return instructions
}

function readActions(view: DataView, from: number, end: number): readonly Output[] {
  const actions: Output[] = []
  for (let at = from; at < end; at += 16) {
    if (at + 16 > end || view.getUint32(at) !== 0x0000_0010) throw badBytes('not an action of ours', at)
    actions.push({ type: 'output', port: view.getUint32(at + 4), maxLen: view.getUint16(at + 8) })
  }
  return actions
}

export function writeFlowMod(w: HandWriter, message: FlowMod): Uint8Array {
  const start = w.reserve(longest(message))
  const { view } = w
  const command = commands.indexOf(message.command)
  if (command < 0) throw badValue('command', message.command)
  view.setUint16(start, 0x040e)
  view.setUint32(start + 4, narrow(message.xid, 0xffff_ffff))
  view.setBigUint64(start + 8, wide(message.cookie))
  view.setBigUint64(start + 16, wide(message.cookieMask))
  view.setUint8(start + 24, narrow(message.tableId, 0xff))
  view.setUint8(start + 25, command)
  view.setUint16(start + 26, narrow(message.idleTimeoutS, 0xffff))
  view.setUint16(start + 28, narrow(message.hardTimeoutS, 0xffff))
  view.setUint16(start + 30, narrow(message.priority, 0xffff))
  view.setUint32(start + 32, narrow(message.bufferId, 0xffff_ffff))
  view.setUint32(start + 36, narrow(message.outPort, 0xffff_ffff))
  view.setUint32(start + 40, narrow(message.outGroup, 0xffff_ffff))
  view.setUint16(start + 44, flagBits(message.flags))
  let at = writeMatch(view, start + 48, message.match)
  for (const instruction of message.instructions) at = writeInstruction(view, at, instruction)
  view.setUint16(start + 2, at - start)
  return w.finish(start, at)
}

/** No field of ours takes more than 8 bytes, no action more than 16. */
function longest({ match, instructions }: FlowMod): number {
  let most = 60 + 8 * match.length
  for (const one of instructions) most += one.type === 'apply_actions' ? 8 + 16 * one.actions.length : 8
  return most
}

function flagBits(flags: FlowMod['flags']): number {
  let bits = 0
  for (const flag of flags) {
    const bit = flagNames.indexOf(flag)
    if (bit < 0) throw badValue('flag', flag)
    bits |= 1 << bit
  }
  return bits
}

/** Gives where the padding after it ends. */
export function writeMatch(view: DataView, start: number, fields: readonly Field[]): number {
  view.setUint16(start, 1)
  let at = start + 4
  for (const field of fields) at = writeField(view, at, field)
  view.setUint16(start + 2, at - start)
  return start + ((at - start + 7) & ~7)
}

function writeField(view: DataView, at: number, one: Field): number {
  if (one.mask !== undefined && one.field !== 'vlan_vid') throw badValue('mask', one.field)
  switch (one.field) {
    case 'in_port':
      return write32(view, at, 0x8000_0004, one.value)
    case 'eth_type':
      return write16(view, at, 0x8000_0a02, one.value)
    case 'vlan_vid':
      if (one.mask === undefined) return write16(view, at, 0x8000_0c02, one.value)
      view.setUint16(at + 6, narrow(one.mask, 0xffff))
      write16(view, at, 0x8000_0d04, one.value)
      return at + 8
    case 'ip_proto':
      view.setUint32(at, 0x8000_1401)
      view.setUint8(at + 4, narrow(one.value, 0xff))
      return at + 5
    case 'ipv4_src':
      return write32(view, at, 0x8000_1604, one.value)
    case 'ipv4_dst':
      return write32(view, at, 0x8000_1804, one.value)
    case 'tcp_src':
      return write16(view, at, 0x8000_1a02, one.value)
    case 'tcp_dst':
      return write16(view, at, 0x8000_1c02, one.value)
    default:
      throw badValue('field', one.field)
  }
}

function write16(view: DataView, at: number, header: number, value: number | bigint): number {
  view.setUint32(at, header)
  view.setUint16(at + 4, narrow(value, 0xffff))
  return at + 6
}

function write32(view: DataView, at: number, header: number, value: number | bigint): number {
  view.setUint32(at, header)
  view.setUint32(at + 4, narrow(value, 0xffff_ffff))
  return at + 8
}

function writeInstruction(view: DataView, start: number, instruction: Instruction): number {
  if (instruction.type === 'goto_table') {
    view.setUint32(start, 0x0001_0008)
    view.setUint8(start + 4, narrow(instruction.tableId, 0xff))
    return start + 8
  }
  if (instruction.type !== 'apply_actions') throw badValue('instruction', instruction.type)
  view.setUint16(start, 4)
  let at = start + 8
  for (const action of instruction.actions) {
    if (action.type !== 'output') throw badValue('action', action.type)
    view.setUint32(at, 0x0000_0010)
    view.setUint32(at + 4, narrow(action.port, 0xffff_ffff))
    view.setUint16(at + 8, narrow(action.maxLen, 0xffff))
    at += 16
  }
  view.setUint16(start + 2, at - start)
  return at
}
