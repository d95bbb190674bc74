/**
 * Where NICs are: the intent with every NIC that has an `iface` at the port where a hypervisor says it is plugged in, and
 * every NIC of a VM under way at the end where others send to it. One that is plugged in nowhere, or where it may not be, is left
 * out, and is listed with the reason. The other end of a passage is listed beside the intent.
 */
import { macText } from './addresses.ts'
import { emptyIntent, type Intent, type Nic, passingId, type Switch, type Vm } from './intent.ts'
import { equalValues } from './edits.ts'
import { changedKeys, withChanges } from './map-changes.ts'
import type { Attachment, DatapathId, Observation, Passage } from './observation.ts'

/** Why a NIC is nowhere. */
export interface Unplugged {
  /** NIC id. */
  readonly nic: string
  readonly text: string
}

export interface Located {
  readonly intent: Intent
  /** Sorted by NIC id. */
  readonly unplugged: readonly Unplugged[]
  /** NICs at the ends where others do not send to them, though they are on their way there or have just left: sorted by id. */
  readonly passing: readonly Nic[]
}

type Seen = Pick<Observation, 'attachments' | 'passages'>
type Attachments = NonNullable<Observation['attachments']>
type Passages = NonNullable<Observation['passages']>
const none: Attachments = new Map()
const noPassages: Passages = new Map()

/** Pure; the same values as a `Locator` gives. */
export function locate(intent: Intent, seen: Seen): Located {
  return new Locator().update(intent, seen)
}

/** What a VM's NICs came to. */
interface Settled {
  readonly vm: Vm
  readonly located: Vm
}

/** Remembers; what did not change keeps its identity. */
export class Locator {
  #intent = emptyIntent
  #attachments: Attachments = none
  #passages: Passages = noPassages
  #located: Located = { intent: emptyIntent, unplugged: [], passing: [] }
  /** VMs with a NIC that is followed or under way, by name. */
  readonly #settled = new Map<string, Settled>()
  /** Of those that have any, by name of the VM. */
  readonly #unplugged = new Map<string, readonly Unplugged[]>()
  /** Of those that have any, by name of the VM. */
  readonly #passing = new Map<string, readonly Nic[]>()
  /** By `iface`: the name of the VM. */
  readonly #vmOf = new Map<string, string>()

  update(intent: Intent, { attachments = none, passages = noPassages }: Seen): Located {
    const same = attachments === this.#attachments && passages === this.#passages
    if (intent === this.#intent && same) return this.#located
    const touched = this.#vmsTouched(intent, attachments)
    for (const id of changedKeys(this.#passages, passages)) {
      const vm = id.slice(0, id.indexOf('/'))
      if (intent.vms.has(vm) || this.#settled.has(vm)) touched.add(vm)
    }
    this.#intent = intent
    this.#attachments = attachments
    this.#passages = passages
    const changed = [...touched].filter((name) => this.#settle(name))
    if (this.#settled.size === 0) this.#located = { intent, unplugged: [], passing: [] }
    else if (changed.length > 0 || this.#isStale(intent)) this.#located = this.#assemble(intent, changed)
    return this.#located
  }

  /** VMs whose declaration, or one of whose attachments, is not what it was. */
  #vmsTouched(intent: Intent, attachments: Attachments): Set<string> {
    const touched = new Set<string>()
    // Which switches there are, and where a network may be, is in the answer as well.
    const everything = intent.switches !== this.#intent.switches || intent.networks !== this.#intent.networks
    if (intent.vms !== this.#intent.vms || everything) {
      for (const name of this.#settled.keys()) if (everything || !intent.vms.has(name)) touched.add(name)
      for (const name of changedKeys(this.#intent.vms, intent.vms))
        if (intent.vms.has(name)) touched.add(name)
    }
    if (attachments !== this.#attachments) {
      for (const iface of changedKeys(this.#attachments, attachments)) {
        const vm = this.#vmOf.get(iface)
        if (vm !== undefined) touched.add(vm)
      }
    }
    return touched
  }

  /** Returns whether something may have come out otherwise. */
  #settle(name: string): boolean {
    const vm = this.#intent.vms.get(name)
    const before = this.#settled.get(name)
    for (const { iface } of before?.vm.nics ?? []) if (iface !== undefined) this.#vmOf.delete(iface)
    if (!vm?.nics.some(({ id, iface }) => iface !== undefined || this.#passages.has(id))) {
      this.#settled.delete(name)
      this.#unplugged.delete(name)
      this.#passing.delete(name)
      return true
    }
    const unplugged: Unplugged[] = []
    const passing: Nic[] = []
    const nics = vm.nics.flatMap((nic) => {
      const passage = this.#passages.get(nic.id)
      if (nic.iface !== undefined) this.#vmOf.set(nic.iface, name)
      else if (!passage) return nic
      const attachments = this.#attachments.get(nic.iface ?? '') ?? []
      if (passage)
        passing.push(...passingNic(nic, passage, placeAt(passage.to, nic, this.#intent, attachments)))
      const place = passage
        ? placeAt(passage.stage === 'awaited' ? passage.from : passage.to, nic, this.#intent, attachments)
        : placeOf(nic, this.#intent, attachments)
      if ('why' in place) {
        unplugged.push({ nic: nic.id, text: place.why })
        return []
      }
      const next: Nic = { ...nic, ...place, ...(passage && passingHere(passage)) }
      const old = before?.located.nics.find(({ id }) => id === nic.id)
      return old && before?.vm === vm && equalValues(old, next) ? old : next
    })
    const same = before?.vm === vm && sameItems(before.located.nics, nics)
    if (unplugged.length > 0) this.#unplugged.set(name, unplugged)
    else this.#unplugged.delete(name)
    if (passing.length > 0) this.#passing.set(name, passing)
    else this.#passing.delete(name)
    this.#settled.set(name, same ? before : { vm, located: { ...vm, nics } })
    return true
  }

  #isStale(intent: Intent): boolean {
    const located = this.#located.intent
    return (Object.keys(intent) as (keyof Intent)[]).some(
      (part) => part !== 'vms' && located[part] !== intent[part],
    )
  }

  #assemble(intent: Intent, changed: readonly string[]): Located {
    const vms = withChanges(
      this.#located.intent.vms,
      changed.map((name) => [name, this.#settled.get(name)?.located ?? intent.vms.get(name)] as const),
    )
    const unplugged = [...this.#unplugged.values()].flat().toSorted((a, b) => (a.nic < b.nic ? -1 : 1))
    const passing = [...this.#passing.values()].flat().toSorted((a, b) => (a.id < b.id ? -1 : 1))
    return { intent: { ...intent, vms }, unplugged, passing }
  }
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index])
}

type Place = { readonly switch: string; readonly port: string } | { readonly why: string }

/** One end of a passage. */
function placeAt(
  end: Passage['from'] | Passage['to'],
  nic: Nic,
  { switches }: Intent,
  attachments: readonly Attachment[],
): Place {
  const { switch: name, port } = end
  if (port !== undefined) return { switch: name, port }
  const found = attachments.filter((one) => switchAt(switches, one)?.name === name)
  const why = `interface ${nic.iface ?? nic.id} is not plugged in on ${name}`
  return found[0] ? { switch: name, port: found[0].port } : { why }
}

/** At the end where others send to it. */
function passingHere({ stage, noted }: Passage): Pick<Nic, 'passing' | 'noted'> {
  const notes = noted && stage !== 'led' ? { noted } : {}
  if (stage === 'awaited') return notes
  return { ...notes, passing: stage === 'led' ? 'led' : 'arrived' }
}

const atSource = { led: 'speaking', arrived: 'leaving', returning: 'returning' } as const

/** The NIC at the other end of its passage. */
function passingNic(nic: Nic, { from, to, stage, noted }: Passage, there: Place): Nic[] {
  if (stage !== 'awaited') {
    const left: Nic = { ...nic, ...from, id: passingId(nic.id, from.switch), passing: atSource[stage] }
    return [noted && stage === 'led' ? { ...left, noted } : left]
  }
  // Without a port it has no rules of its own there, but its network is led there.
  const port = 'port' in there ? there.port : ''
  return [{ ...nic, switch: to.switch, port, id: passingId(nic.id, to.switch), passing: 'arriving' }]
}

/** Of several that serve, the one on the host preferred, else the one that came first. */
function placeOf(nic: Nic, { switches, networks }: Intent, attachments: readonly Attachment[]): Place {
  const only = networks.get(nic.network)?.switch
  const whys: string[] = []
  const places: { switch: string; port: string }[] = []
  for (const attachment of attachments) {
    const at = switchAt(switches, attachment)
    // On a bridge that is not ours.
    if (at === undefined) continue
    const why = unfit(nic, only, { attachment, at })
    if (why === undefined) places.push({ switch: at.name, port: attachment.port })
    else whys.push(why)
  }
  const place = places.find((one) => one.switch === nic.switch) ?? places[0]
  return place ?? { why: whys[0] ?? `no hypervisor has an interface with iface-id ${nic.iface ?? ''}` }
}

function unfit(
  { mac, network }: Nic,
  only: string | undefined,
  { attachment, at }: { readonly attachment: Attachment; readonly at: Switch },
): string | undefined {
  const where = `interface ${attachment.port} of ${at.name}`
  if (attachment.mac !== undefined && attachment.mac !== mac)
    return `${where} is attached with MAC ${macText(attachment.mac)}, and ${macText(mac)} is declared`
  if (only !== undefined && at.name !== only)
    return `${where} is not on ${only}, to which internal network ${network} is confined`
  return undefined
}

const byDatapath = new WeakMap<Intent['switches'], ReadonlyMap<DatapathId, Switch>>()

function switchAt(switches: Intent['switches'], { datapathId, host }: Attachment): Switch | undefined {
  let index = byDatapath.get(switches)
  if (!index) {
    index = new Map([...switches.values()].map((each) => [each.datapathId, each]))
    byDatapath.set(switches, index)
  }
  const at = index.get(datapathId)
  // Only what a bridge's own database says of it counts.
  return at?.role === 'hypervisor' && at.ovsdb?.target === host ? at : undefined
}
