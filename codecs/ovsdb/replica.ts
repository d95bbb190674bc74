/**
 * The selected columns of a database as its monitor tells them: tables of immutable rows that follow the server, and what
 * each update changed. It survives sessions: after a reconnect only what differs is told.
 */
import type { Row, RowOf, Selection, Uuid } from './columns.ts'
import { OvsdbError } from './errors.ts'
import type { BoundSchema } from './schema.ts'
import { type Dialect, readTableUpdates, type RowChange, settle } from './table-updates.ts'
import { zeroUuid } from './values.ts'

export interface Modified<R> {
  readonly old: R
  readonly new: R
}

export interface TableChanges<R> {
  readonly inserted: readonly R[]
  readonly modified: readonly Modified<R>[]
  readonly deleted: readonly R[]
}

/** By table; a table of which nothing changed is absent. */
export type Changes<S extends Selection> = { readonly [T in keyof S]?: TableChanges<RowOf<S[T]>> }
export type Tables<S extends Selection> = { readonly [T in keyof S]: ReadonlyMap<Uuid, RowOf<S[T]>> }

export interface ReplicaLimits {
  /** Rows of all tables together. */
  readonly maxRows: number
}

/** What the last parameter of a monitor request asks for. */
export type MonitorRequests = Readonly<Record<string, readonly { readonly columns: readonly string[] }[]>>

export class Replica<S extends Selection> {
  readonly selection: S
  readonly #tables: ReadonlyMap<string, Map<Uuid, Row>>
  readonly #maxRows: number
  #lastTransactionId: Uuid = zeroUuid
  #rows = 0
  #schema: BoundSchema = { tables: new Map(), missing: [], version: '' }

  constructor(selection: S, { maxRows = 1_000_000 }: Partial<ReplicaLimits> = {}) {
    this.selection = selection
    this.#tables = new Map(Object.keys(selection).map((table) => [table, new Map<Uuid, Row>()]))
    this.#maxRows = maxRows
    this.tables = Object.fromEntries(this.#tables) as unknown as Tables<S>
  }

  /** Rows by UUID. The maps change with every update; a row never does. */
  readonly tables: Tables<S>

  /** From where a monitor resumes; zeros when the server keeps no history. */
  get lastTransactionId(): Uuid {
    return this.#lastTransactionId
  }

  /** Tables and columns that the server does not have. */
  get missing(): readonly string[] {
    return this.#schema.missing
  }

  /** Must come before the first update of a session: its server may be another version. */
  bind(schema: BoundSchema): void {
    // What a server tells since the last transaction lacks the columns that it did not have then.
    if (schema.missing.join() !== this.missing.join()) this.forget()
    this.#schema = schema
  }

  /** The next session is to tell all rows, for what came last cannot be trusted. The rows stay as last known. */
  forget(): void {
    this.#lastTransactionId = zeroUuid
  }

  monitorRequests(): MonitorRequests {
    const requests = [...this.#schema.tables].map(([table, columns]): [string, { columns: string[] }[]] => [
      table,
      [{ columns: columns.map(({ name }) => name) }],
    ])
    return Object.fromEntries(requests)
  }

  /** Takes all rows anew. Those that are equal to what was known keep their identity and are not told. */
  reset(dialect: Dialect, dump: unknown, lastTransactionId: Uuid = zeroUuid): Changes<S> {
    const schema = this.#schema
    const told = readTableUpdates(dialect, dump, { schema, row: () => undefined })
    const seen = new Set(told.map(({ table, uuid }) => `${table} ${uuid}`))
    const changes: RowChange[] = []
    for (const change of told) {
      const { table, uuid } = change
      const old = this.#row(table, uuid)
      const row = change.new && settle(old, change.new, schema.tables.get(table) ?? [])
      if (row !== old) changes.push({ table, uuid, old, new: row })
    }
    for (const [table, rows] of this.#tables) {
      for (const [uuid, old] of rows) {
        if (!seen.has(`${table} ${uuid}`)) changes.push({ table, uuid, old, new: undefined })
      }
    }
    return this.#take(changes, lastTransactionId)
  }

  /** Takes what an `update`, `update2` or `update3` tells. Throws `OvsdbError`, and then nothing has changed. */
  update(dialect: Dialect, updates: unknown, lastTransactionId: Uuid = zeroUuid): Changes<S> {
    const row = (table: string, uuid: Uuid) => this.#row(table, uuid)
    return this.#take(readTableUpdates(dialect, updates, { schema: this.#schema, row }), lastTransactionId)
  }

  #row(table: string, uuid: Uuid): Row | undefined {
    return this.#tables.get(table)?.get(uuid)
  }

  #take(changes: readonly RowChange[], lastTransactionId: Uuid): Changes<S> {
    const growth = changes.reduce((sum, { old, new: row }) => sum + (row ? (old ? 0 : 1) : old ? -1 : 0), 0)
    if (growth > 0 && this.#rows + growth > this.#maxRows) {
      throw new OvsdbError('TOO_LONG', `more than ${this.#maxRows} rows`)
    }
    this.#rows += growth
    this.#lastTransactionId = lastTransactionId
    const told: Record<string, { inserted: Row[]; modified: Modified<Row>[]; deleted: Row[] }> = {}
    for (const { table, uuid, old, new: row } of changes) {
      const into = (told[table] ??= { inserted: [], modified: [], deleted: [] })
      if (row) this.#tables.get(table)?.set(uuid, row)
      else this.#tables.get(table)?.delete(uuid)
      if (row && old) into.modified.push({ old, new: row })
      else if (row) into.inserted.push(row)
      else if (old) into.deleted.push(old)
    }
    return told as unknown as Changes<S>
  }
}
