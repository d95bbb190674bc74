/**
 * The field that an action reads or writes, as `src` or `dst` of the action itself: `{ dst: 'reg0', bits: { ... } }`.
 * Where its header is not the usual one, class and width stand beside it.
 */
import type { Inline } from '../wire/codec.ts'
import { within } from '../wire/errors.ts'
import type { Writer } from '../wire/writer.ts'
import type { Preference } from './headers.ts'
import {
  type BitRange,
  bitRange,
  type FieldReference,
  niciraReference,
  readReference,
  shortReference,
  writeReference,
} from './subfield.ts'
import type { FieldName } from './table.ts'

/** A field under the name `src` or `dst` of an action, its form beside it. */
export type Named<N extends 'src' | 'dst'> = { readonly [K in N]: FieldName } & {
  /** As in `FieldReference`. */
  readonly [K in `${N}OxmClass` | `${N}Width`]?: number
}

type Out = Record<string, unknown>

function putNamed(out: Out, name: 'src' | 'dst', { field, oxmClass, width }: FieldReference): void {
  out[name] = field
  if (oxmClass !== undefined) out[`${name}OxmClass`] = oxmClass
  if (width !== undefined) out[`${name}Width`] = width
}

function writeNamed(
  w: Writer,
  name: 'src' | 'dst',
  {
    value,
    write,
  }: { readonly value: object; readonly write: (w: Writer, reference: FieldReference) => void },
): void {
  const parts = value as Readonly<Record<string, unknown>>
  const field = parts[name] as FieldName
  const oxmClass = parts[`${name}OxmClass`] as number | undefined
  const width = parts[`${name}Width`] as number | undefined
  try {
    write(w, {
      field,
      ...(oxmClass === undefined ? {} : { oxmClass }),
      ...(width === undefined ? {} : { width }),
    })
  } catch (error) {
    throw within(error, name)
  }
}

/** The two fields of a copy, by the usual headers of the version or by the oldest. */
export function copiedFields(prefer: Preference): Inline<Named<'src'> & Named<'dst'>> {
  const write = (w: Writer, reference: FieldReference): void => writeReference(w, reference, prefer)
  return {
    inline: true,
    readInto(r, out) {
      putNamed(out, 'src', readReference(r, prefer))
      putNamed(out, 'dst', readReference(r, prefer))
    },
    writeFrom(w, value) {
      writeNamed(w, 'src', { value, write })
      writeNamed(w, 'dst', { value, write })
    },
  }
}

/** The bits in one number, then the field in four bytes. */
export function packedField<const N extends 'src' | 'dst'>(
  name: N,
): Inline<{ readonly bits: BitRange } & Named<N>> {
  return {
    inline: true,
    readInto(r, out) {
      out['bits'] = bitRange.read(r)
      putNamed(out, name, shortReference.read(r))
    },
    writeFrom(w, value) {
      bitRange.write(w, value.bits)
      writeNamed(w, name, { value, write: shortReference.write })
    },
  }
}

/** First bit, field, number of bits. */
export function looseField<const N extends 'src' | 'dst'>(
  name: N,
): Inline<{ readonly bits: BitRange } & Named<N>> {
  return {
    inline: true,
    readInto(r, out) {
      const offset = r.u16()
      putNamed(out, name, niciraReference.read(r))
      out['bits'] = { offset, nBits: r.u16() }
    },
    writeFrom(w, value) {
      w.u16(value.bits.offset)
      writeNamed(w, name, { value, write: niciraReference.write })
      w.u16(value.bits.nBits)
    },
  }
}

/** A field in four bytes or eight. */
export function namedField<const N extends 'src' | 'dst'>(name: N): Inline<Named<N>> {
  return {
    inline: true,
    readInto: (r, out) => putNamed(out, name, niciraReference.read(r)),
    writeFrom: (w, value) => writeNamed(w, name, { value, write: niciraReference.write }),
  }
}
