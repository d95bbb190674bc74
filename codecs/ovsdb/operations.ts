/**
 * Operations of a transaction (RFC 7047 5.2), typed by the columns they touch. Each is the JSON that goes on the wire; a
 * value that its column cannot hold is an `OvsdbError` here, not an answer from the server.
 */
import type {
  Column,
  Columns,
  MapColumn,
  NamedUuid,
  NewAtom,
  NewRowOf,
  NewValueOf,
  Optional,
  RowOf,
  Selection,
  SetColumn,
  Uuid,
} from './columns.ts'
import { inside, OvsdbError } from './errors.ts'
import { type Json, type NewValue, writeAtom, writeMap, writeSet, writeValue } from './values.ts'

export type OperationName =
  | 'insert'
  | 'select'
  | 'update'
  | 'mutate'
  | 'delete'
  | 'wait'
  | 'comment'
  | 'assert'
  | 'abort'

/** One operation as it is sent. */
export type Operation = { readonly op: OperationName } & { readonly [member: string]: Json }

type Equality = '==' | '!=' | 'includes' | 'excludes'
type Comparison = Equality | '<' | '<=' | '>=' | '>'
type FunctionOf<C> = C extends 'integer' | 'real' | Optional<'integer' | 'real'> ? Comparison : Equality

/** All must hold. `includes` and `excludes` of a set or map take some of its elements. */
export type Condition<Cs extends Columns> =
  | readonly ['_uuid', '==' | '!=', Uuid | NamedUuid]
  | { readonly [C in keyof Cs]: readonly [C, FunctionOf<Cs[C]>, NewValueOf<Cs[C]>] }[keyof Cs]

type Arithmetic = '+=' | '-=' | '*=' | '/=' | '%='
type MutationOf<C> = C extends 'integer' | 'real'
  ? readonly [Arithmetic, number]
  : C extends SetColumn<infer A>
    ? readonly ['insert' | 'delete', Iterable<NewAtom<A>>]
    : C extends MapColumn<infer K, infer V>
      ? /** `insert` leaves keys that are there as they are; `delete` takes pairs, and `delete keys` whatever they hold. */
          | readonly ['insert' | 'delete', Iterable<readonly [NewAtom<K>, NewAtom<V>]>]
          | readonly ['delete keys', Iterable<NewAtom<K>>]
      : never

export type Mutation<Cs extends Columns> = {
  readonly [C in keyof Cs]: MutationOf<Cs[C]> extends infer M
    ? M extends readonly [infer Mutator, infer Operand]
      ? readonly [C, Mutator, Operand]
      : never
    : never
}[keyof Cs]

function columnOf(columns: Columns, name: string): Column {
  const column = Object.hasOwn(columns, name) ? columns[name] : undefined
  if (column === undefined) throw new OvsdbError('VALUE', `no column ${name} is selected`)
  return column
}

function writeRow(columns: Columns, row: Readonly<Record<string, unknown>>): Json {
  const written = Object.entries(row).map(([name, value]): [string, Json] => [
    name,
    inside(name, () => writeValue(columnOf(columns, name), value as NewValue)),
  ])
  return Object.fromEntries(written)
}

type AnyCondition = readonly [string, string, unknown]

function writeWhere(columns: Columns, where: readonly AnyCondition[]): Json {
  return where.map(
    ([name, test, value]): Json =>
      inside(name, () => {
        if (name === '_uuid') return [name, test, writeAtom('uuid', value)]
        return [name, test, writeValue(columnOf(columns, name), value as NewValue)]
      }),
  )
}

function writeOperand(column: Column, mutator: string, operand: unknown): Json {
  if (typeof column === 'string') return writeAtom(column, operand)
  if (column.kind !== 'map') return writeSet(column.key, operand)
  return mutator === 'delete keys'
    ? writeSet(column.key, operand)
    : writeMap(column.key, column.value, operand)
}

function writeMutations(columns: Columns, mutations: readonly AnyCondition[]): Json {
  return mutations.map(
    ([name, mutator, operand]): Json =>
      inside(name, () => [
        name,
        mutator === 'delete keys' ? 'delete' : mutator,
        writeOperand(columnOf(columns, name), mutator, operand),
      ]),
  )
}

/** A row whose columns a transaction was computed from. */
export interface Basis<Cs extends Columns> {
  readonly row: RowOf<Cs>
  readonly columns: readonly (keyof Cs & string)[]
}

/** Operations on the selected tables. */
export function operationsOn<S extends Selection>(selection: S) {
  type Name = keyof S & string
  const columnsOf = (table: Name): Columns => selection[table] ?? {}
  const on = (op: OperationName, table: Name, rest: Readonly<Record<string, () => Json>>): Operation => ({
    op,
    table,
    ...Object.fromEntries(
      Object.entries(rest).map(([member, write]): [string, Json] => [member, inside(table, write)]),
    ),
  })
  const where = (table: Name, conditions: readonly unknown[]) => () =>
    writeWhere(columnsOf(table), conditions as readonly AnyCondition[])

  return {
    /** `name` is how later operations of the transaction refer to the new row. */
    insert: <T extends Name>(table: T, row: NewRowOf<S[T]>, { named }: Partial<NamedUuid> = {}): Operation =>
      on('insert', table, {
        row: () => writeRow(columnsOf(table), row),
        ...(named !== undefined && { 'uuid-name': () => named }),
      }),
    select: <T extends Name>(
      table: T,
      conditions: readonly Condition<S[T]>[],
      columns: readonly (keyof S[T] & string)[],
    ): Operation => on('select', table, { where: where(table, conditions), columns: () => [...columns] }),
    update: <T extends Name>(
      table: T,
      conditions: readonly Condition<S[T]>[],
      row: NewRowOf<S[T]>,
    ): Operation =>
      on('update', table, { where: where(table, conditions), row: () => writeRow(columnsOf(table), row) }),
    mutate: <T extends Name>(
      table: T,
      conditions: readonly Condition<S[T]>[],
      mutations: readonly Mutation<S[T]>[],
    ): Operation =>
      on('mutate', table, {
        where: where(table, conditions),
        mutations: () => writeMutations(columnsOf(table), mutations),
      }),
    delete: <T extends Name>(table: T, conditions: readonly Condition<S[T]>[]): Operation =>
      on('delete', table, { where: where(table, conditions) }),
    /** Fails the transaction unless exactly these rows are found, or, with `!=`, if they are. */
    wait: <T extends Name>(
      table: T,
      conditions: readonly Condition<S[T]>[],
      { until = '==', rows, columns, timeoutMs = 0 }: WaitFor<S[T]>,
    ): Operation => ({
      ...on('wait', table, {
        where: where(table, conditions),
        columns: () => [...columns],
        rows: () => rows.map((row) => writeRow(columnsOf(table), row)),
      }),
      until,
      timeout: timeoutMs,
    }),
    /** Fails the transaction unless the row still is as it was read. */
    unchanged: <T extends Name>(table: T, { row, columns }: Basis<S[T]>): Operation => {
      const values = Object.fromEntries(columns.map((column) => [column, row[column]]))
      return {
        ...on('wait', table, {
          where: () => [['_uuid', '==', ['uuid', row._uuid]]],
          columns: () => [...columns],
          rows: () => [writeRow(columnsOf(table), values)],
        }),
        until: '==',
        timeout: 0,
      }
    },
    comment: (comment: string): Operation => ({ op: 'comment', comment }),
    /** Fails the transaction unless this session holds the lock. */
    assert: (lock: string): Operation => ({ op: 'assert', lock }),
    abort: (): Operation => ({ op: 'abort' }),
  }
}

export interface WaitFor<Cs extends Columns> {
  readonly until?: '==' | '!='
  readonly columns: readonly (keyof Cs & string)[]
  readonly rows: readonly NewRowOf<Cs>[]
  /** How long the server waits for it; 0 decides at once. */
  readonly timeoutMs?: number
}
