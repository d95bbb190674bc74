/**
 * A selection held against a server's schema (RFC 7047 3.2): columns must have the types that the selection says, and
 * those that an older server does not have are left out and keep their defaults.
 */
import type { AtomType, Column, Selection } from './columns.ts'
import { inside, OvsdbError } from './errors.ts'

export interface BoundColumn {
  readonly name: string
  readonly column: Column
  /** More than one element is allowed: a change of it tells the elements that changed, not the whole (update2). */
  readonly composite: boolean
}

export interface BoundSchema {
  /** What the server has of each selected table; a table that it does not have is absent. */
  readonly tables: ReadonlyMap<string, readonly BoundColumn[]>
  /** Such as `Interface.bfd`. */
  readonly missing: readonly string[]
  readonly version: string
}

const isObject = (json: unknown): json is Readonly<Record<string, unknown>> =>
  typeof json === 'object' && json !== null && !Array.isArray(json)

/** Own properties only: names come from the wire. */
const member = (json: unknown, name: string): unknown =>
  isObject(json) && Object.hasOwn(json, name) ? json[name] : undefined

const atomName = (base: unknown): unknown => (typeof base === 'string' ? base : member(base, 'type'))

interface ColumnShape {
  readonly key: unknown
  readonly value: unknown
  readonly min: unknown
  readonly max: number
}

function shapeOf(type: unknown): ColumnShape {
  if (typeof type === 'string') return { key: type, value: undefined, min: 1, max: 1 }
  const max = member(type, 'max') ?? 1
  const limit = max === 'unlimited' ? Number.POSITIVE_INFINITY : max
  const key = atomName(member(type, 'key'))
  if (typeof limit !== 'number' || typeof key !== 'string') {
    throw new OvsdbError('SCHEMA', `${JSON.stringify(type).slice(0, 80)} is no column type`)
  }
  return { key, value: atomName(member(type, 'value')), min: member(type, 'min') ?? 1, max: limit }
}

/** Whether every value of the server's column is one of ours, and its default our default. */
function fits(column: Column, { key, value, min, max }: ColumnShape): boolean {
  if (typeof column === 'string') return key === column && value === undefined && min === 1 && max === 1
  const values: AtomType | undefined = column.kind === 'map' ? column.value : undefined
  if (key !== column.key || value !== values) return false
  return column.kind === 'optional' ? min === 0 && max === 1 : min === 0 || max > 1
}

function bindColumn(name: string, column: Column, declared: unknown): BoundColumn {
  const shape = shapeOf(member(declared, 'type'))
  if (!fits(column, shape)) {
    throw new OvsdbError('SCHEMA', `the server's type is ${JSON.stringify(member(declared, 'type'))}`)
  }
  return { name, column, composite: shape.max > 1 }
}

/** Takes the result of `get_schema`. Throws `OvsdbError` SCHEMA. */
export function bindSchema(selection: Selection, schema: unknown): BoundSchema {
  const declared = member(schema, 'tables')
  if (!isObject(declared)) throw new OvsdbError('SCHEMA', 'the schema has no tables')
  const tables = new Map<string, readonly BoundColumn[]>()
  const missing: string[] = []
  for (const [table, columns] of Object.entries(selection)) {
    const theirs = member(member(declared, table), 'columns')
    if (theirs === undefined) {
      missing.push(table)
      continue
    }
    const bound = Object.entries(columns).flatMap(([name, column]) => {
      const own = member(theirs, name)
      if (own === undefined) missing.push(`${table}.${name}`)
      return own === undefined ? [] : [inside(`${table}.${name}`, () => bindColumn(name, column, own))]
    })
    tables.set(table, bound)
  }
  const version = member(schema, 'version')
  return { tables, missing, version: typeof version === 'string' ? version : '' }
}
