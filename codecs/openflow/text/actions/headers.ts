/** Texts of actions on the packet's headers and on match fields. */
import type { OxmField } from '../../fields/oxm.ts'
import { formatIpv4, formatMac } from '../address.ts'
import { bitRange, setName } from '../names.ts'
import { hex, hexOrZero, hexPadded, setValue } from '../value.ts'
import { type ActionOf, namedBits, type TextOptions, type Texts } from './words.ts'

const isOld = ({ version = 1 }: TextOptions): boolean => version === 1

/** Ports of 32 bits have a name of their own; `usualClass` is the one that needs no mention. */
function setField(field: OxmField, usualClass: number): string {
  if (field.field === 'unknown') {
    const { value, mask, oxmClass, oxmField } = field
    const masked = mask === undefined ? '' : `/${hex(mask)}`
    return `set_field:${hex(value)}${masked}->oxm_${oxmClass.toString(16)}_${oxmField}`
  }
  const isWidePort = field.field === 'in_port' && (field.oxmClass ?? usualClass) !== 0
  return `set_field:${setValue(field)}->${isWidePort ? 'in_port_oxm' : setName(field.field)}`
}

type Copy = ActionOf<'copy_field' | 'nx_reg_move'>

function move(one: Copy): string {
  const { type, src, dst, nBits, srcOffset, dstOffset } = one
  // copy_field names the port of 32 bits where nothing else is said.
  const usual = type === 'copy_field' ? 0x8000 : undefined
  const from = bitRange({ field: src, oxmClass: one.srcOxmClass ?? usual, offset: srcOffset, nBits })
  const to = bitRange({ field: dst, oxmClass: one.dstOxmClass ?? usual, offset: dstOffset, nBits })
  return `move:${from}->${to}`
}

const ethertype = (name: string, one: { readonly ethertype: number }): string =>
  `${name}:${hexPadded(one.ethertype, 4)}`

export const headerTexts: Texts<
  | 'set_vlan_vid'
  | 'set_vlan_pcp'
  | 'strip_vlan'
  | 'set_dl_src'
  | 'set_dl_dst'
  | 'set_nw_src'
  | 'set_nw_dst'
  | 'set_nw_tos'
  | 'set_nw_ecn'
  | 'set_tp_src'
  | 'set_tp_dst'
  | 'set_mpls_label'
  | 'set_mpls_tc'
  | 'set_mpls_ttl'
  | 'dec_mpls_ttl'
  | 'copy_ttl_out'
  | 'copy_ttl_in'
  | 'set_nw_ttl'
  | 'dec_nw_ttl'
  | 'nx_dec_nsh_ttl'
  | 'push_vlan'
  | 'pop_vlan'
  | 'push_mpls'
  | 'pop_mpls'
  | 'push_pbb'
  | 'pop_pbb'
  | 'nx_set_tunnel'
  | 'nx_set_tunnel64'
> = {
  set_vlan_vid: ({ vlanVid }, options) => `${isOld(options) ? 'mod' : 'set'}_vlan_vid:${vlanVid}`,
  set_vlan_pcp: ({ vlanPcp }, options) => `${isOld(options) ? 'mod' : 'set'}_vlan_pcp:${vlanPcp}`,
  strip_vlan: () => 'strip_vlan',
  set_dl_src: ({ address }) => `mod_dl_src:${formatMac(address)}`,
  set_dl_dst: ({ address }) => `mod_dl_dst:${formatMac(address)}`,
  set_nw_src: ({ address }) => `mod_nw_src:${formatIpv4(address)}`,
  set_nw_dst: ({ address }) => `mod_nw_dst:${formatIpv4(address)}`,
  set_nw_tos: ({ tos }) => `mod_nw_tos:${tos}`,
  set_nw_ecn: ({ ecn }) => `mod_nw_ecn:${ecn}`,
  set_tp_src: ({ port }) => `mod_tp_src:${port}`,
  set_tp_dst: ({ port }) => `mod_tp_dst:${port}`,
  set_mpls_label: ({ label }) => `set_mpls_label(${label})`,
  set_mpls_tc: ({ tc }) => `set_mpls_tc(${tc})`,
  set_mpls_ttl: ({ ttl }) => `set_mpls_ttl(${ttl})`,
  dec_mpls_ttl: () => 'dec_mpls_ttl',
  copy_ttl_out: () => 'copy_ttl_out',
  copy_ttl_in: () => 'copy_ttl_in',
  set_nw_ttl: ({ ttl }) => `mod_nw_ttl:${ttl}`,
  dec_nw_ttl: () => 'dec_ttl',
  nx_dec_nsh_ttl: () => 'dec_nsh_ttl',
  push_vlan: (one) => `push_vlan:${hexOrZero(one.ethertype)}`,
  pop_vlan: () => 'pop_vlan',
  push_mpls: (one) => ethertype('push_mpls', one),
  pop_mpls: (one) => ethertype('pop_mpls', one),
  push_pbb: (one) => ethertype('push_pbb', one),
  pop_pbb: () => 'pop_pbb',
  nx_set_tunnel: ({ tunnelId }) => `set_tunnel:${hexOrZero(tunnelId)}`,
  nx_set_tunnel64: ({ tunnelId }) => `set_tunnel64:${hexOrZero(tunnelId)}`,
}

export const fieldTexts: Texts<
  | 'set_field'
  | 'copy_field'
  | 'nx_reg_move'
  | 'nx_reg_load'
  | 'nx_reg_load2'
  | 'nx_write_metadata'
  | 'nx_stack_push'
  | 'nx_stack_pop'
  | 'nx_check_pkt_larger'
  | 'nx_delete_field'
> = {
  set_field: ({ field }) => setField(field, 0x8000),
  copy_field: move,
  nx_reg_move: move,
  nx_reg_load: ({ dst, dstOxmClass, bits, value }) =>
    `load:${hexOrZero(value)}->${namedBits({ field: dst, oxmClass: dstOxmClass, bits })}`,
  nx_reg_load2: ({ field }) => setField(field, 0),
  nx_write_metadata: (one) => writeMetadata(one),
  nx_stack_push: ({ src, srcOxmClass, bits }) =>
    `push:${namedBits({ field: src, oxmClass: srcOxmClass, bits })}`,
  nx_stack_pop: ({ dst, dstOxmClass, bits }) =>
    `pop:${namedBits({ field: dst, oxmClass: dstOxmClass, bits })}`,
  nx_check_pkt_larger: ({ pktLen, dst, dstOxmClass, dstOffset }) =>
    `check_pkt_larger(${pktLen})->${bitRange({ field: dst, oxmClass: dstOxmClass, offset: dstOffset, nBits: 1 })}`,
  nx_delete_field: ({ field }) => `delete_field:${setName(field)}`,
}

const allBits = 0xffff_ffff_ffff_ffffn

/** The instruction too. */
export function writeMetadata(one: { readonly metadata: bigint; readonly metadataMask: bigint }): string {
  const { metadata, metadataMask } = one
  const masked = metadataMask === allBits ? '' : `/${hexOrZero(metadataMask)}`
  return `write_metadata:${hexOrZero(metadata)}${masked}`
}
