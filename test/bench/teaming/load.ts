/** How evenly a scheme that moves load by what it measures ends up: flows of very unequal rates, in bytes by uplink. */
import { fresh, membersOf } from './balance.ts'
import { type Flow, type Load, loadsOf, type Pattern } from './flows.ts'
import { imbalanceOf } from './ideal.ts'
import type { Rebalanced, Scheme } from './side.ts'
import type { TwoBridges } from './two-bridges.ts'

export interface LoadSpread {
  readonly weights: readonly number[]
  readonly pattern: Pattern
  /** Bytes on the busiest uplink by its fair share: as the flows were dealt, and after the scheme had its time. */
  readonly before: number
  readonly after: number
  /** Flows that were elsewhere then. */
  readonly moved: number
  /** Where the scheme says so: slots that it moved, and how long after the first frame the moves were in force. */
  readonly rebalanced?: Rebalanced
  /** Its part of all bytes: no scheme that keeps a flow on one uplink can split that. */
  readonly largestFlow: number
}

export interface LoadRun {
  readonly scheme: string
  readonly spreads: readonly LoadSpread[]
}

export interface LoadOptions {
  readonly flows: number
  readonly seed: number
  readonly cases: readonly Pick<LoadSpread, 'weights' | 'pattern'>[]
}

export async function measureLoad(
  scheme: Scheme,
  two: TwoBridges,
  { flows, seed, cases }: LoadOptions,
): Promise<LoadRun> {
  const spreads: LoadSpread[] = []
  for (const { weights, pattern } of cases) {
    const team = await fresh(scheme, two, { members: membersOf(weights), pattern })
    const loads = loadsOf(pattern, flows, seed)
    const sent = steadily(loads)
    const places = () => two.uplinksOf(loads.map(({ flow }) => flow))
    const before = await places()
    const rebalanced = await team.rebalance?.(() => two.send(sent))
    const after = await places()
    await team.undo()
    const total = loads.reduce((sum, load) => sum + bytesOf(load), 0)
    spreads.push({
      weights,
      pattern,
      before: unevenness(loads, before, weights),
      after: unevenness(loads, after, weights),
      moved: after.filter((place, flow) => place !== before[flow]).length,
      ...(rebalanced && { rebalanced }),
      largestFlow: Math.max(...loads.map(bytesOf)) / total,
    })
  }
  return { scheme: scheme.name, spreads }
}

/** Each flow's frames evenly over the round, so that any part of it is like the whole. */
function steadily(loads: readonly Load[]): readonly Flow[] {
  const golden = 0.618_034
  return loads
    .flatMap(({ flow, frames }) =>
      Array.from({ length: frames }, (_, index) => ({
        flow,
        at: (index + ((flow.number * golden) % 1)) / frames,
      })),
    )
    .toSorted((a, b) => a.at - b.at)
    .map(({ flow }) => flow)
}

const bytesOf = ({ flow, frames }: Load): number => flow.frame.length * frames

function unevenness(
  loads: readonly Load[],
  places: readonly (number | undefined)[],
  weights: readonly number[],
): number {
  const bytes = weights.map(() => 0)
  for (const load of loads) {
    const place = places[load.flow.number]
    if (place !== undefined) bytes[place] = (bytes[place] ?? 0) + bytesOf(load)
  }
  return imbalanceOf(bytes, weights)
}
