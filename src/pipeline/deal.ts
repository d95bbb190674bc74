/**
 * Deals the slots of flows to ports, and remembers how. A set of ports that there was before has its table again; another
 * one takes over from the most similar table what it can, so that no flow moves that need not. Pure: what there was
 * before is an input, and a table that is remembered is dealt again as it is.
 */
import type { SlotTable } from '../model/observation.ts'
import { shuffledSlots, slotCount, type WeightedPort } from './slots.ts'

/** Tables of a switch that are remembered beside those in use. */
const mostUnused = 16

/** A slot that no port has yet. */
const nobody = -1

/**
 * `seed` is the switch's own: a flow has the same slot everywhere, and switches that all chose alike would leave paths
 * behind them unused. Of `remembered` tables that are equally good the first is taken.
 */
export function deal(
  ports: readonly WeightedPort[],
  seed: number,
  remembered: readonly SlotTable[] = [],
): SlotTable {
  const wanted = ports.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const key = keyOfPorts(wanted)
  const same = remembered.find((table) => keyOfPorts(table.ports) === key)
  if (same) return same
  let best = carriedOver({ ports: [], first: [], turn: [] }, wanted)
  for (const table of remembered) {
    const other = carriedOver(table, wanted)
    if (missing(other) < missing(best)) best = other
  }
  return completed(best, seed)
}

/** Tells sets of ports with weights apart; they are sorted by name. */
export function keyOfPorts(ports: readonly WeightedPort[]): string {
  return JSON.stringify(ports.map(({ name, weight }) => [name, weight]))
}

/** What is remembered once those tables are in use; they come first. */
export function remember(used: readonly SlotTable[], before: readonly SlotTable[]): readonly SlotTable[] {
  const keys = new Set(used.map(({ ports }) => keyOfPorts(ports)))
  const others = before.filter(({ ports }) => !keys.has(keyOfPorts(ports)))
  return [...used, ...others.slice(0, mostUnused)]
}

/** What the table says of those ports: slots stay as far as the port's new share allows, the others are nobody's. */
function carriedOver({ ports: before, first, turn }: SlotTable, ports: readonly WeightedPort[]): SlotTable {
  const places = before.map(({ name }) => ports.findIndex((port) => port.name === name))
  const kept = Array.from({ length: slotCount }, (_, slot) => places[first[slot] ?? nobody] ?? nobody)
  const most = shares(ports, kept)
  for (const place of ports.keys()) {
    const own = [...kept.keys()].filter((slot) => kept[slot] === place)
    // The last turns go first: those that are left have no gap, and what follows them stays even.
    const surplus = own.toSorted((a, b) => (turn[a] ?? 0) - (turn[b] ?? 0)).slice(most[place])
    for (const slot of surplus) kept[slot] = nobody
  }
  return {
    ports,
    first: kept,
    turn: kept.map((place, slot) => (place === nobody ? nobody : (turn[slot] ?? 0))),
  }
}

function missing({ first }: SlotTable): number {
  return first.filter((place) => place === nobody).length
}

/** Deals what is nobody's: round by weight, in an order that looks random, to ports that have less than their share. */
function completed({ ports, first, turn }: SlotTable, seed: number): SlotTable {
  const [nextFirst, nextTurn] = [[...first], [...turn]]
  const most = shares(ports, first)
  const hands = ports.map((_, place) => turn.filter((_turn, slot) => first[slot] === place))
  const round = ports.flatMap(({ weight }, place) => Array<number>(weight).fill(place))
  let at = 0
  for (const slot of shuffledSlots(seed)) {
    if (nextFirst[slot] !== nobody) continue
    let place = nobody
    do place = round[at++ % round.length] ?? 0
    while ((hands[place]?.length ?? 0) >= (most[place] ?? 0))
    const free = leastFree(hands[place] ?? [])
    hands[place]?.push(free)
    nextFirst[slot] = place
    nextTurn[slot] = free
  }
  return { ports, first: nextFirst, turn: nextTurn }
}

/**
 * How many slots each port may have: its share by weight, and of the rest one more for as many as it takes, first those
 * that would have to give it away.
 */
function shares(ports: readonly WeightedPort[], first: readonly number[]): readonly number[] {
  const total = ports.reduce((sum, { weight }) => sum + weight, 0)
  const whole = ports.map(({ weight }) => Math.floor((slotCount * weight) / total))
  const has = ports.map((_, place) => first.filter((one) => one === place).length)
  const divided = [...ports.keys()].filter((place) => (slotCount * (ports[place]?.weight ?? 0)) % total !== 0)
  const gives = (place: number) => ((has[place] ?? 0) > (whole[place] ?? 0) ? 0 : 1)
  const rest = slotCount - whole.reduce((sum, one) => sum + one, 0)
  for (const place of divided.toSorted((a, b) => gives(a) - gives(b)).slice(0, rest))
    whole[place] = (whole[place] ?? 0) + 1
  return whole
}

/** The table with slots given to other ports: by slot, the place of the port. */
export function withMoved(table: SlotTable, moves: ReadonlyMap<number, number>): SlotTable {
  const [first, turn] = [[...table.first], [...table.turn]]
  for (const slot of moves.keys()) first[slot] = nobody
  for (const [slot, place] of moves) {
    turn[slot] = leastFree(turn.filter((_, other) => first[other] === place))
    first[slot] = place
  }
  return { ports: table.ports, first, turn }
}

/** The least turn that is not taken. */
function leastFree(taken: readonly number[]): number {
  const known = new Set(taken)
  let free = 0
  while (known.has(free)) free++
  return free
}

/** Whether a value that was stored is a table: another version may have written something else. */
export function isSlotTable(value: unknown): value is SlotTable {
  const { ports, first, turn } = (value ?? {}) as Partial<Record<keyof SlotTable, unknown>>
  if (!Array.isArray(ports) || !Array.isArray(first) || !Array.isArray(turn)) return false
  const isBelow = (most: number) => (one: unknown) =>
    Number.isInteger(one) && Number(one) >= 0 && Number(one) < most
  return (
    ports.every(isWeightedPort) &&
    first.length === slotCount &&
    first.every(isBelow(ports.length)) &&
    turn.length === slotCount &&
    turn.every(isBelow(slotCount))
  )
}

function isWeightedPort(value: unknown): boolean {
  const { name, weight } = (value ?? {}) as Partial<Record<keyof WeightedPort, unknown>>
  return typeof name === 'string' && Number.isInteger(weight) && Number(weight) >= 1
}
