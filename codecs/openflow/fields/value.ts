/** The value of a match field, big endian: a number up to 48 bits, a bigint above. */
import { EncodeError } from '../wire/errors.ts'
import type { Reader } from '../wire/reader.ts'
import type { Writer } from '../wire/writer.ts'

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
