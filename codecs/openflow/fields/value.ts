/** The value of a match field, big endian: a number up to 48 bits, a bigint above. */
import { EncodeError } from '../wire/errors.ts'
import type { Reader } from '../wire/reader.ts'
import { outOfRange, type Writer } from '../wire/writer.ts'

const widths = [1, 2, 3, 4, 6, 8, 16] as const

/** Bytes of the value of a field of fixed width. */
export type Width = (typeof widths)[number]

export const isWidth = (width: number): width is Width => (widths as readonly number[]).includes(width)

export function valueAt(view: DataView, at: number, width: Width): number | bigint {
  switch (width) {
    case 1:
      return view.getUint8(at)
    case 2:
      return view.getUint16(at)
    case 3:
      return view.getUint16(at) * 0x100 + view.getUint8(at + 2)
    case 4:
      return view.getUint32(at)
    case 6:
      return view.getUint16(at) * 0x1_0000_0000 + view.getUint32(at + 2)
    case 8:
      return view.getBigUint64(at)
    case 16:
      return (view.getBigUint64(at) << 64n) | view.getBigUint64(at + 8)
  }
}

/** By width: the first number that is too large. */
const limits = [1, 2 ** 8, 2 ** 16, 2 ** 24, 2 ** 32, 2 ** 40, 2 ** 48]

/** Of the right kind, and no larger than so many bytes hold. */
export function fits(value: unknown, width: Width): value is number | bigint {
  if (width > 6) return typeof value === 'bigint' && BigInt.asUintN(8 * width, value) === value
  return (
    typeof value === 'number' && value >= 0 && value < (limits[width] as number) && Number.isInteger(value)
  )
}

/** Writes a value that fits. */
export function putValue(
  view: DataView,
  at: number,
  { width, value }: { readonly width: Width; readonly value: number | bigint },
): void {
  if (width > 6) putBig(view, at, { width, value: value as bigint })
  else putNumber(view, at, { width, value: value as number })
}

function putNumber(
  view: DataView,
  at: number,
  { width, value }: { readonly width: Width; readonly value: number },
): void {
  if (width === 1) view.setUint8(at, value)
  else if (width === 2) view.setUint16(at, value)
  else if (width === 4) view.setUint32(at, value)
  else if (width === 6) {
    view.setUint16(at, Math.floor(value / 0x1_0000_0000))
    view.setUint32(at + 2, value >>> 0)
  } else {
    view.setUint16(at, value >>> 8)
    view.setUint8(at + 2, value & 0xff)
  }
}

function putBig(
  view: DataView,
  at: number,
  { width, value }: { readonly width: Width; readonly value: bigint },
): void {
  if (width === 8) view.setBigUint64(at, value)
  else {
    view.setBigUint64(at, value >> 64n)
    view.setBigUint64(at + 8, BigInt.asUintN(64, value))
  }
}

export function readValue(r: Reader, width: number): number | bigint {
  return isWidth(width) ? valueAt(r.view, r.take(width), width) : readBig(r, width)
}

export function writeValue(w: Writer, width: number, value: number | bigint): void {
  if (!isWidth(width)) writeBig(w, width, value as bigint)
  else if (fits(value, width)) putValue(w.view, w.take(width), { width, value })
  else throw outOfRange(value, 8 * width)
}

/** Of any width, zero bytes included. */
export function readBig(r: Reader, width: number): bigint {
  let value = 0n
  for (const byte of r.view8(width)) value = (value << 8n) | BigInt(byte)
  return value
}

export function writeBig(w: Writer, width: number, value: bigint): void {
  if (typeof value !== 'bigint') throw new EncodeError('INVALID', `a bigint is wanted, not a ${typeof value}`)
  if (BigInt.asUintN(width * 8, value) !== value)
    throw new EncodeError('RANGE', `the value does not fit ${width} bytes`)
  for (let shift = (width - 1) * 8; shift >= 0; shift -= 8) w.u8(Number((value >> BigInt(shift)) & 0xffn))
}
