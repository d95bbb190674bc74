/**
 * Measures what teams and equal paths carry, and moves slots of flows where that stays uneven. Ports are read every two
 * seconds, slots only where ports carry unequal loads. A move is observed like anything else: the compiler makes the rules, the
 * prover sees them and the reconciler sends them; it is told once the switch itself reports the moved rules.
 */
import type { Program } from '../compiler/program.ts'
import type { DatapathId, Observation, SlotTable } from '../model/observation.ts'
import { keyOfPorts, withMoved } from '../pipeline/deal.ts'
import { tables } from '../pipeline/tables.ts'
import type { LiveSwitch } from '../switches/live-switch.ts'
import { type PortRate, type PortReading, portRates } from '../teaming/port-rates.ts'
import { imbalanceOf, loadsOf, rebalance } from '../teaming/rebalance.ts'
import {
  type PathRules,
  pathRules,
  slotBytes,
  type SlotReading,
  slotReading,
} from '../teaming/slot-readings.ts'
import { isDue, isUneven, newWatch, rested, type Watch, watched } from '../teaming/watch.ts'
import type { Timers } from './timers.ts'

export interface TeamLoadsOptions {
  readonly timers: Pick<Timers, 'after'>
  /** Monotonic milliseconds. */
  readonly clockMs: () => number
  readonly live: (id: DatapathId) => Pick<LiveSwitch, 'readFlows' | 'readPortCounters'> | undefined
  readonly observation: () => Observation
  /** Slots have other ports now. */
  readonly move: (id: DatapathId, table: SlotTable) => void
  readonly onRebalanced: (id: DatapathId, rebalanced: Rebalanced) => void
}

export interface Rebalanced {
  /** Those that share the slots. */
  readonly ports: readonly string[]
  /** How many slots moved. */
  readonly slots: number
  /** Bytes on the busiest port by its fair share, as measured. */
  readonly before: number
  /** The same bytes, had they gone as they go now. */
  readonly after: number
}

/** Between two readings. */
export const readEveryMs = 2_000
/** Switches whose slots are read in that time: 256 rules take 1.5 ms of our own, 1,024 take 6 ms. */
const mostSlotReads = 16
/** Readings that are kept: two intervals, over which a plan is made. */
const readingsKept = 3

interface TableLoad {
  readings: readonly SlotReading[]
  watch: Watch
  /** On its way to the switch. */
  moved: Rebalanced | undefined
}

interface SwitchLoad {
  readonly live: object
  /** A read is under way. */
  busy: boolean
  ports: PortReading | undefined
  rates: ReadonlyMap<number, PortRate>
  /** By the key of their ports. */
  readonly tables: Map<string, TableLoad>
}

export class TeamLoads {
  readonly #options: TeamLoadsOptions
  readonly #switches = new Map<DatapathId, SwitchLoad>()
  #program: Program = { switches: new Map(), obstacles: [] }
  #teamed: ReadonlySet<DatapathId> = new Set()
  #slotReadsLeft = mostSlotReads
  /** Who is asked first changes, so that nobody always comes too late. */
  #turn = 0

  constructor(options: TeamLoadsOptions) {
    this.#options = options
    this.#later()
  }

  /** `teamed`: switches of which loads are shown, whether or not slots are there to be moved. */
  follow(program: Program, teamed: ReadonlySet<DatapathId>): void {
    this.#program = program
    this.#teamed = teamed
  }

  /** Of a port at the last reading. */
  rate(id: DatapathId, portName: string): PortRate | undefined {
    const no = this.#options.observation().switches.get(id)?.ports.get(portName)?.no
    const load = this.#switches.get(id)
    return load && load.live === this.#options.live(id) && no !== undefined ? load.rates.get(no) : undefined
  }

  #later(): void {
    this.#options.timers.after(readEveryMs, () => {
      this.#slotReadsLeft = mostSlotReads
      this.#readAll()
      this.#later()
    })
  }

  #readAll(): void {
    const ids = [...this.#program.switches.keys()].filter(
      (id) => this.#teamed.has(id) || this.#tablesOf(id).length > 0,
    )
    for (const id of this.#switches.keys()) if (!ids.includes(id)) this.#switches.delete(id)
    const first = ids.length === 0 ? 0 : this.#turn++ % ids.length
    for (const id of [...ids.slice(first), ...ids.slice(0, first)]) void this.#read(id)
  }

  #tablesOf(id: DatapathId): readonly SlotTable[] {
    return (this.#program.switches.get(id)?.slots ?? []).filter(({ ports }) => ports.length > 1)
  }

  async #read(id: DatapathId): Promise<void> {
    const live = this.#options.live(id)
    if (!live) return
    let load = this.#switches.get(id)
    if (load?.live !== live)
      load = { live, busy: false, ports: undefined, rates: new Map(), tables: new Map() }
    if (load.busy) return
    this.#switches.set(id, load)
    load.busy = true
    try {
      const counters = await live.readPortCounters()
      const ports = { atMs: this.#options.clockMs(), counters }
      load.rates = load.ports ? portRates(load.ports, ports) : new Map()
      load.ports = ports
      if (!this.#wantsSlots(id, load) || this.#slotReadsLeft === 0) return
      this.#slotReadsLeft -= 1
      const rules = pathRules(await live.readFlows({ tableId: tables.path.id }))
      this.#slotsRead(id, load, rules)
    } catch {
      // The session ended, which is told elsewhere; the next one begins anew.
    } finally {
      load.busy = false
    }
  }

  /** Forgets what was read of tables that carry even loads. */
  #wantsSlots(id: DatapathId, load: SwitchLoad): boolean {
    const inUse = this.#tablesOf(id)
    const keys = new Set(inUse.map(({ ports }) => keyOfPorts(ports)))
    for (const key of load.tables.keys()) if (!keys.has(key)) load.tables.delete(key)
    return (
      inUse.filter((table) => {
        const own = tableLoad(load, table)
        const weights = this.#weights(id, table)
        const out = table.ports.map(({ name }, place) =>
          (weights[place] ?? 0) > 0 ? (this.rate(id, name)?.outBps ?? 0) : 0,
        )
        const reading = { imbalance: imbalanceOf(out, weights), bps: out.reduce((sum, one) => sum + one, 0) }
        if (isUneven(reading) || own.moved) return true
        own.readings = []
        own.watch = watched(own.watch, reading)
        return false
      }).length > 0
    )
  }

  #slotsRead(id: DatapathId, load: SwitchLoad, rules: PathRules): void {
    const { switches, unsteady } = this.#options.observation()
    const ports = switches.get(id)?.ports ?? new Map<string, never>()
    const held = unsteady?.get(id)?.held ?? []
    const atMs = this.#options.clockMs()
    for (const table of this.#tablesOf(id)) {
      const own = tableLoad(load, table)
      const reading = slotReading(rules, { table, ports, held, atMs })
      if (!reading) {
        own.readings = []
        continue
      }
      if (own.moved) this.#options.onRebalanced(id, own.moved)
      own.moved = undefined
      this.#look(id, own, { table, reading })
    }
  }

  #look(
    id: DatapathId,
    own: TableLoad,
    { table, reading }: { readonly table: SlotTable; readonly reading: SlotReading },
  ): void {
    const weights = this.#weights(id, table)
    const { places, atMs } = reading
    const last = own.readings.at(-1)
    const grown = last && slotBytes(last, reading)
    own.readings = grown ? [...own.readings, reading].slice(-readingsKept) : [reading]
    if (!grown) return
    const loads = loadsOf({ weights, places, bytes: grown })
    const bits = 8 * loads.reduce((sum, one) => sum + one, 0)
    own.watch = watched(own.watch, {
      imbalance: imbalanceOf(loads, weights),
      bps: (1000 * bits) / Math.max(atMs - last.atMs, 1),
    })
    const [first] = own.readings
    const bytes = first && slotBytes(first, reading)
    if (!bytes || !isDue(own.watch, atMs)) return
    const movable = places.map((place, slot) => place === table.first[slot])
    const { moves, before, after } = rebalance({ weights, places, bytes, movable })
    own.watch = rested(own.watch, atMs)
    if (moves.size === 0) return
    own.readings = []
    own.moved = { ports: table.ports.map(({ name }) => name), slots: moves.size, before, after }
    this.#options.move(id, withMoved(table, moves))
  }

  /** By place: the weight of a port, 0 while it is left alone. */
  #weights(id: DatapathId, { ports }: SlotTable): readonly number[] {
    const { switches, unsteady } = this.#options.observation()
    const observed = switches.get(id)?.ports
    const held = unsteady?.get(id)?.held ?? []
    return ports.map(({ name, weight }) =>
      observed?.get(name)?.up === true && !held.includes(name) ? weight : 0,
    )
  }
}

function tableLoad({ tables: known }: SwitchLoad, { ports }: SlotTable): TableLoad {
  const key = keyOfPorts(ports)
  const own = known.get(key) ?? { readings: [], watch: newWatch, moved: undefined }
  known.set(key, own)
  return own
}
