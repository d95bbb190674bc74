/** How evenly a scheme spreads flows over uplinks, and which flows it moves when an uplink goes and comes back. */
import { flowsOf, type Pattern, patterns } from './flows.ts'
import { imbalanceOf } from './ideal.ts'

import type { Member, Scheme, Team } from './side.ts'
import { bridges, type TwoBridges } from './two-bridges.ts'

export interface Spread {
  readonly weights: readonly number[]
  readonly pattern: Pattern
  /** By uplink. */
  readonly flows: readonly number[]
  /** Flows that reached no uplink. */
  readonly lost: number
  readonly imbalance: number
}

export interface Moves {
  readonly why: 'carrier' | 'configuration'
  /** Flows that were on the other uplinks. */
  readonly surviving: number
  /** Of those, how many changed uplink, or reached none, while one was gone. */
  readonly moved: number
  readonly all: number
  /** Of all flows, how many were elsewhere than at first when it was back. */
  readonly elsewhere: number
}

export interface BalanceRun {
  readonly scheme: string
  readonly spreads: readonly Spread[]
}

export interface BalanceOptions {
  readonly flows: number
  readonly seed: number
}

const equal = [
  [1, 1],
  [1, 1, 1],
  [1, 1, 1, 1],
] as const
const unequal = [2, 1, 1] as const

/** Every count of uplinks, then the weights where the scheme has any. */
export const weightsOf = (scheme: Pick<Scheme, 'weights'>): readonly (readonly number[])[] =>
  scheme.weights ? [...equal, unequal] : equal

export async function measureBalance(
  scheme: Scheme,
  two: TwoBridges,
  options: BalanceOptions,
): Promise<BalanceRun> {
  const spreads: Spread[] = []
  for (const weights of weightsOf(scheme)) {
    for (const pattern of patterns) {
      const team = await fresh(scheme, two, { members: membersOf(weights), pattern })
      spreads.push(await spreadOf(two, { pattern, weights, ...options }))
      await team.undo()
    }
  }
  return { scheme: scheme.name, spreads }
}

export interface MovesRun {
  readonly scheme: string
  readonly moves: readonly Moves[]
}

export async function measureMoves(
  scheme: Scheme,
  two: TwoBridges,
  options: BalanceOptions,
): Promise<MovesRun> {
  const moves: Moves[] = []
  for (const why of ['carrier', 'configuration'] as const)
    moves.push(await movesOf(scheme, two, { why, ...options }))
  return { scheme: scheme.name, moves }
}

export const membersOf = (weights: readonly number[]): Member[] =>
  weights.map((weight, index) => ({ index, weight }))

/** The scheme in force between two new bridges. */
export async function fresh(
  scheme: Scheme,
  two: TwoBridges,
  { members, pattern }: { members: readonly Member[]; pattern: Pattern },
): Promise<Team> {
  await two.build(members.length, pattern)
  const sides = bridges.map((bridge) => two.side(bridge))
  const team = await scheme.apply(sides, members)
  await two.announceReceiver()
  return team
}

async function spreadOf(
  two: TwoBridges,
  { pattern, weights, flows: count, seed }: BalanceOptions & Pick<Spread, 'pattern' | 'weights'>,
): Promise<Spread> {
  const places = await two.uplinksOf(flowsOf(pattern, count, seed))
  const flows = weights.map((_, index) => places.filter((place) => place === index).length)
  const lost = places.filter((place) => place === undefined).length
  return { weights, pattern, flows, lost, imbalance: imbalanceOf(flows, weights) }
}

/** Which uplink goes: neither the first nor the last, so that whatever closes ranks shows. */
const goes = 1

async function movesOf(
  scheme: Scheme,
  two: TwoBridges,
  { why, flows: count, seed }: BalanceOptions & { why: Moves['why'] },
): Promise<Moves> {
  const members = membersOf(equal[2])
  const team = await fresh(scheme, two, { members, pattern: 'many' })
  const change = async (up: boolean): Promise<void> => {
    const present = members.filter(({ index }) => up || index !== goes)
    if (why === 'configuration') await team.setMembers(present)
    else {
      await two.setCarrier(goes, up)
      await team.settled(present)
    }
  }
  const flows = flowsOf('many', count, seed + 1)
  const places = async () => {
    await two.forgetCached()
    return await two.uplinksOf(flows)
  }
  const before = await places()
  await change(false)
  const during = await places()
  await change(true)
  const after = await places()
  await team.undo()
  const survivors = [...before.keys()].filter((flow) => before[flow] !== goes)
  return {
    why,
    all: before.length,
    surviving: survivors.length,
    moved: survivors.filter((flow) => during[flow] !== before[flow]).length,
    elsewhere: [...before.keys()].filter((flow) => after[flow] !== before[flow]).length,
  }
}
