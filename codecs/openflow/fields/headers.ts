/**
 * Headers of match fields: 32 bits of class, number, mask bit and length, and for class 0xffff an experimenter after
 * them. Each version's headers lie ready in tables, so that reading a field is one look-up.
 */
import type { Reader } from '../wire/reader.ts'
import type { Writer } from '../wire/writer.ts'
import { type FieldName, type FieldRow, fieldTable, type Form, usualForm } from './table.ts'

export const experimenterClass = 0xffff

/** What a header says. */
export interface Header {
  readonly row: FieldRow & { readonly name: FieldName }
  readonly form: Form
  /** Whether this version's matches have the field in this form. */
  readonly usual: boolean
}

interface VersionHeaders {
  /** By class and number (23 bits); an experimenter's fields by experimenter too. */
  readonly byNumber: ReadonlyMap<number, Header>
  readonly byName: ReadonlyMap<string, Form>
  /** OpenFlow's own class by number, for speed. */
  readonly basic: readonly (Header | undefined)[]
}

const keyOf = (classAndField: number, experimenter: number): number =>
  experimenter === 0 ? classAndField : experimenter * 0x80 + (classAndField & 0x7f) + 0x80_0000

const basicClass = 0x8000

function headersOf(version: number): VersionHeaders {
  const byNumber = new Map<number, Header>()
  const byName = new Map<string, Form>()
  const basic: (Header | undefined)[] = new Array<Header | undefined>(128).fill(undefined)
  for (const row of fieldTable) {
    const usual = usualForm(row, version)
    if (usual !== undefined) byName.set(row.name, usual)
    for (const form of row.forms) {
      const header = { row, form, usual: form === usual }
      byNumber.set(keyOf(form.oxmClass * 0x80 + form.oxmField, form.experimenter ?? 0), header)
      if (form.oxmClass === basicClass) basic[form.oxmField] = header
    }
  }
  return { byNumber, byName, basic }
}

const made: VersionHeaders[] = []

/** Of a version that we do not speak, as of the newest. */
function headers(version: number): VersionHeaders {
  const known = version <= 6 ? version : 6
  return (made[known] ??= headersOf(known))
}

/** The field of a header whose experimenter, if it has one, has been read too. */
export function headerAt(version: number, header: number, experimenter: number): Header | undefined {
  const { basic, byNumber } = made[version] ?? headers(version)
  if (header >>> 16 === basicClass) return basic[(header >>> 9) & 0x7f]
  return byNumber.get(keyOf(header >>> 9, experimenter))
}

/** How a version writes a field; undefined if it cannot. */
export function formIn(version: number, name: string): Form | undefined {
  return headers(version).byName.get(name)
}

/** `length` counts value and mask. */
export function writeHeader(
  w: Writer,
  { oxmClass, oxmField, experimenter }: Form,
  { length, hasMask }: { readonly length: number; readonly hasMask: boolean },
): void {
  const whole = length + (experimenter === undefined ? 0 : 4)
  w.u32(((oxmClass << 16) | (oxmField << 9) | (hasMask ? 0x100 : 0) | whole) >>> 0)
  if (experimenter !== undefined) w.u32(experimenter)
}

/** Reads the experimenter of a header of class 0xffff, where there is room for one; 0 for all others. */
export function experimenterOf(r: Reader, header: number, end: number): number {
  return header >>> 16 === experimenterClass && end - r.pos >= 4 ? r.u32() : 0
}
