/**
 * Holds the current observation and keeps its durable copy: after a restart the world is the one last seen, so the
 * program is the one already installed, until switches report otherwise.
 */
import type { DatapathId, Link, Observation, ObservedSwitch, Port } from '../model/observation.ts'
import type { Store } from '../store/store.ts'

const rememberedAs = 'observation'

interface Remembered {
  readonly switches: readonly { readonly datapathId: DatapathId; readonly ports: readonly Port[] }[]
  readonly links: readonly Link[]
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
    if (kept.length === this.#observation.switches.size) return
    this.#change({ ...this.#observation, switches: new Map(kept) })
  }

  linksSeen(links: readonly Link[]): void {
    if (links === this.#observation.links) return
    this.#change({ ...this.#observation, links })
  }

  /** Resolves when the durable copy is up to date, or has failed. */
  async close(): Promise<void> {
    while (this.#writing) await this.#writing
  }

  #change(observation: Observation): void {
    this.#observation = observation
    this.#dirty = true
    this.#writing ??= this.#write()
    this.#listener?.onChange()
  }

  /** One write at a time; changes that come meanwhile go together into the next. */
  async #write(): Promise<void> {
    while (this.#dirty) {
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

function remembered({ switches, links }: Observation): Remembered {
  return {
    switches: [...switches.values()].map(({ datapathId, ports }) => ({
      datapathId,
      ports: [...ports.values()],
    })),
    links,
  }
}

function restored(value: unknown): Observation {
  const { switches = [], links = [] } = (value ?? {}) as Partial<Remembered>
  return {
    switches: new Map(
      switches.map(({ datapathId, ports }) => [
        datapathId,
        { datapathId, ports: new Map(ports.map((port) => [port.name, port])) },
      ]),
    ),
    links,
  }
}
