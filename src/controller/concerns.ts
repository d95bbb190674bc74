/** What a change is called, whose rules it is about, and which switches it concerns. Pure. */
import type { Program, SwitchProgram } from '../compiler/program.ts'
import type { IntentChange } from '../model/declaration.ts'
import type { DatapathId } from '../model/observation.ts'
import type { Owner } from '../pipeline/rule.ts'

export function summaryOf(change: IntentChange): string {
  if (change.kind === 'move') return `move ${change.vms.join(', ')} to ${change.to}`
  return change.kind === 'replace'
    ? `apply ${change.spec.name}`
    : `${change.kind} ${change.resource}/${change.name}`
}

export type Concerns = (owner: Owner) => boolean

/** The owners of the object that a change names. */
export function concernOf(change: IntentChange): Concerns {
  if (change.kind === 'replace') return () => true
  if (change.kind === 'move') return (owner) => change.vms.some((vm) => owner.startsWith(`nic/${vm}/`))
  const { resource, name } = change
  if (resource === 'vms') return (owner) => owner.startsWith(`nic/${name}/`)
  if (resource === 'networks') return (owner) => owner === `network/${name}`
  return (owner) => owner === `switch/${name}` || owner.startsWith(`interface/${name}/`)
}

/** Switches that have rules of whom it is about. */
export function holders({ switches }: Program, concerns: Concerns): DatapathId[] {
  const holds = ({ groups }: SwitchProgram) =>
    groups.some(({ chunks }) => chunks.some(({ owner }) => concerns(owner)))
  return [...switches].filter(([, program]) => holds(program)).map(([id]) => id)
}

/** Switches whose program is another one, by identity. */
export function changedIds(before: Program, after: Program): DatapathId[] {
  return [...after.switches].filter(([id, program]) => before.switches.get(id) !== program).map(([id]) => id)
}
