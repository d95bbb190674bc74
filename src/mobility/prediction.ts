/** What a plan says of a transfer before it begins; it is kept beside what came of it. */
import type { Figures } from './plan/figures.ts'
import type { MovePlan } from './plan/plan.ts'

export interface MovePrediction {
  readonly totalS: number
  /** How long the guest stands still; and the most, where it is stopped as soon as the rest fits the limit. */
  readonly downtimeMs: number
  readonly downtimeMostMs: number
  /** Sent at most: pages that were never written go as nothing. */
  readonly bytes: number
  /** What it was computed from. */
  readonly memoryBytes: number
  readonly dirtyBytesPerS: number
  readonly throughputBps: number
}

/** Undefined where the guest's memory or writing is not known, or where it would have to be slowed. */
export function predictionOf({ precopy, figures, throughputBps }: Predicting): MovePrediction | undefined {
  const memoryBytes = figures.memoryBytes.value
  const dirtyBytesPerS = figures.dirtyBytesPerS.value
  if (!precopy?.converges || memoryBytes === undefined || dirtyBytesPerS === undefined) return undefined
  if (throughputBps === undefined) return undefined
  const { totalS, downtimeMs, downtimeMostMs, bytes } = precopy
  return { totalS, downtimeMs, downtimeMostMs, bytes, memoryBytes, dirtyBytesPerS, throughputBps }
}

type Predicting = Pick<MovePlan, 'precopy' | 'throughputBps'> & {
  readonly figures: Pick<Figures, 'memoryBytes' | 'dirtyBytesPerS'>
}
