/**
 * Unions of elements that start with a 16-bit type and a 16-bit length: actions, instructions, properties, bands.
 * The facts that differ between unions, such as alignment and whether the length counts the padding, are parameters.
 */
import type { Codec, Simplify } from './codec.ts'
import { EncodeError, versionName } from './errors.ts'
import type { Reader } from './reader.ts'
import { type AnyStruct, type Fields, type Struct, type StructIn, type StructOut, tagged } from './struct.ts'
import type { Writer } from './writer.ts'

export const experimenterType = 0xffff

/** Where an element stands in a union: its number, and the versions that have it so. */
interface Place {
  readonly code: number
  /** First and last wire version. */
  readonly since?: number
  readonly until?: number
  /** For code 0xffff: the experimenter and its own number for this element. */
  readonly experimenter?: number
  readonly subtype?: number
}

export interface Variant<N extends string, Out extends object, In extends object> extends Place {
  readonly name: N
  readonly body: Struct<Out, In>
}

export interface AnyVariant extends Place {
  readonly name: string
  readonly body: AnyStruct
}

type Versions = Pick<Place, 'since' | 'until'>

/** An element of the protocol itself. One name may have several, for different versions. */
export function variant<const N extends string, const F extends Fields>(
  name: N,
  code: number,
  fields: F,
  versions: Versions = {},
): Variant<N, StructOut<F> & object, StructIn<F> & object> {
  return { name, code, body: tagged(fields, { tag: name }), ...versions }
}

/** An element of an experimenter's; `subtype` is that experimenter's number for it. */
export function extension<const N extends string, const F extends Fields>(
  name: N,
  { experimenter, subtype, ...versions }: { experimenter: number; subtype: number } & Versions,
  fields: F,
): Variant<N, StructOut<F> & object, StructIn<F> & object> {
  return {
    name,
    code: experimenterType,
    experimenter,
    subtype,
    body: tagged(fields, { tag: name }),
    ...versions,
  }
}

export interface UnknownElement {
  readonly type: 'unknown'
  /** The type on the wire. */
  readonly code: number
  /** Everything after type and length, padding included where the length counts it. */
  readonly body: Uint8Array
}

export interface ExperimenterElement {
  readonly type: 'experimenter'
  readonly experimenter: number
  /** Everything after the experimenter's number. */
  readonly body: Uint8Array
}

type OutOfVariant<V> = V extends { name: infer N; body: { read: (r: Reader) => infer Out } }
  ? Simplify<{ readonly type: N } & Out>
  : never
type InOfVariant<V> = V extends { name: infer N; body: { write: (w: Writer, v: infer In) => void } }
  ? Simplify<{ readonly type: N } & In>
  : never

export type TlvOut<V> = OutOfVariant<V> | ExperimenterElement | UnknownElement
export type TlvIn<V> = InOfVariant<V> | ExperimenterElement | UnknownElement

export interface TlvRules {
  /** Elements start at multiples of this. */
  readonly align: number
  readonly lengthCountsPadding: boolean
  /** Bits of an experimenter's own type number. */
  readonly subtypeBits: 16 | 32
}

/** Properties of 1.4 and later: eight-byte alignment that the length leaves out. */
export const propertyRules: TlvRules = { align: 8, lengthCountsPadding: false, subtypeBits: 32 }

/** The element without its type and length, where an earlier version has its fields in a fixed place. */
export function bare<const N extends string, Out extends object, In extends object>({
  name,
  body,
}: Variant<N, Out, In>): Codec<Simplify<{ readonly type: N } & Out>, Simplify<{ readonly type: N } & In>> {
  return {
    read: (r) => body.read(r) as Simplify<{ readonly type: N } & Out>,
    write(w, value) {
      const { type } = value as { readonly type: string }
      if (type !== name)
        throw new EncodeError('VERSION', `${versionName(w.version)} carries only ${name} here, not ${type}`)
      body.write(w, value)
    },
  }
}

/** Thrown by a body's reader to say: not an error, but not ours to interpret; keep the element as bytes. */
export const keepRaw = new Error('the element is kept as bytes')

/** `length` rounded up to a multiple of `align`, a power of two. */
export function padded(length: number, align: number): number {
  return (length + align - 1) & ~(align - 1)
}
