/**
 * What a definition is: one value that reads and writes its part of a message, and whose TypeScript type follows.
 * `Out` is what reading gives; `In` is what writing takes (defaults make some of it optional).
 */
import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

export interface Codec<Out, In = Out> {
  readonly read: (r: Reader) => Out
  readonly write: (w: Writer, value: In) => void
  /** Present in a structure on the wire, absent from its value: padding and lengths. */
  readonly hidden?: boolean
  /** A number or padding of fixed size: a structure reads a run of these with one check of the bounds. */
  readonly layout?: Layout
  /** What is written for a field that the value leaves out. */
  readonly fallback?: { readonly value: unknown }
  /** Reading may give `undefined`, and then the value has no such field. */
  readonly optional?: boolean
}

/** How a fixed-size codec lies on the wire, for the compiler of structures. */
export interface Layout {
  readonly kind: 'u8' | 'u16' | 'u24' | 'u32' | 'u48' | 'u64' | 'pad'
  /** Bytes. */
  readonly size: number
  /** Names for numbers: from the wire (undefined: it has no meaning) and to it. */
  readonly toValue?: (raw: number) => unknown
  readonly toNumber?: (value: never) => number
  /** The names that these two map to numbers, for numbers that are one name each: a structure has them in its code. */
  readonly names?: Readonly<Record<string, number>>
  /** The same for sets of bits: the place of each named one. */
  readonly bits?: Readonly<Record<string, number>>
}

/** Any codec, for code that only passes values through. */
export interface AnyCodec {
  readonly read: (r: Reader) => unknown
  readonly write: (w: Writer, value: never) => void
  readonly hidden?: boolean
  readonly layout?: Layout
  readonly fallback?: { readonly value: unknown }
  readonly optional?: boolean
}

/** A codec that contributes several fields to the structure it stands in, such as a list of optional properties. */
export interface Inline<Out extends object, In extends object = Out> {
  readonly readInto: (r: Reader, out: Record<string, unknown>) => void
  readonly writeFrom: (w: Writer, value: In) => void
  readonly inline: true
  /** Only for the type. */
  readonly out?: Out
}

export interface AnyInline {
  readonly readInto: (r: Reader, out: Record<string, unknown>) => void
  readonly writeFrom: (w: Writer, value: never) => void
  readonly inline: true
  readonly out?: object
}

export type OutOf<C> = C extends { read: (r: Reader) => infer T } ? T : never
export type InOf<C> = C extends { write: (w: Writer, value: infer T) => void } ? T : never

/** Flattens an intersection so that editors and errors show plain fields. */
export type Simplify<T> = T extends unknown ? { [K in keyof T]: T[K] } : never
