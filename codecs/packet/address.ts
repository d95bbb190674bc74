/** Addresses as canonical text: MACs are numbers of 48 bits, IPv4 numbers of 32 bits, IPv6 bigints of 128 bits. */

/** `02:00:00:00:00:01`. */
export function formatMac(mac: number): string {
  const digits = mac.toString(16).padStart(12, '0')
  return (digits.match(/../g) ?? []).join(':')
}

/** True for group addresses, broadcast among them (IEEE 802: the first bit on the wire). */
export function isMulticastMac(mac: number): boolean {
  return Math.floor(mac / 2 ** 40) % 2 === 1
}

/** `10.0.0.1`. */
export function formatIpv4(address: number): string {
  return [address >>> 24, (address >>> 16) & 0xff, (address >>> 8) & 0xff, address & 0xff].join('.')
}

/** RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups as `::`. */
export function formatIpv6(address: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number(BigInt.asUintN(16, address >> BigInt(112 - 16 * index))),
  )
  let best = { start: 0, length: 0 }
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (groups[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  const text = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':')
  return best.length < 2 ? text(0, 8) : `${text(0, best.start)}::${text(best.start + best.length, 8)}`
}
