/** Flows with every field, action and instruction that a controller's pipeline uses, in each version's own form. */
import { type ActionInput, type InstructionInput, type OxmField, reservedPort } from 'ts-openflow'

const ipv6 = 0xfd00_0000_0000_0000_0000_0000_0000_0001n
const mac = 0x02_00_00_00_00_01

const eth = (value: number): OxmField => ({ field: 'eth_type', value })
const nd = (type: number): OxmField[] => [
  eth(0x86dd),
  { field: 'ip_proto', value: 58 },
  { field: 'icmpv6_type', value: type },
  { field: 'icmpv6_code', value: 0 },
]
export const set = (field: OxmField): ActionInput => ({ type: 'set_field', field })
export const apply = (...actions: ActionInput[]): InstructionInput => ({ type: 'apply_actions', actions })
export const output = (port: number, maxLen = 0): ActionInput => ({ type: 'output', port, maxLen })

export interface PipelineFlow {
  readonly match: readonly OxmField[]
  readonly instructions: readonly InstructionInput[]
}

/** Copies whole fields in the version's own way. */
const move = (
  version: number,
  src: 'eth_src' | 'arp_sha' | 'ipv6_src' | 'arp_spa',
  dst: 'eth_dst' | 'arp_tha' | 'ipv6_dst' | 'arp_tpa',
  nBits: number,
): ActionInput => ({
  type: version >= 6 ? 'copy_field' : 'nx_reg_move',
  nBits,
  srcOffset: 0,
  dstOffset: 0,
  src,
  dst,
})

const meter = (version: number): Pick<PipelineFlow, 'instructions'> =>
  version >= 6
    ? { instructions: [apply({ type: 'meter', meterId: 1 }, output(reservedPort.controller, 128))] }
    : { instructions: [{ type: 'meter', meterId: 1 }, apply(output(reservedPort.controller, 128))] }

/** Fields in the order in which Open vSwitch gives them back. */
export const pipelineFlows: Readonly<Record<string, (version: number) => PipelineFlow>> = {
  'an empty match drops': () => ({ match: [], instructions: [] }),
  'ingress port to metadata and register': () => ({
    match: [{ field: 'in_port', value: 1 }],
    instructions: [
      apply(set({ field: 'reg1', value: 0x31 })),
      { type: 'write_metadata', metadata: 0x65n, metadataMask: 0xffff_ffffn },
      { type: 'goto_table', tableId: 5 },
    ],
  }),
  'metadata and registers are matched': () => ({
    match: [
      { field: 'reg0', value: 1, mask: 0xf },
      { field: 'reg3', value: 7 },
      { field: 'metadata', value: 0x65n, mask: 0xffff_ffffn },
    ],
    instructions: [{ type: 'goto_table', tableId: 6 }],
  }),
  'IPv4 with a prefix, TTL and group': () => ({
    match: [
      eth(0x800),
      { field: 'ipv4_src', value: 0x0a000000, mask: 0xffffff00 },
      { field: 'ipv4_dst', value: 0x0a000001 },
    ],
    instructions: [apply({ type: 'dec_nw_ttl' }, { type: 'group', groupId: 1 })],
  }),
  'UDP of DHCP': () => ({
    match: [
      eth(0x800),
      { field: 'ip_proto', value: 17 },
      { field: 'udp_src', value: 68 },
      { field: 'udp_dst', value: 67 },
    ],
    instructions: [apply(output(reservedPort.controller, 0xffff))],
  }),
  'TCP flags': () => ({
    match: [eth(0x800), { field: 'ip_proto', value: 6 }, { field: 'tcp_flags', value: 2, mask: 0x12 }],
    instructions: [apply(output(2))],
  }),
  'ARP answered in the switch': (version) => ({
    match: [eth(0x806), { field: 'arp_op', value: 1 }, { field: 'arp_tpa', value: 0x0a000001 }],
    instructions: [
      apply(
        move(version, 'eth_src', 'eth_dst', 48),
        set({ field: 'eth_src', value: mac }),
        set({ field: 'arp_op', value: 2 }),
        move(version, 'arp_sha', 'arp_tha', 48),
        set({ field: 'arp_sha', value: mac }),
        move(version, 'arp_spa', 'arp_tpa', 32),
        set({ field: 'arp_spa', value: 0x0a000001 }),
        output(reservedPort.inPort),
      ),
    ],
  }),
  'ARP senders': () => ({
    match: [eth(0x806), { field: 'arp_spa', value: 0x0a000001 }, { field: 'arp_sha', value: mac }],
    instructions: [{ type: 'goto_table', tableId: 5 }],
  }),
  'neighbour solicitation answered in the switch': (version) => ({
    match: [...nd(135), { field: 'ipv6_nd_target', value: ipv6 }, { field: 'ipv6_nd_sll', value: mac }],
    instructions: [
      apply(
        move(version, 'eth_src', 'eth_dst', 48),
        set({ field: 'eth_src', value: mac }),
        move(version, 'ipv6_src', 'ipv6_dst', 128),
        set({ field: 'ipv6_src', value: ipv6 }),
        set({ field: 'icmpv6_type', value: 136 }),
        set({ field: 'nd_options_type', value: 2 }),
        set({ field: 'nd_reserved', value: 0x6000_0000 }),
        output(reservedPort.inPort),
      ),
    ],
  }),
  'neighbour advertisement': () => ({
    match: [...nd(136), { field: 'ipv6_nd_target', value: ipv6 }, { field: 'ipv6_nd_tll', value: mac }],
    instructions: [apply(set({ field: 'ipv6_nd_tll', value: mac + 1 }), output(2))],
  }),
  'VLAN pushed': () => ({
    match: [{ field: 'vlan_vid', value: 0 }],
    instructions: [
      apply({ type: 'push_vlan', ethertype: 0x8100 }, set({ field: 'vlan_vid', value: 0x1065 }), output(2)),
    ],
  }),
  'VLAN popped': () => ({
    match: [{ field: 'vlan_vid', value: 0x1065 }],
    instructions: [apply({ type: 'pop_vlan' }), { type: 'goto_table', tableId: 5 }],
  }),
  'any VLAN': () => ({ match: [{ field: 'vlan_vid', value: 0x1000, mask: 0x1000 }], instructions: [] }),
  'multicast bit': () => ({
    match: [{ field: 'eth_dst', value: 0x0100_0000_0000, mask: 0x0100_0000_0000 }],
    instructions: [apply({ type: 'set_queue', queueId: 2 }, output(2))],
  }),
  'meter and controller': (version) => ({ match: [eth(0x88cc)], ...meter(version) }),
  'write and clear': () => ({
    match: [eth(0x8035)],
    instructions: [
      { type: 'clear_actions' },
      { type: 'write_actions', actions: [output(2), { type: 'group', groupId: 1 }] },
    ],
  }),
  'Nicira controller and resubmit': () => ({
    match: [{ field: 'tunnel_id', value: 0x65n }],
    instructions: [
      apply(
        { type: 'nx_controller', maxLen: 128, controllerId: 1, reason: 1 },
        { type: 'nx_resubmit_table', port: reservedPort.inPort, tableId: 60 },
        set({ field: 'tunnel_id', value: 0x66n }),
      ),
    ],
  }),
  'a part of a register': (version) => ({
    match: [{ field: 'ct_state', value: 0x22, mask: 0x22 }, eth(0x86dd)],
    instructions: [
      apply(
        version >= 6
          ? set({ field: 'reg3', value: 5, mask: 0xffff })
          : { type: 'nx_reg_load', bits: { offset: 0, nBits: 16 }, dst: 'reg3', value: 5n },
      ),
    ],
  }),
}
