/**
 * All messages of one version as a table, and the reading and writing of whole messages with it: header, body, exact
 * end. A type that is not in the table reads as `unknown` with its bytes.
 */
import type { Codec } from './codec.ts'
import { EncodeError, versionName, within } from './errors.ts'
import { type AnyMessageDef, extensionKey, type Header, type MessageIn, type MessageOut } from './message.ts'
import type { Reader } from './reader.ts'
import { outOfRange, type Writer } from './writer.ts'

const experimenterCode = 4
const headerLength = 8

export interface Dialect {
  readonly byCode: ReadonlyMap<number, AnyMessageDef>
  readonly byName: ReadonlyMap<string, AnyMessageDef>
}

export interface UnknownMessage extends Header {
  readonly type: 'unknown'
  /** The type in the header. */
  readonly code: number
  readonly body: Uint8Array
}

interface AnyMessage extends Header {
  readonly type: string
}

export function dialect(definitions: readonly AnyMessageDef[]): Dialect {
  return {
    byCode: new Map(definitions.map((one) => [keyOf(one), one])),
    byName: new Map(definitions.map((one) => [one.name, one])),
  }
}

function keyOf({ code, experimenter, subtype }: AnyMessageDef): number {
  return experimenter === undefined ? code : extensionKey(experimenter, subtype ?? 0)
}

function definitionAt(r: Reader, { byCode }: Dialect, code: number): AnyMessageDef | undefined {
  if (code === experimenterCode && r.end - r.pos >= headerLength) {
    const found = byCode.get(extensionKey(r.view.getUint32(r.pos), r.view.getUint32(r.pos + 4)))
    if (found !== undefined) {
      r.take(8)
      return found
    }
  }
  return byCode.get(code)
}

/** Reads the message at the cursor, which must end exactly where its header says. */
export function readMessage(r: Reader, messages: Dialect): AnyMessage {
  const start = r.pos
  const { end: outer, xid: outerXid } = r
  const at = r.take(headerLength)
  const version = r.view.getUint8(at)
  const code = r.view.getUint8(at + 1)
  const length = r.view.getUint16(at + 2)
  r.xid = r.view.getUint32(at + 4)
  if (length < headerLength || start + length > outer) {
    throw r.fail('LENGTH', `a message length of ${length} is impossible here`, start + 2)
  }
  r.end = start + length
  const found = definitionAt(r, messages, code)
  let message: AnyMessage
  if (found === undefined) {
    message = { type: 'unknown', version, xid: r.xid, code, body: r.rest() } as UnknownMessage
  } else {
    try {
      message = found.body.read(r) as AnyMessage
      if (r.pos !== r.end) throw r.fail('TRAILING', `${r.end - r.pos} bytes left over`)
    } catch (error) {
      throw within(error, found.name)
    }
  }
  r.end = outer
  r.xid = outerXid
  return message
}

/** A message of the version that the writer is at. */
export function writeMessage(w: Writer, messages: Dialect, value: AnyMessage): void {
  const start = w.pos
  const { type, xid } = value
  if (type === 'unknown') {
    const { code, body } = value as UnknownMessage
    writeHeader(w, code, xid)
    w.raw(body)
  } else {
    const found = messages.byName.get(type)
    if (found === undefined) throw notIn(w, type)
    writeHeader(w, found.code, xid)
    if (found.experimenter !== undefined) {
      w.u32(found.experimenter)
      w.u32(found.subtype ?? 0)
    }
    try {
      found.body.write(w, value as never)
    } catch (error) {
      throw within(error, found.name)
    }
  }
  w.patchLength(start + 2, w.pos - start)
}

/** All but the length. */
function writeHeader(w: Writer, code: number, xid: number): void {
  const { version } = w
  if ((version & 0xff) !== version) throw within(outOfRange(version, 8), 'version')
  if (xid >>> 0 !== xid) throw within(outOfRange(xid, 32), 'xid')
  if ((code & 0xff) !== code) throw within(outOfRange(code, 8), 'code')
  const at = w.take(headerLength)
  w.view.setUint8(at, version)
  w.view.setUint8(at + 1, code)
  w.view.setUint32(at + 4, xid)
}

function notIn(w: Writer, type: string): EncodeError {
  return new EncodeError('VERSION', `${versionName(w.version)} has no message ${type} here`)
}

/**
 * A message inside another, of the same version and, unless `xid` is `any`, the same xid. `definitions` are those that
 * may be inside; others survive as `unknown`.
 */
export function embedded<const D extends readonly AnyMessageDef[]>(
  definitions: D,
  { xid = 'same' }: { readonly xid?: 'same' | 'any' } = {},
): Codec<MessageOut<D[number]> | UnknownMessage, MessageIn<D[number]> | UnknownMessage> {
  const messages = dialect(definitions)
  return {
    read(r) {
      const at = r.pos
      if (r.pos < r.end && r.view.getUint8(r.pos) !== r.version)
        throw r.fail('VALUE', 'the message inside has another version', at)
      r.enter()
      const value = readMessage(r, messages)
      r.leave()
      if (xid === 'same' && value.xid !== r.xid)
        throw r.fail('VALUE', 'the message inside has another xid', at)
      return value as unknown as MessageOut<D[number]> | UnknownMessage
    },
    write(w, value) {
      const inner = value as unknown as AnyMessage
      if (inner.version !== w.version || (xid === 'same' && inner.xid !== w.xid))
        throw new EncodeError(
          'INVALID',
          'version and xid of the message inside must be those of the outer one',
        )
      w.enter()
      writeMessage(w, messages, inner)
      w.leave()
    },
  }
}
