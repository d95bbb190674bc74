/**
 * Messages: a name, the type number of the header, and the fields after the header. A message's value is
 * `{ type, version, xid, ...fields }`.
 */
import type { Simplify } from './codec.ts'
import type { Reader } from './reader.ts'
import { type AnyStruct, type Fields, type Struct, type StructIn, type StructOut, tagged } from './struct.ts'
import type { Writer } from './writer.ts'

export interface MessageDef<N extends string, Out extends object, In extends object> {
  readonly name: N
  /** Type in the header. */
  readonly code: number
  /** Reads and writes what follows the header; the value that reading gives has the header's fields too. */
  readonly body: Struct<Out, In>
  /** For an experimenter message that we understand: what follows the header. */
  readonly experimenter?: number
  readonly subtype?: number
}

export interface AnyMessageDef {
  readonly name: string
  readonly code: number
  readonly body: AnyStruct
  readonly experimenter?: number
  readonly subtype?: number
}

export function message<const N extends string, const F extends Fields>(
  name: N,
  code: number,
  fields: F,
): MessageDef<N, StructOut<F> & object, StructIn<F> & object> {
  return { name, code, body: tagged(fields, { tag: name, header: true }) }
}

/** The same message under another number, or as an experimenter's, as another version has it. */
export function renumbered<D extends AnyMessageDef>(
  definition: D,
  place: Pick<AnyMessageDef, 'code' | 'experimenter' | 'subtype'>,
): D {
  return { ...definition, ...place }
}

/** One number for an experimenter and its own number of a thing; -1, which is no key, where that cannot be. */
export const extensionKey = (experimenter: number, subtype: number): number =>
  subtype > 0xffff ? -1 : experimenter * 0x10000 + subtype

/** Every message has these. */
export interface Header {
  /** On the wire: 4 is OpenFlow 1.3, 5 is 1.4, 6 is 1.5. */
  readonly version: number
  readonly xid: number
}

export type MessageOut<D> = D extends { name: infer N; body: { read: (r: Reader) => infer Out } }
  ? Simplify<{ readonly type: N } & Header & Out>
  : never
export type MessageIn<D> = D extends { name: infer N; body: { write: (w: Writer, v: infer In) => void } }
  ? Simplify<{ readonly type: N } & Header & In>
  : never
