/** Amounts as people read them. */
import { rateText } from '../../model/rates.ts'

const threeDigits = (value: number): number => Number(value.toPrecision(3))

export const bitRateText = (bps: number): string =>
  `${rateText(threeDigits(bps)).replace(/[kMGT]?$/, (unit) => ` ${unit}`)}bit/s`

const binary = [
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
] as const

export function bytesText(bytes: number): string {
  const [name, size] = binary.find(([, least]) => bytes >= least) ?? ['B', 1]
  return `${threeDigits(bytes / size)} ${name}`
}

export const byteRateText = (bytesPerS: number): string => `${bytesText(bytesPerS)}/s`

/** Of a second and more, in seconds. */
export const msText = (ms: number): string => (ms < 1000 ? `${threeDigits(ms)} ms` : secondsText(ms / 1000))

export const secondsText = (seconds: number): string =>
  seconds < 120 ? `${threeDigits(seconds)} s` : `${threeDigits(seconds / 60)} min`

export const percentText = (part: number): string => `${threeDigits(part * 100)} %`
