/**
 * The parts of a match in ovs-ofctl syntax: `name=value`, each field in the way that it is written, in the order in
 * which they come within a part.
 */
import type { KnownField, Match } from '../fields/oxm.ts'
import { flagNames } from './flags.ts'
import type { Slot, Slots } from './match-slots.ts'
import { matchName, portName } from './names.ts'
import {
  flags,
  fragment,
  hex,
  hexOrZero,
  hexPadded,
  ipv4Masked,
  ipv6Masked,
  macMasked,
  ones,
  tunnelFlags,
} from './value.ts'

type Show = (slot: Slot) => string

/** Where the value is, how it is written, and its name if that is not the place's. */
type Row = readonly [slot: string, show: Show, name?: string]

const part = (slots: Slots, [slot, show, name]: Row): string[] => {
  const found = slots.get(slot)
  if (found === undefined || found.mask === 0n) return []
  return [`${name ?? matchName(slot as KnownField['field'])}=${show(found)}`]
}

/** Those of which anything is compared. */
export const rows =
  (...list: readonly Row[]) =>
  (slots: Slots): string[] =>
    list.flatMap((row) => part(slots, row))

/** Hexadecimal with C's `%#x`, and the mask likewise. */
const hexOf =
  (bytes: number): Show =>
  ({ value, mask }) =>
    hexOrZero(value) + (mask === ones(bytes) ? '' : `/${hexOrZero(mask)}`)

/** Decimal, or with a mask both in so many digits at least. */
const decimalOf =
  (bytes: number, digits = 1): Show =>
  ({ value, mask }) =>
    mask === ones(bytes) ? String(value) : `${hexPadded(value, digits)}/${hexPadded(mask, digits)}`

const plainHexOf =
  (bytes: number): Show =>
  ({ value, mask }) =>
    hex(value) + (mask === ones(bytes) ? '' : `/${hex(mask)}`)

const decimal: Show = ({ value }) => String(value)
const port: Show = ({ value }) => portName(Number(value))
const ipv4: Show = ({ value, mask }) => ipv4Masked(value, mask)
const ipv6: Show = ({ value, mask }) => ipv6Masked(value, mask)
const mac: Show = ({ value, mask }) => macMasked(value, mask)

export const valueOf = (slots: Slots, name: string): bigint => slots.get(name)?.value ?? 0n
export const maskOf = (slots: Slots, name: string): bigint => slots.get(name)?.mask ?? 0n

/** Only the lower eight bits of the state exist. */
const ctState: Show = ({ value, mask }) => flags(value & 0xffn, mask & 0xffn, flagNames('ct_state'), 0xffn)

export const metadataRows = rows(
  ['pkt_mark', hexOf(4)],
  ['recirc_id', hexOf(4)],
  ['dp_hash', hexOf(4)],
  ['conj_id', decimal],
  ['actset_output', port],
  ['ct_state', ctState],
  ['ct_zone', decimalOf(2)],
  ['ct_mark', hexOf(4)],
  ['ct_label', hexOf(16)],
  ['ct_nw_src', ipv4],
  ['ct_ipv6_src', ipv6],
  ['ct_nw_dst', ipv4],
  ['ct_ipv6_dst', ipv6],
)

export const originalRows = rows(
  ['ct_nw_proto', decimal],
  ['ct_tp_src', decimalOf(2)],
  ['ct_tp_dst', decimalOf(2)],
)

export const registerRows = rows(...Array.from({ length: 16 }, (_, index): Row => [`reg${index}`, hexOf(4)]))

export const tunnelRows = rows(
  ['tunnel_id', hexOf(8)],
  ['tun_src', ipv4],
  ['tun_dst', ipv4],
  ['tun_ipv6_src', ipv6],
  ['tun_ipv6_dst', ipv6],
  ['tun_gbp_id', decimalOf(2)],
  ['tun_gbp_flags', ({ value }) => hexOrZero(value)],
  ['tun_erspan_ver', decimal],
)

const erspanByVersion = [
  rows(),
  rows(['tun_erspan_idx', ({ value }) => hexOrZero(value)]),
  rows(['tun_erspan_dir', decimal], ['tun_erspan_hwid', ({ value }) => hexOrZero(value)]),
]

/** Each version of ERSPAN has its own. */
export const erspanRows = (slots: Slots): string[] =>
  erspanByVersion[Number(valueOf(slots, 'tun_erspan_ver'))]?.(slots) ?? []

export const lateTunnelRows = rows(
  ['tun_gtpu_flags', ({ value }) => hexOrZero(value)],
  ['tun_gtpu_msgtype', decimal],
  ['tun_flags', ({ value, mask }) => tunnelFlags(value, mask)],
)

export const tunnelMetadata = (match: Match): string[] =>
  match
    .filter((one): one is KnownField => one.field.startsWith('tun_metadata'))
    .map((one) => ({ one, index: Number(one.field.slice('tun_metadata'.length)) }))
    .sort((a, b) => a.index - b.index)
    .map(({ one: { field, value, mask, width = 124 } }) => {
      const all = ones(width)
      const bits = mask === undefined ? all : BigInt(mask)
      if (mask !== undefined && bits === 0n) return field
      return `${field}=${hexOrZero(BigInt(value) & bits)}${bits === all ? '' : `/${hex(bits)}`}`
    })

const label: Show = ({ value, mask }) =>
  hexPadded(value, 5) + (mask === ones(4) ? '' : `/${hexPadded(mask, 5)}`)

export const ipv6Rows = rows(['ipv6_src', ipv6], ['ipv6_dst', ipv6], ['ipv6_flabel', label])
export const arpRows = rows(['nw_src', ipv4, 'arp_spa'], ['nw_dst', ipv4, 'arp_tpa'])
export const ipv4Rows = rows(['nw_src', ipv4], ['nw_dst', ipv4])
export const nshRows = rows(
  ['nsh_flags', decimalOf(1, 2)],
  ['nsh_ttl', decimalOf(1, 2)],
  ['nsh_mdtype', decimalOf(1, 2)],
  ['nsh_np', decimalOf(1, 2)],
  ['nsh_spi', plainHexOf(4)],
  ['nsh_si', decimalOf(1, 2)],
)
export const nshContextRows = rows(...[1, 2, 3, 4].map((index): Row => [`nsh_c${index}`, plainHexOf(4)]))

export const arpHardwareRows = rows(['arp_sha', mac], ['arp_tha', mac])
export const networkRows = rows(
  ['nw_ttl', decimal],
  ['mpls_label', decimal],
  ['mpls_tc', decimal],
  ['mpls_ttl', decimal],
  ['mpls_bos', decimal],
  ['ip_frag', ({ value, mask }) => fragment(value, mask)],
)
export const portRows = rows(['tp_src', decimalOf(2)], ['tp_dst', decimalOf(2)])
export const icmpRows = rows(['tp_src', decimalOf(2), 'icmp_type'], ['tp_dst', decimalOf(2), 'icmp_code'])
export const discoveryRows = rows(
  ['ipv6_nd_target', ipv6],
  ['arp_sha', mac, 'nd_sll'],
  ['arp_tha', mac, 'nd_tll'],
  ['nd_reserved', decimalOf(4, 8)],
  ['nd_options_type', decimal],
)
export const tcpRows = rows([
  'tcp_flags',
  ({ value, mask }) => flags(value & 0xfffn, mask & 0xfffn, flagNames('tcp_flags'), 0xfffn),
])

export const pipelineRows = rows(['metadata', hexOf(8)], ['in_port', port])
export const ethernetRows = rows(['eth_src', mac], ['eth_dst', mac])
export const ethTypeRows = rows(['eth_type', ({ value }) => hexPadded(value, 4)])
export const protocolRows = rows(['nw_proto', decimal])
export const operationRows = rows(['nw_proto', decimal, 'arp_op'])
