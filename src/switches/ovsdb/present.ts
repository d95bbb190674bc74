/** What a host has now, by name, and which of it is an owner's: the ground on which a plan is made. */
import type { NamedUuid, Operation } from '../../../codecs/ovsdb/index.ts'
import { on, type SwitchRow, type SwitchTables, type TableName } from './tables.ts'

/** The key in `external_ids` whose value says who made a row. */
export const ownerKey = 'throwbar'

interface Marked {
  readonly external_ids: ReadonlyMap<string, string>
}

export class Present {
  readonly tables: SwitchTables
  readonly owner: string
  readonly bridges: ReadonlyMap<string, SwitchRow<'Bridge'>>
  readonly ports: ReadonlyMap<string, SwitchRow<'Port'>>
  readonly interfaces: ReadonlyMap<string, SwitchRow<'Interface'>>
  readonly #bridgeOf = new Map<string, SwitchRow<'Bridge'>>()
  readonly #portOf = new Map<string, SwitchRow<'Port'>>()
  #names = 0

  constructor(tables: SwitchTables, owner: string) {
    this.tables = tables
    this.owner = owner
    this.bridges = byName(tables.Bridge)
    this.ports = byName(tables.Port)
    this.interfaces = byName(tables.Interface)
    for (const bridge of this.bridges.values()) {
      for (const port of bridge.ports) this.#bridgeOf.set(port, bridge)
    }
    for (const port of this.ports.values()) {
      for (const uuid of port.interfaces) this.#portOf.set(uuid, port)
    }
  }

  isOurs(row: Marked): boolean {
    return row.external_ids.get(ownerKey) === this.owner
  }

  bridgeOf({ _uuid }: SwitchRow<'Port'>): SwitchRow<'Bridge'> | undefined {
    return this.#bridgeOf.get(_uuid)
  }

  portOf({ _uuid }: SwitchRow<'Interface'>): SwitchRow<'Port'> | undefined {
    return this.#portOf.get(_uuid)
  }

  portsOf(bridge: SwitchRow<'Bridge'>): readonly SwitchRow<'Port'>[] {
    return [...bridge.ports].flatMap((uuid) => this.tables.Port.get(uuid) ?? [])
  }

  interfacesOf(port: SwitchRow<'Port'>): readonly SwitchRow<'Interface'>[] {
    return [...port.interfaces].flatMap((uuid) => this.tables.Interface.get(uuid) ?? [])
  }

  controllersOf(bridge: SwitchRow<'Bridge'>): readonly SwitchRow<'Controller'>[] {
    return [...bridge.controller].flatMap((uuid) => this.tables.Controller.get(uuid) ?? [])
  }

  /** A name for a row to come that no other step of the plan has. */
  newRow(): NamedUuid {
    return { named: `row${this.#names++}` }
  }

  /** `external_ids` of a row that is made here. */
  mark(more: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> {
    return new Map(Object.entries({ ...more, [ownerKey]: this.owner }))
  }
}

function byName<R extends { readonly name: string }>(rows: ReadonlyMap<string, R>): ReadonlyMap<string, R> {
  return new Map(Array.from(rows.values(), (row) => [row.name, row]))
}

/** The operations that a table's typed functions hide behind their generic parameter. */
interface AnyTable {
  readonly unchanged: (
    table: TableName,
    basis: { readonly row: unknown; readonly columns: readonly string[] },
  ) => Operation
  readonly update: (table: TableName, where: readonly unknown[], row: unknown) => Operation
}
const anyTable = on as unknown as AnyTable

/** Fails the transaction unless these columns still are what the plan saw. */
export function guard<T extends TableName>(
  table: T,
  row: SwitchRow<T>,
  columns: readonly (keyof SwitchRow<T> & string)[],
): Operation {
  return anyTable.unchanged(table, { row, columns })
}

export function updateRow<T extends TableName>(
  table: T,
  row: SwitchRow<T>,
  columns: Partial<SwitchRow<T>>,
): readonly Operation[] {
  const names = Object.keys(columns) as (keyof SwitchRow<T> & string)[]
  if (names.length === 0) return []
  return [guard(table, row, names), anyTable.update(table, [['_uuid', '==', row._uuid]], columns)]
}
