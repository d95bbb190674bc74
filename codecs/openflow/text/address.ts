/** MAC and IP addresses between numbers and text. MAC and IPv4 are numbers, IPv6 bigints. */

const macPattern = /^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}$/i

/** `02:00:00:00:00:01` for 0x020000000001. */
export function formatMac(mac: number): string {
  const digits = mac.toString(16).padStart(12, '0')
  return digits.replace(/(..)(?=.)/g, '$1:')
}

/** 48 bits, or undefined if the text is not six hexadecimal octets. */
export function parseMac(text: string): number | undefined {
  if (!macPattern.test(text)) return undefined
  return text.split(':').reduce((value, octet) => value * 0x100 + Number.parseInt(octet, 16), 0)
}

/** `10.0.0.1` for 0x0a000001. */
export function formatIpv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 0xff}.${(address >>> 8) & 0xff}.${address & 0xff}`
}

/**
 * RFC 5952: lower case, the longest run of zero groups (the first of equals, two at least) as `::`, and the end as an
 * IPv4 address where the beginning says that it is one.
 */
export function formatIpv6(address: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number((address >> BigInt(112 - 16 * index)) & 0xffffn),
  )
  const { start, length } = longestZeroRun(groups)
  const hex = groups.map((group) => group.toString(16))
  const isMapped = length === 5 && groups[5] === 0xffff
  if (start === 0 && (length === 6 || isMapped)) {
    const ipv4 = formatIpv4(Number(address & 0xffff_ffffn))
    return isMapped ? `::ffff:${ipv4}` : `::${ipv4}`
  }
  if (length < 2) return hex.join(':')
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let start = 0
  groups.forEach((group, index) => {
    if (group !== 0) start = index + 1
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start }
  })
  return best
}
