/**
 * Unions of elements that start with a 16-bit type and a 16-bit length: actions, instructions, properties, bands.
 * The two facts that differ between them, alignment and whether the length counts the padding, are parameters.
 * A type that is not in the table reads as `unknown` or `experimenter` with its bytes, and writes back the same.
 */
import type { Codec, Simplify } from './codec.ts'
import { EncodeError, versionName, within } from './errors.ts'
import type { Reader } from './reader.ts'
import { type AnyStruct, type Fields, type Struct, struct, type StructIn, type StructOut } from './struct.ts'
import type { Writer } from './writer.ts'

export const experimenterType = 0xffff

export interface Variant<N extends string, Out extends object, In extends object> {
  readonly name: N
  readonly code: number
  readonly body: Struct<Out, In>
  /** First and last wire version that have it. */
  readonly since?: number
  readonly until?: number
  /** For code 0xffff: the experimenter and its own number for this element. */
  readonly experimenter?: number
  readonly subtype?: number
}

interface AnyVariant extends Versions {
  readonly name: string
  readonly code: number
  readonly body: AnyStruct
  readonly experimenter?: number
  readonly subtype?: number
}

interface Versions {
  readonly since?: number
  readonly until?: number
}

/** An element of the protocol itself. */
export function variant<const N extends string, const F extends Fields>(
  name: N,
  code: number,
  fields: F,
  versions: Versions = {},
): Variant<N, StructOut<F> & object, StructIn<F> & object> {
  return { name, code, body: struct(fields), ...versions }
}

/** An element of an experimenter's; `subtype` is that experimenter's number for it. */
export function extension<const N extends string, const F extends Fields>(
  name: N,
  { experimenter, subtype, ...versions }: { experimenter: number; subtype: number } & Versions,
  fields: F,
): Variant<N, StructOut<F> & object, StructIn<F> & object> {
  return { name, code: experimenterType, experimenter, subtype, body: struct(fields), ...versions }
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
type InOfVariant<V> = V extends { name: infer N; body: { writeFrom: (w: Writer, v: infer In) => void } }
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

/** The element without its type and length, where an earlier version has its fields in a fixed place. */
export function bare<const N extends string, Out extends object, In extends object>({
  name,
  body,
}: Variant<N, Out, In>): Codec<Simplify<{ readonly type: N } & Out>, Simplify<{ readonly type: N } & In>> {
  return {
    read(r) {
      const out: Record<string, unknown> = { type: name }
      body.readInto(r, out)
      return out as Simplify<{ readonly type: N } & Out>
    },
    write(w, value) {
      const { type } = value as { readonly type: string }
      if (type !== name)
        throw new EncodeError('VERSION', `${versionName(w.version)} carries only ${name} here, not ${type}`)
      body.writeFrom(w, value)
    },
    show: (value) => `${name}(${body.show(value)})`,
  }
}

/** Thrown by a body's reader to say: not an error, but not ours to interpret; keep the element as bytes. */
export class KeepRaw extends Error {}

export function tlvUnion<const V extends readonly AnyVariant[]>(
  variants: V,
  rules: TlvRules,
): Codec<TlvOut<V[number]>, TlvIn<V[number]>> {
  const table: Table = {
    rules,
    byCode: new Map(variants.map((one) => [keyOf(one), one])),
    byName: new Map(variants.map((one) => [one.name, one])),
  }
  const codec: Codec<Element> = {
    read: (r) => readElement(table, r),
    write: (w, value) => writeElement(table, w, value),
    show(value) {
      const body = table.byName.get(value.type)?.body.show(value as never) ?? ''
      return body === '' ? value.type : `${value.type}(${body})`
    },
  }
  // The table and the types come from the same variants.
  return codec as unknown as Codec<TlvOut<V[number]>, TlvIn<V[number]>>
}

interface Element {
  readonly type: string
}

interface Table {
  readonly rules: TlvRules
  readonly byCode: ReadonlyMap<number, AnyVariant>
  readonly byName: ReadonlyMap<string, AnyVariant>
}

function readElement(table: Table, r: Reader): Element {
  const { align, lengthCountsPadding } = table.rules
  const start = r.pos
  const outer = r.end
  const code = r.u16()
  const length = r.u16()
  const next = start + (lengthCountsPadding ? length : padded(length, align))
  if (length < 4 || next > outer || (lengthCountsPadding && length % align !== 0)) {
    throw r.fail('LENGTH', `an element's length of ${length} is impossible here`, start)
  }
  r.end = start + length
  const found = variantAt(table, r, code)
  let element = found && readBody(r, found)
  if (element === undefined) {
    r.pos = start + 4
    element = readRaw(r, code)
  }
  const slack = r.end - r.pos
  if (slack !== 0 && (!lengthCountsPadding || slack >= align))
    throw r.fail('TRAILING', `${slack} bytes left over`)
  r.pos = next
  r.end = outer
  return element
}

/** What the table knows of this type in this version; moves past an experimenter's numbers. */
function variantAt({ rules, byCode }: Table, r: Reader, code: number): AnyVariant | undefined {
  let found = byCode.get(code)
  if (code === experimenterType && found === undefined) {
    if (r.end - r.pos < 4 + rules.subtypeBits / 8) return undefined
    const experimenter = r.u32()
    found = byCode.get(experimenterKey(experimenter, rules.subtypeBits === 16 ? r.u16() : r.u32()))
  }
  return found !== undefined && inVersion(found, r.version) ? found : undefined
}

function readBody(r: Reader, found: AnyVariant): Element | undefined {
  const out: Record<string, unknown> & Element = { type: found.name }
  try {
    found.body.readInto(r, out)
    return out
  } catch (error) {
    if (error instanceof KeepRaw) return undefined
    throw within(error, found.name)
  }
}

function readRaw(r: Reader, code: number): ExperimenterElement | UnknownElement {
  if (code === experimenterType && r.end - r.pos >= 4) {
    return { type: 'experimenter', experimenter: r.u32(), body: r.view8(r.end - r.pos) }
  }
  return { type: 'unknown', code, body: r.view8(r.end - r.pos) }
}

function writeElement({ rules, byName }: Table, w: Writer, value: Element): void {
  const { align, lengthCountsPadding, subtypeBits } = rules
  const start = w.pos
  if (value.type === 'unknown' || value.type === 'experimenter') writeRaw(w, value as RawElement)
  else {
    const found = byName.get(value.type)
    if (found === undefined) throw new EncodeError('INVALID', `unknown type ${value.type}`)
    if (!inVersion(found, w.version)) {
      throw new EncodeError('VERSION', `${versionName(w.version)} cannot carry ${value.type}`)
    }
    w.u16(found.code)
    w.take(2)
    writeBody(w, found, { value, subtypeBits })
  }
  if (lengthCountsPadding) w.align(start, align)
  w.patchLength(start + 2, w.pos - start)
  if (!lengthCountsPadding) w.align(start, align)
}

type RawElement = ExperimenterElement | UnknownElement

function writeRaw(w: Writer, value: RawElement): void {
  w.u16(value.type === 'unknown' ? value.code : experimenterType)
  w.take(2)
  if (value.type === 'experimenter') w.u32(value.experimenter)
  w.raw(value.body)
}

function writeBody(
  w: Writer,
  { name, body, experimenter, subtype }: AnyVariant,
  { value, subtypeBits }: { readonly value: Element; readonly subtypeBits: 16 | 32 },
): void {
  if (experimenter !== undefined && subtype !== undefined) {
    w.u32(experimenter)
    if (subtypeBits === 16) w.u16(subtype)
    else w.u32(subtype)
  }
  try {
    body.writeFrom(w, value as never)
  } catch (error) {
    throw within(error, name)
  }
}

const inVersion = ({ since = 0, until = 255 }: AnyVariant, version: number): boolean =>
  version >= since && version <= until

/** No experimenter we know has the number 0 or types above 16 bits, so this never meets a standard code. */
const experimenterKey = (experimenter: number, subtype: number): number =>
  subtype > 0xffff ? -1 : experimenter * 0x10000 + subtype

function keyOf(one: AnyVariant): number {
  return one.experimenter === undefined ? one.code : experimenterKey(one.experimenter, one.subtype ?? 0)
}

/** `length` rounded up to a multiple of `align`, a power of two. */
export function padded(length: number, align: number): number {
  return (length + align - 1) & ~(align - 1)
}
