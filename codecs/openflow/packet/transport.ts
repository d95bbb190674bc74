/** What IP carries: TCP, UDP, SCTP, ICMP and IGMP, and ICMPv6 with neighbour discovery; by protocol in IPv4 and IPv6 alike. */
import { u128, u16, u32, u48, u8 } from './bytes.ts'
import type { Layers, NdFields, Ports } from './fields.ts'

export const ipProtocol = { icmp: 1, igmp: 2, tcp: 6, udp: 17, icmpv6: 58, sctp: 132 } as const

/** The smallest header of each. */
const tcpSize = 20
const udpSize = 8
const sctpSize = 12
const icmpSize = 8

const readers: Readonly<Record<number, (bytes: Uint8Array) => Layers>> = {
  [ipProtocol.tcp]: readTcp,
  [ipProtocol.udp]: (bytes) => (bytes.length < udpSize ? {} : { udp: ports(bytes) }),
  [ipProtocol.sctp]: (bytes) => (bytes.length < sctpSize ? {} : { sctp: ports(bytes) }),
  [ipProtocol.icmp]: (bytes) => (bytes.length < icmpSize ? {} : { icmp: typeAndCode(bytes) }),
  [ipProtocol.igmp]: (bytes) =>
    bytes.length < icmpSize ? {} : { igmp: { ...typeAndCode(bytes), group: u32(bytes, 4) } },
  [ipProtocol.icmpv6]: readIcmpv6,
}

export const readTransport = (proto: number, bytes: Uint8Array): Layers => readers[proto]?.(bytes) ?? {}

const ports = (bytes: Uint8Array): Ports => ({ src: u16(bytes, 0), dst: u16(bytes, 2) })

const typeAndCode = (bytes: Uint8Array): { readonly type: number; readonly code: number } => ({
  type: u8(bytes, 0),
  code: u8(bytes, 1),
})

function readTcp(bytes: Uint8Array): Layers {
  const size = (u8(bytes, 12) >>> 4) * 4
  if (size < tcpSize || size > bytes.length) return {}
  return { tcp: { ...ports(bytes), flags: u16(bytes, 12) & 0xfff } }
}

const solicitation = 135
const advertisement = 136

function readIcmpv6(bytes: Uint8Array): Layers {
  if (bytes.length < icmpSize) return {}
  const { type, code } = typeAndCode(bytes)
  const isNd = code === 0 && (type === solicitation || type === advertisement)
  return { icmpv6: isNd ? { type, code, nd: readNd(bytes) } : { type, code } }
}

const ndTargetSize = 16
const sourceAddress = 1
const targetAddress = 2

/** RFC 4861, sections 4.3, 4.4 and 4.6. Reading stops at an option that is empty or runs beyond the packet. */
function readNd(bytes: Uint8Array): NdFields {
  const reserved = u32(bytes, 4)
  let at = icmpSize + ndTargetSize
  if (at > bytes.length) return { reserved, target: 0n, sll: 0, tll: 0, optionsType: 0 }
  const found = { sll: 0, tll: 0 }
  let optionsType = 0
  while (at + 8 <= bytes.length) {
    const type = u8(bytes, at)
    const size = u8(bytes, at + 1) * 8
    if (size === 0 || at + size > bytes.length) break
    if (size === 8 && (type === sourceAddress || type === targetAddress)) {
      const which = type === sourceAddress ? 'sll' : 'tll'
      if (found[which] !== 0) return { reserved, target: 0n, sll: 0, tll: 0, optionsType }
      found[which] = u48(bytes, at + 2)
      if (optionsType === 0) optionsType = type
    }
    at += size
  }
  return { reserved, target: u128(bytes, icmpSize), ...found, optionsType }
}
