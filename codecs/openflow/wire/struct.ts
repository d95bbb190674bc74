/**
 * Structures: named fields in wire order. Padding and lengths are fields on the wire but not in the value; a field
 * whose codec may give or take `undefined` is optional in the type.
 */
import type { AnyCodec, AnyInline, Codec, Inline, InOf, OutOf, Simplify } from './codec.ts'
import { compileRead, compileWrite } from './compile.ts'
import { lazily } from './generate.ts'
import type { Lead } from './interpret.ts'
import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

export type Fields = Readonly<Record<string, AnyCodec | AnyInline>>

type Visible<F, K extends keyof F> = F[K] extends { hidden: true } | { inline: true } ? never : K
type OptionalOut<F, K extends keyof F> = undefined extends OutOf<F[K]> ? Visible<F, K> : never
type RequiredOut<F, K extends keyof F> = undefined extends OutOf<F[K]> ? never : Visible<F, K>
type OptionalIn<F, K extends keyof F> = undefined extends InOf<F[K]> ? Visible<F, K> : never
type RequiredIn<F, K extends keyof F> = undefined extends InOf<F[K]> ? never : Visible<F, K>

type ToIntersection<U> = (U extends unknown ? (x: U) => void : never) extends (x: infer I) => void ? I : never
type InlineOut<F> = ToIntersection<
  { [K in keyof F]: F[K] extends { inline: true; out?: infer T } ? Exclude<T, undefined> : never }[keyof F]
>
type InlineIn<F> = ToIntersection<
  {
    [K in keyof F]: F[K] extends { inline: true; writeFrom: (w: Writer, v: infer T) => void } ? T : never
  }[keyof F]
>

export type StructOut<F> = Simplify<
  { readonly [K in keyof F as RequiredOut<F, K>]: OutOf<F[K]> } & {
    readonly [K in keyof F as OptionalOut<F, K>]?: Exclude<OutOf<F[K]>, undefined>
  } & ([InlineOut<F>] extends [never] ? unknown : InlineOut<F>)
>
export type StructIn<F> = Simplify<
  { readonly [K in keyof F as RequiredIn<F, K>]: InOf<F[K]> } & {
    readonly [K in keyof F as OptionalIn<F, K>]?: Exclude<InOf<F[K]>, undefined>
  } & ([InlineIn<F>] extends [never] ? unknown : InlineIn<F>)
>

export interface Struct<Out extends object, In extends object = Out> extends Codec<Out, In> {
  /** Reads the fields into an object that already has others. */
  readonly readInto: (r: Reader, out: Record<string, unknown>) => void
}

/** Any structure, for code that only passes values through. */
export interface AnyStruct extends AnyCodec {
  readonly readInto: (r: Reader, out: Record<string, unknown>) => void
}

/** One field of a structure. */
export interface Step {
  readonly name: string
  readonly codec: AnyCodec | AnyInline
}

function stepsOf(fields: Fields): readonly Step[] {
  return Object.entries(fields).map(([name, codec]) => {
    // JavaScript would put integer-like keys first, and unions and messages write these themselves.
    if (!/^[a-zA-Z_]\w*$/.test(name) || ['type', 'version', 'xid'].includes(name))
      throw new TypeError(`"${name}" cannot name a field`)
    return { name, codec }
  })
}

export function struct<const F extends Fields>(
  fields: F,
): Struct<StructOut<F> & object, StructIn<F> & object> {
  return structOf(stepsOf(fields), {})
}

/** The structure whose value also says what it is: `{ type: tag, ... }`, and in messages version and xid. */
export function tagged<const F extends Fields>(
  fields: F,
  lead: Lead,
): Struct<StructOut<F> & object, StructIn<F> & object> {
  return structOf(stepsOf(fields), lead)
}

function structOf<Out extends object, In extends object>(
  steps: readonly Step[],
  lead: Lead,
): Struct<Out, In> {
  const codec = lazily<Out, In>({
    read: () => compileRead(steps, lead) as (r: Reader) => Out,
    write: () => compileWrite(steps, lead) as (w: Writer, value: In) => void,
  })
  return Object.assign(codec, {
    readInto: (r: Reader, out: Record<string, unknown>) => void Object.assign(out, codec.read(r)),
  })
}

/** Puts the fields of a structure straight into the one around it. */
export function inline<Out extends object, In extends object>(inner: Struct<Out, In>): Inline<Out, In> {
  return {
    inline: true,
    readInto: (r, out) => inner.readInto(r, out),
    writeFrom: (w, value) => inner.write(w, value),
  }
}
