/**
 * Multipart requests and replies (statistics, in 1.0): one message type whose body is a union by a number in front of
 * it. Reading one part gives that part only; putting parts together is the session's work.
 */
import type { Inline, Simplify } from './codec.ts'
import { EncodeError, versionName, within } from './errors.ts'
import { extensionKey } from './message.ts'
import type { Reader } from './reader.ts'
import { flagsOf, u16 } from './scalars.ts'
import { type AnyStruct, type Fields, type Struct, type StructIn, type StructOut, tagged } from './struct.ts'
import type { Writer } from './writer.ts'

export interface Part<N extends string, Out extends object, In extends object> extends PartPlace {
  readonly name: N
  readonly body: Struct<Out, In>
}

/** The number in front of the body; an experimenter's body begins with two more. */
interface PartPlace {
  readonly code: number
  readonly experimenter?: number
  readonly subtype?: number
}

export interface AnyPart extends PartPlace {
  readonly name: string
  readonly body: AnyStruct
}

const experimenterPart = 0xffff

export function part<const N extends string, const F extends Fields>(
  name: N,
  code: number,
  fields: F,
): Part<N, StructOut<F> & object, StructIn<F> & object> {
  return { name, code, body: tagged(fields, { tag: name }) }
}

/** A body that an experimenter defined. */
export function extensionPart<const N extends string, const F extends Fields>(
  name: N,
  place: { readonly experimenter: number; readonly subtype: number },
  fields: F,
): Part<N, StructOut<F> & object, StructIn<F> & object> {
  return { name, code: experimenterPart, ...place, body: tagged(fields, { tag: name }) }
}

export interface UnknownPart {
  readonly type: 'unknown'
  /** The multipart type on the wire. */
  readonly code: number
  readonly data: Uint8Array
}

export type PartOut<P> = P extends { name: infer N; body: { read: (r: Reader) => infer Out } }
  ? Simplify<{ readonly type: N } & Out>
  : never
export type PartIn<P> = P extends { name: infer N; body: { write: (w: Writer, v: infer In) => void } }
  ? Simplify<{ readonly type: N } & In>
  : never

/** `more`: further parts with the same xid follow. */
const partFlags = flagsOf(u16, { more: 0 })
type PartFlags = ReturnType<typeof partFlags.read>

interface Typed {
  readonly type: string
}

interface Parts {
  readonly byCode: ReadonlyMap<number, AnyPart>
  readonly byName: ReadonlyMap<string, AnyPart>
}

const keyOf = ({ code, experimenter, subtype }: AnyPart): number =>
  experimenter === undefined ? code : extensionKey(experimenter, subtype ?? 0)

function partAt(r: Reader, { byCode }: Parts, code: number): AnyPart | undefined {
  if (code === experimenterPart && r.end - r.pos >= 8) {
    const found = byCode.get(extensionKey(r.view.getUint32(r.pos), r.view.getUint32(r.pos + 4)))
    if (found !== undefined) {
      r.take(8)
      return found
    }
  }
  return byCode.get(code)
}

function readBody(r: Reader, parts: Parts, code: number): unknown {
  const found = partAt(r, parts, code)
  if (found === undefined) return { type: 'unknown', code, data: r.rest() }
  try {
    return found.body.read(r)
  } catch (error) {
    throw within(within(error, found.name), 'body')
  }
}

function writePart(w: Writer, found: AnyPart, body: Typed): void {
  if (found.experimenter !== undefined) {
    w.u32(found.experimenter)
    w.u32(found.subtype ?? 0)
  }
  found.body.write(w, body as never)
}

export function multipart<const P extends readonly AnyPart[]>(
  list: P,
): Inline<
  { readonly flags: PartFlags; readonly body: PartOut<P[number]> | UnknownPart },
  { readonly flags?: PartFlags; readonly body: PartIn<P[number]> | UnknownPart }
> {
  const parts: Parts = {
    byCode: new Map(list.map((one) => [keyOf(one), one])),
    byName: new Map(list.map((one) => [one.name, one])),
  }

  function readInto(r: Reader, out: Record<string, unknown>): void {
    const code = r.u16()
    out['flags'] = partFlags.read(r)
    // 1.0 has no padding here.
    if (r.version >= 2) r.take(4)
    out['body'] = readBody(r, parts, code)
  }

  function writeFrom(w: Writer, { flags = [], body }: { flags?: PartFlags; body: Typed }): void {
    const found = parts.byName.get(body.type)
    if (found === undefined && body.type !== 'unknown') {
      throw new EncodeError('VERSION', `${versionName(w.version)} has no multipart ${body.type} here`)
    }
    w.u16(found?.code ?? (body as UnknownPart).code)
    partFlags.write(w, flags)
    if (w.version >= 2) w.zeros(4)
    try {
      if (found === undefined) w.raw((body as UnknownPart).data)
      else writePart(w, found, body)
    } catch (error) {
      throw within(within(error, body.type), 'body')
    }
  }

  return { inline: true, readInto, writeFrom } as unknown as ReturnType<typeof multipart<P>>
}
