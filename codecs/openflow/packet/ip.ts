/** IPv4 (RFC 791) and IPv6 (RFC 8200), with fragments and extension headers. */
import { u128, u16, u32, u8 } from './bytes.ts'
import type { Fragment, IpFields, Layers } from './fields.ts'
import { readTransport } from './transport.ts'

const ipv4Size = 20
const ipv6Size = 40
/** Open vSwitch takes no more than this for padding. */
const maxPadding = 0xffff

export function readIpv4(bytes: Uint8Array): Layers {
  const headerSize = (u8(bytes, 0) & 0xf) * 4
  const size = u16(bytes, 2)
  const isWhole = bytes.length >= ipv4Size && size <= bytes.length && bytes.length - size <= maxPadding
  if (!isWhole || headerSize < ipv4Size || headerSize > size) return {}
  const part = u16(bytes, 6)
  const isLater = (part & 0x1fff) !== 0
  const ip: IpFields = {
    proto: u8(bytes, 9),
    ...trafficClass(u8(bytes, 1)),
    ttl: u8(bytes, 8),
    fragment: isLater ? 'later' : (part & 0x2000) !== 0 ? 'first' : 'no',
  }
  return {
    ipv4: { src: u32(bytes, 12), dst: u32(bytes, 16), ...ip },
    ...carried(ip, bytes.subarray(headerSize, size)),
  }
}

export function readIpv6(bytes: Uint8Array): Layers {
  const size = ipv6Size + u16(bytes, 4)
  if (bytes.length < ipv6Size || size > bytes.length || bytes.length - size > maxPadding) return {}
  const addresses = { src: u128(bytes, 8), dst: u128(bytes, 24) }
  const inner = passExtensions(u8(bytes, 6), bytes.subarray(ipv6Size, size))
  if (inner === undefined) {
    return { ipv6: { ...addresses, label: 0, proto: 0, dscp: 0, ecn: 0, ttl: 0, fragment: 'no' } }
  }
  const head = u32(bytes, 0)
  const ip: IpFields = {
    proto: inner.proto,
    ...trafficClass((head >>> 20) & 0xff),
    ttl: u8(bytes, 7),
    fragment: inner.fragment,
  }
  return { ipv6: { ...addresses, label: head & 0xfffff, ...ip }, ...carried(ip, inner.payload) }
}

const trafficClass = (octet: number): Pick<IpFields, 'dscp' | 'ecn'> => ({
  dscp: octet >>> 2,
  ecn: octet & 3,
})

const carried = ({ proto, fragment }: IpFields, ipPayload: Uint8Array): Layers => ({
  ipPayload,
  ...(fragment === 'later' ? {} : readTransport(proto, ipPayload)),
})

const hopByHop = 0
const routing = 43
const fragmentHeader = 44
const authentication = 51
const destinationOptions = 60
const extensions: ReadonlySet<number> = new Set([
  hopByHop,
  routing,
  fragmentHeader,
  authentication,
  destinationOptions,
])
/** Also the least that any extension header has. */
const fragmentHeaderSize = 8

interface Inner {
  readonly proto: number
  readonly fragment: Fragment
  readonly payload: Uint8Array
}

/** What is behind the extension headers, or undefined if they run beyond the packet. */
function passExtensions(first: number, bytes: Uint8Array): Inner | undefined {
  let proto = first
  let fragment: Fragment = 'no'
  let at = 0
  while (extensions.has(proto)) {
    const size = extensionSize(proto, u8(bytes, at + 1))
    if (at + fragmentHeaderSize > bytes.length || at + size > bytes.length) return undefined
    if (proto === fragmentHeader) {
      const part = u16(bytes, at + 2)
      if (part !== 0) fragment = (part & 0xfff8) === 0 ? 'first' : 'later'
    }
    // Behind the header of a later fragment the rest of a payload follows, not what the header names.
    if (fragment === 'later') return { proto: fragmentHeader, fragment, payload: bytes.subarray(at + size) }
    proto = u8(bytes, at)
    at += size
  }
  return { proto, fragment, payload: bytes.subarray(at) }
}

function extensionSize(proto: number, length: number): number {
  if (proto === fragmentHeader) return fragmentHeaderSize
  return proto === authentication ? (length + 2) * 4 : (length + 1) * 8
}
