/** The spellings of a datapath id that users bring along from other tools, read into one. */

/**
 * Reads `1`, `0x1`, `0000000000000001`, `00:00:00:00:00:00:00:01`, `of:...` and `openflow:1` as 16 lower-case hex digits.
 * A bare number is decimal unless it has 16 digits.
 */
export function parseDatapathId(text: string): string | undefined {
  const digits = text.toLowerCase()
  const bare = digits.startsWith('of:') ? digits.slice(3) : digits
  if (/^[0-9a-f]{16}$/.test(bare)) return bare
  if (/^[0-9a-f]{2}(:[0-9a-f]{2}){7}$/.test(bare)) return bare.replaceAll(':', '')
  const number = digits.startsWith('openflow:') ? digits.slice(9) : digits
  if (!/^(0x[0-9a-f]{1,16}|[0-9]{1,20})$/.test(number)) return undefined
  const value = BigInt(number)
  return value < 1n << 64n ? value.toString(16).padStart(16, '0') : undefined
}
