/**
 * Structures: named fields in wire order. Padding and lengths are fields on the wire but not in the value; a field
 * whose codec may give or take `undefined` is optional in the type.
 */
import type { AnyCodec, AnyInline, Codec, InOf, OutOf, Simplify } from './codec.ts'
import { EncodeError, within } from './errors.ts'
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
  { [K in keyof F]: F[K] extends { inline: true; showFrom: (v: infer T) => string } ? T : never }[keyof F]
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
  /** Reads the fields into an object that already has others (a discriminating `type`, a header). */
  readonly readInto: (r: Reader, out: Record<string, unknown>) => void
  readonly writeFrom: (w: Writer, value: In) => void
}

/** Any structure, for code that only passes values through. */
export interface AnyStruct extends AnyCodec {
  readonly readInto: (r: Reader, out: Record<string, unknown>) => void
  readonly writeFrom: (w: Writer, value: never) => void
}

/** A field, with what the hot loops need taken out of its codec once. */
interface Step {
  readonly name: string
  readonly codec: AnyCodec | AnyInline
  /** Reads a value of its own, or (inline) straight into the structure. */
  readonly read: ((r: Reader) => unknown) | undefined
  readonly readInto: ((r: Reader, out: Record<string, unknown>) => void) | undefined
  readonly write: (w: Writer, value: never) => void
  readonly inline: boolean
  readonly hidden: boolean
}

function stepsOf(fields: Fields): readonly Step[] {
  return Object.entries(fields).map(([name, codec]) => {
    // JavaScript would put integer-like keys first, and unions write `type` themselves.
    if (!/^[a-zA-Z_]\w*$/.test(name) || name === 'type') throw new TypeError(`"${name}" cannot name a field`)
    return 'inline' in codec
      ? {
          name,
          codec,
          read: undefined,
          readInto: codec.readInto,
          write: codec.writeFrom,
          inline: true,
          hidden: false,
        }
      : {
          name,
          codec,
          read: codec.read,
          readInto: undefined,
          write: codec.write,
          inline: false,
          hidden: codec.hidden === true,
        }
  })
}

function readSteps(steps: readonly Step[], r: Reader, out: Record<string, unknown>): void {
  let index = 0
  try {
    for (; index < steps.length; index++) {
      const step = steps[index] as Step
      if (step.read === undefined) step.readInto?.(r, out)
      else {
        const value = step.read(r)
        if (value !== undefined) out[step.name] = value
      }
    }
  } catch (error) {
    throw at(error, steps[index])
  }
}

function writeSteps(steps: readonly Step[], w: Writer, value: Readonly<Record<string, unknown>>): void {
  let index = 0
  try {
    for (; index < steps.length; index++) {
      const step = steps[index] as Step
      if (step.hidden) step.write(w, undefined as never)
      else step.write(w, (step.inline ? value : value[step.name]) as never)
    }
  } catch (error) {
    const step = steps[index]
    throw at(asEncodeError(error, step && value[step.name]), step)
  }
}

/** The fields of an inline codec belong to the structure itself. */
function at(error: unknown, step: Step | undefined): unknown {
  return step === undefined || step.inline ? error : within(error, step.name)
}

/** A value of the wrong shape makes JavaScript throw a TypeError deep inside; the caller gets it as what it is. */
function asEncodeError(error: unknown, value: unknown): unknown {
  if (!(error instanceof TypeError)) return error
  return value === undefined
    ? new EncodeError('MISSING', 'the value is missing')
    : new EncodeError('INVALID', error.message)
}

function showSteps(steps: readonly Step[], value: Readonly<Record<string, unknown>>): string {
  const parts: string[] = []
  for (const { name, codec, hidden } of steps) {
    const field = value[name]
    const shown =
      'inline' in codec
        ? codec.showFrom(value as never)
        : field === undefined || hidden
          ? ''
          : codec.show(field as never)
    if (shown === '') continue
    parts.push('inline' in codec || shown.startsWith('actions=') ? shown : `${name}=${shown}`)
  }
  return parts.join(' ')
}

export function struct<const F extends Fields>(
  fields: F,
): Struct<StructOut<F> & object, StructIn<F> & object> {
  const steps = stepsOf(fields)
  const readInto = (r: Reader, out: Record<string, unknown>): void => readSteps(steps, r, out)
  const writeFrom = (w: Writer, value: object): void => writeSteps(steps, w, value as Record<string, unknown>)
  return {
    readInto,
    writeFrom,
    write: writeFrom,
    read(r) {
      const out: Record<string, unknown> = {}
      readInto(r, out)
      return out as StructOut<F> & object
    },
    show: (value) => showSteps(steps, value),
  }
}

/** Puts the fields of a structure straight into the one around it. */
export function inline<Out extends object, In extends object>(inner: Struct<Out, In>) {
  const { readInto, writeFrom, show } = inner
  return { inline: true, readInto, writeFrom, showFrom: show } as const
}
