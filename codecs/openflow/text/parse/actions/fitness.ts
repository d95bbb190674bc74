/**
 * What ovs-ofctl refuses although every word of it is known: actions that do not suit the packets of the match, or do not
 * suit the list that they stand in.
 */
import { reservedPort } from '../../../common/names.ts'
import type { Needs } from '../../../fields/prerequisites.ts'
import { fieldRow } from '../../../fields/table.ts'
import { meets, type PacketState } from '../packet-state.ts'
import { type Piece, syntaxError } from '../scan.ts'
import type { Subfield } from '../subfield.ts'
import type { ActionContext } from './context.ts'

const one =
  (...needs: readonly Needs[]) =>
  (packet: PacketState): boolean =>
    needs.some((each) => meets(packet, each))

type Suits = readonly [suits: (packet: PacketState) => boolean, lacking: string]

const ip: Suits = [one('ip'), 'IP']
const ipv4: Suits = [one('ipv4'), 'IPv4']
const mpls: Suits = [one('mpls'), 'MPLS']
const tagged: Suits = [one('vlan'), 'a VLAN tag']
const ports: Suits = [one('tcp', 'udp', 'sctp'), 'TCP, UDP or SCTP']

/** The packets that an action is for, by its word. */
const suiting: ReadonlyMap<string, Suits> = new Map([
  ['mod_nw_src', ipv4],
  ['mod_nw_dst', ipv4],
  ['mod_nw_tos', ip],
  ['mod_nw_ecn', ip],
  ['mod_nw_ttl', ip],
  ['set_nw_ttl', ip],
  ['dec_ttl', ip],
  ['mod_tp_src', ports],
  ['mod_tp_dst', ports],
  ['set_mpls_label', mpls],
  ['set_mpls_tc', mpls],
  ['set_mpls_ttl', mpls],
  ['dec_mpls_ttl', mpls],
  ['push_mpls', [one('ethernet'), 'Ethernet']],
  ['pop_mpls', [(packet) => meets(packet, 'ethernet') && meets(packet, 'mpls'), 'MPLS in Ethernet']],
  ['set_vlan_vid', tagged],
  ['set_vlan_pcp', tagged],
  ['strip_vlan', tagged],
  ['pop_vlan', tagged],
  ['fin_timeout', [({ ipProtocol }) => ipProtocol === 6, 'TCP']],
  ['dec_nsh_ttl', [one('nsh'), 'NSH']],
])

/** What the match does not say and the action needs. 1.0 lets it be: there the action does nothing to other packets. */
export function lacking(word: string, { version, packet }: ActionContext): string | undefined {
  const found = version === 1 || packet === undefined ? undefined : suiting.get(word)
  return found === undefined || packet === undefined || found[0](packet) ? undefined : found[1]
}

const trackedOnly = new Set<string>(['ct_mark', 'ct_label'])

/** Actions on a connection stand inside of `ct`, and nothing else does. */
export function checkPlace(field: string, { inside }: ActionContext, at: Piece): void {
  if (trackedOnly.has(field) === (inside === 'ct')) return
  throw syntaxError(
    at,
    inside === 'ct'
      ? `ct cannot change ${field}`
      : `${field} can only be changed inside of ct(commit,exec(...))`,
  )
}

/** Whether the packets of the match have the field. */
export function checkSource({ field }: Pick<Subfield, 'field'>, { packet }: ActionContext, at: Piece): void {
  const needs = fieldRow(field)?.needs
  if (packet === undefined || needs === undefined || meets(packet, needs)) return
  throw syntaxError(at, `the match does not say that packets have ${field}`)
}

/** And whether it may be changed. */
export function checkTarget(target: Pick<Subfield, 'field'>, context: ActionContext, at: Piece): void {
  checkSource(target, context, at)
  if (context.packet !== undefined && fieldRow(target.field)?.readOnly === true)
    throw syntaxError(at, `${target.field} cannot be changed`)
}

/** Ports from here on are reserved. */
const firstReserved = 0xffff_ff00
const places = new Set<number>([
  reservedPort.inPort,
  reservedPort.table,
  reservedPort.normal,
  reservedPort.flood,
  reservedPort.all,
  reservedPort.controller,
  reservedPort.local,
])

/** Whether packets can be sent there. */
export function checkPort(port: number, { packet }: ActionContext, at: Piece): void {
  if (packet === undefined || port < firstReserved || places.has(port)) return
  throw syntaxError(at, `nothing can be sent to port ${at.text}`)
}
