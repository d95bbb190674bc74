/**
 * Messages: a name, the type number of the header, and the fields after the header. A message's value is
 * `{ type, version, xid, ...fields }`.
 */
import type { Simplify } from './codec.ts'
import type { Reader } from './reader.ts'
import { type AnyStruct, type Fields, type Struct, struct, type StructIn, type StructOut } from './struct.ts'
import type { Writer } from './writer.ts'

export interface MessageDef<N extends string, Out extends object, In extends object> {
  readonly name: N
  /** Type in the header. */
  readonly code: number
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
  return { name, code, body: struct(fields) }
}

/** Every message has these. */
export interface Header {
  /** On the wire: 4 is OpenFlow 1.3, 5 is 1.4, 6 is 1.5. */
  readonly version: number
  readonly xid: number
}

export type MessageOut<D> = D extends { name: infer N; body: { read: (r: Reader) => infer Out } }
  ? Simplify<{ readonly type: N } & Header & Out>
  : never
export type MessageIn<D> = D extends { name: infer N; body: { writeFrom: (w: Writer, v: infer In) => void } }
  ? Simplify<{ readonly type: N } & Header & In>
  : never
