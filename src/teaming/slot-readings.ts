/**
 * What slots carry, from the rules of table `path` as a switch reports them: each has a counter, and names the ports of its
 * slot in order. Several sets of paths may share one table of slots; their bytes are added up. Pure.
 */
import type { FlowEntry } from 'ts-openflow'
import type { SlotTable } from '../model/observation.ts'
import { isOurs } from '../pipeline/cookies.ts'
import { fromFlow } from '../pipeline/openflow.ts'
import { slotCount } from '../pipeline/slots.ts'

/** The rule of one slot for one set of paths. */
interface PathRule {
  readonly ports: readonly number[]
  readonly bytes: bigint
}

/** By set of paths, then by slot: the rule. */
export type PathRules = ReadonlyMap<number, readonly (PathRule | undefined)[]>

/** Ports of a switch at the moment, by name. */
export type PortsNow = ReadonlyMap<string, { readonly no: number; readonly up: boolean }>

export interface SlotReading {
  readonly atMs: number
  /** By slot: the place of the port that carries it. */
  readonly places: readonly number[]
  /** By set of paths, then by slot: bytes since the rule was made. */
  readonly bytes: ReadonlyMap<number, readonly bigint[]>
}

export function pathRules(entries: readonly FlowEntry[]): PathRules {
  const sets = new Map<number, (PathRule | undefined)[]>()
  for (const entry of entries) {
    if (!isOurs(entry.cookie)) continue
    const { match, actions } = fromFlow(entry)
    const [set, slot] = (['reg13', 'reg14'] as const).map((name) => match.find(({ field }) => field === name))
    const [action] = actions
    if (!set || !slot || (action?.type !== 'failover' && action?.type !== 'first_up')) continue
    const rules = sets.get(Number(set.value)) ?? Array.from<undefined>({ length: slotCount })
    rules[Number(slot.value)] = { ports: action.ports, bytes: entry.byteCount }
    sets.set(Number(set.value), rules)
  }
  return sets
}

interface ReadingOf {
  readonly table: SlotTable
  readonly ports: PortsNow
  /** Names of those that are used after all others. */
  readonly held: readonly string[]
  readonly atMs: number
}

/**
 * The reading of one table: of the sets whose paths are all of its ports, and whose rules say what the table says. Undefined
 * where there is none, as long as a table that was changed is not yet in force.
 */
export function slotReading(
  sets: PathRules,
  { table, ports, held, atMs }: ReadingOf,
): SlotReading | undefined {
  const members = table.ports.map(({ name }) => ({ name, port: ports.get(name) }))
  const places = new Map(members.map(({ port }, place) => [port?.no, place]))
  const isHeld = (place: number) => held.includes(members[place]?.name ?? '')
  const bytes = new Map<number, readonly bigint[]>()
  let carriers: readonly number[] | undefined
  for (const [set, rules] of sets) {
    const orders = rules.map((one) => one?.ports.flatMap((no) => places.get(no) ?? []) ?? [])
    const follows = orders.every((order, slot) => {
      const home = table.first[slot] ?? 0
      const isWhole = order.length === members.length && rules[slot]?.ports.length === members.length
      return isWhole && (isHeld(home) || order.find((place) => !isHeld(place)) === home)
    })
    if (!follows) continue
    carriers ??= orders.map(
      (order, slot) => order.find((place) => members[place]?.port?.up) ?? table.first[slot] ?? 0,
    )
    bytes.set(
      set,
      rules.map((one) => one?.bytes ?? 0n),
    )
  }
  return carriers && { atMs, places: carriers, bytes }
}

/** By slot, bytes from one reading to a later one; undefined where a rule was made anew or a slot moved meanwhile. */
export function slotBytes(before: SlotReading, after: SlotReading): readonly number[] | undefined {
  if (after.places.some((place, slot) => place !== before.places[slot])) return undefined
  const sums = Array.from({ length: slotCount }, () => 0)
  for (const [set, now] of after.bytes) {
    const old = before.bytes.get(set)
    if (!old) continue
    for (const [slot, bytes] of now.entries()) {
      const grown = Number(bytes - (old[slot] ?? 0n))
      if (grown < 0) return undefined
      sums[slot] = (sums[slot] ?? 0) + grown
    }
  }
  return sums
}
