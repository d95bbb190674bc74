/** Time as sessions see it: a parameter, so that tests do not wait. */
export interface Clock {
  /** Monotonic milliseconds. */
  readonly now: () => number
  /** Runs `run` once after `ms`; the returned function cancels. */
  readonly after: (ms: number, run: () => void) => () => void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after: (ms, run) => {
    // What had arrived before a late timer is read first: a busy process must not take its own delay for a peer's silence.
    let immediate: NodeJS.Immediate | undefined
    const timer = setTimeout(() => {
      immediate = setImmediate(run)
    }, ms)
    return () => {
      clearTimeout(timer)
      if (immediate) clearImmediate(immediate)
    }
  },
}
