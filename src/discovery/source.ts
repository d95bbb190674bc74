/** Who sent a frame: its source MAC and the IP addresses that it claims for it. */
import { formatIpv4, formatIpv6 } from '../../codecs/packet/address.ts'
import { PacketError } from '../../codecs/packet/bytes.ts'
import type { Content, Packet } from '../../codecs/packet/packet.ts'
import { readPacket } from '../../codecs/packet/packet.ts'

export interface Source {
  /** 48 bits. */
  readonly mac: number
  /** Canonical text; neither unspecified nor multicast. */
  readonly ips: readonly string[]
}

/** Undefined for a frame without a whole Ethernet header. */
export function sourceOf(frame: Uint8Array): Source | undefined {
  let packet: Packet
  try {
    packet = readPacket(frame)
  } catch (error: unknown) {
    if (error instanceof PacketError) return undefined
    throw error
  }
  return { mac: packet.ethernet.src, ips: claimedIps(packet.content) }
}

function claimedIps(content: Content): string[] {
  switch (content.type) {
    case 'arp':
      return isHost4(content.arp.spa) ? [formatIpv4(content.arp.spa)] : []
    case 'ipv4':
      return isHost4(content.ip.src) ? [formatIpv4(content.ip.src)] : []
    case 'ipv6':
      return isHost6(content.ip.src) ? [formatIpv6(content.ip.src)] : []
    default:
      return []
  }
}

const isHost4 = (address: number) => address !== 0 && address < 0xe0000000

const isHost6 = (address: bigint) => address !== 0n && address >> 120n !== 0xffn
