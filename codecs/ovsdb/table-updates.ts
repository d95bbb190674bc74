/**
 * What a monitor tells of rows, read against the rows that are known: `update` (RFC 7047 4.1.6) gives whole rows, `update2`
 * and `update3` (ovsdb-server(7) 4.1.14) give differences, in which defaults are left out and a set or map lists only the
 * elements that come or go.
 */
import type { Atom, Row, Uuid, Value } from './columns.ts'
import { inside, OvsdbError } from './errors.ts'
import type { BoundColumn, BoundSchema } from './schema.ts'
import { defaultValue, readUuid, readValue, sameValue } from './values.ts'

/** How a monitor was asked for, which decides what its updates look like. */
export type Dialect = 'update' | 'update2' | 'update3'

/** One row as it was and as it is; absent where it was not there, or is no more. */
export interface RowChange {
  readonly table: string
  readonly uuid: Uuid
  readonly old: Row | undefined
  readonly new: Row | undefined
}

type JsonObject = Readonly<Record<string, unknown>>

function objectOf(json: unknown, what: string): JsonObject {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as JsonObject
  throw new OvsdbError('VALUE', `no ${what}`)
}

/** A row as a server that leaves defaults out tells it. Columns that nobody selected are passed over. */
function readRow(uuid: Uuid, columns: readonly BoundColumn[], json: unknown): Row {
  const told = objectOf(json, 'row')
  const row: Record<string, Value> & { _uuid: Uuid } = { _uuid: uuid }
  for (const { name, column } of columns) {
    row[name] = Object.hasOwn(told, name)
      ? inside(name, () => readValue(column, told[name]))
      : defaultValue(column)
  }
  return row
}

/** What a set or map becomes by a difference: an element that was there goes, one that was not comes. */
function toggle(old: Value, difference: Value): Value {
  if (old instanceof Set && difference instanceof Set) {
    const next = new Set<Atom>(old)
    for (const atom of difference as ReadonlySet<Atom>) if (!next.delete(atom)) next.add(atom)
    return next
  }
  if (old instanceof Map && difference instanceof Map) {
    const next = new Map<Atom, Atom>(old)
    for (const [key, value] of difference as ReadonlyMap<Atom, Atom>) {
      if (next.get(key) === value) next.delete(key)
      else next.set(key, value)
    }
    return next
  }
  return difference
}

/** The same row where nothing selected changed; columns that did not change keep their identity. */
function modifyRow(old: Row, columns: readonly BoundColumn[], json: unknown): Row {
  const told = objectOf(json, 'row')
  let row: Record<string, Value> | undefined
  for (const { name, column, composite } of columns) {
    if (!Object.hasOwn(told, name)) continue
    const value = inside(name, () => readValue(column, told[name]))
    const next = composite ? toggle(old[name], value) : value
    if (sameValue(old[name], next)) continue
    row ??= { ...old }
    row[name] = next
  }
  return row ? (row as Row) : old
}

/** `fresh` with the identity of `old` wherever they are equal. */
export function settle(old: Row | undefined, fresh: Row, columns: readonly BoundColumn[]): Row {
  if (!old) return fresh
  let changed = false
  const row: Record<string, Value> & { _uuid: Uuid } = { ...fresh }
  for (const { name } of columns) {
    if (sameValue(old[name], fresh[name])) row[name] = old[name]
    else changed = true
  }
  return changed ? row : old
}

interface RowUpdate {
  readonly uuid: Uuid
  readonly columns: readonly BoundColumn[]
  readonly old: Row | undefined
}

function missing(what: string): OvsdbError {
  return new OvsdbError('ROW', what)
}

/** `{ initial | insert | modify: row }` or `{ delete: null }`. */
function readRowUpdate2({ uuid, columns, old }: RowUpdate, json: JsonObject): Row | undefined {
  if (Object.hasOwn(json, 'initial') || Object.hasOwn(json, 'insert')) {
    if (old) throw missing('inserted, but it was there')
    return readRow(uuid, columns, json['initial'] ?? json['insert'])
  }
  if (!old) throw missing('changed, but it was not there')
  if (Object.hasOwn(json, 'modify')) return modifyRow(old, columns, json['modify'])
  if (Object.hasOwn(json, 'delete')) return undefined
  throw new OvsdbError('VALUE', 'neither initial, insert, modify nor delete')
}

/** `{ new: row, old?: row }` or `{ old: row }`; `new` has every column. */
function readRowUpdate({ uuid, columns, old }: RowUpdate, json: JsonObject): Row | undefined {
  if (Object.hasOwn(json, 'new')) return settle(old, readRow(uuid, columns, json['new']), columns)
  if (!Object.hasOwn(json, 'old')) throw new OvsdbError('VALUE', 'neither old nor new')
  if (!old) throw missing('deleted, but it was not there')
  return undefined
}

export interface KnownRows {
  readonly schema: BoundSchema
  readonly row: (table: string, uuid: Uuid) => Row | undefined
}

/** Reads everything before anything is taken: what is wrong anywhere takes no effect at all. */
export function readTableUpdates(dialect: Dialect, json: unknown, known: KnownRows): readonly RowChange[] {
  const changes: RowChange[] = []
  const readOne = dialect === 'update' ? readRowUpdate : readRowUpdate2
  for (const [table, updates] of Object.entries(objectOf(json, 'table updates'))) {
    const columns = known.schema.tables.get(table)
    if (!columns) throw new OvsdbError('VALUE', `an update of ${table}, which nobody monitors`)
    inside(table, () => {
      for (const [id, update] of Object.entries(objectOf(updates, 'table update'))) {
        inside(id, () => {
          const uuid = readUuid(['uuid', id])
          const old = known.row(table, uuid)
          const row = readOne({ uuid, columns, old }, objectOf(update, 'row update'))
          if (row !== old) changes.push({ table, uuid, old, new: row })
        })
      }
    })
  }
  return changes
}
