/**
 * Holds the current observation and keeps its durable copy: after a restart the world is the one last seen, so the
 * program is the one already installed, until switches report otherwise.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type {
  Attachment,
  DatapathId,
  Link,
  Observation,
  ObservedSwitch,
  Port,
  SlotTable,
  Unsteady,
} from '../model/observation.ts'
import { withChanges } from '../model/map-changes.ts'
import { isSlotTable, keyOfPorts, remember } from '../pipeline/deal.ts'
import type { Store } from '../store/store.ts'

const rememberedAs = 'observation'
/** The durable copy may be so much behind: writing it is work that what has just been seen need not wait for. */
const writeDelayMs = 500

const noTables: readonly SlotTable[] = []

interface Remembered {
  readonly switches: readonly { readonly datapathId: DatapathId; readonly ports: readonly Port[] }[]
  readonly links: readonly Link[]
  /** With their `iface-id`. */
  readonly attachments?: readonly (readonly [string, readonly Attachment[]])[]
  readonly unsteady?: readonly (readonly [DatapathId, Unsteady])[]
  /** With their datapath id. */
  readonly slots?: readonly (readonly [DatapathId, readonly SlotTable[]])[]
}

/** An attachment that came or went, with its `iface-id`. */
export interface Plug extends Attachment {
  readonly ifaceId: string
}

export interface PlugChanges {
  readonly added: readonly Plug[]
  readonly removed: readonly Plug[]
}

export interface ObserverListener {
  /** Called after the observation changed. */
  readonly onChange: () => void
  /** The durable copy could not be written; forwarding goes on without it. */
  readonly onStoreError: (error: unknown) => void
}

export class Observer {
  readonly #store: Pick<Store, 'remember'>
  #listener: ObserverListener | undefined
  #observation: Observation
  /** What a program's tables left to be remembered: while that stays so, there is nothing to look at. */
  readonly #dealt = new WeakMap<readonly SlotTable[], readonly SlotTable[]>()
  readonly #closing = new AbortController()
  #writing: Promise<void> | undefined
  #dirty = false

  private constructor(store: Pick<Store, 'remember'>, observation: Observation) {
    this.#store = store
    this.#observation = observation
  }

  /** Starts from what was last seen, when there is such a thing. */
  static async open(store: Pick<Store, 'remember' | 'recall'>): Promise<Observer> {
    return new Observer(store, restored(await store.recall(rememberedAs)))
  }

  /** One listener; call it before anything is seen. */
  listen(listener: ObserverListener): void {
    this.#listener = listener
  }

  get observation(): Observation {
    return this.#observation
  }

  switchSeen(seen: ObservedSwitch): void {
    if (this.#observation.switches.get(seen.datapathId) === seen) return
    const switches = new Map(this.#observation.switches).set(seen.datapathId, seen)
    this.#change({ ...this.#observation, switches })
  }

  /** Forgets switches that are neither declared nor connected. */
  keepOnly(keep: (id: DatapathId) => boolean): void {
    const kept = [...this.#observation.switches].filter(([id]) => keep(id))
    const slots = [...this.#slots].filter(([id]) => keep(id))
    if (kept.length === this.#observation.switches.size && slots.length === this.#slots.size) return
    this.#change({ ...this.#observation, switches: new Map(kept), slots: new Map(slots) })
  }

  /** The tables that the switches' programs now have. One that is known stays: it may have been changed meanwhile. */
  slotsDealt(
    programs: Iterable<{ readonly datapathId: DatapathId; readonly slots: readonly SlotTable[] }>,
  ): void {
    let slots: Observation['slots']
    for (const { datapathId, slots: used } of programs) {
      const before = this.#slots.get(datapathId) ?? noTables
      if (this.#dealt.get(used) === before) continue
      const known = new Map(before.map((table) => [keyOfPorts(table.ports), table]))
      const next = remember(
        used.map((table) => known.get(keyOfPorts(table.ports)) ?? table),
        before,
      )
      const same = next.length === before.length && next.every((table, index) => table === before[index])
      this.#dealt.set(used, same ? before : next)
      if (!same) slots = new Map(slots ?? this.#slots).set(datapathId, next)
    }
    if (slots) this.#change({ ...this.#observation, slots })
  }

  /** One table is another one now, for the same ports. */
  slotsMoved(datapathId: DatapathId, table: SlotTable): void {
    const key = keyOfPorts(table.ports)
    const before = this.#slots.get(datapathId) ?? []
    if (!before.some(({ ports }) => keyOfPorts(ports) === key)) return
    const next = before.map((one) => (keyOfPorts(one.ports) === key ? table : one))
    this.#change({ ...this.#observation, slots: new Map(this.#slots).set(datapathId, next) })
  }

  get #slots(): NonNullable<Observation['slots']> {
    return this.#observation.slots ?? new Map<DatapathId, readonly SlotTable[]>()
  }

  linksSeen(links: readonly Link[]): void {
    if (links === this.#observation.links) return
    this.#change({ ...this.#observation, links })
  }

  unsteadySeen(unsteady: ReadonlyMap<DatapathId, Unsteady>): void {
    this.#change({ ...this.#observation, unsteady })
  }

  /** Those under way now. Not remembered here: moves are. */
  passagesSeen(passages: NonNullable<Observation['passages']>): void {
    this.#change({ ...this.#observation, passages })
  }

  /** Of several places of a NIC, the one on this switch counts from now on. */
  preferPlug(ifaceId: string, datapathId: DatapathId): void {
    const list = this.#attachments.get(ifaceId) ?? []
    const first = list.filter((one) => one.datapathId === datapathId)
    if (first.length === 0 || first[0] === list[0]) return
    const rest = list.filter((one) => one.datapathId !== datapathId)
    const attachments = new Map(this.#attachments).set(ifaceId, [...first, ...rest])
    this.#change({ ...this.#observation, attachments })
  }

  /** Those of all switches whose database says. */
  mtusSeen(mtus: NonNullable<Observation['mtus']>): void {
    this.#change({ ...this.#observation, mtus })
  }

  /** Those of all switches whose database says. */
  datapathTypesSeen(datapathTypes: NonNullable<Observation['datapathTypes']>): void {
    this.#change({ ...this.#observation, datapathTypes })
  }

  /** All that a host has, whatever was known of it. */
  pluggedAre(host: string, plugs: readonly Plug[]): void {
    const keyOf = ({ ifaceId, datapathId, port, mac }: Plug) =>
      `${ifaceId} ${datapathId} ${port} ${mac ?? ''}`
    const now = new Map(plugs.map((plug) => [keyOf(plug), plug]))
    const removed: Plug[] = []
    for (const [ifaceId, list] of this.#attachments)
      for (const one of list)
        if (one.host === host && !now.delete(keyOf({ ifaceId, ...one }))) removed.push({ ifaceId, ...one })
    this.pluggedChanged({ added: [...now.values()], removed })
  }

  pluggedChanged({ added, removed }: PlugChanges): void {
    if (added.length + removed.length === 0) return
    const changed = new Map<string, readonly Attachment[]>()
    const listOf = (ifaceId: string) => changed.get(ifaceId) ?? this.#attachments.get(ifaceId) ?? []
    const isSame = (a: Attachment, b: Attachment) =>
      a.host === b.host && a.datapathId === b.datapathId && a.port === b.port
    for (const { ifaceId, ...gone } of removed)
      changed.set(
        ifaceId,
        listOf(ifaceId).filter((one) => !isSame(one, gone)),
      )
    for (const { ifaceId, ...one } of added) changed.set(ifaceId, [...listOf(ifaceId), one])
    const attachments = withChanges(
      this.#attachments,
      [...changed].map(([ifaceId, list]) => [ifaceId, list.length > 0 ? list : undefined] as const),
    )
    this.#change({ ...this.#observation, attachments })
  }

  get #attachments(): NonNullable<Observation['attachments']> {
    return this.#observation.attachments ?? new Map<string, readonly Attachment[]>()
  }

  /** Resolves when the durable copy is up to date, or has failed. */
  async close(): Promise<void> {
    this.#closing.abort()
    while (this.#writing) await this.#writing
  }

  #change(observation: Observation): void {
    this.#observation = observation
    this.#dirty = true
    this.#listener?.onChange()
    this.#writing ??= this.#write()
  }

  /** One write at a time; changes that come meanwhile go together into the next. */
  async #write(): Promise<void> {
    while (this.#dirty) {
      // Cut short when closing.
      await sleep(writeDelayMs, undefined, { signal: this.#closing.signal }).catch(() => undefined)
      this.#dirty = false
      try {
        await this.#store.remember(rememberedAs, remembered(this.#observation))
      } catch (error) {
        this.#listener?.onStoreError(error)
      }
    }
    this.#writing = undefined
  }
}

function remembered({
  switches,
  links,
  attachments = new Map(),
  unsteady = new Map(),
  slots = new Map(),
}: Observation): Remembered {
  return {
    switches: [...switches.values()].map(({ datapathId, ports }) => ({
      datapathId,
      ports: [...ports.values()],
    })),
    links,
    attachments: [...attachments],
    unsteady: [...unsteady],
    slots: [...slots],
  }
}

function restored(value: unknown): Observation {
  const {
    switches = [],
    links = [],
    attachments = [],
    unsteady = [],
    slots = [],
  } = (value ?? {}) as Partial<Remembered>
  return {
    switches: new Map(
      switches.map(({ datapathId, ports }) => [
        datapathId,
        { datapathId, ports: new Map(ports.map((port) => [port.name, port])) },
      ]),
    ),
    links,
    attachments: new Map(attachments),
    unsteady: new Map(unsteady),
    slots: new Map(slots.map(([id, tables]) => [id, tables.filter(isSlotTable)])),
  }
}
