/**
 * What an ideal uniform hash gives: it throws every flow on a path by chance, so that even it is uneven. Simulated with
 * numbers that are the same in every run.
 */
import { quantile } from '../support/figures.ts'
import { randomOf } from '../codec/random.ts'

export interface Ideal {
  /** Largest share of a path by its fair share: half of all ideal hashes do better. */
  readonly p50: number
  /** One in twenty does worse. */
  readonly p95: number
}

export const trials = 1_000

/** `weights` are the shares that paths should have. */
export function idealOf(flows: number, weights: readonly number[], seed = 4): Ideal {
  const random = randomOf(seed)
  const owners = weights.flatMap((weight, path) => Array.from({ length: weight }, () => path))
  const ratios = Array.from({ length: trials }, () => {
    const counts = weights.map(() => 0)
    for (let flow = 0; flow < flows; flow++) {
      const path = owners[random(owners.length)] ?? 0
      counts[path] = (counts[path] ?? 0) + 1
    }
    return imbalanceOf(counts, weights)
  })
  return { p50: quantile(ratios, 0.5), p95: quantile(ratios, 0.95) }
}

/** The most that any path carries of what is its fair share: 1 is perfect, and for equal weights it is max/mean. */
export function imbalanceOf(counts: readonly number[], weights: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const weight = weights.reduce((sum, one) => sum + one, 0)
  return Math.max(...counts.map((count, path) => (count * weight) / (total * (weights[path] ?? 1))))
}
