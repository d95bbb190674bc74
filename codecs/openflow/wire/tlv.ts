/**
 * Unions of elements that start with a 16-bit type and a 16-bit length: actions, instructions, properties, bands.
 * The two facts that differ between them, alignment and whether the length counts the padding, are parameters.
 * A type that is not in the table reads as `unknown` or `experimenter` with its bytes, and writes back the same.
 */
import type { Codec, Simplify } from './codec.ts'
import { EncodeError, versionName, within } from './errors.ts'
import type { Reader } from './reader.ts'
import { extensionKey } from './message.ts'
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

interface AnyVariant extends Place {
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
export class KeepRaw extends Error {}

export function tlvUnion<const V extends readonly AnyVariant[]>(
  variants: V,
  rules: TlvRules,
): Codec<TlvOut<V[number]>, TlvIn<V[number]>> {
  const tables = wireVersions.map((version) => tableOf(variants, version))
  const newest = tables[tables.length - 1] as Table
  const codec: Codec<Element> = {
    read: (r) => readElement(tables[r.version] ?? newest, rules, r),
    write: (w, value) => writeElement(tables[w.version] ?? newest, rules, w, value),
  }
  // The tables and the types come from the same variants.
  return codec as unknown as Codec<TlvOut<V[number]>, TlvIn<V[number]>>
}

interface Element {
  readonly type: string
}

/** The elements that one version has. */
interface Table {
  readonly byCode: ReadonlyMap<number, AnyVariant>
  readonly byName: ReadonlyMap<string, AnyVariant>
  /** Elements of other versions, to say of them that they are. */
  readonly elsewhere: ReadonlySet<string>
}

const wireVersions = [0, 1, 2, 3, 4, 5, 6]

function tableOf(variants: readonly AnyVariant[], version: number): Table {
  const here = variants.filter(({ since = 0, until = 255 }) => version >= since && version <= until)
  return {
    byCode: new Map(here.map((one) => [keyOf(one), one])),
    byName: new Map(here.map((one) => [one.name, one])),
    elsewhere: new Set(variants.map(({ name }) => name)),
  }
}

function readElement(table: Table, rules: TlvRules, r: Reader): Element {
  const { align, lengthCountsPadding } = rules
  const start = r.pos
  const outer = r.end
  const code = r.u16()
  const length = r.u16()
  const next = start + (lengthCountsPadding ? length : padded(length, align))
  if (length < 4 || next > outer || (lengthCountsPadding && length % align !== 0)) {
    throw r.fail('LENGTH', `an element's length of ${length} is impossible here`, start)
  }
  r.end = start + length
  r.enter()
  const found = variantAt(table, rules, r, code)
  let element = found && readBody(r, found)
  if (element === undefined) {
    r.pos = start + 4
    r.end = start + length
    element = readRaw(r, code)
  }
  r.leave()
  const slack = r.end - r.pos
  if (slack !== 0 && (!lengthCountsPadding || slack >= align))
    throw r.fail('TRAILING', `${slack} bytes left over`)
  r.pos = next
  r.end = outer
  return element
}

/** What the table knows of this type; moves past an experimenter's numbers. */
function variantAt({ byCode }: Table, rules: TlvRules, r: Reader, code: number): AnyVariant | undefined {
  const found = byCode.get(code)
  if (code !== experimenterType || found !== undefined) return found
  if (r.end - r.pos < 4 + rules.subtypeBits / 8) return undefined
  const experimenter = r.u32()
  return byCode.get(extensionKey(experimenter, rules.subtypeBits === 16 ? r.u16() : r.u32()))
}

function readBody(r: Reader, found: AnyVariant): Element | undefined {
  try {
    return found.body.read(r) as Element
  } catch (error) {
    if (error instanceof KeepRaw) return undefined
    throw within(error, found.name)
  }
}

function readRaw(r: Reader, code: number): ExperimenterElement | UnknownElement {
  if (code === experimenterType && r.end - r.pos >= 4) {
    return { type: 'experimenter', experimenter: r.u32(), body: r.rest() }
  }
  return { type: 'unknown', code, body: r.rest() }
}

function writeElement(table: Table, rules: TlvRules, w: Writer, value: Element): void {
  const { align, lengthCountsPadding } = rules
  const start = w.pos
  if (value.type === 'unknown' || value.type === 'experimenter') writeRaw(w, value as RawElement)
  else {
    const found = table.byName.get(value.type) ?? missing(table, w, value)
    w.u16(found.code)
    w.take(2)
    w.enter()
    writeBody(w, found, { value, subtypeBits: rules.subtypeBits })
    w.leave()
  }
  if (lengthCountsPadding) w.align(start, align)
  w.patchLength(start + 2, w.pos - start)
  if (!lengthCountsPadding) w.align(start, align)
}

function missing({ elsewhere }: Table, w: Writer, { type }: Element): never {
  throw elsewhere.has(type)
    ? new EncodeError('VERSION', `${versionName(w.version)} cannot carry ${type}`)
    : new EncodeError('INVALID', `unknown type ${type}`)
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
    body.write(w, value as never)
  } catch (error) {
    throw within(error, name)
  }
}

function keyOf(one: AnyVariant): number {
  return one.experimenter === undefined ? one.code : extensionKey(one.experimenter, one.subtype ?? 0)
}

/** `length` rounded up to a multiple of `align`, a power of two. */
export function padded(length: number, align: number): number {
  return (length + align - 1) & ~(align - 1)
}
