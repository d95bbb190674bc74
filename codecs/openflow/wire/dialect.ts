/**
 * All messages of one version as a table, and the reading and writing of whole messages with it: header, body, exact
 * end. A type that is not in the table reads as `unknown` with its bytes.
 */
import type { Codec } from './codec.ts'
import { EncodeError, versionName, within } from './errors.ts'
import type { AnyMessageDef, Header, MessageIn, MessageOut } from './message.ts'
import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

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

const extensionKey = (experimenter: number, subtype: number): number =>
  subtype > 0xffff ? -1 : experimenter * 0x10000 + subtype

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
  const outer = r.end
  const version = r.u8()
  const code = r.u8()
  const length = r.u16()
  const xid = r.u32()
  if (length < headerLength || start + length > outer) {
    throw r.fail('LENGTH', `a message length of ${length} is impossible here`, start + 2)
  }
  r.end = start + length
  const found = definitionAt(r, messages, code)
  const out: Record<string, unknown> = { type: found?.name ?? 'unknown', version, xid }
  if (found === undefined) {
    out['code'] = code
    out['body'] = r.view8(r.end - r.pos)
  } else {
    try {
      found.body.readInto(r, out)
      if (r.pos !== r.end) throw r.fail('TRAILING', `${r.end - r.pos} bytes left over`)
    } catch (error) {
      throw within(error, found.name)
    }
  }
  r.end = outer
  return out as unknown as AnyMessage
}

export function writeMessage(w: Writer, messages: Dialect, value: AnyMessage): void {
  const start = w.pos
  w.u8(value.version)
  if (value.type === 'unknown') {
    const { code, body } = value as UnknownMessage
    w.u8(code)
    w.take(2)
    w.u32(value.xid)
    w.raw(body)
  } else {
    const found = messages.byName.get(value.type)
    if (found === undefined) throw notIn(value)
    w.u8(found.code)
    w.take(2)
    w.u32(value.xid)
    if (found.experimenter !== undefined) {
      w.u32(found.experimenter)
      w.u32(found.subtype ?? 0)
    }
    try {
      found.body.writeFrom(w, value as never)
    } catch (error) {
      throw within(error, found.name)
    }
  }
  w.patchLength(start + 2, w.pos - start)
}

function notIn({ type, version }: AnyMessage): EncodeError {
  return new EncodeError('VERSION', `${versionName(version)} has no message ${type} here`)
}

/** A message inside another, whose version and xid it must repeat. */
export function embedded<const D extends readonly AnyMessageDef[]>(
  definitions: D,
): Codec<MessageOut<D[number]> | UnknownMessage, MessageIn<D[number]> | UnknownMessage> {
  const messages = dialect(definitions)
  return {
    read(r) {
      const at = r.pos
      const value = readMessage(r, messages)
      if (value.version !== r.version || value.xid !== r.view.getUint32(4)) {
        throw r.fail('VALUE', 'version and xid of the inner message differ from the outer ones', at)
      }
      return value as unknown as MessageOut<D[number]> | UnknownMessage
    },
    write(w, value) {
      const inner: AnyMessage = value as unknown as AnyMessage
      if (inner.version !== w.version || inner.xid !== w.view.getUint32(4)) {
        throw new EncodeError(
          'INVALID',
          'version and xid of the inner message must be those of the outer one',
        )
      }
      writeMessage(w, messages, inner)
    },
    show: (value) => {
      const { type } = value as unknown as AnyMessage
      const body = messages.byName.get(type)?.body.show(value as never) ?? ''
      return `(${body === '' ? type : `${type} ${body}`})`
    },
  }
}
