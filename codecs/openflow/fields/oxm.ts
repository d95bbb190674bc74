/**
 * One match field on the wire, in OXM and NXM alike. A field that is not in the table keeps its class, number and bytes.
 */
import type { Codec } from '../wire/codec.ts'
import { type WireError, within } from '../wire/errors.ts'
import type { Reader } from '../wire/reader.ts'
import { port16 } from '../wire/scalars.ts'
import type { Writer } from '../wire/writer.ts'
import {
  experimenterClass,
  experimenterOf,
  formOf,
  type Header,
  headerAt,
  isPreferred,
  ordinaryAt,
  ordinaryNamed,
  type Preference,
  rowOf,
  widthIn,
  writeHeader,
} from './headers.ts'
import type { FieldName, FieldRow, Form } from './table.ts'
import { fits, putValue, readBig, readValue, valueAt, writeBig, writeValue } from './value.ts'

/** A field of the table. Values up to 48 bits wide are numbers (MAC addresses too), wider ones bigints. */
export interface KnownField {
  readonly field: FieldName
  readonly value: number | bigint
  /** One bits are compared (or written); absent means all of them. */
  readonly mask?: number | bigint
  /** Only if it is not the class that this version normally has the field in. */
  readonly oxmClass?: number
  /** Bytes of the value, for a field of variable width; absent means all it can have. */
  readonly width?: number
}

/** A field that is not in the table, or that has an unusual width. */
export interface UnknownField {
  readonly field: 'unknown'
  readonly oxmClass: number
  readonly oxmField: number
  /** For class 0xffff: the 32-bit number before the value. */
  readonly experimenter?: number
  /** Bytes of the value; the mask has as many. */
  readonly width: number
  readonly value: bigint
  readonly mask?: bigint
}

export type OxmField = KnownField | UnknownField
export type Match = readonly OxmField[]

interface RawHeader {
  readonly header: number
  readonly experimenter: number
  readonly length: number
  readonly hasMask: boolean
}

function readOxm(r: Reader): OxmField {
  const start = r.take(4)
  const header = r.view.getUint32(start)
  const at = start + 4
  const end = at + (header & 0xff)
  if (end > r.end) throw pastEnd(r, start)
  const ordinary = ordinaryAt(r.version, header)
  if (ordinary === undefined) return readRare(r, { header, end }, 'usual')
  r.pos = end
  const { name: field, width } = ordinary
  const value = valueAt(r.view, at, width)
  return header === ordinary.header
    ? { field, value }
    : { field, value, mask: valueAt(r.view, at + width, width) }
}

/** Like `readOxm`, for Nicira's actions: there the oldest form is the one that needs no mention. */
function readOldest(r: Reader): OxmField {
  const header = r.u32()
  const end = r.pos + (header & 0xff)
  if (end > r.end) throw pastEnd(r, r.pos - 4)
  return readRare(r, { header, end }, 'oldest')
}

const pastEnd = (r: Reader, start: number): WireError =>
  r.fail('LENGTH', 'a match field runs past its end', start)

/** After the header's four bytes. */
function readRare(
  r: Reader,
  { header, end }: { readonly header: number; readonly end: number },
  prefer: Preference,
): OxmField {
  const experimenter = experimenterOf(r, header, end)
  const known = headerAt(r.version, header, experimenter)
  const raw = { header, experimenter, length: end - r.pos, hasMask: (header & 0x100) !== 0 }
  const width = raw.hasMask ? raw.length / 2 : raw.length
  for (let one = known; one !== undefined; one = one.other)
    if (hasWidth(one, width)) return readKnown(r, one, { width, hasMask: raw.hasMask, prefer })
  return readUnknown(r, raw)
}

const hasWidth = ({ row, width: most }: Header, width: number): boolean =>
  row.variable ? width <= most && Number.isInteger(width) : width === most

interface Shape {
  readonly width: number
  readonly hasMask: boolean
  readonly prefer: Preference
}

function readKnown(r: Reader, known: Header, { width, hasMask, prefer }: Shape): KnownField {
  const { row, form } = known
  const read = (): number | bigint => {
    if (row.variable) return readBig(r, width)
    return form.width === undefined ? readValue(r, width) : port16.read(r)
  }
  return {
    field: row.name,
    value: read(),
    ...(hasMask ? { mask: read() } : {}),
    ...(isPreferred(known, prefer) ? {} : { oxmClass: form.oxmClass }),
    ...(row.variable && width !== row.width ? { width } : {}),
  }
}

function readUnknown(r: Reader, { header, experimenter, length, hasMask }: RawHeader): UnknownField {
  const isExperimenter = header >>> 16 === experimenterClass
  if (hasMask && length % 2 !== 0) throw r.fail('LENGTH', 'a value and its mask have different lengths')
  if (isExperimenter && (header & 0xff) < 4) throw r.fail('LENGTH', "no room for the experimenter's number")
  const width = hasMask ? length / 2 : length
  return {
    field: 'unknown',
    oxmClass: header >>> 16,
    oxmField: (header >>> 9) & 0x7f,
    ...(isExperimenter ? { experimenter } : {}),
    width,
    value: readBig(r, width),
    ...(hasMask ? { mask: readBig(r, width) } : {}),
  }
}

function writeUsual(w: Writer, one: OxmField): void {
  if (!writeOrdinary(w, one)) writeOxm(w, one, 'usual')
}

/** The ordinary field with a good value, which is nearly every one; of another it writes nothing and gives false. */
function writeOrdinary(w: Writer, { field, value, mask, oxmClass }: OxmField): boolean {
  const ordinary = oxmClass === undefined ? ordinaryNamed(w.version, field) : undefined
  if (ordinary === undefined) return false
  const { width, header, maskedHeader } = ordinary
  if (!fits(value, width) || (mask !== undefined && !fits(mask, width))) return false
  const at = w.take(4 + (mask === undefined ? width : 2 * width))
  w.view.setUint32(at, mask === undefined ? header : maskedHeader)
  putValue(w.view, at + 4, { width, value })
  if (mask !== undefined) putValue(w.view, at + 4 + width, { width, value: mask })
  return true
}

function writeOxm(w: Writer, one: OxmField, prefer: Preference): void {
  try {
    if (one.field === 'unknown') writeUnknown(w, one)
    else writeKnown(w, one, prefer)
  } catch (error) {
    throw within(error, one.field)
  }
}

function writeKnown(w: Writer, one: KnownField, prefer: Preference): void {
  const { field, value, mask, oxmClass } = one
  const row = rowOf(field)
  const form = formOf(w, row, { oxmClass, prefer })
  const width = row.variable ? widthIn(row, one.width) : (form.width ?? row.width)
  const hasMask = mask !== undefined
  writeHeader(w, form, { length: hasMask ? 2 * width : width, hasMask })
  writePart(w, row, form, width, value)
  if (hasMask) writePart(w, row, form, width, mask)
}

/** The value or the mask. */
function writePart(w: Writer, row: FieldRow, form: Form, width: number, part: number | bigint): void {
  if (row.variable) writeBig(w, width, part as bigint)
  else if (form.width === undefined) writeValue(w, width, part)
  else port16.write(w, part as number)
}

function writeUnknown(w: Writer, one: UnknownField): void {
  const { oxmClass, oxmField, width, mask, experimenter } = one
  const payload = width * (mask === undefined ? 1 : 2) + (experimenter === undefined ? 0 : 4)
  w.u16(oxmClass)
  w.u8((oxmField << 1) | (mask === undefined ? 0 : 1))
  w.u8(payload)
  if (experimenter !== undefined) w.u32(experimenter)
  writeBig(w, width, one.value)
  if (mask !== undefined) writeBig(w, width, mask)
}

export const oxmField: Codec<OxmField> = { read: readOxm, write: writeUsual }

/** The field and value in an action of Nicira's, which has the oldest number of a field in every version. */
export const niciraField: Codec<OxmField> = {
  read: readOldest,
  write: (w, one) => writeOxm(w, one, 'oldest'),
}
