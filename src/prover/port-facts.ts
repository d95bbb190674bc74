/** Keeps the facts of ports up to date: which port number of which switch leads to what. */
import { emptyIntent, type Intent, type Nic, type Vm } from '../model/intent.ts'
import { emptyObservation, type Observation, type Port } from '../model/observation.ts'
import { cablePorts, FactTable, firstNic, samePortUse, type PortUse, type Reader } from './facts.ts'

/** `datapath/name`. */
type PortName = string

interface PortKey {
  readonly datapathId: string
  readonly no: number
}

const noPorts: ReadonlyMap<string, Port> = new Map()

export class PortFacts {
  /** By datapath id; facts by port number. */
  readonly #tables = new Map<string, FactTable<PortUse>>()
  /** The NICs that claim a port. */
  readonly #claims = new Map<PortName, Set<Nic>>()
  /** The key of the fact that a port name led to. */
  readonly #keys = new Map<PortName, PortKey>()
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
    this.#setClaims(intent, changed)
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
    const forget = (old: Vm | undefined) => {
      for (const nic of old?.nics ?? []) this.#claim(before, nic, 'delete', changed)
    }
    for (const [name, old] of before.vms) if (!sameSwitches || intent.vms.get(name) !== old) forget(old)
    for (const [name, vm] of intent.vms) {
      if (sameSwitches && before.vms.get(name) === vm) continue
      for (const nic of vm.nics) this.#claim(intent, nic, 'add', changed)
    }
  }

  #claim({ switches }: Intent, nic: Nic, change: 'add' | 'delete', changed: Set<PortName>): void {
    const host = switches.get(nic.switch)
    if (host?.role !== 'hypervisor') return
    const port = `${host.datapathId}/${nic.port}`
    changed.add(port)
    const nics = this.#claims.get(port) ?? new Set<Nic>()
    nics[change](nic)
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
    if (this.#cables.has(port)) return { kind: 'cable' }
    const nic = firstNic(this.#claims.get(port) ?? [])
    const network = nic && this.#intent.networks.get(nic.network)
    return network && { kind: 'nic', network: network.key }
  }
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
