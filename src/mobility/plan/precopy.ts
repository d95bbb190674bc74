/**
 * How long it takes to move a running guest's memory by pre-copy, and for how long the guest stands still: the model of Liu
 * et al. (HPDC 2011). All memory is sent while the guest runs; what it wrote meanwhile is sent again, and so on, until the
 * rest is small enough to be sent while the guest stands still.
 */

export interface PrecopyInput {
  readonly memoryBytes: number
  /** What the guest writes anew. */
  readonly dirtyBytesPerS: number
  readonly throughputBps: number
  /** For how long the guest may stand still while the rest is sent. */
  readonly downtimeLimitMs: number
  /** From the last byte until the guest runs and is sent to. */
  readonly restartMs: number
}

export type Precopy =
  | {
      readonly converges: true
      /** How much of what is sent the guest writes again meanwhile. */
      readonly dirtyRatio: number
      /** Passes over memory while the guest runs. */
      readonly rounds: number
      readonly totalS: number
      readonly downtimeMs: number
      /** Where the hypervisor stops the guest as soon as the rest fits its limit, and not only after a whole pass. */
      readonly downtimeMostMs: number
      readonly bytes: number
    }
  | {
      readonly converges: false
      readonly dirtyRatio: number
      /** That of its speed which leaves a guest to write half of what is sent, as QEMU's auto-converge wants it. */
      readonly slowedTo: number
    }

/** QEMU's `throttle-trigger-threshold`: a guest that writes more of what is sent is slowed, where that is asked for. */
export const throttledRatio = 0.5
/** More passes than this gain nothing worth waiting for: the ratio is so near to 1 that it may be above it as well. */
export const maxRounds = 100

export function precopy({
  memoryBytes,
  dirtyBytesPerS,
  throughputBps,
  downtimeLimitMs,
  restartMs,
}: PrecopyInput): Precopy {
  const bytesPerS = throughputBps / 8
  const ratio = dirtyBytesPerS / bytesPerS
  const rest = (bytesPerS * downtimeLimitMs) / 1000
  const rounds = roundsUntil(rest / memoryBytes, ratio)
  if (rounds > maxRounds)
    return { converges: false, dirtyRatio: ratio, slowedTo: Math.min(1, throttledRatio / ratio) }
  const sent = memoryBytes * passes(ratio, rounds + 1)
  return {
    converges: true,
    dirtyRatio: ratio,
    rounds,
    totalS: sent / bytesPerS,
    downtimeMs: ((memoryBytes * ratio ** rounds) / bytesPerS) * 1000 + restartMs,
    downtimeMostMs: (Math.min(memoryBytes, rest) / bytesPerS) * 1000 + restartMs,
    bytes: sent,
  }
}

/** How often the rest shrinks by the ratio until it is this part of the whole. */
function roundsUntil(part: number, ratio: number): number {
  if (part >= 1) return 0
  if (ratio >= 1) return Infinity
  // A guest that writes nothing is sent in one pass.
  return ratio === 0 ? 1 : Math.ceil(Math.log(part) / Math.log(ratio))
}

/** 1 + r + r² + ..., so many terms. */
function passes(ratio: number, terms: number): number {
  return ratio === 1 ? terms : (1 - ratio ** terms) / (1 - ratio)
}

/** One connection has no more than a window on its way at a time. */
export function windowBps(windowBytes: number, rttMs: number): number {
  return rttMs === 0 ? Infinity : (windowBytes * 8 * 1000) / rttMs
}
