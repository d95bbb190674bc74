/**
 * Headers of match fields: 32 bits of class, number, mask bit and length, and for class 0xffff an experimenter after
 * them. Each version's headers lie ready in tables, so that reading a field is one look-up.
 */
import { EncodeError, versionName } from '../wire/errors.ts'
import type { Reader } from '../wire/reader.ts'
import type { Writer } from '../wire/writer.ts'
import { isWidth, type Width } from './value.ts'
import { type FieldName, fieldRow, type FieldRow, fieldTable, type Form, usualForm } from './table.ts'

export const experimenterClass = 0xffff

/** What a header says. */
export interface Header {
  readonly row: FieldRow & { readonly name: FieldName }
  readonly form: Form
  /** Bytes of the value; of a field of variable width, the most it can have. */
  readonly width: number
  /** Whether this version's matches have the field in this form. */
  readonly usual: boolean
  /** Another field with the same number, told by its width. */
  readonly other: Header | undefined
}

/**
 * All that reading and writing an ordinary field needs: one that a version has in its usual form, without an
 * experimenter, with a value of fixed width.
 */
export interface Ordinary {
  readonly name: FieldName
  /** Bytes of the value. */
  readonly width: Width
  readonly header: number
  readonly maskedHeader: number
}

interface VersionHeaders {
  /** By class and number (23 bits); an experimenter's fields by experimenter too. */
  readonly byNumber: ReadonlyMap<number, Header>
  readonly byName: ReadonlyMap<string, Form>
  readonly ordinary: ReadonlyMap<string, Ordinary>
  /** By `slotOf` their headers. */
  readonly slots: readonly (Ordinary | undefined)[]
}

const keyOf = (classAndField: number, experimenter: number): number =>
  experimenter === 0 ? classAndField : experimenter * 0x80 + (classAndField & 0x7f) + 0x80_0000

/** The classes of ordinary fields differ in their first bit or their last. */
const slotOf = (header: number): number =>
  ((header >>> 31) << 8) | (((header >>> 16) & 1) << 7) | ((header >>> 9) & 0x7f)

function headersOf(version: number): VersionHeaders {
  const byNumber = new Map<number, Header>()
  const byName = new Map<string, Form>()
  const ordinary = new Map<string, Ordinary>()
  const slots = new Array<Ordinary | undefined>(512).fill(undefined)
  for (const row of fieldTable) {
    const usualHere = usualForm(row, version)
    if (usualHere !== undefined) byName.set(row.name, usualHere)
    for (const form of row.forms) {
      const key = keyOf(form.oxmClass * 0x80 + form.oxmField, form.experimenter ?? 0)
      const usual = form === usualHere
      byNumber.set(key, { row, form, width: form.width ?? row.width, usual, other: byNumber.get(key) })
      const one = usual ? ordinaryOf(row, form) : undefined
      if (one === undefined) continue
      ordinary.set(one.name, one)
      slots[slotOf(one.header)] = one
    }
  }
  return { byNumber, byName, ordinary, slots }
}

function ordinaryOf(
  { name, width, variable }: FieldRow & { readonly name: FieldName },
  form: Form,
): Ordinary | undefined {
  const isPlain = !variable && form.width === undefined && form.experimenter === undefined
  if (!isPlain || !isWidth(width)) return undefined
  return {
    name,
    width,
    header: headerNumber(form, width, false),
    maskedHeader: headerNumber(form, 2 * width, true),
  }
}

const headerNumber = ({ oxmClass, oxmField }: Form, length: number, hasMask: boolean): number =>
  ((oxmClass << 16) | (oxmField << 9) | (hasMask ? 0x100 : 0) | length) >>> 0

const made: VersionHeaders[] = []

/** Of a version that we do not speak, as of the newest. */
function headers(version: number): VersionHeaders {
  const known = version <= 6 ? version : 6
  return (made[known] ??= headersOf(known))
}

/** The field of a header whose experimenter, if it has one, has been read too. */
export function headerAt(version: number, header: number, experimenter: number): Header | undefined {
  return headers(version).byNumber.get(keyOf(header >>> 9, experimenter))
}

/** How a version writes a field; undefined if it cannot. */
export function formIn(version: number, name: string): Form | undefined {
  return headers(version).byName.get(name)
}

export function ordinaryNamed(version: number, name: string): Ordinary | undefined {
  return (made[version] ?? headers(version)).ordinary.get(name)
}

/** The field that has this header, mask bit and length included. */
export function ordinaryAt(version: number, header: number): Ordinary | undefined {
  const one = (made[version] ?? headers(version)).slots[slotOf(header)]
  return one !== undefined && (one.header === header || one.maskedHeader === header) ? one : undefined
}

/** Which form of a field is the one that needs no mention: the version's usual one, or the oldest, as Nicira has it. */
export type Preference = 'usual' | 'oldest'

export const isPreferred = ({ row, form, usual }: Header, prefer: Preference): boolean =>
  prefer === 'usual' ? usual : form === row.forms[0]

export function rowOf(name: string): FieldRow {
  const row = fieldRow(name)
  if (row === undefined) throw new EncodeError('INVALID', `unknown field ${name}`)
  return row
}

/** How many bytes a value of variable width takes, which the value says itself. */
export function widthIn({ name, width }: FieldRow, given = width): number {
  if (Number.isInteger(given) && given >= 0 && given <= width) return given
  throw new EncodeError('RANGE', `${name} has 0 to ${width} bytes, not ${given}`)
}

/** The form of the field in a class, or the preferred one. */
export function formOf(
  w: Writer,
  row: FieldRow,
  { oxmClass, prefer }: { readonly oxmClass: number | undefined; readonly prefer: Preference },
): Form {
  const form =
    oxmClass !== undefined
      ? row.forms.find((one) => one.oxmClass === oxmClass)
      : prefer === 'oldest'
        ? row.forms[0]
        : formIn(w.version, row.name)
  if (form === undefined)
    throw new EncodeError('VERSION', `${versionName(w.version)} has no field ${row.name}`)
  return form
}

/** `length` counts value and mask. */
export function writeHeader(
  w: Writer,
  form: Form,
  { length, hasMask }: { readonly length: number; readonly hasMask: boolean },
): void {
  const { experimenter } = form
  w.u32(headerNumber(form, experimenter === undefined ? length : 4 + length, hasMask))
  if (experimenter !== undefined) w.u32(experimenter)
}

/** Reads the experimenter of a header of class 0xffff, where there is room for one; 0 for all others. */
export function experimenterOf(r: Reader, header: number, end: number): number {
  return header >>> 16 === experimenterClass && end - r.pos >= 4 ? r.u32() : 0
}
