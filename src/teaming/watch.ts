/**
 * When load is moved: once it was uneven for several readings in a row, and then not again for a while, which grows while
 * moving does not help for long. Pure: readings in, a decision out.
 */

/** Bytes on the busiest port by its fair share above which load is uneven. More than the goal of moving, so that it rests. */
export const unevenAbove = 1.02
/** Less traffic than this, in bit/s, is not worth a move. */
export const leastBps = 5_000_000

const readingsInRow = 2
const shortestPauseMs = 10_000
const longestPauseMs = 320_000

export interface Watch {
  /** Readings in a row that were uneven. */
  readonly uneven: number
  readonly pauseMs: number
  readonly restsUntilMs: number
}

export const newWatch: Watch = { uneven: 0, pauseMs: shortestPauseMs, restsUntilMs: 0 }

export interface LoadReading {
  readonly imbalance: number
  readonly bps: number
}

export const isUneven = ({ imbalance, bps }: LoadReading): boolean =>
  bps >= leastBps && imbalance > unevenAbove

export function watched(watch: Watch, reading: LoadReading): Watch {
  return { ...watch, uneven: isUneven(reading) ? watch.uneven + 1 : 0 }
}

export const isDue = ({ uneven, restsUntilMs }: Watch, nowMs: number): boolean =>
  uneven >= readingsInRow && nowMs >= restsUntilMs

/** Load was moved, or nothing was to be gained by moving it. Soon after the last time it rests twice as long. */
export function rested({ pauseMs, restsUntilMs }: Watch, nowMs: number): Watch {
  const isSoon = restsUntilMs > 0 && nowMs < restsUntilMs + pauseMs
  const next = isSoon ? Math.min(pauseMs * 2, longestPauseMs) : shortestPauseMs
  return { uneven: 0, pauseMs: next, restsUntilMs: nowMs + next }
}
