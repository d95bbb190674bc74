/**
 * A whole frame taken apart, layer by layer, as far as we understand it.
 * Total: a layer that is unknown or malformed is `opaque`, with what was wrong, and the layers outside it stand.
 */
import type { Arp } from './arp.ts'
import { readArp } from './arp.ts'
import { PacketError } from './bytes.ts'
import type { EthernetFrame } from './ethernet.ts'
import { ETHERTYPE, readEthernet } from './ethernet.ts'
import type { Icmp } from './icmp.ts'
import { readIcmp } from './icmp.ts'
import type { Icmpv6 } from './icmpv6.ts'
import { readIcmpv6 } from './icmpv6.ts'
import type { Ipv4 } from './ipv4.ts'
import { IP_PROTOCOL, readIpv4 } from './ipv4.ts'
import type { Ipv6 } from './ipv6.ts'
import { readIpv6 } from './ipv6.ts'
import type { Lldp } from './lldp.ts'
import { readLldp } from './lldp.ts'
import type { Tcp } from './tcp.ts'
import { readTcp } from './tcp.ts'
import type { Udp } from './udp.ts'
import { readUdp } from './udp.ts'

export interface Opaque {
  readonly type: 'opaque'
  readonly bytes: Uint8Array
  /** Why a protocol that we know could not be read; absent for one that we do not know. */
  readonly problem?: PacketError
}

export type Transport =
  | { readonly type: 'udp'; readonly udp: Udp }
  | { readonly type: 'tcp'; readonly tcp: Tcp }
  | { readonly type: 'icmp'; readonly icmp: Icmp }
  | { readonly type: 'icmpv6'; readonly icmpv6: Icmpv6 }
  | Opaque

export type Content =
  | { readonly type: 'arp' | 'rarp'; readonly arp: Arp }
  | { readonly type: 'ipv4'; readonly ip: Ipv4; readonly transport: Transport }
  | { readonly type: 'ipv6'; readonly ip: Ipv6; readonly transport: Transport }
  | { readonly type: 'lldp'; readonly lldp: Lldp }
  | Opaque

export interface Packet {
  readonly ethernet: EthernetFrame
  readonly content: Content
}

/** @throws PacketError only when there is no whole Ethernet header. */
export function readPacket(bytes: Uint8Array): Packet {
  const ethernet = readEthernet(bytes)
  return { ethernet, content: orOpaque(ethernet.payload, () => readContent(ethernet)) }
}

function orOpaque<T>(bytes: Uint8Array, read: () => T): T | Opaque {
  try {
    return read()
  } catch (problem: unknown) {
    if (problem instanceof PacketError) return { type: 'opaque', bytes, problem }
    throw problem
  }
}

function readContent({ ethertype, payload }: EthernetFrame): Content {
  switch (ethertype) {
    case ETHERTYPE.arp:
      return { type: 'arp', arp: readArp(payload) }
    case ETHERTYPE.rarp:
      return { type: 'rarp', arp: readArp(payload) }
    case ETHERTYPE.lldp:
      return { type: 'lldp', lldp: readLldp(payload) }
    case ETHERTYPE.ipv4: {
      const ip = readIpv4(payload)
      return { type: 'ipv4', ip, transport: orOpaque(ip.payload, () => readOverIpv4(ip)) }
    }
    case ETHERTYPE.ipv6: {
      const ip = readIpv6(payload)
      return { type: 'ipv6', ip, transport: orOpaque(ip.payload, () => readOverIpv6(ip)) }
    }
    default:
      return { type: 'opaque', bytes: payload }
  }
}

function readOverIpv4(ip: Ipv4): Transport {
  // A fragment is no transport packet: only the first has the header, and none is whole.
  if (ip.moreFragments || ip.fragmentOffset > 0) return { type: 'opaque', bytes: ip.payload }
  if (ip.protocol === IP_PROTOCOL.icmp) return { type: 'icmp', icmp: readIcmp(ip.payload) }
  return readPorts(ip.protocol, ip.payload)
}

function readOverIpv6(ip: Ipv6): Transport {
  if (ip.nextHeader === IP_PROTOCOL.icmpv6) return { type: 'icmpv6', icmpv6: readIcmpv6(ip.payload, ip) }
  return readPorts(ip.nextHeader, ip.payload)
}

function readPorts(protocol: number, bytes: Uint8Array): Transport {
  if (protocol === IP_PROTOCOL.udp) return { type: 'udp', udp: readUdp(bytes) }
  if (protocol === IP_PROTOCOL.tcp) return { type: 'tcp', tcp: readTcp(bytes) }
  return { type: 'opaque', bytes }
}
