/** The other yardstick: a packet-in of OpenFlow 1.3 read and written by hand, with the same kinds of match field. */
import type { PacketIn } from 'ts-openflow'
import { readMatch, writeMatch } from './hand-flow-mod.ts'
import { badBytes, badValue, type HandWriter, narrow, wide } from './hand-writer.ts'

/** As OpenFlow 1.3 has them, and then those that came later. */
const reasons = ['no_match', 'action', 'invalid_ttl', 'action_set', 'group', 'packet_out'] as const

export function readPacketIn(bytes: Uint8Array): PacketIn {
  const length = bytes.length
  if (length < 34) throw badBytes('too short', length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, length)
  if (view.getUint16(0) !== 0x040a) throw badBytes('not a packet-in of OpenFlow 1.3', 0)
  if (view.getUint16(2) !== length) throw badBytes('the length is wrong', 2)
  const matchLength = view.getUint16(26)
  const data = 24 + ((matchLength + 7) & ~7) + 2
  if (view.getUint16(24) !== 1 || matchLength < 4 || data > length) throw badBytes('bad match', 24)
  const reason = view.getUint8(14)
  return {
    type: 'packet_in',
    version: 4,
    xid: view.getUint32(4),
    bufferId: view.getUint32(8),
    totalLen: view.getUint16(12),
    reason: reasons[reason] ?? reason,
    tableId: view.getUint8(15),
    cookie: view.getBigUint64(16),
    match: readMatch(view, 28, 24 + matchLength),
    data: new Uint8Array(bytes.buffer, bytes.byteOffset + data, length - data),
  }
}

export function writePacketIn(w: HandWriter, message: PacketIn): Uint8Array {
  const { match, data } = message
  if (!(data instanceof Uint8Array)) throw badValue('packet', data)
  const start = w.reserve(38 + 8 * match.length + data.length)
  const { view } = w
  view.setUint16(start, 0x040a)
  view.setUint32(start + 4, narrow(message.xid, 0xffff_ffff))
  view.setUint32(start + 8, narrow(message.bufferId, 0xffff_ffff))
  view.setUint16(start + 12, narrow(message.totalLen, 0xffff))
  view.setUint8(start + 14, reasonNumber(message.reason))
  view.setUint8(start + 15, narrow(message.tableId ?? 0, 0xff))
  view.setBigUint64(start + 16, wide(message.cookie))
  const at = writeMatch(view, start + 24, match) + 2
  w.bytes.set(data, at)
  const end = at + data.length
  view.setUint16(start + 2, end - start)
  return w.finish(start, end)
}

function reasonNumber(reason: PacketIn['reason']): number {
  if (typeof reason === 'number') return narrow(reason, 0xff)
  const number = reasons.indexOf(reason)
  if (number < 0) throw badValue('reason', reason)
  return number
}
