/**
 * Matches in ovs-ofctl syntax, in ovs-ofctl's order: a protocol's name stands for the fields that imply it
 * (`tcp` for eth_type 0x800 and ip_proto 6), a VLAN is `dl_vlan`, xregs are shown as the registers they are made of.
 */
import type { Match, OxmField, UnknownField } from '../fields/oxm.ts'
import { fieldRow } from '../fields/table.ts'
import type { TextOptions } from './actions/words.ts'
import {
  arpHardwareRows,
  arpRows,
  discoveryRows,
  erspanRows,
  ethernetRows,
  ethTypeRows,
  icmpRows,
  ipv4Rows,
  ipv6Rows,
  lateTunnelRows,
  maskOf,
  metadataRows,
  networkRows,
  nshContextRows,
  nshRows,
  operationRows,
  originalRows,
  pipelineRows,
  portRows,
  protocolRows,
  registerRows,
  tcpRows,
  tunnelMetadata,
  tunnelRows,
  valueOf,
} from './match-parts.ts'
import { type Slots, slotsOf } from './match-slots.ts'
import { matchName } from './names.ts'
import { hex, hexPadded, packetType, setValue } from './value.ts'

const protocols: Readonly<
  Record<number, { readonly name: string; readonly over?: Readonly<Record<number, string>> }>
> = {
  0x0800: { name: 'ip', over: { 1: 'icmp', 6: 'tcp', 17: 'udp', 132: 'sctp' } },
  0x86dd: { name: 'ipv6', over: { 58: 'icmp6', 6: 'tcp6', 17: 'udp6', 132: 'sctp6' } },
  0x0806: { name: 'arp' },
  0x8035: { name: 'rarp' },
  0x8847: { name: 'mpls' },
  0x8848: { name: 'mplsm' },
}

/** The protocol's name, and whether it says the Ethernet type and the IP protocol. */
function protocolOf(slots: Slots, ethType: number): { name?: string; saysProtocol: boolean } {
  const found = maskOf(slots, 'eth_type') === 0n ? undefined : protocols[ethType]
  if (found === undefined) return { saysProtocol: false }
  const over = maskOf(slots, 'nw_proto') === 0n ? undefined : found.over?.[Number(valueOf(slots, 'nw_proto'))]
  return { name: over ?? found.name, saysProtocol: over !== undefined }
}

const vlanBits = { vid: 0x0fffn, present: 0x1000n, pcp: 0xe000n }

function vlan(slots: Slots): string[] {
  const { value, mask } = slots.get('vlan') ?? { value: 0n, mask: 0n }
  if (mask === 0n) return []
  const vidMask = mask & vlanBits.vid
  const pcpMask = mask & vlanBits.pcp
  const whole =
    (mask & value & vlanBits.present) !== 0n &&
    (vidMask === 0n || vidMask === vlanBits.vid) &&
    (pcpMask === 0n || pcpMask === vlanBits.pcp) &&
    vidMask + pcpMask !== 0n
  if (!whole) return [`vlan_tci=${hexPadded(value, 4)}${mask === 0xffffn ? '' : `/${hexPadded(mask, 4)}`}`]
  return [
    ...(vidMask === 0n ? [] : [`dl_vlan=${value & vlanBits.vid}`]),
    ...(pcpMask === 0n ? [] : [`dl_vlan_pcp=${value >> 13n}`]),
  ]
}

const isArp = (ethType: number): boolean => ethType === 0x0806 || ethType === 0x8035

function networkAddresses(slots: Slots, ethType: number): string[] {
  if (ethType === 0x86dd) return ipv6Rows(slots)
  if (isArp(ethType)) return arpRows(slots)
  if (ethType !== 0x894f) return ipv4Rows(slots)
  return [...nshRows(slots), ...(valueOf(slots, 'nsh_mdtype') === 1n ? nshContextRows(slots) : [])]
}

const tos = (slots: Slots): string[] => {
  const { value, mask } = slots.get('nw_tos') ?? { value: 0n, mask: 0n }
  return [
    ...((mask & 0xfcn) === 0n ? [] : [`nw_tos=${value & 0xfcn}`]),
    ...((mask & 3n) === 0n ? [] : [`nw_ecn=${value & 3n}`]),
  ]
}

function transport(slots: Slots, ethType: number): string[] {
  const protocol = Number(valueOf(slots, 'nw_proto'))
  if (ethType === 0x0800 && protocol === 1) return icmpRows(slots)
  if (ethType === 0x86dd && protocol === 58) return [...icmpRows(slots), ...discoveryRows(slots)]
  return portRows(slots)
}

interface PacketType {
  readonly text: string[]
  readonly ethType: number
  /** Whether the packet has an IP header as far as one can tell. */
  readonly isIp: boolean
}

const isIpType = (ethType: number): boolean => ethType === 0x0800 || ethType === 0x86dd

/** Ethernet is only said beside `recirc_id`. Another type may stand for the Ethernet type. */
function packetTypeOf(slots: Slots, match: Match): PacketType {
  const given = slots.get('packet_type')
  const ethType = Number(valueOf(slots, 'eth_type'))
  if (given === undefined || given.mask === 0n || given.value === 0n) {
    const isEthernet = given !== undefined || match.some(({ field }) => fieldRow(field)?.needs !== undefined)
    const isSaid = isEthernet && maskOf(slots, 'recirc_id') !== 0n
    return { text: isSaid ? ['eth'] : [], ethType, isIp: isIpType(ethType) }
  }
  const text = [packetType(given.value, given.mask)]
  if (given.value >> 16n !== 1n) return { text, ethType, isIp: false }
  const inside = Number(given.value & 0xffffn)
  return { text, ethType: inside, isIp: isIpType(inside) }
}

function unknownText({ oxmClass, oxmField, value, mask }: UnknownField): string {
  const shown = `oxm_${oxmClass.toString(16)}_${oxmField}=${hex(value)}`
  return mask === undefined ? shown : `${shown}/${hex(mask)}`
}

/** A field that ovs-ofctl has no words for in matches, by itself. */
const otherText = (one: OxmField): string =>
  one.field === 'unknown' ? unknownText(one) : `${matchName(one.field)}=${setValue(one)}`

/** Fields of a protocol that the match does not say: a switch takes no such match, but it is shown all the same. */
function withoutProtocol(match: Match, { ethType, isIp }: PacketType, slots: Slots): readonly OxmField[] {
  const protocol = Number(valueOf(slots, 'nw_proto'))
  const isDiscovery = ethType === 0x86dd && protocol === 58
  const isTcp = slots.has('packet_type') || (isIp && protocol === 6)
  return match.filter(({ field }) => {
    if (field === 'arp_sha' || field === 'arp_tha') return !isArp(ethType)
    if (field === 'tcp_flags') return !isTcp
    if (/^(?:ipv6_nd|nd)_/.test(field)) return !isDiscovery
    if (/^ipv6_(?:src|dst|flabel)/.test(field)) return ethType !== 0x86dd
    return field.startsWith('nsh_') && ethType !== 0x894f
  })
}

export function showMatch(match: Match, options: TextOptions = {}): string {
  const { slots, leftOver } = slotsOf(match, options.version)
  const packet = packetTypeOf(slots, match)
  const { ethType, isIp } = packet
  const { name, saysProtocol } = protocolOf(slots, ethType)
  const numbered = isArp(ethType) ? operationRows : protocolRows
  const parts = [
    ...metadataRows(slots),
    ...(maskOf(slots, 'ct_nw_proto') === 0n ? [] : originalRows(slots)),
    ...packet.text,
    ...(name === undefined ? [] : [name]),
    ...registerRows(slots),
    ...tunnelRows(slots),
    ...erspanRows(slots),
    ...lateTunnelRows(slots),
    ...tunnelMetadata(match),
    ...pipelineRows(slots),
    ...vlan(slots),
    ...ethernetRows(slots),
    ...(name === undefined ? ethTypeRows(slots) : []),
    ...networkAddresses(slots, ethType),
    ...(saysProtocol ? [] : numbered(slots)),
    ...(isArp(ethType) ? arpHardwareRows(slots) : []),
    ...tos(slots),
    ...networkRows(slots),
    ...transport(slots, ethType),
    ...(isIp && valueOf(slots, 'nw_proto') === 6n ? tcpRows(slots) : []),
    ...[...withoutProtocol(match, packet, slots), ...leftOver].map(otherText),
  ]
  return parts.join(',')
}

/** One field by itself. */
export const showField = (one: OxmField): string => showMatch([one])
