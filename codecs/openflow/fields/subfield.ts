/**
 * Fields that actions name without a value: a header alone, or with the bits of the field that are meant. What is not
 * in the table has no name, so that the action is kept as bytes.
 */
import type { Codec, Inline } from '../wire/codec.ts'
import { EncodeError } from '../wire/errors.ts'
import type { Reader } from '../wire/reader.ts'
import { keepRaw } from '../wire/tlv.ts'
import type { Writer } from '../wire/writer.ts'
import {
  experimenterOf,
  formOf,
  type Header,
  headerAt,
  isPreferred,
  type Preference,
  rowOf,
  widthIn,
  writeHeader,
} from './headers.ts'
import type { FieldName } from './table.ts'

/** A field of the table. */
export interface FieldReference {
  readonly field: FieldName
  /** Only if it is not the class that the field is normally named by here: in Nicira's actions, the oldest. */
  readonly oxmClass?: number
  /** Bytes, for a field of variable width; absent means all it can have. */
  readonly width?: number
}

/** A bit of a field, and with it those above: bit 0 is the least significant. */
export interface FieldBit extends FieldReference {
  readonly offset: number
}

/** Some bits of a field. */
export interface Subfield extends FieldBit {
  readonly nBits: number
}

function headerWidth({ row, form, width: most }: Header, header: number): number | undefined {
  const width = (header & 0x1ff) - (form.experimenter === undefined ? 0 : 4)
  return width === most || (row.variable && width >= 0 && width < most) ? width : undefined
}

export function readReference(r: Reader, prefer: Preference): FieldReference {
  const header = r.u32()
  const experimenter = experimenterOf(r, header, r.end)
  for (let one = headerAt(r.version, header, experimenter); one !== undefined; one = one.other) {
    const width = headerWidth(one, header)
    if (width === undefined) continue
    return {
      field: one.row.name,
      ...(isPreferred(one, prefer) ? {} : { oxmClass: one.form.oxmClass }),
      ...(width === one.width ? {} : { width }),
    }
  }
  throw keepRaw
}

export function writeReference(
  w: Writer,
  { field, oxmClass, width }: FieldReference,
  prefer: Preference,
): void {
  const row = rowOf(field)
  const form = formOf(w, row, { oxmClass, prefer })
  const length = row.variable ? widthIn(row, width) : (form.width ?? row.width)
  writeHeader(w, form, { length, hasMask: false })
}

/** A header of four bytes, or of eight for an experimenter's field. */
export const niciraReference: Codec<FieldReference> = {
  read: (r) => readReference(r, 'oldest'),
  write: (w, value) => writeReference(w, value, 'oldest'),
}

/** A header of four bytes: fields of experimenters have no place there. */
export const shortReference: Codec<FieldReference> = {
  read(r) {
    const start = r.pos
    const value = niciraReference.read(r)
    if (r.pos - start !== 4) throw keepRaw
    return value
  },
  write(w, value) {
    const start = w.pos
    niciraReference.write(w, value)
    if (w.pos - start !== 4)
      throw new EncodeError(
        'INVALID',
        `this action cannot name ${value.field}, which has a number of 64 bits`,
      )
  },
}

/** Some bits of a field that is named beside them. */
export interface BitRange {
  readonly offset: number
  readonly nBits: number
}

/** Offset and count of bits in one number: `offset << 6 | count - 1`. */
export const bitRange: Codec<BitRange> = {
  read(r) {
    const packed = r.u16()
    return { offset: packed >>> 6, nBits: (packed & 0x3f) + 1 }
  },
  write(w, { offset, nBits }) {
    if (!(nBits >= 1 && nBits <= 64))
      throw new EncodeError('RANGE', `1 to 64 bits can be meant here, not ${nBits}`)
    if (!(offset >= 0 && offset < 0x400))
      throw new EncodeError('RANGE', `bit ${offset} cannot be meant here, only 0 to 1023`)
    w.u16((offset << 6) | (nBits - 1))
  },
}

/** The field in four bytes, then its bits in one number; a field of zeros means that the number is a value. */
export const subfieldOrNumber: Codec<Subfield | number> = {
  read(r) {
    if (r.end - r.pos >= 4 && r.view.getUint32(r.pos) === 0) {
      r.take(4)
      return r.u16()
    }
    const reference = shortReference.read(r)
    return { ...reference, ...bitRange.read(r) }
  },
  write(w, value) {
    if (typeof value === 'number') {
      w.zeros(4)
      w.u16(value)
    } else {
      shortReference.write(w, value)
      bitRange.write(w, value)
    }
  },
}

/** The field in four bytes, then the offset. */
export const offsetBehind: Codec<FieldBit> = {
  read(r) {
    const reference = shortReference.read(r)
    return { ...reference, offset: r.u16() }
  },
  write(w, value) {
    shortReference.write(w, value)
    w.u16(value.offset)
  },
}

/** A field in four bytes or eight that fills `bytes` together with the zeros behind it. */
export function paddedReference(bytes: number): Inline<FieldReference> {
  return {
    inline: true,
    readInto(r, out) {
      const start = r.pos
      Object.assign(out, niciraReference.read(r))
      r.take(start + bytes - r.pos)
    },
    writeFrom(w, value) {
      const start = w.pos
      niciraReference.write(w, value)
      w.zeros(start + bytes - w.pos)
    },
  }
}
