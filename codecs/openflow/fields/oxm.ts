/**
 * One match field on the wire, in OXM and NXM alike, and a header alone, as copy and move actions have it. A field that
 * is not in the table keeps its class, number and bytes.
 */
import type { Codec } from '../wire/codec.ts'
import { EncodeError, versionName, within } from '../wire/errors.ts'
import type { Reader } from '../wire/reader.ts'
import { port16 } from '../wire/scalars.ts'
import { KeepRaw } from '../wire/tlv.ts'
import type { Writer } from '../wire/writer.ts'
import { experimenterClass, experimenterOf, formIn, type Header, headerAt, writeHeader } from './headers.ts'
import { type FieldName, fieldRow, type FieldRow, type Form } from './table.ts'

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

/** A value of so many bytes: a number up to 48 bits, a bigint above. */
export function readValue(r: Reader, width: number): number | bigint {
  switch (width) {
    case 1:
      return r.u8()
    case 2:
      return r.u16()
    case 3:
      return r.u24()
    case 4:
      return r.u32()
    case 6:
      return r.u48()
    case 8:
      return r.u64()
    case 16:
      return r.u128()
    default:
      return readBig(r, width)
  }
}

export function writeValue(w: Writer, width: number, value: number | bigint): void {
  // The writer checks kind and range itself; the casts only choose which check runs.
  const number = value as number
  const big = value as bigint
  if (width === 1) w.u8(number)
  else if (width === 2) w.u16(number)
  else if (width === 3) w.u24(number)
  else if (width === 4) w.u32(number)
  else if (width === 6) w.u48(number)
  else if (width === 8) w.u64(big)
  else if (width === 16) w.u128(big)
  else writeBig(w, width, big)
}

function readBig(r: Reader, width: number): bigint {
  let value = 0n
  for (const byte of r.view8(width)) value = (value << 8n) | BigInt(byte)
  return value
}

function writeBig(w: Writer, width: number, value: bigint): void {
  if (typeof value !== 'bigint') throw new EncodeError('INVALID', `a bigint is wanted, not a ${typeof value}`)
  if (BigInt.asUintN(width * 8, value) !== value)
    throw new EncodeError('RANGE', `the value does not fit ${width} bytes`)
  for (let shift = (width - 1) * 8; shift >= 0; shift -= 8) w.u8(Number((value >> BigInt(shift)) & 0xffn))
}

function readOxm(r: Reader): OxmField {
  const header = r.u32()
  const end = r.pos + (header & 0xff)
  if (end > r.end) throw r.fail('LENGTH', 'a match field runs past its end', r.pos - 4)
  const hasMask = (header & 0x100) !== 0
  const experimenter = experimenterOf(r, header, end)
  const known = headerAt(r.version, header, experimenter)
  const length = end - r.pos
  const width = hasMask ? length >>> 1 : length
  if (known === undefined || (hasMask && (length & 1) !== 0) || !hasWidth(known, width))
    return readUnknown(r, { header, experimenter, length, hasMask })
  if (!known.usual || known.row.variable || known.form.width !== undefined)
    return readUnusual(r, known, { width, hasMask })
  const field = known.row.name
  const value = readValue(r, width)
  return hasMask ? { field, value, mask: readValue(r, width) } : { field, value }
}

function hasWidth({ row, form }: Header, width: number): boolean {
  return row.variable ? width > 0 && width <= row.width : width === (form.width ?? row.width)
}

interface Shape {
  readonly width: number
  readonly hasMask: boolean
}

function readUnusual(r: Reader, { row, form, usual }: Header, { width, hasMask }: Shape): KnownField {
  const read = (): number | bigint => {
    if (row.variable) return readBig(r, width)
    return form.width === undefined ? readValue(r, width) : port16.read(r)
  }
  return {
    field: row.name,
    value: read(),
    ...(hasMask ? { mask: read() } : {}),
    ...(usual ? {} : { oxmClass: form.oxmClass }),
    ...(row.variable && width !== row.width ? { width } : {}),
  }
}

interface RawHeader {
  readonly header: number
  readonly experimenter: number
  readonly length: number
  readonly hasMask: boolean
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

function writeOxm(w: Writer, one: OxmField): void {
  try {
    if (one.field === 'unknown') writeUnknown(w, one)
    else writeKnown(w, one)
  } catch (error) {
    throw within(error, one.field)
  }
}

function writeKnown(w: Writer, { field, value, mask, oxmClass, width: given }: KnownField): void {
  const row = rowOf(field)
  const form = formOf(w, row, oxmClass)
  const width = row.variable ? (given ?? row.width) : (form.width ?? row.width)
  const hasMask = mask !== undefined
  writeHeader(w, form, { length: hasMask ? 2 * width : width, hasMask })
  const write = (part: number | bigint): void => {
    if (row.variable) writeBig(w, width, part as bigint)
    else if (form.width === undefined) writeValue(w, width, part)
    else port16.write(w, part as number)
  }
  write(value)
  if (hasMask) write(mask)
}

function rowOf(name: string): FieldRow {
  const row = fieldRow(name)
  if (row === undefined) throw new EncodeError('INVALID', `unknown field ${name}`)
  return row
}

function formOf(w: Writer, row: FieldRow, oxmClass: number | undefined): Form {
  const form =
    oxmClass === undefined ? formIn(w.version, row.name) : row.forms.find((one) => one.oxmClass === oxmClass)
  if (form === undefined)
    throw new EncodeError('VERSION', `${versionName(w.version)} has no field ${row.name}`)
  return form
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

export const oxmField: Codec<OxmField> = { read: readOxm, write: writeOxm }

/** A header without a value: only a field of full width and in the form wanted has a name. */
function headerCodec(
  isWanted: (header: Header) => boolean,
  formOf: (w: Writer, row: FieldRow) => Form,
): Codec<FieldName> {
  return {
    read(r) {
      const header = r.u32()
      const experimenter = experimenterOf(r, header, r.end)
      const known = headerAt(r.version, header, experimenter)
      if (known === undefined || !isWanted(known)) throw new KeepRaw()
      const { row, form } = known
      const length = (form.width ?? row.width) + (form.experimenter === undefined ? 0 : 4)
      if ((header & 0x1ff) !== length) throw new KeepRaw()
      return row.name
    },
    write(w, name) {
      const row = rowOf(name)
      const form = formOf(w, row)
      writeHeader(w, form, { length: form.width ?? row.width, hasMask: false })
    },
  }
}

/** The field that an action of OpenFlow's own copies from or to, as this version names it. */
export const fieldHeader = headerCodec(
  ({ usual }) => usual,
  (w, row) => formOf(w, row, undefined),
)

/**
 * The field in an action of Nicira's: by the oldest number it has, as Open vSwitch does in every version. Other numbers
 * are not ours to change: such an action is kept as bytes.
 */
export const niciraFieldHeader = headerCodec(
  ({ row, form }) => row.forms[0] === form,
  (_, row) => row.forms[0],
)
