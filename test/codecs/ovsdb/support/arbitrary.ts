/** Random values of columns, and a server of its own making: tables, and what each kind of monitor would tell of them. */
import fc from 'fast-check'
import type { AtomType, Column } from '../../../../codecs/ovsdb/index.ts'
import type { Atom, Row, Value } from '../../../../codecs/ovsdb/columns.ts'

const hex = fc.constantFrom('0', '1', '9', 'a', 'f')
const digits = (length: number) =>
  fc.array(hex, { minLength: length, maxLength: length }).map((parts) => parts.join(''))
export const uuids = fc
  .tuple(digits(8), digits(4), digits(4), digits(4), digits(12))
  .map((parts) => parts.join('-'))

/** Few strings and integers, so that sets overlap and values come back. */
export const atoms: Readonly<Record<AtomType, fc.Arbitrary<Atom>>> = {
  string: fc.oneof(fc.constantFrom('', 'a', 'b', 'set', 'map', 'uuid'), fc.string({ maxLength: 3 })),
  integer: fc.oneof(fc.integer({ min: -1, max: 3 }), fc.maxSafeInteger()),
  // JSON has no negative zero.
  real: fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => (value === 0 ? 0 : value)),
  boolean: fc.boolean(),
  uuid: uuids,
}

export function valueOf(column: Column): fc.Arbitrary<Value> {
  if (typeof column === 'string') return atoms[column]
  const key = atoms[column.key]
  if (column.kind === 'optional') return fc.option(key, { nil: undefined })
  if (column.kind === 'set') return fc.array(key, { maxLength: 4 }).map((list) => new Set(list))
  return fc.array(fc.tuple(key, atoms[column.value]), { maxLength: 4 }).map((pairs) => new Map(pairs))
}

type Known = ReadonlyMap<string, Row>
type Columns = Readonly<Record<string, Column>>

const isUuid = (type: AtomType, atom: Atom): unknown => (type === 'uuid' ? ['uuid', atom] : atom)

/** As a server writes it: sets of one as their atom. */
export function wire(column: Column, value: Value): unknown {
  if (typeof column === 'string') return isUuid(column, value as Atom)
  if (column.kind === 'map') {
    const pairs = [...(value as ReadonlyMap<Atom, Atom>)]
    return ['map', pairs.map(([key, held]) => [isUuid(column.key, key), isUuid(column.value, held)])]
  }
  const list =
    column.kind === 'set' ? [...(value as ReadonlySet<Atom>)] : value === undefined ? [] : [value as Atom]
  const written = list.map((atom) => isUuid(column.key, atom))
  return written.length === 1 ? written[0] : ['set', written]
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, held: unknown): unknown =>
    held instanceof Map || held instanceof Set
      ? Array.from(held as Iterable<unknown>, (one) => JSON.stringify(one)).sort()
      : held,
  )
}

function isDefault(column: Column, value: Value): boolean {
  if (value === undefined || value === '' || value === 0 || value === false)
    return typeof column !== 'string' ? value === undefined : true
  if (typeof value === 'object') return value.size === 0
  return value === '00000000-0000-0000-0000-000000000000' && column === 'uuid'
}

/** A whole row; `sparse` leaves out what has its default. */
function rowOf(columns: Columns, row: Row, sparse: boolean): unknown {
  const told = Object.entries(columns)
    .filter(([name, column]) => !sparse || !isDefault(column, row[name]))
    .map(([name, column]) => [name, wire(column, row[name])])
  return Object.fromEntries(told)
}

/** Elements on one side only, and pairs that the new map has with another value. */
function difference(column: Column, old: Value, fresh: Value): unknown {
  if (typeof column === 'string' || column.kind === 'optional') return wire(column, fresh)
  if (column.kind === 'set') {
    const a = old as ReadonlySet<Atom>
    const b = fresh as ReadonlySet<Atom>
    return wire(
      column,
      new Set([...[...a].filter((atom) => !b.has(atom)), ...[...b].filter((atom) => !a.has(atom))]),
    )
  }
  const a = old as ReadonlyMap<Atom, Atom>
  const b = fresh as ReadonlyMap<Atom, Atom>
  const gone = [...a].filter(([key]) => !b.has(key))
  const come = [...b].filter(([key, value]) => a.get(key) !== value || !a.has(key))
  return wire(column, new Map([...gone, ...come]))
}

/** What `update2` says of a table that became another. */
export function update2(columns: Columns, before: Known, after: Known): unknown {
  const updates: Record<string, unknown> = {}
  for (const [uuid] of before) if (!after.has(uuid)) updates[uuid] = { delete: null }
  for (const [uuid, row] of after) {
    const old = before.get(uuid)
    if (!old) updates[uuid] = { insert: rowOf(columns, row, true) }
    else {
      const changed = Object.entries(columns).filter(([name]) => text(old[name]) !== text(row[name]))
      const diffs = changed.map(([name, column]): [string, unknown] => [
        name,
        difference(column, old[name], row[name]),
      ])
      if (changed.length > 0) updates[uuid] = { modify: Object.fromEntries(diffs) }
    }
  }
  return updates
}

/** What `update` says of it. */
export function update1(columns: Columns, before: Known, after: Known): unknown {
  const updates: Record<string, unknown> = {}
  for (const [uuid, row] of before) if (!after.has(uuid)) updates[uuid] = { old: rowOf(columns, row, false) }
  for (const [uuid, row] of after) {
    const old = before.get(uuid)
    if (!old || text(old) !== text(row))
      updates[uuid] = { ...(old && { old: {} }), new: rowOf(columns, row, false) }
  }
  return updates
}

export function dump(columns: Columns, rows: Known, member: 'initial' | 'new'): unknown {
  return Object.fromEntries(
    [...rows].map(([uuid, row]) => [uuid, { [member]: rowOf(columns, row, member === 'initial') }]),
  )
}
