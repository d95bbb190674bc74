/** The intent of a declared document, and of a declared document with one thing changed. */
import {
  type Changed,
  type Declaration,
  type Edit,
  emptyDeclaration,
  type IntentChange,
  type Refusal,
  type Resource,
} from './declaration.ts'
import { capped, derive } from './derive.ts'
import { equalValues, shareSpec, specEdits } from './edits.ts'
import { placeOf, pointerOf } from './report.ts'
import type { IntentSpec } from './schema.ts'
import { checkName, checkShape } from './shape.ts'

/** Checks a document from anywhere and resolves it; every problem of the document is reported, not only the first. */
export function buildIntent(spec: unknown): Declaration | Refusal {
  const problems = checkShape('intent', spec)
  if (problems.length > 0) return { problems: capped(problems) }
  return buildShaped(spec as IntentSpec)
}

/** The same for a document whose shape has been checked. */
export function buildShaped(spec: IntentSpec): Declaration | Refusal {
  return derive(emptyDeclaration, spec, specEdits(emptyDeclaration.spec, spec))
}

/**
 * Applies a change, at a cost that follows the change. What does not change keeps its identity in `spec` and `intent`;
 * when nothing does, `current`'s own spec and intent come back and `edits` is empty.
 */
export function changeIntent(current: Declaration, change: IntentChange): Changed | Refusal {
  if (change.kind === 'replace') {
    const problems = checkShape('intent', change.spec)
    if (problems.length > 0) return { problems: capped(problems) }
    const edits = specEdits(current.spec, change.spec)
    return finish(current, shareSpec(current.spec, change.spec, edits), edits)
  }
  const { resource, name } = change
  const pointer = pointerOf(resource, name)
  const entries: Readonly<Record<string, unknown>> = current.spec[resource] ?? {}
  const known = Object.hasOwn(entries, name)
  if (change.kind === 'delete') {
    if (!known)
      return { absent: true, problems: [{ pointer, message: `${placeOf(pointer)} is not declared` }] }
    return finish(current, without(current.spec, resource, name), [
      { change: 'delete', object: `${resource}/${name}` },
    ])
  }
  const problems = [...checkName(name, pointer), ...checkShape(resource, change.spec, pointer)]
  if (problems.length > 0) return { problems: capped(problems) }
  if (known && equalValues(entries[name], change.spec)) return { ...current, edits: [] }
  const edit: Edit = { change: known ? 'modify' : 'add', object: `${resource}/${name}`, value: change.spec }
  return finish(current, { ...current.spec, [resource]: { ...entries, [name]: change.spec } }, [edit])
}

function finish(current: Declaration, spec: IntentSpec, edits: readonly Edit[]): Changed | Refusal {
  if (edits.length === 0) return { ...current, edits }
  const next = derive(current, spec, edits)
  return 'problems' in next ? next : { ...next, edits }
}

function without(spec: IntentSpec, resource: Resource, name: string): IntentSpec {
  const rest: Record<string, unknown> = { ...spec[resource] }
  Reflect.deleteProperty(rest, name)
  return { ...spec, [resource]: rest }
}
