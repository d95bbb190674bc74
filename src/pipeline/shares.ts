/** The meters by which classes share uplinks of a switch: their numbers, and their rates and bursts. */
import { limits } from '../model/schema-parts.ts'
import type { Meter } from './rule.ts'

/** Begins as our cookies do. */
const firstMeter = 0x5a00
const metersPerUplink = 16
const endOfMeters = firstMeter + limits.uplinksPerSwitch * metersPerUplink

/** `index` is the place of an uplink among those declared, `classNumber` from 1 to 7. */
export function classMeters(
  index: number,
  classNumber: number,
): { readonly held: number; readonly lent: number } {
  const held = firstMeter + index * metersPerUplink + 2 * classNumber
  return { held, lent: held + 1 }
}

/** Whether a meter has a number that `classMeters` gives. */
export function isClassMeter(id: number): boolean {
  return id >= firstMeter && id < endOfMeters
}

/** Seconds' worth of the rate. With it TCP comes within a twentieth of the rate, whether CUBIC or BBR; with 0.05 to a quarter. */
const burstS = 0.25
const least = 64

export function meterOfRate(bps: number): Pick<Meter, 'unit' | 'rate' | 'burst'> {
  const rate = Math.max(least, Math.round(bps / 1000))
  return { unit: 'kbps', rate, burst: Math.round(rate * burstS) }
}
