/** Small pieces that many messages' lines are made of. */

export const hex = (value: number | bigint): string => `0x${value.toString(16)}`

/** C's `%#x`: zero has no prefix. */
export const hexOrZero = (value: number | bigint): string => (value == 0 ? '0' : hex(value))

export const words = (...parts: readonly (string | false | undefined)[]): string =>
  parts.filter((part) => part !== false && part !== undefined && part !== '').join(' ')

/** Whole milliseconds have three digits behind the point; finer fractions as many as they need. */
export function durationText(seconds: number, nanoseconds: number): string {
  if (nanoseconds === 0) return `${seconds}s`
  if (nanoseconds % 1_000_000 === 0) return `${seconds}.${String(nanoseconds / 1_000_000).padStart(3, '0')}s`
  return `${seconds}.${String(nanoseconds).padStart(9, '0').replace(/0+$/, '')}s`
}

/** Bits by their words, unknown ones as a number at the end; `0` for none. */
export function flagWords(
  flags: readonly string[],
  { separator = ' ', upper = false }: { readonly separator?: string; readonly upper?: boolean } = {},
): string {
  if (flags.length === 0) return '0'
  const named = flags.filter((flag) => !flag.startsWith('bit_'))
  const rest = flags.filter((flag) => flag.startsWith('bit_')).map((flag) => 2 ** Number(flag.slice(4)))
  const sum = rest.reduce((total, bit) => total + bit, 0)
  return [...named.map((flag) => (upper ? flag.toUpperCase() : flag)), ...(sum === 0 ? [] : [hex(sum)])].join(
    separator,
  )
}

/** Lines of sixteen bytes with their offset and letters. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let offset = 0; offset < bytes.length; offset += 16) {
    const row = bytes.subarray(offset, offset + 16)
    const digits = Array.from({ length: 16 }, (_, index) => {
      const byte = row[index]
      const text = byte === undefined ? '  ' : byte.toString(16).padStart(2, '0')
      return (index === 8 && byte !== undefined ? '-' : ' ') + text
    }).join('')
    const letters = Array.from(row, (byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
    ).join('')
    lines.push(`${offset.toString(16).padStart(8, '0')} ${digits} |${letters.padEnd(16)}|`)
  }
  return lines.join('\n')
}
