/**
 * What classes of traffic sent, from the counters of their meters, and at which rates they may send next. Pure: `lending.ts`
 * reads the counters and has the rates sent.
 */
import type { Sharing } from '../compiler/features/egress.ts'
import { classNumber } from '../model/classes.ts'
import type { ClassName } from '../model/intent.ts'
import type { LentRate } from '../reconciler/lend.ts'
import { classMeters, meterOfRate } from '../pipeline/shares.ts'
import { allocate, standing } from '../qos/allocate.ts'

/** Of one meter: what came to it, and what of that it dropped. */
export interface MeterCount {
  readonly bytes: bigint
  readonly droppedBytes: bigint
}

/** By number of the meter. */
export type MeterCounts = ReadonlyMap<number, MeterCount>

/** What a class sent by an uplink since its counters were read before. */
export interface ClassUse {
  readonly uplink: string
  readonly name: ClassName
  /** Tried to send, dropped or not. */
  readonly bytes: number
  readonly droppedBytes: number
  readonly useBps: number
  readonly droppedBps: number
  /** As `allocate` takes it. */
  readonly wantBps: number
}

/** What is known of the classes of one switch. */
export interface Ledger {
  readonly atMs: number
  readonly counts: MeterCounts
  readonly uses: readonly ClassUse[]
  /** Bit/s by number of the lent meter, as the switch confirmed them; absent: not known. */
  readonly rates: ReadonlyMap<number, number>
  /** Whether they count: the lease was renewed when the counters were read last. */
  readonly lent: boolean
}

export interface Settlement {
  /** As long as nothing is sent. */
  readonly ledger: Ledger
  /** Whether a class wants more than is always its own. Without that there is nothing to send. */
  readonly lends: boolean
  /** Lent meters whose rates have to change for it. */
  readonly meters: readonly LentRate[]
}

/** A changed meter begins with a full bucket, so rates do not follow every small step. A rise is no hurry, a fall is. */
const [rise, fall] = [1.1, 0.97]

export function openLedger(atMs: number, counts: MeterCounts): Ledger {
  return { atMs, counts, uses: [], rates: new Map(), lent: false }
}

/** Of a class by an uplink, as read last. */
export function useOf({ uses }: Ledger, uplink: string, name: ClassName): ClassUse | undefined {
  return uses.find((use) => use.uplink === uplink && use.name === name)
}

/** What is known of the rates no longer holds: the program changed. */
export function withoutRates(ledger: Ledger): Ledger {
  return { ...ledger, rates: new Map() }
}

export function settle(
  { uplinks, classes }: Sharing,
  before: Ledger,
  { atMs, counts }: Pick<Ledger, 'atMs' | 'counts'>,
): Settlement {
  const seconds = Math.max(atMs - before.atMs, 1) / 1000
  const uses: ClassUse[] = []
  const meters: LentRate[] = []
  let lends = false
  for (const { name: uplink, index, bandwidthBps } of uplinks) {
    if (bandwidthBps === undefined) continue
    const loads = classes.map((one) => {
      const { held, lent } = classMeters(index, classNumber(one.name))
      const grown = [held, lent].map((id) => growth(before.counts.get(id), counts.get(id)))
      const bytes = grown.reduce((sum, each) => sum + each.bytes, 0)
      const droppedBytes = grown.reduce((sum, each) => sum + each.droppedBytes, 0)
      const wantBps = useOf(before, uplink, one.name)?.wantBps
      const useBps = (8 * bytes) / seconds
      return { ...one, bytes, droppedBytes, useBps, ...(wantBps !== undefined && { wantBps }) }
    })
    const allotments = allocate(bandwidthBps, loads)
    const own = standing(bandwidthBps, classes)
    for (const { name, bytes, droppedBytes, useBps } of loads) {
      const { rateBps = 0, wantBps = 0 } = allotments.get(name) ?? {}
      const droppedBps = (8 * droppedBytes) / seconds
      uses.push({ uplink, name, bytes, droppedBytes, useBps, droppedBps, wantBps })
      lends ||= wantBps > (own.get(name) ?? 0)
      const id = classMeters(index, classNumber(name)).lent
      if (isOff(before.rates.get(id), rateBps)) meters.push({ id, ...meterOfRate(rateBps) })
    }
  }
  const { rates } = before
  return { ledger: { atMs, counts, uses, rates, lent: false }, lends, meters: lends ? meters : [] }
}

/** After the switch confirmed the settlement: meters that were changed count from nothing. */
export function lentBy({ ledger, meters }: Settlement): Ledger {
  const counts = new Map(ledger.counts)
  const rates = new Map(ledger.rates)
  for (const { id, rate } of meters) {
    counts.delete(id)
    rates.set(id, rate * 1000)
  }
  return { ...ledger, counts, rates, lent: true }
}

const isOff = (now: number | undefined, rateBps: number): boolean =>
  now === undefined || rateBps > now * rise || rateBps < now * fall

const nothing: MeterCount = { bytes: 0n, droppedBytes: 0n }

/** Counters that went back began anew meanwhile. */
function growth(before: MeterCount = nothing, now: MeterCount = nothing) {
  const grown = (from: bigint, to: bigint) => Number(to < from ? to : to - from)
  return {
    bytes: grown(before.bytes, now.bytes),
    droppedBytes: grown(before.droppedBytes, now.droppedBytes),
  }
}
