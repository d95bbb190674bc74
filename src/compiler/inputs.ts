/**
 * What the compiler reads: intent and observation as cells, filled by comparing each new value with the one before.
 * Entities that kept their identity cost one comparison; index cells follow in the same pass.
 */
import {
  type Cable,
  emptyIntent,
  type Endpoint,
  type HostInterface,
  type Intent,
  type Network,
  type Switch,
  type TrafficClass,
} from '../model/intent.ts'
import type { Located, Unplugged } from '../model/located.ts'
import {
  emptyObservation,
  type Link,
  type Observation,
  type Port,
  type Unsteady,
  type SlotTable,
} from '../model/observation.ts'
import { changedKeys } from '../model/map-changes.ts'
import { fnv1a32 } from '../pipeline/hash.ts'
import { deepEqual } from './equal.ts'
import { SortedIndex } from './index-cells.ts'
import type { Cells, Memo, Read } from './memo.ts'

/** All reads are recorded. */
export interface Inputs {
  readonly switchNamed: Read<Switch | undefined>
  readonly network: Read<Network | undefined>
  /** By id: a VM's NIC, the end of its passage where it does not run, or an interface of a hypervisor; so wherever this speaks of NICs. */
  readonly nic: Read<Endpoint | undefined>
  /** By switch and network: the only uplinks that the network may take there; undefined where any will do. */
  readonly pins: Read<readonly string[] | undefined>
  /** Name of the switch that was declared with a datapath id. */
  readonly switchNameOf: Read<string | undefined>
  /** By datapath id and interface name. */
  readonly port: Read<Port | undefined>
  /** By datapath id; undefined where nobody says. */
  readonly datapathType: Read<string | undefined>
  /** In bytes, by datapath id and interface name; undefined where nobody says. */
  readonly mtu: Read<number | undefined>
  /** By datapath id. */
  readonly unsteady: Read<Unsteady | undefined>
  /** Interface name by datapath id and port number. */
  readonly portName: Read<string | undefined>
  readonly links: Read<readonly Link[] | undefined>
  /** Declared. */
  readonly cables: Read<readonly Cable[] | undefined>
  /** NICs that are nowhere. */
  readonly unplugged: Read<readonly Unplugged[] | undefined>
  /** By datapath id: how slots of flows were dealt before. */
  readonly slotTables: Read<readonly SlotTable[] | undefined>
  /** By name; undefined when it is not declared. */
  readonly trafficClass: Read<TrafficClass | undefined>
  /** Sorted lists. */
  readonly classNames: Read<readonly string[]>
  readonly switchNames: Read<readonly string[]>
  readonly networkNames: Read<readonly string[]>
  readonly observedDatapaths: Read<readonly string[]>
  /**
   * Bucket ids of a network (first) on a switch (second, by name). NICs that share both are spread over buckets, so
   * that one more of them concerns the few in its bucket and not thousands.
   */
  readonly bucketsOf: Read<readonly string[]>
  /** NIC ids of a bucket. */
  readonly nicsIn: Read<readonly string[]>
  /** NIC ids at a switch's (by name) port. */
  readonly nicsAt: Read<readonly string[]>
  /** Names of switches where a network has NICs. */
  readonly switchesOf: Read<readonly string[]>
  /** Names of networks that have NICs on a switch. */
  readonly networksOn: Read<readonly string[]>
}

export class InputCells {
  readonly inputs: Inputs
  readonly #switches: Cells<Switch>
  readonly #networks: Cells<Network>
  readonly #nics: Cells<Endpoint>
  readonly #pins: Cells<readonly string[]>
  readonly #switchNameOf: Cells<string>
  readonly #ports: Cells<Port>
  readonly #datapathTypes: Cells<string>
  readonly #mtus: Cells<number>
  readonly #unsteady: Cells<Unsteady>
  readonly #portNames: Cells<string>
  readonly #links: Cells<readonly Link[]>
  readonly #cables: Cells<readonly Cable[]>
  readonly #classes: Cells<TrafficClass>
  readonly #unplugged: Cells<readonly Unplugged[]>
  readonly #slotTables: Cells<readonly SlotTable[]>
  readonly #names: SortedIndex
  readonly #bucketsOf: SortedIndex
  readonly #nicsIn: SortedIndex
  readonly #nicsAt: SortedIndex
  readonly #placesOf: SortedIndex
  #passing: readonly Endpoint[] = []
  #intent = emptyIntent
  #observation = emptyObservation

  constructor(memo: Memo) {
    this.#switches = memo.cells<Switch>(deepEqual)
    this.#networks = memo.cells<Network>(deepEqual)
    this.#nics = memo.cells<Endpoint>(deepEqual)
    this.#pins = memo.cells<readonly string[]>(deepEqual)
    this.#switchNameOf = memo.cells<string>()
    this.#ports = memo.cells<Port>(deepEqual)
    this.#datapathTypes = memo.cells<string>()
    this.#mtus = memo.cells<number>()
    this.#unsteady = memo.cells<Unsteady>(deepEqual)
    this.#portNames = memo.cells<string>()
    this.#links = memo.cells<readonly Link[]>(deepEqual)
    this.#cables = memo.cells<readonly Cable[]>(deepEqual)
    this.#classes = memo.cells<TrafficClass>(deepEqual)
    this.#unplugged = memo.cells<readonly Unplugged[]>(deepEqual)
    this.#slotTables = memo.cells<readonly SlotTable[]>(deepEqual)
    this.#names = new SortedIndex(memo)
    this.#bucketsOf = new SortedIndex(memo)
    this.#nicsIn = new SortedIndex(memo)
    this.#nicsAt = new SortedIndex(memo)
    this.#placesOf = new SortedIndex(memo)
    this.inputs = {
      switchNamed: this.#switches.read,
      network: this.#networks.read,
      nic: this.#nics.read,
      pins: this.#pins.read,
      switchNameOf: this.#switchNameOf.read,
      port: this.#ports.read,
      datapathType: this.#datapathTypes.read,
      mtu: this.#mtus.read,
      unsteady: this.#unsteady.read,
      portName: this.#portNames.read,
      links: this.#links.read,
      cables: this.#cables.read,
      trafficClass: this.#classes.read,
      classNames: () => this.#names.read('classes'),
      unplugged: this.#unplugged.read,
      slotTables: this.#slotTables.read,
      switchNames: () => this.#names.read('switches'),
      networkNames: () => this.#names.read('networks'),
      observedDatapaths: () => this.#names.read('observed'),
      bucketsOf: this.#bucketsOf.read,
      nicsIn: this.#nicsIn.read,
      nicsAt: this.#nicsAt.read,
      switchesOf: (network) => this.#placesOf.read('network', network),
      networksOn: (switchName) => this.#placesOf.read('switch', switchName),
    }
  }

  set({ intent, unplugged, passing }: Located, observation: Observation): void {
    this.#unplugged.set('', '', unplugged)
    if (passing !== this.#passing) this.#setEndpoints(this.#passing, passing)
    this.#passing = passing
    if (intent !== this.#intent) this.#setIntent(intent)
    if (observation !== this.#observation) this.#setObservation(observation)
    const indexes = [this.#names, this.#bucketsOf, this.#nicsIn, this.#nicsAt, this.#placesOf]
    for (const index of indexes) index.publish()
  }

  #setIntent(next: Intent): void {
    const before = this.#intent
    this.#intent = next
    this.#cables.set('', '', next.cables)
    compareMaps(before.switches, next.switches, (name, old, now) => {
      this.#switches.set(name, '', now)
      this.#names.change('switches', '', name, old, now)
      if (old && old.datapathId !== now?.datapathId && this.#switchNameOf.peek(old.datapathId) === name) {
        this.#switchNameOf.set(old.datapathId, '', undefined)
      }
      if (now) this.#switchNameOf.set(now.datapathId, '', name)
      this.#setEndpoints(old?.interfaces ?? [], now?.interfaces ?? [])
      this.#setPins(name, old?.interfaces ?? [], now?.interfaces ?? [])
    })
    compareMaps(before.classes, next.classes, (name, old, now) => {
      this.#classes.set(name, '', now)
      this.#names.change('classes', '', name, old, now)
    })
    compareMaps(before.networks, next.networks, (name, old, now) => {
      this.#networks.set(name, '', now)
      this.#names.change('networks', '', name, old, now)
    })
    compareMaps(before.vms, next.vms, (_, old, now) => {
      this.#setEndpoints(old?.nics ?? [], now?.nics ?? [])
    })
  }

  #setEndpoints(old: readonly Endpoint[], now: readonly Endpoint[]): void {
    const kept = new Set(now)
    for (const nic of old) if (!kept.has(nic)) this.#indexNic(nic, 'delete')
    const known = new Set(old)
    for (const nic of now) if (!known.has(nic)) this.#indexNic(nic, 'add')
    const ids = new Set(now.map(({ id }) => id))
    for (const { id } of old) if (!ids.has(id)) this.#nics.set(id, '', undefined)
    for (const nic of now) this.#nics.set(nic.id, '', nic)
  }

  #setPins(host: string, old: readonly HostInterface[], now: readonly HostInterface[]): void {
    for (const network of new Set([...old, ...now].map((one) => one.network))) {
      const uplinks = now.flatMap((one) => (one.network === network ? (one.uplink ?? []) : []))
      this.#pins.set(host, network, uplinks.length > 0 ? [...new Set(uplinks)].toSorted() : undefined)
    }
  }

  #indexNic(nic: Endpoint, change: 'add' | 'delete'): void {
    const { id, network, switch: host, port } = nic
    const bucket = bucketOf(nic)
    const turned = change === 'add' ? 1 : 0
    this.#nicsAt[change](host, port, id)
    this.#nicsIn[change](bucket, '', id)
    if (this.#nicsIn.count(bucket, '') !== turned) return
    this.#bucketsOf[change](network, host, bucket)
    if (this.#bucketsOf.count(network, host) !== turned) return
    this.#placesOf[change]('network', network, host)
    this.#placesOf[change]('switch', host, network)
  }

  #setObservation(next: Observation): void {
    const before = this.#observation
    this.#observation = next
    this.#links.set('', '', next.links)
    compareMaps(before.unsteady ?? allSteady, next.unsteady ?? allSteady, (id, _, now) => {
      this.#unsteady.set(id, '', now)
    })
    compareMaps(before.switches, next.switches, (id, old, now) => {
      this.#names.change('observed', '', id, old, now)
      const named = new Map<number, string | undefined>()
      compareMaps(old?.ports ?? noPorts, now?.ports ?? noPorts, (name, before, port) => {
        this.#ports.set(id, name, port)
        if (before && !named.has(before.no)) named.set(before.no, undefined)
        if (port) named.set(port.no, name)
      })
      for (const [no, name] of named) this.#portNames.set(id, String(no), name)
    })
    compareMaps(before.datapathTypes ?? noTypes, next.datapathTypes ?? noTypes, (id, _, type) => {
      this.#datapathTypes.set(id, '', type)
    })
    compareMaps(before.mtus ?? noMtus, next.mtus ?? noMtus, (id, old, now) => {
      compareMaps(old ?? noMtu, now ?? noMtu, (port, _, mtu) => {
        this.#mtus.set(id, port, mtu)
      })
    })
    compareMaps(before.slots ?? noTables, next.slots ?? noTables, (id, _, tables) => {
      this.#slotTables.set(id, '', tables)
    })
  }
}

const bucketCount = 64

function bucketOf({ id, network, switch: host }: Endpoint): string {
  const number = fnv1a32(id) % bucketCount
  return `${network}/${host}/${String(number).padStart(2, '0')}`
}

/** Of those of one network on one switch. */
export const bucketNumberOf = (bucket: string): number => Number(bucket.slice(bucket.lastIndexOf('/') + 1))

const allSteady: ReadonlyMap<string, Unsteady> = new Map()
const noTypes: NonNullable<Observation['datapathTypes']> = new Map()
const noMtu: ReadonlyMap<string, number> = new Map()
const noMtus: NonNullable<Observation['mtus']> = new Map()
const noPorts: ReadonlyMap<string, Port> = new Map()
const noTables: NonNullable<Observation['slots']> = new Map()

/** Calls `changed` for every key whose value differs by identity. */
function compareMaps<V>(
  before: ReadonlyMap<string, V>,
  after: ReadonlyMap<string, V>,
  changed: (key: string, before: V | undefined, after: V | undefined) => void,
): void {
  const values = changedKeys(before, after).map((key) => [key, before.get(key), after.get(key)] as const)
  // First what goes, then what comes: a name may have passed from one to the other.
  for (const [key, old, now] of values) if (now === undefined) changed(key, old, now)
  for (const [key, old, now] of values) if (now !== undefined && old !== now) changed(key, old, now)
}
