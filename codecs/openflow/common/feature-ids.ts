/**
 * Numbers of fields, actions and instructions, as features list them: by name where the number is as it should be, and
 * with everything that the wire says where it is not.
 */
import type { Action } from '../actions/actions.ts'
import type { Instruction } from '../actions/instructions.ts'
import { experimenterClass, formIn, type Header, headerAt } from '../fields/headers.ts'
import { type FieldName, fieldRow, type Form } from '../fields/table.ts'
import type { Codec } from '../wire/codec.ts'
import { EncodeError, versionName } from '../wire/errors.ts'
import type { Reader } from '../wire/reader.ts'
import { type ExperimenterElement, experimenterType, type UnknownElement } from '../wire/tlv.ts'
import type { Writer } from '../wire/writer.ts'

/** A field whose number says more than its name. */
export interface FieldId {
  readonly field: FieldName
  /** The bit for a mask is set: the field may be matched bit by bit. */
  readonly maskable?: true
  /** Bytes of value (and mask), if not as many as the field has; some implementations write 0. */
  readonly length?: number
}

export interface UnknownFieldId {
  readonly field: 'unknown'
  readonly header: number
  /** For class 0xffff, where there is room for it. */
  readonly experimenter?: number
}

/** The name alone: without a mask, and with the field's own length. */
export type OxmId = FieldName | FieldId | UnknownFieldId

const ownLengthOf = ({ width, experimenter }: Form, fieldWidth: number, maskable: boolean): number =>
  (width ?? fieldWidth) * (maskable ? 2 : 1) + (experimenter === undefined ? 0 : 4)

/** Of fields with the same number the one that has this length, else the first. */
function fieldOf(known: Header | undefined, length: number, maskable: boolean): Header | undefined {
  for (let one = known; one !== undefined; one = one.other)
    if (ownLengthOf(one.form, one.row.width, maskable) === length) return one
  return known
}

function readOxmId(r: Reader): OxmId {
  const header = r.u32()
  const isExperimenter = header >>> 16 === experimenterClass && r.end - r.pos >= 4
  const experimenter = isExperimenter ? r.u32() : 0
  const maskable = (header & 0x100) !== 0
  const length = header & 0xff
  const known = fieldOf(headerAt(r.version, header, experimenter), length, maskable)
  if (known === undefined || !known.usual)
    return isExperimenter ? { field: 'unknown', header, experimenter } : { field: 'unknown', header }
  const { row, form } = known
  const isUsual = length === ownLengthOf(form, row.width, maskable)
  if (isUsual && !maskable) return row.name
  return { field: row.name, ...(maskable ? { maskable } : {}), ...(isUsual ? {} : { length }) }
}

function writeOxmId(w: Writer, id: OxmId): void {
  if (typeof id === 'string') writeFieldId(w, { field: id })
  else if (id.field === 'unknown') {
    w.u32(id.header)
    if (id.experimenter !== undefined) w.u32(id.experimenter)
  } else writeFieldId(w, id)
}

function writeFieldId(
  w: Writer,
  { field, maskable = false, length }: Omit<FieldId, 'maskable'> & { maskable?: boolean },
): void {
  const row = fieldRow(field)
  if (row === undefined) throw new EncodeError('INVALID', `unknown field ${field}`)
  const form = formIn(w.version, field)
  if (form === undefined) throw new EncodeError('VERSION', `${versionName(w.version)} has no field ${field}`)
  w.u16(form.oxmClass)
  w.u8((form.oxmField << 1) | (maskable ? 1 : 0))
  w.u8(length ?? ownLengthOf(form, row.width, maskable))
  if (form.experimenter !== undefined) w.u32(form.experimenter)
}

export const oxmId: Codec<OxmId> = { read: readOxmId, write: writeOxmId }

/** What an action or instruction without a name has on the wire. */
export type RawId = ExperimenterElement | UnknownElement

/** Number, and the versions that have it if not all. */
interface Place {
  readonly code: number
  readonly since?: number
  readonly until?: number
}

type Names<N extends string> = Readonly<Record<N, number | Place>>

const placeOf = (place: number | Place): Place => (typeof place === 'number' ? { code: place } : place)

/** Type and length, which is 4 for all but experimenters'. */
function idOf<N extends string>(names: Names<N>): Codec<N | RawId> {
  const list = Object.entries<number | Place>(names).map(([name, place]) => ({ name, ...placeOf(place) }))
  const isIn = (version: number, { since = 0, until = 255 }: Place): boolean =>
    version >= since && version <= until
  const byCode: (ReadonlyMap<number, string> | undefined)[] = []
  const namesIn = (version: number): ReadonlyMap<number, string> =>
    (byCode[version] ??= new Map(
      list.filter((one) => isIn(version, one)).map(({ code, name }) => [code, name]),
    ))

  function codeOf(w: Writer, name: string): number {
    const found = list.filter((one) => one.name === name)
    if (found.length === 0) throw new EncodeError('INVALID', `unknown name ${name}`)
    const here = found.find((one) => isIn(w.version, one))
    if (here === undefined) throw new EncodeError('VERSION', `${versionName(w.version)} has no ${name}`)
    return here.code
  }

  return {
    read(r) {
      const start = r.pos
      const code = r.u16()
      const length = r.u16()
      if (length < 4 || start + length > r.end)
        throw r.fail('LENGTH', `an element's length of ${length} is impossible here`, start)
      const name = length === 4 ? namesIn(r.version).get(code) : undefined
      if (name !== undefined) return name as N
      if (code === experimenterType && length >= 8)
        return { type: 'experimenter', experimenter: r.u32(), body: r.view8(length - 8) }
      return { type: 'unknown', code, body: r.view8(length - 4) }
    },
    write(w, id) {
      const start = w.pos
      if (typeof id === 'string') {
        w.u16(codeOf(w, id))
        w.u16(4)
        return
      }
      w.u16(id.type === 'unknown' ? id.code : experimenterType)
      w.take(2)
      if (id.type === 'experimenter') w.u32(id.experimenter)
      w.raw(id.body)
      w.patchLength(start + 2, w.pos - start)
    },
  }
}

/** OpenFlow's own actions since 1.2. */
export const actionCodes = {
  output: 0,
  copy_ttl_out: 11,
  copy_ttl_in: 12,
  set_mpls_ttl: 15,
  dec_mpls_ttl: 16,
  push_vlan: 17,
  pop_vlan: 18,
  push_mpls: 19,
  pop_mpls: 20,
  set_queue: 21,
  group: 22,
  set_nw_ttl: 23,
  dec_nw_ttl: 24,
  set_field: 25,
  push_pbb: 26,
  pop_pbb: 27,
} as const satisfies Partial<Record<Action['type'], number>>

const laterActionCodes = {
  copy_field: { code: 28, since: 6 },
  meter: { code: 29, since: 6 },
} as const satisfies Partial<Record<Action['type'], Place>>

export const actionId = idOf({ ...actionCodes, ...laterActionCodes })
export type ActionId = ReturnType<typeof actionId.read>

const instructionCodes = {
  goto_table: 1,
  write_metadata: 2,
  write_actions: 3,
  apply_actions: 4,
  clear_actions: 5,
  meter: { code: 6, until: 5 },
} as const satisfies Partial<Record<Instruction['type'], number | Place>>

export const instructionId = idOf({ ...instructionCodes, stat_trigger: { code: 7, since: 6 } })
export type InstructionId = ReturnType<typeof instructionId.read>
