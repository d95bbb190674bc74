/**
 * The smallest definitions: integers, byte strings, text, names for numbers, sets of flags, padding, and the markers
 * that put a field under a version or give it a default. Values up to 48 bits are numbers, wider ones bigints.
 */
import type { AnyCodec, Codec, InOf, Layout, OutOf } from './codec.ts'
import { EncodeError, versionName } from './errors.ts'
import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

const scalar = <T extends number | bigint>(
  kind: Exclude<Layout['kind'], 'pad'>,
  size: number,
  read: (r: Reader) => T,
  write: (w: Writer, value: T) => void,
): Codec<T> & { readonly layout: Layout } => ({ read, write, layout: { kind, size } })

export const u8 = scalar(
  'u8',
  1,
  (r) => r.u8(),
  (w, v) => w.u8(v),
)
export const u16 = scalar(
  'u16',
  2,
  (r) => r.u16(),
  (w, v) => w.u16(v),
)
export const u24 = scalar(
  'u24',
  3,
  (r) => r.u24(),
  (w, v) => w.u24(v),
)
export const u32 = scalar(
  'u32',
  4,
  (r) => r.u32(),
  (w, v) => w.u32(v),
)
export const u48 = scalar(
  'u48',
  6,
  (r) => r.u48(),
  (w, v) => w.u48(v),
)
export const u64 = scalar(
  'u64',
  8,
  (r) => r.u64(),
  (w, v) => w.u64(v),
)

type NumberCodec = Codec<number> & { readonly layout: Layout }

/** A number that stands for something else; `toValue` gives undefined for what has no meaning. */
function mapped<T>(
  codec: NumberCodec,
  toValue: (raw: number) => T | undefined,
  toNumber: (value: T) => number,
  hints: Pick<Layout, 'names' | 'bits'> = {},
): Codec<T> {
  return {
    read(r) {
      const at = r.pos
      const raw = codec.read(r)
      const value = toValue(raw)
      if (value === undefined) throw r.fail('VALUE', `${raw} has no meaning here`, at)
      return value
    },
    write: (w, value) => codec.write(w, toNumber(value)),
    layout: { ...codec.layout, toValue, toNumber, ...hints },
  }
}

/** Ports of 16 bits, as 1.0 and Nicira's actions have them: the reserved ones get their 32-bit numbers. */
export const port16 = mapped(
  u16,
  (raw) => (raw >= 0xff00 ? 0xffff_0000 + raw : raw),
  (port) => {
    if (port >= 0 && port < 0xff00) return port
    if (port >= 0xffff_ff00 && port <= 0xffff_ffff) return port - 0xffff_0000
    throw new EncodeError('RANGE', `port ${port} does not fit the 16 bits that it has here`)
  },
)

/** All bytes that are left; reading gives a view of the message, not a copy. */
export const rest: Codec<Uint8Array> = {
  read: (r) => r.rest(),
  write: (w, v) => w.raw(v),
}

/** A given number of bytes. */
export const bytes = (count: number): Codec<Uint8Array> => ({
  read: (r) => r.view8(count),
  write(w, value) {
    if (value.length !== count)
      throw new EncodeError('RANGE', `${count} bytes are wanted, not ${value.length}`)
    w.raw(value)
  },
})

export interface Pad extends Codec<undefined> {
  readonly hidden: true
}

export function pad(count: number): Pad {
  return {
    hidden: true,
    read: (r) => void r.take(count),
    write: (w) => w.zeros(count),
    layout: { kind: 'pad', size: count },
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

/** A byte above 0x7f of text that is not UTF-8 becomes this plus the byte: a lone surrogate, which UTF-8 never gives. */
const strayByte = 0xdc00
const loneSurrogate = /[\ud800-\udfff]/u

function textOf(raw: Uint8Array): string {
  try {
    return utf8.decode(raw)
  } catch {
    return String.fromCharCode(...Array.from(raw, (byte) => (byte < 0x80 ? byte : strayByte + byte)))
  }
}

function bytesOf(value: string): Uint8Array {
  if (!loneSurrogate.test(value)) return encoder.encode(value)
  return Uint8Array.from(
    Array.from(value).flatMap((letter) => {
      const code = letter.charCodeAt(0)
      return letter.length === 1 && code >= strayByte + 0x80 && code <= strayByte + 0xff
        ? [code - strayByte]
        : [...encoder.encode(letter)]
    }),
  )
}

/** Text in a field of `width` bytes, up to the first zero. Bytes that are not UTF-8 survive as lone surrogates. */
export function text(width: number): Codec<string> {
  return {
    read(r) {
      const raw = r.view8(width)
      const end = raw.indexOf(0)
      return textOf(end < 0 ? raw : raw.subarray(0, end))
    },
    write(w, value) {
      const raw = bytesOf(value)
      if (raw.length > width) throw new EncodeError('RANGE', `"${value}" does not fit ${width} bytes`)
      w.raw(raw)
      w.zeros(width - raw.length)
    },
  }
}

function inverse<N extends Readonly<Record<string, number>>>(
  names: N,
): ReadonlyMap<number, keyof N & string> {
  return new Map(Object.entries(names).map(([name, code]) => [code, name]))
}

/** A number with a name for every value; another number is an error in both directions. */
export function enumOf<const N extends Record<string, number>>(
  codec: NumberCodec,
  names: N,
): Codec<keyof N & string> {
  const byCode = inverse(names)
  const codes = new Map(Object.entries(names))
  return mapped(
    codec,
    (code) => byCode.get(code),
    (name) => codeIn(codes, name),
    { names },
  )
}

/** A number with names for some values; others stay numbers. */
export function openEnum<const N extends Record<string, number>>(
  codec: NumberCodec,
  names: N,
): Codec<(keyof N & string) | number> {
  const byCode = inverse(names)
  const codes = new Map(Object.entries(names))
  return mapped<(keyof N & string) | number>(
    codec,
    (code) => byCode.get(code) ?? code,
    (name) => (typeof name === 'number' ? name : codeIn(codes, name)),
    { names },
  )
}

function codeIn(codes: ReadonlyMap<string, number>, name: string): number {
  const code = codes.get(name)
  if (code !== undefined) return code
  if ((name as unknown) === undefined) throw new EncodeError('MISSING', 'the value is missing')
  throw new EncodeError('INVALID', `unknown name ${name}`)
}

/** Every empty list that reading gives. */
export const none: readonly never[] = Object.freeze([])

/** A set of bits by name, in order of the bits; a bit without a name reads as `bit_7` and can be written so. */
export function flagsOf<const N extends Record<string, number>>(
  codec: NumberCodec,
  bits: N,
): Codec<readonly ((keyof N & string) | `bit_${number}`)[]> {
  type Flag = (keyof N & string) | `bit_${number}`
  const byBit: Flag[] = Array.from({ length: 32 }, (_, bit) => `bit_${bit}`)
  const valueOf = new Map<string, number>()
  for (const [name, bit] of Object.entries(bits)) byBit[bit] = name
  byBit.forEach((name, bit) => valueOf.set(name, 2 ** bit).set(`bit_${bit}`, 2 ** bit))
  return mapped<readonly Flag[]>(
    codec,
    (value) => {
      if (value === 0) return none
      const flags: Flag[] = []
      for (let left = value; left !== 0; left &= left - 1)
        flags.push(byBit[31 - Math.clz32(left & -left)] as Flag)
      return flags
    },
    (flags) => {
      let value = 0
      for (const flag of flags) {
        const bit = valueOf.get(flag)
        if (bit === undefined) throw new EncodeError('INVALID', `unknown flag ${flag}`)
        value = (value | bit) >>> 0
      }
      return value
    },
    { bits },
  )
}

/** A field that may be left out when writing. */
export function withDefault<Out, In>(codec: Codec<Out, In>, value: NoInfer<In>): Codec<Out, In | undefined> {
  return {
    ...codec,
    fallback: { value },
    write: (w, given) => codec.write(w, given === undefined ? value : given),
  }
}

/** A field of later versions; earlier ones have `instead` bytes of padding there and refuse a value. */
export function since<T>(
  version: number,
  codec: Codec<T>,
  { instead, absent }: { readonly instead: number; readonly absent: T },
): Codec<T | undefined> {
  return {
    optional: true,
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
  }
}

/** Padding that only later versions have. */
export function padSince(version: number, count: number): Pad {
  return {
    hidden: true,
    read: (r) => (r.version >= version ? void r.take(count) : undefined),
    write: (w) => (w.version >= version ? w.zeros(count) : undefined),
  }
}

/** A field that another version has and this one has not: never read, and refused when written. */
export function unavailable<C extends AnyCodec>(): Codec<OutOf<C> | undefined, InOf<C> | undefined> {
  return {
    optional: true,
    read: () => undefined,
    write(w, value) {
      if (value === undefined || (Array.isArray(value) && value.length === 0)) return
      throw new EncodeError('VERSION', `${versionName(w.version)} cannot carry this field`)
    },
  }
}
