/** What ports carry, from two readings of their counters. Pure. */
import type { PortStats } from 'ts-openflow'

export interface PortReading {
  readonly atMs: number
  readonly counters: readonly Pick<PortStats, 'portNo' | 'rxBytes' | 'txBytes'>[]
}

/** In bit/s. */
export interface PortRate {
  readonly inBps: number
  readonly outBps: number
}

/** By port number. A port whose counters began anew meanwhile has no rate yet. */
export function portRates(before: PortReading, after: PortReading): ReadonlyMap<number, PortRate> {
  const seconds = (after.atMs - before.atMs) / 1000
  const known = new Map(before.counters.map((one) => [one.portNo, one]))
  const rates = new Map<number, PortRate>()
  for (const { portNo, rxBytes, txBytes } of after.counters) {
    const old = known.get(portNo)
    if (!old || rxBytes < old.rxBytes || txBytes < old.txBytes || seconds <= 0) continue
    const rate = (bytes: bigint) => (Number(bytes) * 8) / seconds
    rates.set(portNo, { inBps: rate(rxBytes - old.rxBytes), outBps: rate(txBytes - old.txBytes) })
  }
  return rates
}
