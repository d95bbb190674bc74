/**
 * From a declaration and the objects that differ to the next declaration, or to every reason why not. A whole document
 * is the same thing with everything new, so checking it and checking a change can not come to disagree.
 */
import type { Declaration, Edit, Refusal } from './declaration.ts'
import { equalValues, namesEdited, type Section } from './edits.ts'
import { resolveClass } from './classes.ts'
import { type Resolved, resolveCables, resolveNetwork, resolveSwitch, resolveVm } from './entities.ts'
import type { Cable, Intent } from './intent.ts'
import { type Claim, LedgerPage } from './ledger.ts'
import type { Problem } from './problem.ts'
import { recheck } from './recheck.ts'
import { placeOf, type Report, reporter } from './report.ts'
import { type ClassSpec, type IntentSpec, limits } from './schema.ts'

export interface Draft {
  readonly before: Declaration
  readonly spec: IntentSpec
  readonly edits: readonly Edit[]
  readonly page: LedgerPage
  readonly report: Report
}

/** `edits` is exactly what differs between `before.spec` and `spec`; the spec's shape has been checked. */
export function derive(before: Declaration, spec: IntentSpec, edits: readonly Edit[]): Declaration | Refusal {
  const problems: Problem[] = []
  const page = new LedgerPage(before.ledger)
  const draft: Draft = { before, spec, edits, page, report: reporter(problems) }
  for (const { change, object } of edits) if (change !== 'add') release(draft, object)
  const old = before.intent
  const intent: Intent = {
    name: spec.name,
    ...(spec.description === undefined ? {} : { description: spec.description }),
    sites: renew(draft, 'sites', old.sites, (name, site) => ({ entity: { name, ...site }, claims: [] })),
    switches: renew(draft, 'switches', old.switches, resolveSwitch),
    segments: segmentsOf(draft),
    classes: renew(draft, 'classes', old.classes, resolveClass),
    cables: cablesOf(draft),
    networks: renew(draft, 'networks', old.networks, resolveNetwork),
    vms: renew(draft, 'vms', old.vms, resolveVm),
  }
  recheck(draft, intent)
  if (problems.length > 0) return { problems: capped(problems) }
  return { spec, intent, ledger: page.close() }
}

/** The first problems, and how many more there are. */
export function capped(problems: readonly Problem[]): readonly Problem[] {
  if (problems.length <= limits.problems) return problems
  const rest = problems.length - limits.problems + 1
  return [...problems.slice(0, limits.problems - 1), { pointer: '', message: `and ${rest} more problems` }]
}

const silent: Report = () => undefined

/** Gives back everything that an object of the spec before claimed. */
function release({ before, page }: Draft, object: string): void {
  const { spec } = before
  const [section, name = ''] = object.split('/')
  const claims = (): readonly Claim[] => {
    const [found, network, vm] = [spec.switches?.[name], spec.networks?.[name], spec.vms?.[name]]
    if (section === 'switches' && found) return resolveSwitch(name, found, silent).claims
    if (section === 'networks' && network) return resolveNetwork(name, network, silent).claims
    if (section === 'vms' && vm) return resolveVm(name, vm, silent).claims
    return section === 'links' ? resolveCables(spec.links ?? [], silent).claims : []
  }
  for (const { key } of claims()) page.release(key)
  if (section === 'vms') countNics(page, spec.vms?.[name], -1)
  if (section === 'switches') countInterfaces(page, name, spec.switches?.[name], -1)
}

function countNics(
  page: LedgerPage,
  vm: NonNullable<IntentSpec['vms']>[string] | undefined,
  by: 1 | -1,
): void {
  if (vm?.host === undefined) return
  for (const nic of vm.nics) page.count(nic.network, vm.host, by)
}

/** What one entry of a section looks like. */
type Entry<S extends Section> = S extends 'classes'
  ? ClassSpec
  : NonNullable<IntentSpec[Exclude<S, 'classes'>]>[string]

function countInterfaces(
  page: LedgerPage,
  name: string,
  spec: NonNullable<IntentSpec['switches']>[string] | undefined,
  by: 1 | -1,
): void {
  for (const { network } of Object.values(spec?.interfaces ?? {})) page.count(network, name, by)
}

/** A section's entities after the edits, in the order of their names; one that comes out equal stays the very same. */
function renew<S extends Exclude<Section, 'segments'>, T>(
  draft: Draft,
  section: S,
  old: ReadonlyMap<string, T>,
  resolve: (name: string, spec: Entry<S>, report: Report) => Resolved<T>,
): ReadonlyMap<string, T> {
  const edited = namesEdited(draft.edits, section)
  if (edited.length === 0) return old
  const specs = (draft.spec[section] ?? {}) as Readonly<Record<string, Entry<S>>>
  const fresh = new Map<string, T>()
  const gone = new Set<string>()
  for (const name of edited) {
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined
    if (spec === undefined) {
      gone.add(name)
      continue
    }
    const { entity, claims } = resolve(name, spec, draft.report)
    for (const claim of claims) settle(draft, claim)
    if (section === 'vms') countNics(draft.page, draft.spec.vms?.[name], 1)
    if (section === 'switches') countInterfaces(draft.page, name, draft.spec.switches?.[name], 1)
    const present = old.get(name)
    if (entity !== undefined)
      fresh.set(name, present !== undefined && equalValues(present, entity) ? present : entity)
  }
  const renewed = merged(old, fresh, gone)
  if (renewed.size > limits[section])
    draft.report(`/${section}`, `too many entries: at most ${limits[section]}`)
  return renewed
}

/** Both maps keep the order of names, so the intent does not depend on the order in which things were declared. */
function merged<T>(
  old: ReadonlyMap<string, T>,
  fresh: ReadonlyMap<string, T>,
  gone: ReadonlySet<string>,
): ReadonlyMap<string, T> {
  const result = new Map<string, T>()
  const added = [...fresh].filter(([name]) => !old.has(name)).sort(([a], [b]) => (a < b ? -1 : 1))
  let taken = 0
  const takeUpTo = (name: string | undefined) => {
    for (let next = added[taken]; next && (name === undefined || next[0] < name); next = added[++taken]) {
      result.set(next[0], next[1])
    }
  }
  for (const [name, entity] of old) {
    takeUpTo(name)
    if (!gone.has(name)) result.set(name, fresh.get(name) ?? entity)
  }
  takeUpTo(undefined)
  return result
}

function segmentsOf({ before, spec, edits }: Draft): ReadonlySet<string> {
  const touched = namesEdited(edits, 'segments').length > 0
  return touched ? new Set(Object.keys(spec.segments ?? {}).sort()) : before.intent.segments
}

function cablesOf(draft: Draft): readonly Cable[] {
  const old = draft.before.intent.cables
  if (!draft.edits.some(({ object }) => object === 'links')) return old
  const { entity = [], claims } = resolveCables(draft.spec.links ?? [], draft.report)
  for (const claim of claims) settle(draft, claim)
  const byEnds = new Map(old.map((cable) => [endsOf(cable), cable]))
  return entity.map((cable) => byEnds.get(endsOf(cable)) ?? cable)
}

function endsOf({ ends }: Cable): string {
  return ends.map((end) => `${end.switch}:${end.port}`).join(' ')
}

/** Enters a claim in the ledger, or reports who has it. */
function settle({ page, report }: Draft, claim: Claim): void {
  const holder = page.holder(claim.key)
  if (holder === undefined) {
    page.claim(claim)
    return
  }
  const { what, hint } = wording(claim.key)
  report(claim.pointer, `${what} is also used by ${placeOf(holder)}`, hint)
}

function wording(key: string): { readonly what: string; readonly hint: string } {
  const [kind = '', first = '', second = ''] = key.split('/')
  switch (kind) {
    case 'mac':
      return { what: `MAC ${first}`, hint: 'give every NIC a MAC of its own: switches find VMs by it' }
    case 'ip':
      return {
        what: `address ${second} of network ${first}`,
        hint: 'give every NIC of a network addresses of its own',
      }
    case 'vlan':
      return { what: `VLAN ${first}`, hint: 'give every network a VLAN of its own' }
    case 'key':
      return { what: `key ${first}`, hint: 'set `id` to another number' }
    case 'datapath':
      return { what: `datapath id ${first}`, hint: 'give every switch a datapath id of its own' }
    case 'iface':
      return { what: `iface-id ${key.slice('iface/'.length)}`, hint: 'give every NIC an `iface` of its own' }
    case 'bridge':
      return { what: `bridge ${first} of this database`, hint: 'give every switch a `bridge` of its own' }
    case 'team':
      return { what: `uplink ${second} of switch ${first}`, hint: 'an uplink is in one team' }
    case 'cable':
      return { what: `port ${second} of switch ${first}`, hint: 'a port takes one cable' }
    default:
      return { what: `port ${second} of switch ${first}`, hint: 'a port of a switch has one use' }
  }
}
