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
  /** After a scheme that moves load had a few seconds of these flows to do so. */
  readonly rebalanced?: number
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
  readonly moves: readonly Moves[]
}

export interface BalanceOptions {
  readonly flows: number
  readonly seed: number
  /** Gives those schemes that move load the time to. */
  readonly rebalance: boolean
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
      spreads.push(await spreadOf(team, two, { pattern, weights, ...options }))
      await team.undo()
    }
  }
  const moves: Moves[] = []
  for (const why of ['carrier', 'configuration'] as const)
    moves.push(await movesOf(scheme, two, { why, ...options }))
  return { scheme: scheme.name, spreads, moves }
}

const membersOf = (weights: readonly number[]): Member[] =>
  weights.map((weight, index) => ({ index, weight }))

/** The scheme in force between two new bridges. */
async function fresh(
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
  team: Team,
  two: TwoBridges,
  { pattern, weights, ...options }: BalanceOptions & Pick<Spread, 'pattern' | 'weights'>,
): Promise<Spread> {
  const sent = flowsOf(pattern, options.flows, options.seed)
  const count = async () => {
    const places = await two.uplinksOf(sent)
    const flows = weights.map((_, index) => places.filter((place) => place === index).length)
    return {
      flows,
      lost: places.filter((place) => place === undefined).length,
      imbalance: imbalanceOf(flows, weights),
    }
  }
  const spread = { weights, pattern, ...(await count()) }
  if (!options.rebalance || !team.rebalance) return spread
  await team.rebalance(() => two.send(sent))
  return { ...spread, rebalanced: (await count()).imbalance }
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
