/** Actions that push, pop and change headers of the packet, one kind of header each (OF 1.3.5 5.12, OF 1.1 5.2.4). */
import { pad, u16, u32, u48, u64, u8 } from '../wire/scalars.ts'
import { extension, variant } from '../wire/tlv.ts'
import { nicira, only10, since11 } from './experimenters.ts'

const mac = { address: u48, _: pad(6) } as const
const ipv4 = { address: u32 } as const
const port = { port: u16, _: pad(2) } as const
const octet = { _: pad(3) } as const
const ethertype = { ethertype: u16, _: pad(2) } as const

/** From 1.2 on set_field takes their place, and some switches still take them. */
const setVariants = [
  /** 1.0 adds a tag to a packet that has none; 1.1 changes nothing then. */
  variant('set_vlan_vid', 1, { vlanVid: u16, _: pad(2) }),
  variant('set_vlan_pcp', 2, { vlanPcp: u8, ...octet }),
  variant('strip_vlan', 3, { _: pad(4) }, only10),
  variant('set_dl_src', 4, mac, only10),
  variant('set_dl_dst', 5, mac, only10),
  variant('set_nw_src', 6, ipv4, only10),
  variant('set_nw_dst', 7, ipv4, only10),
  /** The whole octet; its lower two bits are zero. */
  variant('set_nw_tos', 8, { tos: u8, ...octet }, only10),
  variant('set_tp_src', 9, port),
  variant('set_tp_dst', 10, port),
  variant('set_dl_src', 3, mac, since11),
  variant('set_dl_dst', 4, mac, since11),
  variant('set_nw_src', 5, ipv4, since11),
  variant('set_nw_dst', 6, ipv4, since11),
  variant('set_nw_tos', 7, { tos: u8, ...octet }, since11),
  variant('set_nw_ecn', 8, { ecn: u8, ...octet }, since11),
  variant('set_mpls_label', 13, { label: u32 }, since11),
  extension('set_mpls_label', nicira(30, only10), { _: pad(2), label: u32 }),
  variant('set_mpls_tc', 14, { tc: u8, ...octet }, since11),
  extension('set_mpls_tc', nicira(31, only10), { tc: u8, _: pad(5) }),
] as const

const ttlVariants = [
  variant('copy_ttl_out', 11, { _: pad(4) }, since11),
  variant('copy_ttl_in', 12, { _: pad(4) }, since11),
  variant('set_mpls_ttl', 15, { ttl: u8, ...octet }, since11),
  extension('set_mpls_ttl', nicira(25, only10), { ttl: u8, _: pad(5) }),
  variant('dec_mpls_ttl', 16, { _: pad(4) }, since11),
  extension('dec_mpls_ttl', nicira(26, only10), { _: pad(6) }),
  variant('set_nw_ttl', 23, { ttl: u8, ...octet }, since11),
  variant('dec_nw_ttl', 24, { _: pad(4) }, since11),
  extension('dec_nw_ttl', nicira(18, only10), { _: pad(6) }),
  extension('nx_dec_nsh_ttl', nicira(48, { since: 4 }), { _: pad(6) }),
] as const

const tagVariants = [
  variant('push_vlan', 17, ethertype, since11),
  variant('pop_vlan', 18, { _: pad(4) }, since11),
  variant('push_mpls', 19, ethertype, since11),
  extension('push_mpls', nicira(23, only10), { ethertype: u16, _: pad(4) }),
  /** `ethertype` is that of the packet without its label. */
  variant('pop_mpls', 20, ethertype, since11),
  extension('pop_mpls', nicira(24, only10), { ethertype: u16, _: pad(4) }),
  variant('push_pbb', 26, ethertype, { since: 4 }),
  variant('pop_pbb', 27, { _: pad(4) }, { since: 4 }),
] as const

const tunnelVariants = [
  extension('nx_set_tunnel', nicira(2), { _: pad(2), tunnelId: u32 }),
  extension('nx_set_tunnel64', nicira(9), { _: pad(6), tunnelId: u64 }),
] as const

export const headerVariants = [...setVariants, ...ttlVariants, ...tagVariants, ...tunnelVariants] as const
