/**
 * A declaration: the document as users wrote it together with the intent it means. The two are always replaced
 * together, and whatever a change did not touch keeps its identity (`===`) in both.
 */
import { emptyIntent, type Intent } from './intent.ts'
import { emptyLedger, type Ledger } from './ledger.ts'
import type { Problem } from './problem.ts'
import type { IntentSpec, NetworkSpec, SwitchSpec, VmSpec } from './schema.ts'

export interface Declaration {
  readonly spec: IntentSpec
  readonly intent: Intent
  /** Who uses which MAC, address, port, VLAN, key and datapath id; lets a change be checked without looking at the rest. */
  readonly ledger: Ledger
}

/** Sections whose objects can be put and deleted one by one. */
export type Resource = 'switches' | 'networks' | 'vms'

/** A change of intent, as a user asks for it. */
export type IntentChange =
  | { readonly kind: 'replace'; readonly spec: IntentSpec }
  | { readonly kind: 'put'; readonly resource: 'switches'; readonly name: string; readonly spec: SwitchSpec }
  | { readonly kind: 'put'; readonly resource: 'networks'; readonly name: string; readonly spec: NetworkSpec }
  | { readonly kind: 'put'; readonly resource: 'vms'; readonly name: string; readonly spec: VmSpec }
  | { readonly kind: 'delete'; readonly resource: Resource; readonly name: string }
  | VmsMoved

/** VMs are at another hypervisor now, and so are the internal networks that went along. */
export interface VmsMoved {
  readonly kind: 'move'
  readonly vms: readonly string[]
  readonly networks: readonly string[]
  /** Name of a switch. */
  readonly to: string
  /** By NIC id: the interface there, where the NIC is declared at one. */
  readonly ports: ReadonlyMap<string, string>
}

/** Why a document or a change was not taken. Never empty; at most `limits.problems`, in the document's order. */
export interface Refusal {
  readonly problems: readonly Problem[]
  /** The change would delete what is not declared. */
  readonly absent?: true
}

/** What became of one declared object: the unit of the store's writes and of a plan's list of objects. */
export interface Edit {
  readonly change: 'add' | 'modify' | 'delete'
  /** `vms/web1`, `networks/blue`, `switches/hv1`, `sites/berlin`, `segments/lan`, `classes/storage`, `links`, or `topology` for its name and description. */
  readonly object: string
  /** The object's new spec, plain JSON; absent when it is deleted. */
  readonly value?: unknown
}

export interface Changed extends Declaration {
  /** What differs from the declaration before; empty when nothing does, and then the declaration is the very same one. */
  readonly edits: readonly Edit[]
}

export const emptySpec: IntentSpec = { name: 'empty' }

export const emptyDeclaration: Declaration = { spec: emptySpec, intent: emptyIntent, ledger: emptyLedger }
