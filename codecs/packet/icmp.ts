/** ICMP for IPv4 (RFC 792): echo as values, everything else as bytes. */
import { ByteReader, ByteWriter, PacketError } from './bytes.ts'
import { checksum } from './checksum.ts'

export interface Echo {
  readonly type: 'echo_request' | 'echo_reply'
  readonly id: number
  readonly seq: number
  readonly data: Uint8Array
}

/** A message that we do not take apart; `body` follows the checksum. */
export interface OpaqueIcmp {
  readonly type: 'opaque'
  readonly icmpType: number
  readonly code: number
  readonly body: Uint8Array
}

export type Icmp = Echo | OpaqueIcmp

const ECHO_REQUEST = 8
const ECHO_REPLY = 0

export function readEcho(type: Echo['type'], body: Uint8Array): Echo {
  const reader = new ByteReader(body)
  return { type, id: reader.u16('echo.id'), seq: reader.u16('echo.seq'), data: reader.rest() }
}

export function writeEcho(echo: Echo): Uint8Array {
  const writer = new ByteWriter(4 + echo.data.length)
  return writer.u16(echo.id, 'echo.id').u16(echo.seq, 'echo.seq').raw(echo.data).bytes
}

export function readIcmp(bytes: Uint8Array): Icmp {
  const reader = new ByteReader(bytes)
  const icmpType = reader.u8('icmp.type')
  const code = reader.u8('icmp.code')
  reader.u16('icmp.checksum')
  if (checksum(bytes) !== 0) throw new PacketError('checksum', 'icmp.checksum', 2)
  const body = reader.rest()
  if (code === 0 && icmpType === ECHO_REQUEST) return readEcho('echo_request', body)
  if (code === 0 && icmpType === ECHO_REPLY) return readEcho('echo_reply', body)
  return { type: 'opaque', icmpType, code, body }
}

export function writeIcmp(icmp: Icmp): Uint8Array {
  if (icmp.type === 'opaque') return sealed(icmp.icmpType, icmp.code, icmp.body)
  return sealed(icmp.type === 'echo_request' ? ECHO_REQUEST : ECHO_REPLY, 0, writeEcho(icmp))
}

/** Type, code, checksum, body; `pseudo` is the pseudo header that ICMPv6 sums too. */
export function sealed(type: number, code: number, body: Uint8Array, pseudo?: Uint8Array): Uint8Array {
  const writer = new ByteWriter(4 + body.length).u8(type, 'icmp.type').u8(code, 'icmp.code')
  writer.u16(0, 'icmp.checksum').raw(body)
  const sum = pseudo === undefined ? checksum(writer.bytes) : checksum(pseudo, writer.bytes)
  writer.bytes[2] = sum >> 8
  writer.bytes[3] = sum & 0xff
  return writer.bytes
}
