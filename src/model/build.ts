/** The intent of a declared document, and of a declared document with one thing changed. */
import {
  type Changed,
  type Declaration,
  type Edit,
  emptyDeclaration,
  type IntentChange,
  type Refusal,
  type Resource,
  type VmsMoved,
} from './declaration.ts'
import { capped, derive } from './derive.ts'
import { equalValues, shareSpec, specEdits } from './edits.ts'
import { placeOf, pointerOf } from './report.ts'
import type { IntentSpec, NicSpec } from './schema.ts'
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
  if (change.kind === 'move') return moved(current, change)
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

/** What is not declared any more is left out: it has nowhere to be. */
function moved(current: Declaration, { vms, networks, to, ports }: VmsMoved): Changed | Refusal {
  const { spec } = current
  const edits: Edit[] = []
  const take = (section: 'vms' | 'networks', name: string, before: unknown, value: unknown) => {
    if (!equalValues(before, value)) edits.push({ change: 'modify', object: `${section}/${name}`, value })
  }
  for (const name of networks) {
    const network = spec.networks?.[name]
    if (network) take('networks', name, network, { ...network, switch: to })
  }
  for (const name of vms) {
    const vm = spec.vms?.[name]
    if (!vm) continue
    const nics = vm.nics.map((nic, index) => atPort(nic, `${name}-${index}`, ports.get(`${name}/${index}`)))
    // A VM without a host is wherever it is plugged in.
    take('vms', name, vm, vm.host === undefined ? vm : { ...vm, host: to, nics })
  }
  const entries = (section: 'vms' | 'networks') =>
    edits.flatMap(({ object, value }) =>
      object.startsWith(`${section}/`) ? [[object.slice(section.length + 1), value] as const] : [],
    )
  const next = {
    ...spec,
    vms: { ...spec.vms, ...Object.fromEntries(entries('vms')) },
    networks: { ...spec.networks, ...Object.fromEntries(entries('networks')) },
  }
  return finish(current, edits.length === 0 ? spec : (next as IntentSpec), edits)
}

function atPort(nic: NicSpec, usual: string, port: string | undefined): NicSpec {
  if (nic.iface !== undefined || port === undefined || (nic.port ?? usual) === port) return nic
  return { ...nic, port }
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
