/**
 * The smallest definitions: integers, byte strings, text, names for numbers, sets of flags, padding, and the markers
 * that put a field under a version or give it a default. Values up to 48 bits are numbers, wider ones bigints.
 */
import type { Codec } from './codec.ts'
import { EncodeError, versionName } from './errors.ts'
import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

const decimal = (value: number | bigint): string => String(value)
const hexadecimal = (value: number | bigint): string => `0x${value.toString(16)}`

export const u8: Codec<number> = { read: (r) => r.u8(), write: (w, v) => w.u8(v), show: decimal }
export const u16: Codec<number> = { read: (r) => r.u16(), write: (w, v) => w.u16(v), show: decimal }
export const u32: Codec<number> = { read: (r) => r.u32(), write: (w, v) => w.u32(v), show: decimal }
export const u48: Codec<number> = { read: (r) => r.u48(), write: (w, v) => w.u48(v), show: hexadecimal }
export const u64: Codec<bigint> = { read: (r) => r.u64(), write: (w, v) => w.u64(v), show: decimal }

/** The same number, shown in hexadecimal or by a given function. */
export const hex = <T extends number | bigint>(codec: Codec<T>): Codec<T> => ({ ...codec, show: hexadecimal })
export const shown = <T>(codec: Codec<T>, show: (value: T) => string): Codec<T> => ({ ...codec, show })

/** All bytes that are left; reading gives a view of the message, not a copy. */
export const rest: Codec<Uint8Array> = {
  read: (r) => r.view8(r.end - r.pos),
  write: (w, v) => w.raw(v),
  show: (v) => Array.from(v, (byte) => byte.toString(16).padStart(2, '0')).join(''),
}

export interface Pad extends Codec<undefined> {
  readonly hidden: true
}

export function pad(count: number): Pad {
  return {
    hidden: true,
    read: (r) => void r.take(count),
    write: (w) => w.zeros(count),
    show: () => '',
  }
}

const utf8 = new TextDecoder()
const encoder = new TextEncoder()

/** Text in a field of `width` bytes, filled up with zeros. Bytes that are not UTF-8 read as U+FFFD. */
export function text(width: number): Codec<string> {
  return {
    read(r) {
      const bytes = r.view8(width)
      const end = bytes.indexOf(0)
      return utf8.decode(end < 0 ? bytes : bytes.subarray(0, end))
    },
    write(w, value) {
      const bytes = encoder.encode(value)
      if (bytes.length > width) throw new EncodeError('RANGE', `"${value}" does not fit ${width} bytes`)
      w.raw(bytes)
      w.zeros(width - bytes.length)
    },
    show: (value) => value,
  }
}

function inverse(names: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(names).map(([name, code]) => [code, name]))
}

/** A number with a name for every value; another number is an error in both directions. */
export function enumOf<const N extends Record<string, number>>(
  codec: Codec<number>,
  names: N,
): Codec<keyof N & string> {
  const byCode = inverse(names)
  return {
    read(r) {
      const at = r.pos
      const code = codec.read(r)
      const name = byCode.get(code)
      if (name === undefined) throw r.fail('VALUE', `${code} has no meaning here`, at)
      return name
    },
    write(w, name) {
      const code = names[name]
      if (code === undefined) throw new EncodeError('INVALID', `unknown name ${name}`)
      codec.write(w, code)
    },
    show: (name) => name,
  }
}

/** A number with names for some values; others stay numbers. */
export function openEnum<const N extends Record<string, number>>(
  codec: Codec<number>,
  names: N,
): Codec<(keyof N & string) | number> {
  const byCode = inverse(names)
  return {
    read(r) {
      const code = codec.read(r)
      return byCode.get(code) ?? code
    },
    write(w, name) {
      const code = typeof name === 'number' ? name : names[name]
      if (code === undefined) throw new EncodeError('INVALID', `unknown name ${String(name)}`)
      codec.write(w, code)
    },
    show: String,
  }
}

const noFlags: readonly never[] = Object.freeze([])

/** A set of bits by name, in order of the bits; a bit without a name reads as `bit_7` and can be written so. */
export function flagsOf<const N extends Record<string, number>>(
  codec: Codec<number>,
  bits: N,
): Codec<readonly ((keyof N & string) | `bit_${number}`)[]> {
  type Flag = (keyof N & string) | `bit_${number}`
  const byBit: Flag[] = Array.from({ length: 32 }, (_, bit) => `bit_${bit}`)
  const valueOf = new Map<string, number>()
  for (const [name, bit] of Object.entries(bits)) byBit[bit] = name
  byBit.forEach((name, bit) => valueOf.set(name, 2 ** bit).set(`bit_${bit}`, 2 ** bit))
  return {
    read(r) {
      const value = codec.read(r)
      return value === 0 ? noFlags : byBit.filter((_, bit) => ((value >>> bit) & 1) === 1)
    },
    write(w, flags) {
      let value = 0
      for (const flag of flags) {
        const bit = valueOf.get(flag)
        if (bit === undefined) throw new EncodeError('INVALID', `unknown flag ${flag}`)
        value = (value | bit) >>> 0
      }
      codec.write(w, value)
    },
    show: (flags) => flags.join('+'),
  }
}

/** A field that may be left out when writing. */
export function withDefault<Out, In>(codec: Codec<Out, In>, value: NoInfer<In>): Codec<Out, In | undefined> {
  return { ...codec, write: (w, given) => codec.write(w, given === undefined ? value : given) }
}

/** A field of later versions; earlier ones have `instead` bytes of padding there and refuse a value. */
export function since<T>(
  version: number,
  codec: Codec<T>,
  { instead, absent }: { readonly instead: number; readonly absent: T },
): Codec<T | undefined> {
  return {
    read(r: Reader) {
      if (r.version >= version) return codec.read(r)
      r.take(instead)
      return undefined
    },
    write(w: Writer, value) {
      if (w.version >= version) codec.write(w, value === undefined ? absent : value)
      else if (value === undefined || value === absent) w.zeros(instead)
      else throw new EncodeError('VERSION', `${versionName(w.version)} cannot carry this field`)
    },
    show: (value) => (value === undefined ? '' : codec.show(value)),
  }
}

/** Padding that only later versions have. */
export function padSince(version: number, count: number): Pad {
  const padding = pad(count)
  return {
    ...padding,
    read: (r) => (r.version >= version ? padding.read(r) : undefined),
    write: (w) => (w.version >= version ? padding.write(w, undefined) : undefined),
  }
}

/** A field that another version has and this one has not: never read, and refused when written. */
export function unavailable<T>(codec: Codec<T>): Codec<T | undefined> {
  return {
    read: () => undefined,
    write(w, value) {
      if (value === undefined || (Array.isArray(value) && value.length === 0)) return
      throw new EncodeError('VERSION', `${versionName(w.version)} cannot carry this field`)
    },
    show: (value) => (value === undefined ? '' : codec.show(value)),
  }
}
