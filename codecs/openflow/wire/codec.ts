/**
 * What a definition is: one value that reads, writes and shows its part of a message, and whose TypeScript type follows.
 * `Out` is what reading gives; `In` is what writing takes (defaults make some of it optional).
 */
import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

export interface Codec<Out, In = Out> {
  readonly read: (r: Reader) => Out
  readonly write: (w: Writer, value: In) => void
  readonly show: (value: Out) => string
  /** Present in a structure on the wire, absent from its value: padding and lengths. */
  readonly hidden?: boolean
}

/** Any codec, for code that only passes values through. */
export interface AnyCodec {
  readonly read: (r: Reader) => unknown
  readonly write: (w: Writer, value: never) => void
  readonly show: (value: never) => string
  readonly hidden?: boolean
}

/** A codec that contributes several fields to the structure it stands in, such as a list of optional properties. */
export interface Inline<Out extends object, In extends object = Out> {
  readonly readInto: (r: Reader, out: Record<string, unknown>) => void
  readonly writeFrom: (w: Writer, value: In) => void
  readonly showFrom: (value: Out) => string
  readonly inline: true
}

export interface AnyInline {
  readonly readInto: (r: Reader, out: Record<string, unknown>) => void
  readonly writeFrom: (w: Writer, value: never) => void
  readonly showFrom: (value: never) => string
  readonly inline: true
}

export type OutOf<C> = C extends { read: (r: Reader) => infer T } ? T : never
export type InOf<C> = C extends { write: (w: Writer, value: infer T) => void } ? T : never

/** Flattens an intersection so that editors and errors show plain fields. */
export type Simplify<T> = T extends unknown ? { [K in keyof T]: T[K] } : never
