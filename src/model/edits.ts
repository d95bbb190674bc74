/** Two documents compared, object by object; and a document put together from its objects. */
import type { Edit } from './declaration.ts'
import type { IntentSpec } from './schema.ts'

/** Sections that map names to objects, in the order in which the language presents them. */
export const sections = ['sites', 'switches', 'segments', 'classes', 'networks', 'vms'] as const
export type Section = (typeof sections)[number]

/** Equal as JSON; bigint and number are compared too, so that entities can be compared. */
export function equalValues(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => equalValues(item, b[index]))
  }
  if (Array.isArray(b)) return false
  const left = a as Readonly<Record<string, unknown>>
  const right = b as Readonly<Record<string, unknown>>
  const keys = Object.keys(left)
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && equalValues(left[key], right[key]))
  )
}

/** Names of a section's objects that the edits concern, deleted ones included. */
export function namesEdited(edits: readonly Edit[], section: Section): readonly string[] {
  const prefix = `${section}/`
  return edits.flatMap(({ object }) => (object.startsWith(prefix) ? [object.slice(prefix.length)] : []))
}

/** What differs, section by section, what is deleted after the rest of its section. */
export function specEdits(before: IntentSpec, after: IntentSpec): readonly Edit[] {
  const edits: Edit[] = []
  const headBefore = headOf(before)
  const head = headOf(after)
  if (!equalValues(headBefore, head)) edits.push({ change: 'modify', object: 'topology', value: head })
  for (const section of sections)
    edits.push(...sectionEdits(section, before[section] ?? {}, after[section] ?? {}))
  const linksBefore = before.links ?? []
  const links = after.links ?? []
  if (!equalValues(linksBefore, links)) {
    if (links.length === 0) edits.push({ change: 'delete', object: 'links' })
    else edits.push({ change: linksBefore.length === 0 ? 'add' : 'modify', object: 'links', value: links })
  }
  return edits
}

function sectionEdits(
  section: Section,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): readonly Edit[] {
  if (before === after) return []
  const edits: Edit[] = []
  for (const [name, value] of Object.entries(after)) {
    if (!Object.hasOwn(before, name)) edits.push({ change: 'add', object: `${section}/${name}`, value })
    else if (!equalValues(before[name], value))
      edits.push({ change: 'modify', object: `${section}/${name}`, value })
  }
  for (const name of Object.keys(before)) {
    if (!Object.hasOwn(after, name)) edits.push({ change: 'delete', object: `${section}/${name}` })
  }
  return edits
}

function headOf({ name, description }: IntentSpec): Pick<IntentSpec, 'name' | 'description'> {
  return description === undefined ? { name } : { name, description }
}

/**
 * The document whose objects these are (`Edit.object` and its value), in the order given. The values are taken as they
 * come: check the result's shape if they come from outside.
 */
export function specFromObjects(objects: Iterable<readonly [object: string, value: unknown]>): IntentSpec {
  const spec: Record<string, unknown> = { name: 'empty' }
  for (const [object, value] of objects) {
    const [section = '', name] = object.split('/')
    if (object === 'topology') Object.assign(spec, value)
    else if (name === undefined) spec[section] = value
    else {
      const entries = (spec[section] ??= {}) as Record<string, unknown>
      entries[name] = value
    }
  }
  return spec as unknown as IntentSpec
}

/** `after` with every part that equals the same part of `before` replaced by it, so that identity tells what changed. */
export function shareSpec(before: IntentSpec, after: IntentSpec, edits: readonly Edit[]): IntentSpec {
  const changed = new Set(edits.map((edit) => edit.object))
  const shared: Record<string, unknown> = { ...after }
  for (const section of sections) {
    const old = before[section] as Readonly<Record<string, unknown>> | undefined
    const entries = after[section] as Readonly<Record<string, unknown>> | undefined
    if (!old || !entries) continue
    const same = ([name, value]: [string, unknown]) => [
      name,
      changed.has(`${section}/${name}`) ? value : old[name],
    ]
    const untouched = namesEdited(edits, section).length === 0
    shared[section] = untouched ? old : Object.fromEntries(Object.entries(entries).map(same))
  }
  if (before.links && after.links && !changed.has('links')) shared['links'] = before.links
  return shared as unknown as IntentSpec
}
