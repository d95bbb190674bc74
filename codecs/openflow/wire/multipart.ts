/**
 * Multipart requests and replies: one message type whose body is a union by a number in front of it. Reading one part
 * gives that part only; putting parts together is the session's work.
 */
import type { Inline, Simplify } from './codec.ts'
import { EncodeError, versionName, within } from './errors.ts'
import type { Reader } from './reader.ts'
import { flagsOf, u16 } from './scalars.ts'
import { type AnyStruct, type Fields, type Struct, struct, type StructIn, type StructOut } from './struct.ts'
import type { Writer } from './writer.ts'

export interface Part<N extends string, Out extends object, In extends object> {
  readonly name: N
  readonly code: number
  readonly body: Struct<Out, In>
}

interface AnyPart {
  readonly name: string
  readonly code: number
  readonly body: AnyStruct
}

export function part<const N extends string, const F extends Fields>(
  name: N,
  code: number,
  fields: F,
): Part<N, StructOut<F> & object, StructIn<F> & object> {
  return { name, code, body: struct(fields) }
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
export type PartIn<P> = P extends { name: infer N; body: { writeFrom: (w: Writer, v: infer In) => void } }
  ? Simplify<{ readonly type: N } & In>
  : never

/** `more`: further parts with the same xid follow. */
const partFlags = flagsOf(u16, { more: 0 })
type PartFlags = ReturnType<typeof partFlags.read>

interface Typed {
  readonly type: string
}

export function multipart<const P extends readonly AnyPart[]>(
  parts: P,
): Inline<
  { readonly flags: PartFlags; readonly body: PartOut<P[number]> | UnknownPart },
  { readonly flags?: PartFlags; readonly body: PartIn<P[number]> | UnknownPart }
> {
  const byCode = new Map<number, AnyPart>(parts.map((one) => [one.code, one]))
  const byName = new Map<string, AnyPart>(parts.map((one) => [one.name, one]))

  function readInto(r: Reader, out: Record<string, unknown>): void {
    const code = r.u16()
    out['flags'] = partFlags.read(r)
    r.take(4)
    const found = byCode.get(code)
    if (found === undefined) {
      out['body'] = { type: 'unknown', code, data: r.view8(r.end - r.pos) }
      return
    }
    const body: Record<string, unknown> = { type: found.name }
    try {
      found.body.readInto(r, body)
    } catch (error) {
      throw within(within(error, found.name), 'body')
    }
    out['body'] = body
  }

  function writeFrom(w: Writer, { flags = [], body }: { flags?: PartFlags; body: Typed }): void {
    const found = byName.get(body.type)
    if (found === undefined && body.type !== 'unknown') {
      throw new EncodeError('VERSION', `${versionName(w.version)} has no multipart ${body.type} here`)
    }
    w.u16(found?.code ?? (body as UnknownPart).code)
    partFlags.write(w, flags)
    w.zeros(4)
    try {
      if (found === undefined) w.raw((body as UnknownPart).data)
      else found.body.writeFrom(w, body as never)
    } catch (error) {
      throw within(within(error, body.type), 'body')
    }
  }

  function showFrom({ flags, body }: { flags: PartFlags; body: Typed }): string {
    const inner = byName.get(body.type)?.body.show(body as never) ?? ''
    return [body.type, flags.length > 0 ? `flags=${flags.join('+')}` : '', inner]
      .filter((text) => text !== '')
      .join(' ')
  }

  return { inline: true, readInto, writeFrom, showFrom } as unknown as ReturnType<typeof multipart<P>>
}
