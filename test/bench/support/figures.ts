/** Samples, their summary with spread, and tables of them for people. */

/** Linear between the two nearest samples; NaN of none. */
export function quantile(samples: readonly number[], at: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  const position = (sorted.length - 1) * at
  const below = sorted[Math.floor(position)] ?? NaN
  const above = sorted[Math.ceil(position)] ?? NaN
  return below + (above - below) * (position - Math.floor(position))
}

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export function spreadOf(samples: readonly number[]): Spread {
  return { median: quantile(samples, 0.5), min: quantile(samples, 0), max: quantile(samples, 1) }
}

export interface Distribution {
  readonly p50: number
  readonly p99: number
  readonly min: number
  readonly max: number
}

export function distributionOf(samples: readonly number[]): Distribution {
  return {
    p50: quantile(samples, 0.5),
    p99: quantile(samples, 0.99),
    min: quantile(samples, 0),
    max: quantile(samples, 1),
  }
}

/** `1.23 (1.10–1.40)`: the median of the runs and, when they differ, the least and the most. */
export function showSpread(samples: readonly number[], digits = 0): string {
  if (samples.length === 0) return '–'
  const { median, min, max } = spreadOf(samples)
  const [middle, low, high] = [median, min, max].map((value) => value.toFixed(digits))
  return low === high ? `${middle}` : `${middle} (${low}–${high})`
}

/** Columns as wide as their widest cell; the first is aligned to the left, figures to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows)
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)))
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
