/** The difference between a row and what its columns should be. */
import { type Operation, sameValue } from '../../../codecs/ovsdb/index.ts'
import { updateRow } from './present.ts'
import type { SwitchRow, TableName } from './tables.ts'
import type { StringMap } from './wanted.ts'

/** Operations that give a row these columns; none where it has them. */
export function settleRow<T extends TableName>(
  table: T,
  row: SwitchRow<T>,
  target: Partial<SwitchRow<T>>,
): readonly Operation[] {
  const names = Object.keys(target) as (keyof SwitchRow<T>)[]
  const changed = names.filter((name) => !sameValue(valueAt(row, name), valueAt(target, name)))
  const columns = Object.fromEntries(changed.map((name): [PropertyKey, unknown] => [name, target[name]]))
  return updateRow(table, row, columns as Partial<SwitchRow<T>>)
}

function valueAt(row: object, name: PropertyKey): Parameters<typeof sameValue>[0] {
  return (row as Record<PropertyKey, Parameters<typeof sameValue>[0]>)[name]
}

/** A map with these keys besides its own. */
export function merged(map: ReadonlyMap<string, string>, keys: StringMap = {}): ReadonlyMap<string, string> {
  return new Map([...map, ...Object.entries(keys)])
}

/** Exactly these keys of a row that is ours; besides its own of a row that somebody else made. */
export function keysOf(
  map: ReadonlyMap<string, string>,
  keys: StringMap | undefined,
  isOurs: boolean,
): ReadonlyMap<string, string> {
  return isOurs ? new Map(Object.entries(keys ?? {})) : merged(map, keys)
}

/** The columns that are named: an `undefined` one is left as it is. */
export function named<R extends object>(columns: R): { [K in keyof R]: Exclude<R[K], undefined> } {
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined)) as {
    [K in keyof R]: Exclude<R[K], undefined>
  }
}
