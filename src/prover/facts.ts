/**
 * What the prover holds true of ports and networks, derived from intent and observation by code of its own.
 * Every fact is a permission and remembers which chunks relied on it: a new fact can spoil nothing that was proved,
 * a lost or changed one sends its readers back to be proved again.
 */
import type { Endpoint, Intent, Network } from '../model/intent.ts'
import type { DatapathId, Observation } from '../model/observation.ts'
import type { Chunk } from '../compiler/program.ts'

/** `nic` leads to a VM of a network, or to the hypervisor's `own` interface; `cable` to another switch or a segment. */
export type PortUse =
  | { readonly kind: 'nic'; readonly network: number; readonly own: boolean }
  | { readonly kind: 'cable'; readonly name: string }

export interface NetworkFact {
  /** Absent for internal networks. */
  readonly vlan?: number
  /** No VM is in it. */
  readonly reserved: boolean
  /** By hypervisor: the names of the only uplinks that it may take there. */
  readonly pins: ReadonlyMap<DatapathId, ReadonlySet<string>>
  /** By hypervisor: the MACs of NICs that have left it and are elsewhere, as every other switch knows. */
  readonly left: ReadonlyMap<DatapathId, ReadonlySet<number>>
}

/** Where a chunk stands and on what it relied. */
export interface Reader {
  readonly datapathId: string
  readonly chunk: Chunk
}

export type Passages = NonNullable<Observation['passages']>

interface Fact<T> {
  value: T
  readonly readers: Set<Reader>
}

/** A chunk that relied on more facts than this is proved again when any fact is lost, instead of being listed at each. */
const mostListed = 64

/** Facts of one kind by number: the ports of a switch, or the keys of networks. */
export class FactTable<T> {
  readonly #facts = new Map<number, Fact<T>>()
  readonly #same: (a: T, b: T) => boolean
  /** Readers of very many facts. */
  readonly #wide = new Set<Reader>()

  constructor(same: (a: T, b: T) => boolean) {
    this.#same = same
  }

  /** `listed` collects where the reader is listed; give the same to `release`. */
  read(key: number, reader: Reader, listed: Set<number>): T | undefined {
    const fact = this.#facts.get(key)
    if (listed.size >= mostListed) this.#wide.add(reader)
    else if (fact) {
      fact.readers.add(reader)
      listed.add(key)
    }
    return fact?.value
  }

  release(reader: Reader, listed: Set<number>): void {
    for (const key of listed) this.#facts.get(key)?.readers.delete(reader)
    listed.clear()
    this.#wide.delete(reader)
  }

  /** Returns those who relied on what is no longer so. */
  set(key: number, value: T | undefined): readonly Reader[] {
    const fact = this.#facts.get(key)
    if (fact && value !== undefined && this.#same(fact.value, value)) return []
    if (value === undefined) this.#facts.delete(key)
    else this.#facts.set(key, { value, readers: new Set() })
    return fact ? [...fact.readers, ...this.#wide] : []
  }
}

export function samePortUse(a: PortUse, b: PortUse): boolean {
  return a.kind === 'nic'
    ? b.kind === 'nic' && a.network === b.network && a.own === b.own
    : b.kind === 'cable' && a.name === b.name
}

export function sameNetworkFact(a: NetworkFact, b: NetworkFact): boolean {
  return (
    a.vlan === b.vlan && a.reserved === b.reserved && sameSets(a.pins, b.pins) && sameSets(a.left, b.left)
  )
}

function sameSets<T>(
  a: ReadonlyMap<DatapathId, ReadonlySet<T>>,
  b: ReadonlyMap<DatapathId, ReadonlySet<T>>,
): boolean {
  return (
    a.size === b.size &&
    [...a].every(([id, items]) => {
      const others = b.get(id)
      return others?.size === items.size && [...items].every((item) => others.has(item))
    })
  )
}

/** Facts of networks by key. Keys and VLANs that two networks claim belong to neither. */
export function networkFacts(intent: Intent, passages: Passages = new Map()): Map<number, NetworkFact> {
  const networks = [...intent.networks.values()]
  const keys = countBy(networks, ({ key }) => key)
  const vlans = countBy(networks, (network) => vlanOf(network))
  const facts = new Map<number, NetworkFact>()
  for (const network of networks) {
    const vlan = vlanOf(network)
    if (keys.get(network.key) !== 1 || network.key === 0) continue
    const reserved = network.kind === 'storage' || network.kind === 'migration'
    const fact = {
      reserved,
      pins: pinsOf(network.name, intent),
      left: leftOf(network.name, intent, passages),
    }
    if (vlan === undefined) facts.set(network.key, fact)
    else if (vlans.get(vlan) === 1) facts.set(network.key, { ...fact, vlan })
  }
  return facts
}

function vlanOf({ kind, vlan }: Network): number | undefined {
  return kind === 'internal' ? undefined : vlan
}

function pinsOf(network: string, { switches }: Intent): NetworkFact['pins'] {
  const pins = new Map<DatapathId, Set<string>>()
  for (const { datapathId, interfaces } of switches.values())
    for (const one of interfaces) {
      if (one.network !== network || one.uplink === undefined) continue
      pins.set(datapathId, (pins.get(datapathId) ?? new Set()).add(one.uplink))
    }
  return pins
}

function leftOf(network: string, { vms, switches }: Intent, passages: Passages): NetworkFact['left'] {
  const left = new Map<DatapathId, Set<number>>()
  for (const [id, { from, to, stage }] of passages) {
    const nic = vms.get(id.slice(0, id.indexOf('/')))?.nics.find((one) => one.id === id)
    const source = switches.get(from.switch)?.datapathId
    if (nic?.network !== network || source === undefined || from.switch === to.switch) continue
    if (stage === 'returning') left.set(source, (left.get(source) ?? new Set()).add(nic.mac))
  }
  return left
}

function countBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, number> {
  const counts = new Map<K, number>()
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1)
  return counts
}

/**
 * Names of the ports of declared switches that lead to other switches, as `datapath/port`: uplinks, and ports of fabric
 * switches that a probe proved or a declared cable is plugged in.
 */
export function cablePorts({ switches, cables: declared }: Intent, { links }: Observation): Set<string> {
  const cables = new Set<string>()
  const fabric = new Set<string>()
  for (const { datapathId, role, uplinks } of switches.values()) {
    if (role === 'fabric') fabric.add(datapathId)
    for (const { port } of uplinks) cables.add(`${datapathId}/${port}`)
  }
  for (const { ends } of declared) {
    for (const end of ends) {
      const at = switches.get(end.switch)
      if (at?.role === 'fabric') cables.add(`${at.datapathId}/${end.port}`)
    }
  }
  for (const { from } of links) if (fabric.has(from.datapathId)) cables.add(`${from.datapathId}/${from.port}`)
  return cables
}

/** Whose a port is: of several NICs or interfaces that claim it, the one whose id sorts first. */
export function firstNic(claims: Iterable<Endpoint>): Endpoint | undefined {
  let first: Endpoint | undefined
  for (const nic of claims) if (!first || nic.id < first.id) first = nic
  return first
}
