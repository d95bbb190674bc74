/**
 * Field headers inside Nicira actions. They name a field by its old NXM number where it has one, as Open vSwitch does
 * in every version, although matches of the same version have the OXM number.
 */
import type { Codec } from '../wire/codec.ts'
import { KeepRaw } from '../wire/tlv.ts'
import { fieldHeader } from './oxm.ts'
import { type FieldName, fieldRow } from './table.ts'

/** NXM class 0, and class 1, as they stand in the upper 23 bits of a header. */
const old = (field: number): number => field
const nicira = (field: number): number => 0x80 + field

const nxmNumbers: Readonly<Partial<Record<FieldName, number>>> = {
  eth_dst: old(1),
  eth_src: old(2),
  eth_type: old(3),
  ip_proto: old(6),
  ipv4_src: old(7),
  ipv4_dst: old(8),
  tcp_src: old(9),
  tcp_dst: old(10),
  udp_src: old(11),
  udp_dst: old(12),
  icmpv4_type: old(13),
  icmpv4_code: old(14),
  arp_op: old(15),
  arp_spa: old(16),
  arp_tpa: old(17),
  tunnel_id: nicira(16),
  arp_sha: nicira(17),
  arp_tha: nicira(18),
  ipv6_src: nicira(19),
  ipv6_dst: nicira(20),
  icmpv6_type: nicira(21),
  icmpv6_code: nicira(22),
  ipv6_nd_target: nicira(23),
  ipv6_nd_sll: nicira(24),
  ipv6_nd_tll: nicira(25),
  ipv6_flabel: nicira(27),
  ip_ecn: nicira(28),
  tcp_flags: nicira(34),
}

const header = (name: FieldName, number: number): number => number * 0x200 + (fieldRow(name)?.width ?? 0)

const headers: ReadonlyMap<string, number> = new Map(
  Object.entries(nxmNumbers).map(([name, number]) => [name, header(name as FieldName, number)]),
)
const names: ReadonlyMap<number, FieldName> = new Map(
  [...headers].map(([name, number]) => [number, name as FieldName]),
)

/** The OXM number of a field that has an NXM number is not ours to change: such an action is kept as bytes. */
export const niciraFieldHeader: Codec<FieldName> = {
  read(r) {
    const start = r.take(4)
    const name = names.get(r.view.getUint32(start))
    if (name !== undefined) return name
    r.pos = start
    const other = fieldHeader.read(r)
    if (headers.has(other)) throw new KeepRaw()
    return other
  },
  write(w, name) {
    const number = headers.get(name)
    if (number === undefined) fieldHeader.write(w, name)
    else w.u32(number)
  },
  show: (name) => name,
}
