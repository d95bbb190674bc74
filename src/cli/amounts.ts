/** Amounts on the command line: `4GiB`, `50MiB/s`, `5ms`, `1Gbit/s`. */
import { CliError, exit } from './io.ts'

const decimal = { '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12 } as const
const binary = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 } as const
const durations = { us: 0.001, ms: 1, s: 1000 } as const

interface Amount {
  readonly pattern: RegExp
  /** By the unit that the pattern finds. */
  readonly units: Readonly<Record<string, number>>
  readonly example: string
}

const sizes = { ...decimal, ...binary }
const bytes: Amount = { pattern: /^([0-9.]+) ?([kMGT]?|[KMGT]i)B$/, units: sizes, example: '4GiB' }
const byteRate: Amount = { ...bytes, pattern: /^([0-9.]+) ?([kMGT]?|[KMGT]i)B\/s$/, example: '50MiB/s' }
const bitRate: Amount = { pattern: /^([0-9.]+) ?([kMGT]?)(?:bit\/s)?$/, units: decimal, example: '1Gbit/s' }
const duration: Amount = { pattern: /^([0-9.]+) ?(us|ms|s)$/, units: durations, example: '5ms' }

/** Each takes the option's name and its text, and gives bytes, bytes a second, bit/s and milliseconds. */
export const readBytes = reader(bytes)
export const readByteRate = reader(byteRate)
export const readBitRate = reader(bitRate)
export const readDurationMs = reader(duration)

function reader({ pattern, units, example }: Amount): (option: string, text: string) => number {
  return (option, text) => {
    const [, digits = '', unit = ''] = pattern.exec(text) ?? []
    const value = Number(digits) * (units[unit] ?? NaN)
    if (digits !== '' && Number.isFinite(value)) return value
    throw new CliError(`${option} cannot be "${text}"`, exit.usage, `write it as ${option} ${example}`)
  }
}
