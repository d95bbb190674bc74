/** Rates: `2.5G` is 2,500,000,000 bit/s. */
import type { Report } from './report.ts'

const units = { '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12 } as const
/** Below it a single frame is a second's worth; above it a meter cannot count. */
const [least, most] = [64e3, 4e12]

/** Undefined, and reported, when it is none that a switch can keep. */
export function readRate(text: string, pointer: string, report: Report): number | undefined {
  const [, digits = '', unit = ''] = /^([0-9.]+)([kMGT]?)$/.exec(text) ?? []
  const bps = Math.round(Number(digits) * units[unit as keyof typeof units])
  if (bps >= least && bps <= most) return bps
  report(pointer, `${text} is not between ${rateText(least)} and ${rateText(most)} bit/s`)
  return undefined
}

/** In the largest unit that keeps it readable: `40M`, `2.5G`, `999.999M`. */
export function rateText(bps: number): string {
  const found = (['T', 'G', 'M', 'k'] as const).find((unit) => bps >= units[unit])
  return found === undefined ? String(Math.round(bps)) : `${Number((bps / units[found]).toFixed(3))}${found}`
}
