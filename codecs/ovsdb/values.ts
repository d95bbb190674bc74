/**
 * Values on the wire and in rows, both ways (RFC 7047 5.1). A set of one may be its only atom; a column that holds exactly
 * one may come as a set of one.
 */
import type { Atom, AtomType, Column, NamedUuid, Uuid, Value } from './columns.ts'
import { OvsdbError } from './errors.ts'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }
/** A column's value as it may be written. */
export type NewValue =
  | Atom
  | NamedUuid
  | undefined
  | Iterable<Atom | NamedUuid>
  | Iterable<readonly [unknown, unknown]>

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const namePattern = /^[A-Za-z_][A-Za-z0-9_]*$/

export const zeroUuid: Uuid = '00000000-0000-0000-0000-000000000000'

function refuse(json: unknown, wanted: string): OvsdbError {
  const text = JSON.stringify(json) as string | undefined
  return new OvsdbError('VALUE', `${(text ?? 'nothing').slice(0, 60)} is no ${wanted}`)
}

/** The second of a pair that is tagged so, such as `["set", [...]]`. */
function tagged(json: unknown, tag: string): { readonly body: unknown } | undefined {
  return Array.isArray(json) && json.length === 2 && json[0] === tag ? { body: json[1] } : undefined
}

export function readUuid(json: unknown): Uuid {
  const body = tagged(json, 'uuid')?.body
  if (typeof body !== 'string' || !uuidPattern.test(body)) throw refuse(json, 'uuid')
  return body.toLowerCase()
}

/** What an operation may refer to a row by. */
export function readReference(json: unknown): Uuid | NamedUuid {
  const named = tagged(json, 'named-uuid')?.body
  return typeof named === 'string' && namePattern.test(named) ? { named } : readUuid(json)
}

export function readAtom(type: AtomType, json: unknown): Atom {
  switch (type) {
    case 'string':
      if (typeof json === 'string') return json
      break
    case 'boolean':
      if (typeof json === 'boolean') return json
      break
    case 'integer':
      if (typeof json === 'number' && Number.isSafeInteger(json)) return json
      break
    case 'real':
      if (typeof json === 'number' && Number.isFinite(json)) return json
      break
    case 'uuid':
      return readUuid(json)
  }
  throw refuse(json, type)
}

function readElements(json: unknown): readonly unknown[] {
  const set = tagged(json, 'set')
  if (!set) return [json]
  if (!Array.isArray(set.body)) throw refuse(json, 'set')
  return set.body
}

export function readSet(type: AtomType, json: unknown): ReadonlySet<Atom> {
  const elements = readElements(json)
  const set = new Set(elements.map((element) => readAtom(type, element)))
  if (set.size !== elements.length) throw refuse(json, 'set: an element is there twice')
  return set
}

export function readMap(key: AtomType, value: AtomType, json: unknown): ReadonlyMap<Atom, Atom> {
  const pairs = tagged(json, 'map')?.body
  if (!Array.isArray(pairs)) throw refuse(json, 'map')
  const map = new Map<Atom, Atom>()
  for (const pair of pairs as readonly unknown[]) {
    if (!Array.isArray(pair) || pair.length !== 2) throw refuse(pair, 'pair of a map')
    map.set(readAtom(key, pair[0]), readAtom(value, pair[1]))
  }
  if (map.size !== pairs.length) throw refuse(json, 'map: a key is there twice')
  return map
}

export function readValue(column: Column, json: unknown): Value {
  if (typeof column !== 'string') {
    if (column.kind === 'set') return readSet(column.key, json)
    if (column.kind === 'map') return readMap(column.key, column.value, json)
  }
  const elements = readElements(json)
  if (typeof column === 'string') {
    if (elements.length !== 1) throw refuse(json, column)
    return readAtom(column, elements[0])
  }
  if (elements.length > 1) throw refuse(json, `optional ${column.key}`)
  return elements.length === 0 ? undefined : readAtom(column.key, elements[0])
}

/** What a column holds that a server leaves out of a new row (RFC 7047 5.2.1). */
export function defaultValue(column: Column): Value {
  if (typeof column === 'string') return defaultAtoms[column]
  return column.kind === 'set' ? new Set() : column.kind === 'map' ? new Map() : undefined
}

const defaultAtoms = { string: '', integer: 0, real: 0, boolean: false, uuid: zeroUuid } as const

export function writeAtom(type: AtomType, value: unknown): Json {
  if (type !== 'uuid') {
    readAtom(type, value)
    return value as Json
  }
  if (typeof value === 'string') {
    readUuid(['uuid', value])
    return ['uuid', value]
  }
  const named = typeof value === 'object' && value !== null && 'named' in value ? value.named : undefined
  if (typeof named !== 'string' || !namePattern.test(named)) throw refuse(value, 'uuid')
  return ['named-uuid', named]
}

const iterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.iterator in value

export function writeSet(type: AtomType, value: unknown): Json {
  if (!iterable(value)) throw refuse(value, 'set')
  return ['set', Array.from(value, (element) => writeAtom(type, element))]
}

export function writeMap(key: AtomType, valueType: AtomType, value: unknown): Json {
  if (!iterable(value)) throw refuse(value, 'map')
  const pairs = Array.from(value, (pair): Json => {
    if (!Array.isArray(pair)) throw refuse(pair, 'pair of a map')
    return [writeAtom(key, pair[0]), writeAtom(valueType, pair[1])]
  })
  return ['map', pairs]
}

/** Throws `OvsdbError` for what the column cannot hold. */
export function writeValue(column: Column, value: NewValue): Json {
  if (typeof column === 'string') return writeAtom(column, value)
  if (column.kind === 'set') return writeSet(column.key, value)
  if (column.kind === 'map') return writeMap(column.key, column.value, value)
  return value === undefined ? ['set', []] : writeAtom(column.key, value)
}

/** Same column, same value; uuids and strings alike are compared as text. */
export function sameValue(a: Value, b: Value): boolean {
  if (a === b) return true
  if (a instanceof Set && b instanceof Set) return a.size === b.size && [...a].every((atom) => b.has(atom))
  if (!(a instanceof Map) || !(b instanceof Map) || a.size !== b.size) return false
  for (const [key, atom] of a) if (b.get(key) !== atom || !b.has(key)) return false
  return true
}
