/**
 * Reads and writes the elements of a union: type, length, body, padding. A type that is not in the table reads as
 * `unknown` or `experimenter` with its bytes, and writes back the same.
 */
import type { Codec } from './codec.ts'
import { EncodeError, versionName, within } from './errors.ts'
import { generate } from './generate.ts'
import { extensionKey } from './message.ts'
import type { Reader } from './reader.ts'
import {
  type AnyVariant,
  type ExperimenterElement,
  experimenterType,
  keepRaw,
  padded,
  type TlvIn,
  type TlvOut,
  type TlvRules,
  type UnknownElement,
} from './tlv.ts'
import { outOfRange, type Writer } from './writer.ts'

export function tlvUnion<const V extends readonly AnyVariant[]>(
  variants: V,
  rules: TlvRules,
): Codec<TlvOut<V[number]>, TlvIn<V[number]>> {
  const made: (Codec<Element> | undefined)[] = []
  // Of a version that we do not speak, as of the newest.
  const unionIn = (version: number): Codec<Element> =>
    version > newest ? unionIn(newest) : (made[version] ??= unionOf(tableOf(variants, version), rules))
  const codec: Codec<Element> = {
    read: (r) => (made[r.version] ?? unionIn(r.version)).read(r),
    write: (w, value) => (made[w.version] ?? unionIn(w.version)).write(w, value),
  }
  // The tables and the types come from the same variants.
  return codec as unknown as Codec<TlvOut<V[number]>, TlvIn<V[number]>>
}

const newest = 6

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

function tableOf(variants: readonly AnyVariant[], version: number): Table {
  const here = variants.filter(({ since = 0, until = 255 }) => version >= since && version <= until)
  return {
    byCode: new Map(here.map((one) => [keyOf(one), one])),
    byName: new Map(here.map((one) => [one.name, one])),
    elsewhere: new Set(variants.map(({ name }) => name)),
  }
}

/** Gives undefined for what is not ours to interpret. */
type ReadBody = (r: Reader, code: number) => Element | undefined
/** Writes the type too, into the room for it at `start`. */
type WriteBody = (w: Writer, value: Element, start: number) => void

function unionOf(table: Table, rules: TlvRules): Codec<Element> {
  const looked: { readonly read: ReadBody; readonly write: WriteBody } = {
    read(r, code) {
      const found = variantAt(table, rules, r, code)
      return found && readBody(r, found)
    },
    write(w, value, start) {
      if (value.type === 'unknown' || value.type === 'experimenter') writeRaw(w, value as RawElement, start)
      else writeBody(w, table.byName.get(value.type) ?? missing(table, w, value), { value, start, rules })
    },
  }
  const read =
    (generate(readSource(table), scopeOf(table, looked.read)) as ReadBody | undefined) ?? looked.read
  const write =
    (generate(writeSource(table), scopeOf(table, looked.write)) as WriteBody | undefined) ?? looked.write
  return {
    read: (r) => readElement(r, rules, read),
    write: (w, value) => writeElement(w, rules, write, value),
  }
}

/** Elements of the protocol itself. Those of experimenters are many and rarer: they are always looked up. */
const plainOf = ({ byName }: Table): readonly AnyVariant[] =>
  [...byName.values()].filter(({ experimenter }) => experimenter === undefined)

function scopeOf(table: Table, looked: ReadBody | WriteBody): Readonly<Record<string, unknown>> {
  const bodies = plainOf(table).map(({ body }, index) => [`body${index}`, body] as const)
  return { looked, keptOr, within, ...Object.fromEntries(bodies) }
}

/** What `looked.read` does, with the bodies in the code. */
function readSource(table: Table): string {
  const cases = plainOf(table).map(
    ({ name, code }, index) => `case ${code}: name = '${name}'; return body${index}.read(r)`,
  )
  return `return function readBody(r, code) {
  let name
  try {
    switch (code) {
      ${cases.join('\n      ')}
    }
  } catch (error) { return keptOr(error, name) }
  return looked(r, code)
}`
}

function writeSource(table: Table): string {
  const cases = plainOf(table).map(
    ({ name, code }, index) =>
      `case '${name}': w.view.setUint16(start, ${code}); body${index}.write(w, value); return`,
  )
  return `return function writeBody(w, value, start) {
  const { type } = value
  try {
    switch (type) {
      ${cases.join('\n      ')}
    }
  } catch (error) { throw within(error, type) }
  looked(w, value, start)
}`
}

function readElement(r: Reader, { align, lengthCountsPadding }: TlvRules, body: ReadBody): Element {
  const start = r.take(4)
  const outer = r.end
  const code = r.view.getUint16(start)
  const length = r.view.getUint16(start + 2)
  const next = start + (lengthCountsPadding ? length : padded(length, align))
  if (length < 4 || next > outer || (lengthCountsPadding && length % align !== 0)) {
    throw r.fail('LENGTH', `an element's length of ${length} is impossible here`, start)
  }
  r.end = start + length
  r.enter()
  let element = body(r, code)
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
    keptOr(error, found.name)
    return undefined
  }
}

/** Gives nothing for an element that stays as bytes. */
function keptOr(error: unknown, name: string): void {
  if (error !== keepRaw) throw within(error, name)
}

function readRaw(r: Reader, code: number): ExperimenterElement | UnknownElement {
  if (code === experimenterType && r.end - r.pos >= 4) {
    return { type: 'experimenter', experimenter: r.u32(), body: r.rest() }
  }
  return { type: 'unknown', code, body: r.rest() }
}

function writeElement(w: Writer, rules: TlvRules, body: WriteBody, value: Element): void {
  const { align, lengthCountsPadding } = rules
  const start = w.take(4)
  w.enter()
  body(w, value, start)
  w.leave()
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

function writeRaw(w: Writer, value: RawElement, start: number): void {
  const code = value.type === 'unknown' ? value.code : experimenterType
  if (typeof code !== 'number' || (code & 0xffff) !== code) throw outOfRange(code, 16)
  w.view.setUint16(start, code)
  if (value.type === 'experimenter') w.u32(value.experimenter)
  w.raw(value.body)
}

function writeBody(
  w: Writer,
  { name, code, body, experimenter, subtype }: AnyVariant,
  { value, start, rules }: { readonly value: Element; readonly start: number; readonly rules: TlvRules },
): void {
  w.view.setUint16(start, code)
  if (experimenter !== undefined && subtype !== undefined) {
    w.u32(experimenter)
    if (rules.subtypeBits === 16) w.u16(subtype)
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
