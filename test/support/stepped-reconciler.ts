/** A reconciler on a clock that only the test moves. */
import type { DatapathId } from '../../src/model/observation.ts'
import { Reconciler, type ReconcilerOptions } from '../../src/reconciler/reconciler.ts'

export const second = 1_000

export function steppedReconciler(options: Partial<ReconcilerOptions> = {}) {
  let nowMs = 0
  const timers = new Set<{ atMs: number; callback: () => void }>()
  const reconciler = new Reconciler({
    clockMs: () => nowMs,
    setTimer: (callback, delayMs) => {
      const timer = { atMs: nowMs + delayMs, callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    ...options,
  })
  const elapse = async (ms: number): Promise<void> => {
    await quiet()
    nowMs += ms
    for (const timer of timers) {
      // Up to a millisecond early, as Node's timers are.
      if (timer.atMs > nowMs + 1) continue
      timers.delete(timer)
      timer.callback()
    }
    await quiet()
  }
  const receipt = (...scope: DatapathId[]) =>
    reconciler.receipt(scope, { timeoutMs: 10 * second, startedAtMs: nowMs })
  return { reconciler, elapse, receipt }
}

/** Lets everything run that waits for nothing but its turn. */
export async function quiet(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}
