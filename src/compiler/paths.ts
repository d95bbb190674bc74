/**
 * The way on from a switch toward another one: a port, or a set of ports with the order in which each slot of flows
 * prefers them. Ports that are down stay in the set: the switch itself passes them over, and finds them again.
 */
import type { Team, TeamHash } from '../model/intent.ts'
import { fnv1a32 } from '../pipeline/hash.ts'
import type { WeightedPort } from '../pipeline/slots.ts'

export interface PathPort extends WeightedPort {
  readonly port: number
}

/** Ports that flows of a switch are spread over. */
export interface PathSet {
  /** What `reg13` says of a packet that takes these paths: a hash of the rest, but for numbers and what is held, which may change. */
  readonly id: number
  /** All that there are, so that slots stay where they are when some are unusable. */
  readonly ports: readonly PathPort[]
  /** Sorted. Those that lead to the destination, whether up or not. */
  readonly usable: readonly number[]
  /** Those of them that are taken only where all others are down, in this order. */
  readonly held: readonly number[]
}

export type Hop =
  | { readonly kind: 'port'; readonly port: number }
  /** The first that is up. */
  | { readonly kind: 'failover'; readonly ports: readonly number[] }
  | { readonly kind: 'spread'; readonly set: PathSet; readonly over: TeamHash }

interface HopInput {
  /** Ports of the shortest paths at the moment, sorted. */
  readonly live: readonly number[]
  /** And if every declared cable worked. */
  readonly whole: readonly number[]
  readonly isDown: (port: number) => boolean
  readonly nameOf: (port: number) => string
  /** The team of these ports, of a hypervisor. */
  readonly team:
    | {
        readonly mode: Team['mode']
        readonly hash: TeamHash
        readonly ports: readonly PathPort[]
        readonly held: readonly number[]
      }
    | undefined
}

/** Undefined where no path leads there. */
export function hopOf({ live, whole, isDown, nameOf, team }: HopInput): Hop | undefined {
  const [first] = live
  if (first === undefined) return undefined
  const others = whole.filter((port) => !live.includes(port))
  const usable = [...live, ...others.filter(isDown)].toSorted((a, b) => a - b)
  if (usable.length === 1) return { kind: 'port', port: first }
  if (team?.mode === 'active-backup') {
    const ports = team.ports.map(({ port }) => port).filter((port) => usable.includes(port))
    return { kind: 'failover', ports: heldLast(ports, team.held) }
  }
  const weights = new Map(team?.ports.map(({ port, weight }) => [port, weight]))
  const ports = [...live, ...others]
    .toSorted((a, b) => a - b)
    .map((port) => ({ name: nameOf(port), port, weight: weights.get(port) ?? 1 }))
  const told = ports.map(({ name, port, weight }) => [name, weight, usable.includes(port)])
  return {
    kind: 'spread',
    set: { id: fnv1a32(JSON.stringify(told)), ports, usable, held: team?.held ?? [] },
    over: team?.hash ?? 'l3l4',
  }
}

/** In the order given, those that are held after all others. */
export function heldLast<T>(ports: readonly T[], held: readonly T[]): readonly T[] {
  return ports.toSorted((a, b) => held.indexOf(a) - held.indexOf(b))
}
