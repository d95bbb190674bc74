/** Keeps the facts of ports up to date: which port number of which switch leads to what. */
import { emptyIntent, type Endpoint, type Intent, type Network } from '../model/intent.ts'
import {
  type Attachment,
  emptyObservation,
  type Observation,
  type Passage,
  type Port,
} from '../model/observation.ts'
import { changedKeys } from '../model/map-changes.ts'
import { cablePorts, FactTable, firstNic, samePortUse, type PortUse, type Reader } from './facts.ts'

/** `datapath/name`. */
type PortName = string

interface PortKey {
  readonly datapathId: string
  readonly no: number
}

const noPorts: ReadonlyMap<string, Port> = new Map()
const noAttachments: NonNullable<Observation['attachments']> = new Map()

const noPassages: NonNullable<Observation['passages']> = new Map()

const portOf = ({ datapathId, port }: Attachment): PortName => `${datapathId}/${port}`

export class PortFacts {
  /** By datapath id; facts by port number. */
  readonly #tables = new Map<string, FactTable<PortUse>>()
  /** The NICs and interfaces that claim a port, and how often. */
  readonly #claims = new Map<PortName, Map<Endpoint, number>>()
  /** The key of the fact that a port name led to. */
  readonly #keys = new Map<PortName, PortKey>()
  /** The address of a hypervisor's database, by datapath id. */
  #databases: ReadonlyMap<string, string> = new Map()
  /** NICs, by id. */
  readonly #nics = new Map<string, Endpoint>()
  /** NICs that are followed, by `iface`. */
  readonly #followed = new Map<string, Endpoint>()
  #cables: ReadonlySet<PortName> = new Set()
  #intent = emptyIntent
  #observation = emptyObservation

  of(datapathId: string): FactTable<PortUse> {
    let table = this.#tables.get(datapathId)
    if (!table) this.#tables.set(datapathId, (table = new FactTable(samePortUse)))
    return table
  }

  /** Returns the readers of what no longer holds. Costs what changed, and a comparison per VM and port. */
  update(intent: Intent, observation: Observation): Set<Reader> {
    const before = { intent: this.#intent, observation: this.#observation }
    const changed = new Set<PortName>()
    if (intent.switches !== before.intent.switches) this.#databases = databasesOf(intent)
    this.#setClaims(intent, changed)
    this.#setPlugged(observation, changed)
    this.#setPassages(intent, observation, changed)
    this.#intent = intent
    this.#observation = observation
    changedPorts(before.observation, observation, changed)
    if (
      before.intent.switches !== intent.switches ||
      before.intent.cables !== intent.cables ||
      before.observation.links !== observation.links
    ) {
      const cables = cablePorts(intent, observation)
      for (const port of cables) if (!this.#cables.has(port)) changed.add(port)
      for (const port of this.#cables) if (!cables.has(port)) changed.add(port)
      this.#cables = cables
    }
    // A network may have another key now.
    if (before.intent.networks !== intent.networks) for (const port of this.#claims.keys()) changed.add(port)
    return this.#refresh(changed)
  }

  #setClaims(intent: Intent, changed: Set<PortName>): void {
    const before = this.#intent
    const sameSwitches = intent.switches === before.switches
    const set = (at: Intent, ends: readonly Endpoint[], change: 'add' | 'delete') => {
      for (const end of ends) this.#claim(at, end, change, changed)
    }
    if (!sameSwitches) {
      for (const { interfaces } of before.switches.values()) set(before, interfaces, 'delete')
      for (const { interfaces } of intent.switches.values()) set(intent, interfaces, 'add')
    }
    const names = (vms: Intent['vms']) =>
      sameSwitches ? changedKeys(before.vms, intent.vms) : [...vms.keys()]
    for (const name of names(before.vms)) set(before, before.vms.get(name)?.nics ?? [], 'delete')
    for (const name of names(intent.vms)) set(intent, intent.vms.get(name)?.nics ?? [], 'add')
  }

  /** A NIC that is followed may be wherever its id is plugged in. */
  #setPlugged({ attachments }: Observation, changed: Set<PortName>): void {
    const before = this.#observation.attachments ?? noAttachments
    const after = attachments ?? noAttachments
    for (const iface of changedKeys(before, after)) {
      const nic = this.#followed.get(iface)
      if (nic === undefined) continue
      for (const one of before.get(iface) ?? []) this.#claimPort(portOf(one), nic, 'delete', changed)
      for (const one of after.get(iface) ?? [])
        if (this.#isOwn(one)) this.#claimPort(portOf(one), nic, 'add', changed)
    }
  }

  /** A NIC under way may be at both ends. */
  #setPassages({ switches }: Intent, { passages }: Observation, changed: Set<PortName>): void {
    const before = this.#observation.passages ?? noPassages
    const after = passages ?? noPassages
    for (const id of changedKeys(before, after)) {
      const nic = this.#nics.get(id)
      if (nic === undefined) continue
      for (const port of endsOf(before.get(id), switches)) this.#claimPort(port, nic, 'delete', changed)
      for (const port of endsOf(after.get(id), switches)) this.#claimPort(port, nic, 'add', changed)
    }
  }

  #claim({ switches }: Intent, nic: Endpoint, change: 'add' | 'delete', changed: Set<PortName>): void {
    if (change === 'add') this.#nics.set(nic.id, nic)
    else this.#nics.delete(nic.id)
    for (const port of endsOf(this.#observation.passages?.get(nic.id), switches))
      this.#claimPort(port, nic, change, changed)
    if (nic.iface !== undefined) {
      if (change === 'add') this.#followed.set(nic.iface, nic)
      else this.#followed.delete(nic.iface)
      const plugged = this.#observation.attachments?.get(nic.iface) ?? []
      for (const one of plugged)
        if (change === 'delete' || this.#isOwn(one)) this.#claimPort(portOf(one), nic, change, changed)
      return
    }
    const host = switches.get(nic.switch)
    if (host?.role === 'hypervisor') this.#claimPort(`${host.datapathId}/${nic.port}`, nic, change, changed)
  }

  /** Whether a bridge's own database said it: another host's may name any datapath id. */
  #isOwn({ datapathId, host }: Attachment): boolean {
    return this.#databases.get(datapathId) === host
  }

  #claimPort(port: PortName, nic: Endpoint, change: 'add' | 'delete', changed: Set<PortName>): void {
    changed.add(port)
    const nics = this.#claims.get(port) ?? new Map<Endpoint, number>()
    const count = (nics.get(nic) ?? 0) + (change === 'add' ? 1 : -1)
    if (count > 0) nics.set(nic, count)
    else nics.delete(nic)
    if (nics.size > 0) this.#claims.set(port, nics)
    else this.#claims.delete(port)
  }

  /** First what goes, then what comes: port numbers may have changed places. */
  #refresh(changed: ReadonlySet<PortName>): Set<Reader> {
    const spoiled = new Set<Reader>()
    const spoil = (readers: Iterable<Reader>) => {
      for (const reader of readers) spoiled.add(reader)
    }
    const next = [...changed].map((port) => ({ port, key: this.#keyOf(port), use: this.#useOf(port) }))
    for (const { port, key, use } of next) {
      const old = this.#keys.get(port)
      if (old === undefined || (old.no === key?.no && use)) continue
      this.#keys.delete(port)
      spoil(this.of(old.datapathId).set(old.no, undefined))
    }
    for (const { port, key, use } of next) {
      if (key === undefined || !use) continue
      this.#keys.set(port, key)
      spoil(this.of(key.datapathId).set(key.no, use))
    }
    return spoiled
  }

  #keyOf(port: PortName): PortKey | undefined {
    const [datapathId, name] = splitAtFirstSlash(port)
    const found = this.#observation.switches.get(datapathId)?.ports.get(name)
    return found && { datapathId, no: found.no }
  }

  #useOf(port: PortName): PortUse | undefined {
    if (this.#cables.has(port)) return { kind: 'cable', name: splitAtFirstSlash(port)[1] }
    const nic = firstNic(this.#claims.get(port)?.keys() ?? [])
    const network = nic && this.#intent.networks.get(nic.network)
    if (!network || !this.#mayHave(network, port)) return undefined
    return { kind: 'nic', network: network.key, own: nic.vm === undefined }
  }

  /** A hypervisor may plug in what it likes where it likes; an internal network stays where it is all the same. */
  #mayHave({ switch: only }: Network, port: PortName): boolean {
    if (only === undefined) return true
    return this.#intent.switches.get(only)?.datapathId === splitAtFirstSlash(port)[0]
  }
}

/** Those ends whose port is told by the passage itself. */
function endsOf(passage: Passage | undefined, switches: Intent['switches']): PortName[] {
  if (!passage) return []
  return [passage.from, passage.to].flatMap(({ switch: name, port }) => {
    const host = switches.get(name)
    return host?.role === 'hypervisor' && port !== undefined ? [`${host.datapathId}/${port}`] : []
  })
}

function databasesOf({ switches }: Intent): ReadonlyMap<string, string> {
  const managed = [...switches.values()].flatMap(({ datapathId, role, ovsdb }) =>
    role === 'hypervisor' && ovsdb ? [[datapathId, ovsdb.target] as const] : [],
  )
  return new Map(managed)
}

/** Interface names may contain slashes, datapath ids never. */
function splitAtFirstSlash(port: PortName): [string, string] {
  const at = port.indexOf('/')
  return [port.slice(0, at), port.slice(at + 1)]
}

function changedPorts(before: Observation, after: Observation, changed: Set<PortName>): void {
  for (const [id, { ports }] of before.switches) {
    const now = after.switches.get(id)?.ports ?? noPorts
    if (now !== ports)
      for (const name of ports.keys()) if (now.get(name) !== ports.get(name)) changed.add(`${id}/${name}`)
  }
  for (const [id, { ports }] of after.switches) {
    const old = before.switches.get(id)?.ports ?? noPorts
    if (old !== ports) for (const name of ports.keys()) if (!old.has(name)) changed.add(`${id}/${name}`)
  }
}
