/**
 * The pipeline: every table declared once, in the order that packets take.
 * `make-rule.ts` refuses a rule that its table does not allow; the generation in our cookies is a hash of this shape.
 *
 * What travels with a packet: `metadata` is the key of its network (0 before classification), `reg11`
 * the uplink of its team that is in use or that it is to leave by, `reg12` its class of traffic, `reg10` whether classes
 * have lent to each other what they do not use, `reg9` the part of a network's VMs that a copy of a broadcast is for, `reg13` the set of paths it
 * may take, `reg14` the slot of its flow among them, `reg15` the reason of its drop.
 * Packets move on by goto_table, and copies of broadcasts by resubmit, always to a higher table, so no packet can circle inside a switch.
 */
import type { DropReason } from './drop-reasons.ts'
import type { FieldName, RuleAction } from './rule.ts'

export type Stage = 'classification' | 'security' | 'response' | 'forwarding' | 'delivery' | 'end'

/** What happens to a packet that no other rule of the table matches; `punt` also shows it to the controller. */
export type Miss =
  | { readonly drop: DropReason; readonly punt?: true }
  | { readonly goto: string }
  | { readonly end: true }

export interface TableDeclaration {
  readonly id: number
  readonly stage: Stage
  /** One sentence for people. */
  readonly does: string
  readonly match: readonly FieldName[]
  readonly actions: readonly RuleAction['type'][]
  /** Fields that set_field and move may write. */
  readonly writes: readonly FieldName[]
  /** Whether rules may decide which network a packet belongs to. */
  readonly setsNetwork?: true
  readonly goto: readonly string[]
  readonly miss: Miss
}

const punting = ['controller', 'set_field'] as const
const ip = ['eth_type', 'ip_proto', 'icmpv6_type'] as const

const declarations = {
  classify: {
    id: 0,
    stage: 'classification',
    does: 'finds the network of a packet from the port, and on uplinks the VLAN, that it came in by',
    match: ['in_port', 'eth_dst', 'eth_type', 'vlan_vid'],
    actions: ['pop_vlan', 'first_up', ...punting],
    writes: ['reg15'],
    setsNetwork: true,
    goto: ['uplink', 'l2_security', 'remote', 'local', 'drop'],
    miss: { drop: 'undeclared-port', punt: true },
  },
  uplink: {
    id: 2,
    stage: 'classification',
    does: 'takes in what comes by the uplink of a team that is in use: a segment sends copies to the others',
    match: ['in_port', 'metadata', 'eth_dst', 'eth_src', 'reg11'],
    actions: ['set_field'],
    writes: ['reg15'],
    goto: ['local', 'drop'],
    miss: { drop: 'standby-uplink' },
  },
  l2_security: {
    id: 5,
    stage: 'security',
    does: "passes untagged frames with the NIC's own source MAC that are not for bridges",
    match: ['in_port', 'eth_dst', 'eth_src', 'vlan_vid'],
    actions: punting,
    writes: ['reg15'],
    goto: ['address_security', 'drop'],
    miss: { drop: 'spoofed-mac', punt: true },
  },
  address_security: {
    id: 6,
    stage: 'security',
    does: "passes ARP and IP that speak for the NIC's declared addresses",
    match: [
      'in_port',
      ...ip,
      'ipv4_src',
      'udp_src',
      'udp_dst',
      'arp_spa',
      'arp_sha',
      'ipv6_src',
      'tcp_flags',
    ],
    actions: ['note_session', ...punting],
    writes: ['reg15'],
    goto: ['nd_security', 'respond', 'remote', 'drop'],
    miss: { drop: 'unsupported-ethertype' },
  },
  nd_security: {
    id: 7,
    stage: 'security',
    does: "passes IPv6 neighbour discovery that speaks for the NIC's declared addresses",
    match: ['in_port', ...ip, 'ipv6_nd_target', 'ipv6_nd_sll', 'ipv6_nd_tll'],
    actions: punting,
    writes: ['reg15'],
    goto: ['respond', 'remote', 'drop'],
    miss: { goto: 'remote' },
  },
  respond: {
    id: 12,
    stage: 'response',
    does: 'answers ARP and neighbour solicitations for declared addresses',
    match: ['in_port', 'metadata', ...ip, 'arp_op', 'arp_tpa', 'ipv6_src', 'ipv6_nd_target'],
    actions: ['move', 'output_in_port', ...punting],
    writes: [
      ...['eth_dst', 'eth_src', 'arp_op', 'arp_spa', 'arp_tpa', 'arp_sha', 'arp_tha'],
      ...['ipv6_src', 'ipv6_dst', 'icmpv6_type', 'nd_reserved', 'nd_options_type', 'reg15'],
    ] as FieldName[],
    goto: ['respond_nd', 'remote', 'drop'],
    miss: { goto: 'remote' },
  },
  respond_nd: {
    id: 13,
    stage: 'response',
    // A switch accepts a write of nd_tll only where the packet is known to be an advertisement, hence a second table.
    does: 'completes neighbour advertisements with the link-layer address and returns them',
    match: ['metadata', ...ip],
    actions: ['move', 'output_in_port', ...punting],
    writes: ['ipv6_nd_tll', 'reg15'],
    goto: ['drop'],
    miss: { drop: 'spoofed-nd' },
  },
  remote: {
    id: 55,
    stage: 'forwarding',
    does: 'sends what leaves over the uplinks',
    match: ['metadata', 'eth_dst'],
    actions: ['push_vlan', 'pop_vlan', 'output', 'spread', 'failover', 'first_up', 'copy', ...punting],
    writes: ['vlan_vid', 'vlan_pcp', 'reg11', 'reg12', 'reg13', 'reg15'],
    goto: ['path', 'local', 'lease', 'drop'],
    miss: { goto: 'local' },
  },
  path: {
    id: 58,
    stage: 'forwarding',
    does: 'sends a tagged frame by the path that the slot of its flow has among the paths it may take',
    match: ['reg13', 'reg14'],
    actions: ['failover', 'first_up', 'set_field'],
    writes: ['reg15'],
    goto: ['lease', 'drop'],
    miss: { drop: 'no-path' },
  },
  local: {
    id: 60,
    stage: 'delivery',
    does: 'delivers to the VMs of this switch, and sends after a VM that has just left it what comes late',
    match: ['metadata', 'eth_dst'],
    actions: ['output', 'allow_return', 'push_vlan', 'failover', 'first_up', 'copy', ...punting],
    writes: ['vlan_vid', 'vlan_pcp', 'reg9', 'reg11', 'reg12', 'reg15'],
    goto: ['flood', 'lease', 'drop'],
    miss: { drop: 'unknown-unicast' },
  },
  flood: {
    id: 61,
    stage: 'delivery',
    does: 'delivers a broadcast to a part of the VMs that get it, where they are many: one more concerns its part only',
    match: ['metadata', 'reg9'],
    actions: ['output'],
    writes: [],
    goto: [],
    miss: { end: true },
  },
  lease: {
    id: 62,
    stage: 'delivery',
    does: 'says whether classes have lent to each other what they do not use; that ends with the controller',
    match: [],
    actions: ['set_field'],
    writes: ['reg10'],
    goto: ['egress'],
    miss: { goto: 'egress' },
  },
  egress: {
    id: 64,
    stage: 'delivery',
    does: 'sends a tagged frame by the uplink chosen for it, at most as fast as its class may, and marked as its class is',
    match: ['eth_type', 'reg10', 'reg11', 'reg12'],
    actions: ['output', 'set_queue', 'set_field'],
    writes: ['ip_dscp', 'reg15'],
    goto: ['drop'],
    miss: { drop: 'no-path' },
  },
  drop: {
    id: 79,
    stage: 'end',
    does: 'counts drops by reason',
    match: ['reg15'],
    actions: [],
    writes: [],
    goto: [],
    miss: { end: true },
  },
  sessions: {
    id: 90,
    stage: 'end',
    does: 'holds the TCP sessions of VMs under way, which the switch notes by itself; no packet comes here',
    match: [],
    actions: [],
    writes: [],
    goto: [],
    miss: { end: true },
  },
  canary: {
    id: 100,
    stage: 'end',
    does: 'holds one rule that tells which pipeline is installed; no packet comes here',
    match: [],
    actions: [],
    writes: [],
    goto: [],
    miss: { end: true },
  },
} as const satisfies Readonly<Record<string, TableDeclaration>>

export type DeclaredTableName = keyof typeof declarations

/** `table_N` is a table that this pipeline does not have: only in rules read from a switch. */
export type TableName = DeclaredTableName | `table_${number}`

export const tables: Readonly<Record<DeclaredTableName, TableDeclaration>> = declarations

export const tableNames = Object.keys(declarations) as readonly DeclaredTableName[]

const namesById: ReadonlyMap<number, DeclaredTableName> = new Map(
  tableNames.map((name) => [tables[name].id, name]),
)

export function isDeclaredTable(name: string): name is DeclaredTableName {
  return Object.hasOwn(declarations, name)
}

export function tableIdOf(name: TableName): number {
  return isDeclaredTable(name) ? declarations[name].id : Number(name.slice('table_'.length))
}

export function tableNameOf(id: number): TableName {
  return namesById.get(id) ?? `table_${id}`
}
