/** Lines of packets that come and go, with what is in them. */
import { noBuffer } from '../../common/names.ts'
import type { Match } from '../../fields/oxm.ts'
import type { MessageOf } from '../../message.ts'
import { showActions } from '../actions.ts'
import { showMatch } from '../match.ts'
import { portName } from '../names.ts'
import { showPacket } from '../packet.ts'
import { hex, words } from './words.ts'

function packetLine(data: Uint8Array, match: Match = []): string {
  const type = match.find(({ field }) => field === 'packet_type')
  return `\n${type === undefined ? showPacket(data) : showPacket(data, Number(type.value))}`
}
const buffer = (bufferId: number): string => `buffer=0x${bufferId.toString(16).padStart(8, '0')}`

/** A cookie of all ones says that there is none. */
const noCookie = 0xffff_ffff_ffff_ffffn

interface PacketIn {
  readonly tableId?: number
  readonly cookie?: bigint
  readonly totalLen?: number
  readonly match?: Match
  readonly reason?: string | number
  readonly data?: Uint8Array
  readonly bufferId?: number
}

function packetInLine({ tableId = 0, cookie = noCookie, match = [], ...one }: PacketIn): string {
  const { data = new Uint8Array(0), reason = 'no_match', bufferId = noBuffer } = one
  const total = one.totalLen ?? data.length
  return words(
    tableId !== 0 && `table_id=${tableId}`,
    cookie !== noCookie && `cookie=${hex(cookie)}`,
    `total_len=${total}`,
    // A space follows even no match.
    `${showMatch(match)} (via ${reason})`,
    `data_len=${data.length}`,
    bufferId === noBuffer ? '(unbuffered)' : buffer(bufferId),
    bufferId === noBuffer && total !== data.length && '(***total_len != data_len***)',
    bufferId !== noBuffer && total < data.length && '(***total_len < data_len***)',
  )
}

export function packetIn(message: MessageOf<'packet_in' | 'nx_packet_in'>): string {
  return ` ${packetInLine(message)}${packetLine(message.data, (message as PacketIn).match)}`
}

type PacketIn2 = MessageOf<'nx_packet_in2' | 'nx_resume'>
type Continuation = NonNullable<PacketIn2['continuation']>[number]

const dotted = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('.')

/** Four words as the switch's processor has them in memory, which is little-endian. */
function uuid(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const digits = [0, 4, 8, 12].map((at) => view.getUint32(at, true).toString(16).padStart(8, '0')).join('')
  return [0, 8, 12, 16, 20].map((at, index, all) => digits.slice(at, all[index + 1] ?? 32)).join('-')
}

/** Zeros are no bridge. */
const bridgeLine = (id: Uint8Array): string[] =>
  id.some((byte) => byte !== 0) ? [`continuation.bridge=${uuid(id)}`] : []

function stackValue(bytes: Uint8Array): string {
  const digits = dotted(bytes).replaceAll('.', '').replace(/^0+/, '')
  return digits === '' ? '0' : `0x${digits}`
}

/** The actions that are left stand in one line, with the table and cookie they are for before each run of them. */
function continuationLines(list: readonly Continuation[], version: number): string[] {
  const lines: string[] = []
  const stack: string[] = []
  const left: string[] = []
  let at: { tableId: number; cookie: bigint } = { tableId: 0, cookie: 0n }
  for (const one of list) {
    if (one.type === 'bridge') lines.push(...bridgeLine(one.uuid))
    else if (one.type === 'stack') stack.push(stackValue(one.value))
    else if (one.type === 'mirrors') lines.push(`continuation.mirrors=${hex(one.mirrors)}`)
    else if (one.type === 'conntracked') lines.push('continuation.conntracked=true')
    else if (one.type === 'table_id') at = { ...at, tableId: one.tableId }
    else if (one.type === 'cookie') at = { ...at, cookie: one.cookie }
    else if (one.type === 'actions') {
      left.push(`unroll_xlate(table=${at.tableId}, cookie=${at.cookie})`)
      left.push(showActions(one.actions, { version }))
    }
  }
  if (stack.length > 0) lines.push(`continuation.stack=(top) ${stack.reverse().join(' ')} (bottom)`)
  if (left.length > 0) lines.push(`continuation.actions=${left.join(',')}`)
  for (const one of list) {
    if (one.type === 'action_set')
      lines.push(`continuation.action_set=${showActions(one.actions, { version })}`)
    if (one.type === 'odp_port') lines.push(`continuation.odp_port=${one.port}`)
  }
  return lines
}

export function packetIn2(message: PacketIn2): string {
  const { userdata, continuation = [], data = new Uint8Array(0) } = message
  const said = [
    ...(userdata === undefined ? [] : [`userdata=${dotted(userdata)}`]),
    ...continuationLines(continuation, message.version),
  ]
  return ` ${packetInLine(message)}${said.map((line) => `\n ${line}`).join('')}${data.length === 0 ? '' : packetLine(data, message.match)}`
}

export function packetOut(message: MessageOf<'packet_out'>): string {
  const { actions, data, bufferId, version } = message
  const { inPort, match = [] } = message as { inPort?: number; match?: Match }
  const origin = [showMatch(match), inPort === undefined ? '' : `in_port=${portName(inPort)}`]
  const line = words(
    origin.filter((part) => part !== '').join(','),
    `actions=${showActions(actions, { version })}`,
    bufferId === noBuffer ? `data_len=${data.length}` : buffer(bufferId),
  )
  return ` ${line}${bufferId === noBuffer && data.length > 0 ? packetLine(data, match) : ''}`
}
