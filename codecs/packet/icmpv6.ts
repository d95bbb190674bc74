/** ICMPv6 (RFC 4443): echo and neighbour discovery (RFC 4861) as values, everything else as bytes. */
import { ByteReader, ByteWriter, PacketError } from './bytes.ts'
import { checksum, pseudoHeader } from './checksum.ts'
import type { Echo, OpaqueIcmp } from './icmp.ts'
import { readEcho, sealed, writeEcho } from './icmp.ts'
import { IP_PROTOCOL } from './ipv4.ts'
import type { NdOption } from './nd-options.ts'
import { readNdOptions, writeNdOptions } from './nd-options.ts'

export interface NeighbourSolicitation {
  readonly type: 'neighbour_solicitation'
  readonly target: bigint
  readonly options: readonly NdOption[]
}

export interface NeighbourAdvertisement {
  readonly type: 'neighbour_advertisement'
  readonly router: boolean
  readonly solicited: boolean
  readonly override: boolean
  readonly target: bigint
  readonly options: readonly NdOption[]
}

export interface RouterAdvertisement {
  readonly type: 'router_advertisement'
  readonly hopLimit: number
  /** Addresses are to be had by DHCPv6. */
  readonly managed: boolean
  /** Other configuration is to be had by DHCPv6. */
  readonly otherConfig: boolean
  readonly lifetimeS: number
  readonly reachableMs: number
  readonly retransmitMs: number
  readonly options: readonly NdOption[]
}

export type Icmpv6 = Echo | NeighbourSolicitation | NeighbourAdvertisement | RouterAdvertisement | OpaqueIcmp

const TYPE = {
  echo_request: 128,
  echo_reply: 129,
  router_advertisement: 134,
  neighbour_solicitation: 135,
  neighbour_advertisement: 136,
} as const

interface Ends {
  readonly src: bigint
  readonly dst: bigint
}

/** `ends` are the addresses of the IPv6 header, which the checksum covers. */
export function readIcmpv6(bytes: Uint8Array, ends: Ends): Icmpv6 {
  const reader = new ByteReader(bytes)
  const icmpType = reader.u8('icmpv6.type')
  const code = reader.u8('icmpv6.code')
  reader.u16('icmpv6.checksum')
  const pseudo = pseudoHeader({ family: 6, src: ends.src, dst: ends.dst }, IP_PROTOCOL.icmpv6, bytes.length)
  if (checksum(pseudo, bytes) !== 0) throw new PacketError('checksum', 'icmpv6.checksum', 2)
  const body = reader.rest()
  if (code !== 0) return { type: 'opaque', icmpType, code, body }
  if (icmpType === TYPE.echo_request) return readEcho('echo_request', body)
  if (icmpType === TYPE.echo_reply) return readEcho('echo_reply', body)
  if (icmpType === TYPE.router_advertisement) return readRouterAdvertisement(body)
  if (icmpType === TYPE.neighbour_solicitation) return readSolicitation(body)
  if (icmpType === TYPE.neighbour_advertisement) return readAdvertisement(body)
  return { type: 'opaque', icmpType, code, body }
}

function readSolicitation(body: Uint8Array): NeighbourSolicitation {
  const reader = new ByteReader(body)
  reader.u32('nd.reserved')
  const target = reader.u128('nd.target')
  return { type: 'neighbour_solicitation', target, options: readNdOptions(reader.rest()) }
}

function readAdvertisement(body: Uint8Array): NeighbourAdvertisement {
  const reader = new ByteReader(body)
  const flags = reader.u32('nd.flags') >>> 29
  const target = reader.u128('nd.target')
  return {
    type: 'neighbour_advertisement',
    router: (flags & 4) !== 0,
    solicited: (flags & 2) !== 0,
    override: (flags & 1) !== 0,
    target,
    options: readNdOptions(reader.rest()),
  }
}

function readRouterAdvertisement(body: Uint8Array): RouterAdvertisement {
  const reader = new ByteReader(body)
  const hopLimit = reader.u8('ra.hop_limit')
  const flags = reader.u8('ra.flags')
  const lifetimeS = reader.u16('ra.lifetime')
  const reachableMs = reader.u32('ra.reachable')
  const retransmitMs = reader.u32('ra.retransmit')
  return {
    type: 'router_advertisement',
    hopLimit,
    managed: (flags & 0x80) !== 0,
    otherConfig: (flags & 0x40) !== 0,
    lifetimeS,
    reachableMs,
    retransmitMs,
    options: readNdOptions(reader.rest()),
  }
}

export function writeIcmpv6(icmp: Icmpv6, ends: Ends): Uint8Array {
  const body = writeBody(icmp)
  const endpoints = { family: 6, src: ends.src, dst: ends.dst } as const
  const pseudo = pseudoHeader(endpoints, IP_PROTOCOL.icmpv6, 4 + body.length)
  if (icmp.type === 'opaque') return sealed(icmp.icmpType, icmp.code, body, pseudo)
  return sealed(TYPE[icmp.type], 0, body, pseudo)
}

function writeBody(icmp: Icmpv6): Uint8Array {
  switch (icmp.type) {
    case 'opaque':
      return icmp.body
    case 'echo_request':
    case 'echo_reply':
      return writeEcho(icmp)
    case 'neighbour_solicitation':
      return withOptions(
        new ByteWriter(20).u32(0, 'nd.reserved').u128(icmp.target, 'nd.target'),
        icmp.options,
      )
    case 'neighbour_advertisement': {
      const flags = (icmp.router ? 4 : 0) + (icmp.solicited ? 2 : 0) + (icmp.override ? 1 : 0)
      const head = new ByteWriter(20).u32(flags * 2 ** 29, 'nd.flags').u128(icmp.target, 'nd.target')
      return withOptions(head, icmp.options)
    }
    case 'router_advertisement': {
      const flags = (icmp.managed ? 0x80 : 0) | (icmp.otherConfig ? 0x40 : 0)
      const head = new ByteWriter(12).u8(icmp.hopLimit, 'ra.hop_limit').u8(flags, 'ra.flags')
      head.u16(icmp.lifetimeS, 'ra.lifetime').u32(icmp.reachableMs, 'ra.reachable')
      return withOptions(head.u32(icmp.retransmitMs, 'ra.retransmit'), icmp.options)
    }
  }
}

function withOptions(head: ByteWriter, options: readonly NdOption[]): Uint8Array {
  const tail = writeNdOptions(options)
  return new ByteWriter(head.bytes.length + tail.length).raw(head.bytes).raw(tail).bytes
}
