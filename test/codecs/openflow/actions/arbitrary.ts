/** Random actions and instructions: every kind that a version has, with every form of its fields. */
import fc from 'fast-check'
import type { Action, FieldName, Instruction } from 'ts-openflow'
import { anyFieldOf, rowsOf } from '../fields/arbitrary.ts'
import { bitOf, type Parts, record, recordWith, rareActions, some, specOf } from './rare-arbitrary.ts'
import { bytes, number, port16, u16, u32, u48, u64, u8 } from '../fields/arbitrary-numbers.ts'

const bits = record({ offset: number(0x3ff), nBits: fc.integer({ min: 1, max: 64 }) })
const looseBits = record({ offset: u16, nBits: u16 })

/** Every field by its oldest number, and those of 32 bits among them. */
const old = fc.constantFrom(...rowsOf(6)).map(({ name }) => name as FieldName)
const short = fc
  .constantFrom(...rowsOf(6).filter(({ forms: [oldest] }) => oldest.experimenter === undefined))
  .map(({ name }) => name as FieldName)

const headers: Readonly<Record<string, Parts>> = {
  set_vlan_vid: { vlanVid: u16 },
  set_vlan_pcp: { vlanPcp: u8 },
  set_dl_src: { address: u48 },
  set_dl_dst: { address: u48 },
  set_nw_src: { address: u32 },
  set_nw_dst: { address: u32 },
  set_nw_tos: { tos: u8 },
  set_tp_src: { port: u16 },
  set_tp_dst: { port: u16 },
  set_mpls_label: { label: u32 },
  set_mpls_tc: { tc: u8 },
  set_mpls_ttl: { ttl: u8 },
  dec_mpls_ttl: {},
  dec_nw_ttl: {},
  push_mpls: { ethertype: u16 },
  pop_mpls: { ethertype: u16 },
}

const hashed = {
  algorithm: fc.oneof(fc.constantFrom('active_backup', 'hrw'), fc.integer({ min: 9, max: 0xffff })),
  fields: fc.constantFrom('eth_src', 'symmetric_l3l4+udp', 'symmetric_l3'),
  basis: u16,
}
const ports = fc.array(port16, { maxLength: 9 })
const sampled = { probability: u16, collectorSetId: u32, obsDomainId: u32, obsPointId: u32 }
const copied = { nBits: u16, srcOffset: u16, dstOffset: u16 }

const nicira: Readonly<Record<string, Parts>> = {
  nx_resubmit: { port: port16 },
  nx_set_tunnel: { tunnelId: u32 },
  nx_pop_queue: {},
  nx_note: { note: number(3).chain((n) => bytes(6 + 8 * n, 6 + 8 * n)) },
  nx_set_tunnel64: { tunnelId: u64 },
  nx_multipath: {
    fields: fc.constantFrom('nw_src', 'symmetric_l4'),
    basis: u16,
    algorithm: fc.constantFrom('modulo_n', 'iter_hash', 77),
    maxLink: u16,
    arg: u32,
    dst: short,
    bits,
  },
  nx_bundle: { ...hashed, members: ports },
  nx_bundle_load: { ...hashed, dst: short, bits, members: ports },
  nx_resubmit_table: { port: port16, tableId: u8 },
  nx_resubmit_table_ct: { port: port16, tableId: u8 },
  nx_output_reg: { src: short, bits, maxLen: u16 },
  nx_output_reg2: { src: old, bits, maxLen: u16 },
  nx_learn: {
    idleTimeoutS: u16,
    hardTimeoutS: u16,
    priority: u16,
    cookie: u64,
    flags: some('send_flow_rem', 'delete_learned', 'bit_9'),
    tableId: u8,
    finIdleTimeoutS: u16,
    finHardTimeoutS: u16,
    specs: fc.array(specOf(bitOf(short)), { maxLength: 4 }),
  },
  nx_exit: {},
  nx_dec_ttl_cnt_ids: { controllerIds: fc.array(u16, { maxLength: 9 }) },
  nx_fin_timeout: { finIdleTimeoutS: u16, finHardTimeoutS: u16 },
  nx_controller: { maxLen: u16, controllerId: u16, reason: u8 },
  nx_write_metadata: { metadata: u64, metadataMask: u64 },
  nx_stack_push: { src: old, bits: looseBits },
  nx_stack_pop: { dst: old, bits: looseBits },
  nx_sample: sampled,
  nx_sample2: { ...sampled, samplingPort: port16 },
  nx_sample3: {
    ...sampled,
    samplingPort: port16,
    direction: fc.constantFrom('default', 'ingress', 'egress', 7),
  },
  nx_conjunction: { clause: u8, nClauses: u8, id: u32 },
  nx_output_trunc: { port: port16, maxLen: u32 },
  nx_ct_clear: {},
  nx_check_pkt_larger: { pktLen: u16, dst: old, dstOffset: u16 },
  nx_delete_field: { field: old },
  nx_debug_slow: {},
  nx_debug_recirc: {},
}

const zone = fc.oneof(
  u16,
  record({ field: short, offset: number(0x3ff), nBits: fc.integer({ min: 1, max: 64 }) }),
)

function nesting(version: number, depth: number): Readonly<Record<string, Parts>> {
  const actions = depth > 0 ? fc.array(anyActionOf(version, depth - 1), { maxLength: 3 }) : fc.constant([])
  return {
    nx_clone: { actions },
    nx_ct: {
      flags: some('commit', 'force', 'bit_3'),
      zone,
      recircTable: u8,
      alg: fc.constantFrom('none', 'ftp', 'tftp', 4711),
      actions,
    },
  }
}

const property = fc.oneof(
  record({ type: fc.constant('nsh_md_type'), mdType: u8 }),
  record({ type: fc.constant('nsh_tlv'), tlvClass: u16, tlvType: u8, value: bytes(0, 127) }),
  record({ type: fc.constant('unknown'), propClass: number(3), propType: u8, body: bytes(0, 30) }),
)

/** What every action of the version says besides its type. */
function partsOf(version: number, depth: number): Readonly<Record<string, Parts>> {
  const named = fc.constantFrom(...rowsOf(version)).map(({ name }) => name as FieldName)
  const any = anyFieldOf(version)
  const unmasked = any.filter(({ mask }) => mask === undefined)
  const since = (first: number, parts: Record<string, Parts>): Record<string, Parts> =>
    version >= first ? parts : {}
  const until = (last: number, parts: Record<string, Parts>): Record<string, Parts> =>
    version <= last ? parts : {}
  return {
    ...headers,
    ...nicira,
    ...nesting(version, depth),
    output: { port: version === 1 ? port16 : u32, maxLen: u16 },
    set_queue: { queueId: u32 },
    group: { groupId: u32 },
    ...until(1, { strip_vlan: {}, enqueue: { port: port16, queueId: u32 } }),
    ...since(2, { set_nw_ecn: { ecn: u8 }, copy_ttl_out: {}, copy_ttl_in: {} }),
    ...since(2, { push_vlan: { ethertype: u16 }, pop_vlan: {}, set_nw_ttl: { ttl: u8 } }),
    ...since(3, { set_field: { field: version >= 6 ? any : unmasked } }),
    ...since(4, {
      push_pbb: { ethertype: u16 },
      pop_pbb: {},
      nx_dec_nsh_ttl: {},
      nx_decap: { newPacketType: u32 },
    }),
    ...since(4, {
      nx_encap: { headerSize: u16, newPacketType: u32, properties: fc.array(property, { maxLength: 3 }) },
    }),
    ...since(4, { copy_field: { ...copied, src: named, dst: named } }),
    ...until(5, { nx_reg_move: { ...copied, src: old, dst: old } }),
    ...until(5, { nx_reg_load: { dst: short, bits, value: u64 }, nx_reg_load2: { field: anyFieldOf(1) } }),
    ...since(6, { meter: { meterId: u32 } }),
  }
}

export const actionTypesOf = (version: number): readonly string[] => [
  ...Object.keys(partsOf(version, 0)),
  ...Object.keys(rareActions),
]

/** One kind of action. */
export function actionOf(version: number, type: string, depth = 1): fc.Arbitrary<Action> {
  return rareActions[type] ?? recordWith<Action>(type, partsOf(version, depth)[type] ?? {})
}

const made = new Map<string, fc.Arbitrary<Action>>()

export function anyActionOf(version: number, depth = 2): fc.Arbitrary<Action> {
  const key = `${version}/${depth}`
  const known = made.get(key)
  if (known !== undefined) return known
  const kinds = Object.entries(partsOf(version, depth)).map(([type, parts]) =>
    recordWith<Action>(type, parts),
  )
  const one = fc.oneof(...kinds, ...Object.values(rareActions))
  made.set(key, one)
  return one
}

const threshold = fc.oneof(
  record({ field: fc.constantFrom('packet_count', 'byte_count'), value: u64 }),
  record({ field: fc.constant('duration'), seconds: u32, nanoseconds: u32 }),
)

export function instructionOf(version: number): fc.Arbitrary<Instruction> {
  const actions = fc.array(anyActionOf(version), { maxLength: 4 })
  const flags = some('periodic', 'only_first')
  return fc.oneof(
    recordWith<Instruction>('goto_table', { tableId: u8 }),
    recordWith<Instruction>('apply_actions', { actions }),
    recordWith<Instruction>('write_actions', { actions }),
    recordWith<Instruction>('write_metadata', { metadata: u64, metadataMask: u64 }),
    recordWith<Instruction>('clear_actions', {}),
    ...(version === 4 || version === 5 ? [recordWith<Instruction>('meter', { meterId: u32 })] : []),
    ...(version >= 6
      ? [
          recordWith<Instruction>('stat_trigger', {
            flags,
            thresholds: fc.array(threshold, { maxLength: 3 }),
          }),
        ]
      : []),
  )
}
