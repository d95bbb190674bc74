/**
 * Which columns of which tables somebody wants, as a value that TypeScript's row types follow from:
 *
 *     const tables = { Interface: { name: 'string', ofport: optional('integer'), external_ids: mapOf('string', 'string') } }
 *     RowOf<typeof tables.Interface> // { _uuid: string, name: string, ofport: number | undefined, external_ids: ReadonlyMap }
 */

/** 8-4-4-4-12 lower-case hex digits. */
export type Uuid = string

/** Stands for the UUID of a row that the same transaction inserts (RFC 7047 5.1, named-uuid). */
export interface NamedUuid {
  readonly named: string
}

/** RFC 7047 3.1; a real that the schema wants may be written as an integer. */
export interface AtomValues {
  readonly string: string
  /** Within 2^53. */
  readonly integer: number
  readonly real: number
  readonly boolean: boolean
  readonly uuid: Uuid
}
export type AtomType = keyof AtomValues
export type Atom = AtomValues[AtomType]

export interface Optional<A extends AtomType = AtomType> {
  readonly kind: 'optional'
  readonly key: A
}
export interface SetColumn<A extends AtomType = AtomType> {
  readonly kind: 'set'
  readonly key: A
}
export interface MapColumn<K extends AtomType = AtomType, V extends AtomType = AtomType> {
  readonly kind: 'map'
  readonly key: K
  readonly value: V
}

/** An atom's name alone is a column with exactly one. */
export type Column = AtomType | Optional | SetColumn | MapColumn
export type Columns = Readonly<Record<string, Column>>
/** Columns by table. */
export type Selection = Readonly<Record<string, Columns>>

export const optional = <A extends AtomType>(key: A): Optional<A> => ({ kind: 'optional', key })
export const setOf = <A extends AtomType>(key: A): SetColumn<A> => ({ kind: 'set', key })
export const mapOf = <K extends AtomType, V extends AtomType>(key: K, value: V): MapColumn<K, V> => ({
  kind: 'map',
  key,
  value,
})

/** A column's value as it is read. */
export type ValueOf<C> = C extends AtomType
  ? AtomValues[C]
  : C extends Optional<infer A>
    ? AtomValues[A] | undefined
    : C extends SetColumn<infer A>
      ? ReadonlySet<AtomValues[A]>
      : C extends MapColumn<infer K, infer V>
        ? ReadonlyMap<AtomValues[K], AtomValues[V]>
        : never

export type RowOf<Cs extends Columns> = { readonly _uuid: Uuid } & {
  readonly [C in keyof Cs]: ValueOf<Cs[C]>
}

export type NewAtom<A extends AtomType> = A extends 'uuid' ? Uuid | NamedUuid : AtomValues[A]

/** A column's value as it is written: what was read will do, and so will arrays and rows yet to come. */
export type NewValueOf<C> = C extends AtomType
  ? NewAtom<C>
  : C extends Optional<infer A>
    ? NewAtom<A> | undefined
    : C extends SetColumn<infer A>
      ? Iterable<NewAtom<A>>
      : C extends MapColumn<infer K, infer V>
        ? Iterable<readonly [NewAtom<K>, NewAtom<V>]>
        : never

export type NewRowOf<Cs extends Columns> = { readonly [C in keyof Cs]?: NewValueOf<Cs[C]> }

/** A value of any column, as it is read. */
export type Value = Atom | undefined | ReadonlySet<Atom> | ReadonlyMap<Atom, Atom>
/** A row of any table. */
export type Row = { readonly _uuid: Uuid } & Readonly<Record<string, Value>>
