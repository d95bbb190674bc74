/**
 * Match fields on the wire: one OXM field, a header alone (as copy and move actions have it), and the match that
 * holds a list of fields. A field that is not in the table keeps its class, number and bytes.
 */
import type { Codec } from '../wire/codec.ts'
import { EncodeError, versionName, within } from '../wire/errors.ts'
import { untilEnd } from '../wire/lists.ts'
import type { Reader } from '../wire/reader.ts'
import { KeepRaw, padded } from '../wire/tlv.ts'
import type { Writer } from '../wire/writer.ts'
import { fieldByHeader, type FieldName, type FieldRow, fieldRowIn } from './table.ts'
import { showField, showMatch } from '../text/match.ts'

/** A field of the table. Values up to 48 bits wide are numbers (MAC addresses too), wider ones bigints. */
export interface KnownField {
  readonly field: FieldName
  readonly value: number | bigint
  /** One bits are compared (or written); absent means all of them. */
  readonly mask?: number | bigint
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

const experimenterClass = 0xffff

function readValue(r: Reader, width: number): number | bigint {
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
    default:
      return r.u128()
  }
}

function writeValue(w: Writer, width: number, value: number | bigint): void {
  // The writer checks kind and range itself; the casts only choose which check runs.
  const number = value as number
  const big = value as bigint
  if (width === 1) w.u8(number)
  else if (width === 2) w.u16(number)
  else if (width === 3) w.u24(number)
  else if (width === 4) w.u32(number)
  else if (width === 6) w.u48(number)
  else if (width === 8) w.u64(big)
  else w.u128(big)
}

function readBig(r: Reader, width: number): bigint {
  let value = 0n
  for (const byte of r.view8(width)) value = (value << 8n) | BigInt(byte)
  return value
}

function writeBig(w: Writer, width: number, value: bigint): void {
  if (typeof value !== 'bigint') throw new EncodeError('INVALID', 'an unknown field has bigint values')
  if (BigInt.asUintN(width * 8, value) !== value)
    throw new EncodeError('RANGE', `the value does not fit ${width} bytes`)
  for (let shift = (width - 1) * 8; shift >= 0; shift -= 8) w.u8(Number((value >> BigInt(shift)) & 0xffn))
}

function readOxm(r: Reader): OxmField {
  const header = r.u32()
  const end = r.pos + (header & 0xff)
  if (end > r.end) throw r.fail('LENGTH', 'a match field runs past its end', r.pos - 4)
  const hasMask = (header & 0x100) !== 0
  const isExperimenter = header >>> 16 === experimenterClass
  const experimenter = isExperimenter && end - r.pos >= 4 ? r.u32() : 0
  const row = fieldByHeader(r.version, header >>> 9, experimenter)
  const length = end - r.pos
  if (row === undefined || length !== (hasMask ? row.width * 2 : row.width)) {
    return readUnknown(r, { header, experimenter, length, hasMask, isExperimenter })
  }
  const field = row.name as FieldName
  const value = readValue(r, row.width)
  return hasMask ? { field, value, mask: readValue(r, row.width) } : { field, value }
}

interface RawHeader {
  readonly header: number
  readonly experimenter: number
  readonly length: number
  readonly hasMask: boolean
  readonly isExperimenter: boolean
}

function readUnknown(
  r: Reader,
  { header, experimenter, length, hasMask, isExperimenter }: RawHeader,
): UnknownField {
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
    else {
      const row = rowFor(w, one.field)
      writeHeader(w, row, one.mask !== undefined)
      writeValue(w, row.width, one.value)
      if (one.mask !== undefined) writeValue(w, row.width, one.mask)
    }
  } catch (error) {
    throw within(error, one.field)
  }
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

function rowFor(w: Writer, name: string): FieldRow {
  const row = fieldRowIn(w.version, name)
  if (row === undefined) throw new EncodeError('VERSION', `${versionName(w.version)} has no field ${name}`)
  return row
}

function writeHeader(w: Writer, row: FieldRow, hasMask: boolean): void {
  const length = row.width * (hasMask ? 2 : 1) + (row.experimenter === undefined ? 0 : 4)
  w.u32(((row.oxmClass << 16) | (row.oxmField << 9) | (hasMask ? 0x100 : 0) | length) >>> 0)
  if (row.experimenter !== undefined) w.u32(row.experimenter)
}

export const oxmField: Codec<OxmField> = { read: readOxm, write: writeOxm, show: showField }

/** A header without a value: the field that an action copies from or to. */
export const fieldHeader: Codec<FieldName> = {
  read(r) {
    const header = r.u32()
    const experimenter = header >>> 16 === experimenterClass ? r.u32() : 0
    const row = fieldByHeader(r.version, header >>> 9, experimenter)
    const expected = row === undefined ? -1 : row.width + (row.experimenter === undefined ? 0 : 4)
    if (row === undefined || (header & 0x1ff) !== expected) throw new KeepRaw()
    return row.name as FieldName
  },
  write: (w, name) => writeHeader(w, rowFor(w, name), false),
  show: (name) => name,
}

const oxmFields = untilEnd(oxmField)

/** `ofp_match` of type OXM: its length leaves out the padding to 8 bytes that follows. */
export const match: Codec<Match> = {
  read(r) {
    const start = r.pos
    const outer = r.end
    const type = r.u16()
    const length = r.u16()
    const next = start + padded(length, 8)
    if (type !== 1) throw r.fail('VALUE', `match type ${type} is not OXM`, start)
    if (length < 4 || next > outer)
      throw r.fail('LENGTH', `a match length of ${length} is impossible here`, start)
    r.end = start + length
    const fields = oxmFields.read(r)
    r.pos = next
    r.end = outer
    return fields
  },
  write(w, fields) {
    const start = w.pos
    w.u16(1)
    w.take(2)
    oxmFields.write(w, fields)
    w.patchLength(start + 2, w.pos - start)
    w.align(start, 8)
  },
  show: (fields) => showMatch(fields),
}
