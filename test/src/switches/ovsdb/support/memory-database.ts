/**
 * As much of an OVSDB server as plans meet, in memory: operations in order, all or none, references, unique names, and rows
 * that vanish when nobody refers to them. It knows only Open vSwitch's columns that this project reads.
 */
import { randomUUID } from 'node:crypto'
import {
  bindSchema,
  type Column,
  type Operation,
  readOutcome,
  Replica,
  sameValue,
  type TransactionOutcome,
} from '../../../../../codecs/ovsdb/index.ts'
import type { Atom, Row, Value } from '../../../../../codecs/ovsdb/columns.ts'
import { defaultValue, readSet, readValue } from '../../../../../codecs/ovsdb/values.ts'
import { switchTables } from '../../../../../src/switches/ovsdb/tables.ts'
import { dump, wire } from '../../../../codecs/ovsdb/support/arbitrary.ts'

type Tables = Map<string, Map<string, Row>>
type Columns = Readonly<Record<string, Column>>
const columnsOf = (table: string): Columns => (switchTables as Readonly<Record<string, Columns>>)[table] ?? {}

const roots = ['Open_vSwitch', 'QoS', 'Queue']
const unique = ['Bridge', 'Port', 'Interface']
const references: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Open_vSwitch: { bridges: 'Bridge' },
  Bridge: { ports: 'Port', controller: 'Controller' },
  Port: { interfaces: 'Interface', qos: 'QoS' },
  QoS: { queues: 'Queue' },
}

/** A server's schema made from the selection. */
export const memorySchema = {
  version: '1.0.0',
  tables: Object.fromEntries(
    Object.entries(switchTables).map(([table, columns]) => [
      table,
      {
        columns: Object.fromEntries(
          Object.entries(columns as Columns).map(([name, column]) => [name, { type: typeOf(column) }]),
        ),
      },
    ]),
  ),
}

function typeOf(column: Column): unknown {
  if (typeof column === 'string') return column
  const max = column.kind === 'optional' ? 1 : 'unlimited'
  return { key: column.key, min: 0, max, ...(column.kind === 'map' && { value: column.value }) }
}

class Refused extends Error {
  readonly error: string
  constructor(error: string, details: string) {
    super(details)
    this.error = error
  }
}

function targetsOf(value: Value): readonly Atom[] {
  if (value instanceof Set) return [...(value as ReadonlySet<Atom>)]
  if (value instanceof Map) return [...(value as ReadonlyMap<Atom, Atom>).values()]
  return value === undefined ? [] : [value as Atom]
}

function setAs(value: Value): Set<Atom> {
  return new Set(value as ReadonlySet<Atom>)
}

export class MemoryDatabase {
  #tables: Tables = new Map(Object.keys(switchTables).map((table) => [table, new Map<string, Row>()]))
  /** Operations that were carried out. */
  transactions = 0

  /** Rows as they are now: a later transaction does not change what this gave. */
  get tables(): ReadonlyMap<string, ReadonlyMap<string, Row>> {
    return this.#tables
  }

  replica(): Replica<typeof switchTables> {
    const replica = new Replica(switchTables)
    replica.bind(bindSchema(switchTables, memorySchema))
    replica.reset('update2', this.dump())
    return replica
  }

  dump(): unknown {
    const tables = [...this.#tables].map(([table, rows]) => [table, dump(columnsOf(table), rows, 'initial')])
    return JSON.parse(JSON.stringify(Object.fromEntries(tables))) as unknown
  }

  transact(operations: readonly Operation[]): TransactionOutcome {
    return readOutcome(operations, { result: this.results(operations), error: null })
  }

  /** What the wire would carry back. */
  results(operations: readonly Operation[]): readonly unknown[] {
    const before = this.#tables
    this.#tables = new Map([...before].map(([table, rows]) => [table, new Map(rows)]))
    const results: unknown[] = []
    try {
      const names = new Map(
        operations.flatMap((one) =>
          one['uuid-name'] === undefined ? [] : [[one['uuid-name'] as string, randomUUID()] as const],
        ),
      )
      const wired = JSON.stringify(operations).replace(/\["named-uuid","(\w+)"\]/g, (text, name: string) => {
        const uuid = names.get(name)
        if (uuid === undefined) throw new Refused('syntax error', text)
        return `["uuid","${uuid}"]`
      })
      for (const one of JSON.parse(wired) as Fields[]) results.push(this.#run(one, names))
      this.#commit()
      this.transactions++
    } catch (error) {
      this.#tables = before
      if (!(error instanceof Refused)) throw error
      results.push({ error: error.error, details: error.message })
    }
    return results
  }

  #rows(table: string): Map<string, Row> {
    const rows = this.#tables.get(table)
    if (!rows) throw new Refused('unknown table', table)
    return rows
  }

  #run(one: Fields, names: ReadonlyMap<string, string>): unknown {
    const { op, table } = one
    if (op === 'insert') {
      const uuid = names.get(one['uuid-name'] ?? '') ?? randomUUID()
      const defaults = Object.entries(columnsOf(table)).map(([name, column]) => [name, defaultValue(column)])
      this.#rows(table).set(uuid, {
        ...(Object.fromEntries(defaults) as Row),
        ...this.#read(table, one.row ?? {}),
        _uuid: uuid,
      })
      return { uuid: ['uuid', uuid] }
    }
    const found = [...this.#rows(table).values()].filter((row) => this.#matches(table, row, one.where ?? []))
    if (op === 'update') {
      const values = this.#read(table, one.row ?? {})
      for (const row of found) this.#rows(table).set(row._uuid, { ...row, ...values })
    } else if (op === 'mutate') {
      for (const row of found)
        this.#rows(table).set(row._uuid, mutated(columnsOf(table), row, one.mutations ?? []))
    } else if (op === 'delete') {
      for (const row of found) this.#rows(table).delete(row._uuid)
    } else if (op === 'select') {
      return { rows: found.map((row) => pick(table, row, one.columns ?? [])) }
    } else {
      const want = (one.rows ?? []).map((row) =>
        canonical(pick(table, this.#read(table, row) as Row, one.columns ?? [])),
      )
      const have = found.map((row) => canonical(pick(table, row, one.columns ?? [])))
      if (want.sort().join() !== have.sort().join()) throw new Refused('timed out', '"wait" timed out')
      return {}
    }
    return { count: found.length }
  }

  #read(table: string, row: Readonly<Record<string, unknown>>): Record<string, Value> {
    const values = Object.entries(row).map(([name, json]): [string, Value] => [
      name,
      readValue(columnsOf(table)[name] ?? 'string', json),
    ])
    const read = Object.fromEntries(values)
    const request = read['ofport_request']
    if (typeof request === 'number' && (request < 1 || request > 65_279)) {
      throw new Refused('constraint violation', `${request} is not in the valid range 1 to 65,279`)
    }
    return read
  }

  #matches(table: string, row: Row, where: readonly (readonly [string, string, unknown])[]): boolean {
    return where.every(([name, test, json]) => {
      if (test !== '==') throw new Refused('not supported', test)
      return sameValue(
        row[name],
        readValue(name === '_uuid' ? 'uuid' : (columnsOf(table)[name] ?? 'string'), json),
      )
    })
  }

  #commit(): void {
    for (const table of unique) {
      const names = [...this.#collected(table).values()].map((row) => row['name'])
      if (new Set(names).size !== names.length)
        throw new Refused('constraint violation', `two rows of ${table} have one name`)
    }
    for (const table of this.#tables.keys()) this.#tables.set(table, this.#collected(table))
  }

  /** Rows of a table that a root or another such row refers to; what refers to nothing is refused. */
  #collected(table: string): Map<string, Row> {
    if (roots.includes(table)) return this.#rows(table)
    const kept = new Map<string, Row>()
    for (const [holder, columns] of Object.entries(references)) {
      for (const [column, to] of Object.entries(columns)) {
        if (to !== table) continue
        for (const row of this.#collected(holder).values()) {
          for (const uuid of targetsOf(row[column])) {
            const target = this.#rows(table).get(String(uuid))
            if (!target) throw new Refused('referential integrity violation', `${holder}.${column}`)
            kept.set(target._uuid, target)
          }
        }
      }
    }
    return kept
  }
}

interface Fields {
  readonly op: string
  readonly table: string
  readonly 'uuid-name'?: string
  readonly row?: Readonly<Record<string, unknown>>
  readonly rows?: readonly Readonly<Record<string, unknown>>[]
  readonly columns?: readonly string[]
  readonly where?: readonly (readonly [string, string, unknown])[]
  readonly mutations?: readonly (readonly [string, string, unknown])[]
}

const pick = (table: string, row: Row, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, wire(columnsOf(table)[name] ?? 'string', row[name])]))

/** Sets and maps have no order. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, held: unknown): unknown => {
    if (!Array.isArray(held) || (held[0] !== 'set' && held[0] !== 'map')) return held
    return [held[0], (held[1] as unknown[]).map((one) => JSON.stringify(one)).sort()]
  })

function mutated(
  columns: Columns,
  row: Row,
  mutations: readonly (readonly [string, string, unknown])[],
): Row {
  const next: Record<string, Value> = { ...row }
  for (const [name, mutator, json] of mutations) {
    const column = columns[name]
    if (column === 'integer') next[name] = Number(next[name]) + Number(json)
    else if (typeof column === 'object' && column.kind === 'set') {
      const set = setAs(next[name])
      for (const atom of readSet(column.key, json)) {
        if (mutator === 'insert') set.add(atom)
        else set.delete(atom)
      }
      next[name] = set
    } else throw new Refused('not supported', `${name} ${mutator}`)
  }
  return next as Row
}
