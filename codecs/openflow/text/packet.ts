/** A packet as ovs-ofctl shows it under a packet-in or packet-out: all it can match on, then the transport's checksum. */
import { ethernetPacket, type IpFields, type PacketFields, readPacket } from '../packet/ethernet.ts'
import { u16, u32 } from '../packet/bytes.ts'
import { ipProtocol } from '../packet/transport.ts'
import { formatIpv4, formatIpv6, formatMac } from './address.ts'
import { flagNames } from './flags.ts'

/**
 * One line, without a newline, for any bytes: layers that cannot be read are shown as zeros. The packet type is that of
 * OpenFlow 1.5; if it is not Ethernet's, the packet begins with its network layer.
 */
export function showPacket(data: Uint8Array, packetType = ethernetPacket): string {
  const packet = readPacket(data, packetType)
  const isFrame = packetType === ethernetPacket
  const name = isFrame ? protocolName(packet) : undefined
  const parts = [
    ...(isFrame ? [] : [`packet_type=(${shortHex(packetType >>> 16)},${shortHex(packetType & 0xffff)})`]),
    ...(name === undefined ? [] : [name]),
    ...(isFrame ? frameParts(packet) : []),
    ...(isFrame && name === undefined ? [`dl_type=${hex(packet.ethType, 4)}`] : []),
    ...networkParts(packet, name),
  ]
  return parts.join(',') + checksum(packet)
}

const hex = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`
const shortHex = (value: number): string => (value > 9 ? hex(value, 1) : String(value))

const ethTypeNames: Readonly<Record<number, string>> = {
  0x0800: 'ip',
  0x0806: 'arp',
  0x8035: 'rarp',
  0x86dd: 'ipv6',
  0x8847: 'mpls',
  0x8848: 'mplsm',
}
const overIpv4: Readonly<Record<number, string>> = {
  [ipProtocol.icmp]: 'icmp',
  [ipProtocol.tcp]: 'tcp',
  [ipProtocol.udp]: 'udp',
  [ipProtocol.sctp]: 'sctp',
}
const overIpv6: Readonly<Record<number, string>> = {
  [ipProtocol.icmpv6]: 'icmp6',
  [ipProtocol.tcp]: 'tcp6',
  [ipProtocol.udp]: 'udp6',
  [ipProtocol.sctp]: 'sctp6',
}

function protocolName({ ipv4, ipv6, ethType }: PacketFields): string | undefined {
  const inner = ipv4 === undefined ? overIpv6[ipv6?.proto ?? 0] : overIpv4[ipv4.proto]
  return inner ?? ethTypeNames[ethType]
}

/** A frame is shown with the tag that it does not have, unless it has as many as are read. */
function frameParts({ ethernet, vlans }: PacketFields): readonly string[] {
  const suffix = (index: number): string => (index === 0 ? '' : String(index))
  const tags = vlans.flatMap(({ vid, pcp }, index) => [
    `dl_vlan${suffix(index)}=${vid}`,
    `dl_vlan_pcp${suffix(index)}=${pcp}`,
  ])
  const noTag = vlans.length < 2 ? [`vlan_tci${suffix(vlans.length)}=0x0000`] : []
  const { src, dst } = ethernet ?? { src: 0, dst: 0 }
  return [...tags, ...noTag, `dl_src=${formatMac(src)}`, `dl_dst=${formatMac(dst)}`]
}

function networkParts(packet: PacketFields, name: string | undefined): readonly string[] {
  switch (packet.ethType) {
    case 0x0800:
    case 0x86dd:
      return ipParts(packet, name)
    case 0x0806:
    case 0x8035:
      return arpParts(packet)
    case 0x8847:
    case 0x8848:
      return mplsParts(packet)
    case 0x894f:
      // Open vSwitch shows the fields of IP here too, though it does not look inside.
      return [...nshParts(packet), 'nw_proto=0', ...headerParts(unreadIp)]
    default:
      return []
  }
}

const unreadIp: IpFields = { proto: 0, dscp: 0, ecn: 0, ttl: 0, fragment: 'no' }

function headerParts({ dscp, ecn, ttl, fragment }: IpFields): readonly string[] {
  return [`nw_tos=${dscp << 2}`, `nw_ecn=${ecn}`, `nw_ttl=${ttl}`, `nw_frag=${fragment}`]
}

function ipParts(packet: PacketFields, name: string | undefined): readonly string[] {
  const { ipv4, ipv6, ethType } = packet
  const ip = ipv4 ?? ipv6 ?? unreadIp
  const isNamed = name !== undefined && name !== ethTypeNames[ethType]
  const addresses =
    ethType === 0x0800
      ? [`nw_src=${formatIpv4(ipv4?.src ?? 0)}`, `nw_dst=${formatIpv4(ipv4?.dst ?? 0)}`]
      : [
          `ipv6_src=${formatIpv6(ipv6?.src ?? 0n)}`,
          `ipv6_dst=${formatIpv6(ipv6?.dst ?? 0n)}`,
          `ipv6_label=${hex(ipv6?.label ?? 0, 5)}`,
        ]
  return [
    ...addresses,
    ...(isNamed ? [] : [`nw_proto=${ip.proto}`]),
    ...headerParts(ip),
    ...(ip.fragment === 'later' ? [] : transportParts(packet, ip.proto)),
  ]
}

const withTransport: ReadonlySet<number> = new Set(Object.values(ipProtocol))

function transportParts(packet: PacketFields, proto: number): readonly string[] {
  if (!withTransport.has(proto)) return []
  const { ethType, icmpv6 } = packet
  const two = twoNumbers(packet)
  const isIcmp = proto === (ethType === 0x0800 ? ipProtocol.icmp : ipProtocol.icmpv6)
  const words = isIcmp ? ['icmp_type', 'icmp_code'] : ['tp_src', 'tp_dst']
  const parts = two.map((value, index) => `${words[index] ?? ''}=${value}`)
  if (proto === ipProtocol.tcp) parts.push(`tcp_flags=${tcpFlags(packet.tcp?.flags ?? 0)}`)
  const nd = isIcmp ? icmpv6?.nd : undefined
  if (nd === undefined) return parts
  const addresses = [
    `nd_target=${formatIpv6(nd.target)}`,
    `nd_sll=${formatMac(nd.sll)}`,
    `nd_tll=${formatMac(nd.tll)}`,
  ]
  return [...parts, ...addresses]
}

/** The two fields that ports, or type and code, share in Open vSwitch. */
function twoNumbers({ tcp, udp, sctp, icmp, icmpv6, igmp }: PacketFields): readonly [number, number] {
  const ports = tcp ?? udp ?? sctp
  if (ports !== undefined) return [ports.src, ports.dst]
  const { type, code } = icmp ?? icmpv6 ?? igmp ?? { type: 0, code: 0 }
  return [type, code]
}

function tcpFlags(flags: number): string {
  const set = flagNames('tcp_flags').filter((_, bit) => ((flags >>> bit) & 1) === 1)
  return set.length === 0 ? '0' : set.join('|')
}

function arpParts({ arp }: PacketFields): readonly string[] {
  const { op, spa, tpa, sha, tha } = arp ?? { op: 0, spa: 0, tpa: 0, sha: 0, tha: 0 }
  return [
    `arp_spa=${formatIpv4(spa)}`,
    `arp_tpa=${formatIpv4(tpa)}`,
    `arp_op=${op}`,
    `arp_sha=${formatMac(sha)}`,
    `arp_tha=${formatMac(tha)}`,
  ]
}

const unreadLabel = { label: 0, tc: 0, bos: false, ttl: 0 }

/** The first label by its fields, the others as numbers of 32 bits; one more is shown if the last is not the bottom. */
function mplsParts({ mpls = [] }: PacketFields): readonly string[] {
  const labels = [...mpls, unreadLabel, unreadLabel, unreadLabel].slice(0, 3)
  const bottom = labels.findIndex(({ bos }) => bos)
  const shown = bottom < 0 ? labels : labels.slice(0, bottom + 1)
  return shown.flatMap(({ label, tc, bos, ttl }, index) => {
    const lowBits = tc * 0x200 + (bos ? 0x100 : 0) + ttl
    if (index > 0) return [`mpls_lse${index}=${label * 0x1000 + lowBits}`]
    return [`mpls_label=${label}`, `mpls_tc=${tc}`, `mpls_ttl=${ttl}`, `mpls_bos=${bos ? 1 : 0}`]
  })
}

function nshParts({ nsh }: PacketFields): readonly string[] {
  const { flags, ttl, mdType, np, spi, si } = nsh ?? { flags: 0, ttl: 0, mdType: 0, np: 0, spi: 0, si: 0 }
  const context = mdType === 1 ? (nsh?.context ?? []) : []
  return [
    `nsh_flags=${flags}`,
    `nsh_ttl=${ttl}`,
    `nsh_mdtype=${mdType}`,
    `nsh_np=${np}`,
    `nsh_spi=${hex(spi, 1)}`,
    `nsh_si=${si}`,
    ...context.map((word, index) => `nsh_c${index + 1}=${hex(word, 1)}`),
  ]
}

/** By protocol: the word, the size from which it is shown, and where it stands; SCTP's has 32 bits. */
const checksums: Readonly<Record<number, { word: string; minSize: number; at: number; read: typeof u16 }>> = {
  [ipProtocol.tcp]: { word: 'tcp_csum', minSize: 20, at: 16, read: u16 },
  [ipProtocol.udp]: { word: 'udp_csum', minSize: 8, at: 6, read: u16 },
  [ipProtocol.sctp]: { word: 'sctp_csum', minSize: 12, at: 8, read: u32 },
  [ipProtocol.icmp]: { word: 'icmp_csum', minSize: 8, at: 2, read: u16 },
  [ipProtocol.icmpv6]: { word: 'icmp6_csum', minSize: 4, at: 2, read: u16 },
}

/** Shown wherever the protocol is named and bytes enough follow: in later fragments too, where they are payload. */
function checksum({ ipv4, ipv6, ipPayload }: PacketFields): string {
  const found = checksums[(ipv4 ?? ipv6)?.proto ?? 0]
  if (found === undefined || ipPayload === undefined || ipPayload.length < found.minSize) return ''
  return ` ${found.word}:${found.read(ipPayload, found.at).toString(16)}`
}
