/** What a match must say before it may name a field of a protocol (OF 1.5.1 7.2.3.8, and Open vSwitch's fields). */
import type { FieldName } from './table.ts'

/** The field has one of these values, or at least one of these bits set. */
export type Condition =
  | { readonly field: FieldName; readonly values: readonly number[] }
  | { readonly field: FieldName; readonly anyBit: number }

const ethType = (...values: number[]): Condition => ({ field: 'eth_type', values })
const ipProto = (...values: number[]): Condition => ({ field: 'ip_proto', values })
const ip = ethType(0x0800, 0x86dd)
const icmpv6 = [ethType(0x86dd), ipProto(58)]
const discovery = (...types: number[]): readonly Condition[] => [
  ...icmpv6,
  { field: 'icmpv6_type', values: types },
  { field: 'icmpv6_code', values: [0] },
]

export type Needs =
  | 'ethernet'
  | 'vlan'
  | 'mpls'
  | 'arp'
  | 'ipv4'
  | 'ipv6'
  | 'ip'
  | 'tcp'
  | 'udp'
  | 'sctp'
  | 'icmpv4'
  | 'icmpv6'
  | 'nd'
  | 'nd_solicit'
  | 'nd_advert'
  | 'nsh'
  | 'pbb'
  | 'ct'

/** All of them must hold. A match without `packet_type` is of Ethernet packets. */
export const prerequisites: Readonly<Record<Needs, readonly Condition[]>> = {
  ethernet: [{ field: 'packet_type', values: [0] }],
  vlan: [{ field: 'vlan_vid', anyBit: 0x1000 }],
  mpls: [ethType(0x8847, 0x8848)],
  arp: [ethType(0x0806, 0x8035)],
  ipv4: [ethType(0x0800)],
  ipv6: [ethType(0x86dd)],
  ip: [ip],
  tcp: [ip, ipProto(6)],
  udp: [ip, ipProto(17)],
  sctp: [ip, ipProto(132)],
  icmpv4: [ethType(0x0800), ipProto(1)],
  icmpv6,
  nd: discovery(135, 136),
  nd_solicit: discovery(135),
  nd_advert: discovery(136),
  nsh: [ethType(0x894f)],
  pbb: [ethType(0x88e7)],
  /** A state that only a tracked connection has; Open vSwitch also takes "tracked and not invalid". */
  ct: [{ field: 'ct_state', anyBit: 0xcf }],
}
