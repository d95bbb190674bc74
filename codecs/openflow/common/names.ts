/** Names of bits and codes that several messages and versions share, and the numbers with a special meaning. */
import { flagsOf, openEnum, u16, u32, u8 } from '../wire/scalars.ts'
import { lacking } from './lacking.ts'

/** Reserved port numbers. */
export const reservedPort = {
  inPort: 0xffff_fff8,
  table: 0xffff_fff9,
  normal: 0xffff_fffa,
  flood: 0xffff_fffb,
  all: 0xffff_fffc,
  controller: 0xffff_fffd,
  local: 0xffff_fffe,
  any: 0xffff_ffff,
} as const

/** Reserved group, meter, queue, table and buffer numbers. */
export const allGroups = 0xffff_fffc
export const anyGroup = 0xffff_ffff
export const allMeters = 0xffff_ffff
export const allTables = 0xff
export const noBuffer = 0xffff_ffff

export const flowFlags = flagsOf(u16, {
  send_flow_rem: 0,
  check_overlap: 1,
  reset_counts: 2,
  no_pkt_counts: 3,
  no_byt_counts: 4,
})

type PortConfig = 'port_down' | 'no_stp' | 'no_recv' | 'no_recv_stp' | 'no_flood' | 'no_fwd' | 'no_packet_in'
type PortState = 'link_down' | 'blocked' | 'live' | 'stp_learn' | 'stp_forward'
type Bit = `bit_${number}`

/** From 1.1 on; 1.0 has bits for the spanning tree too. */
export const portConfig = lacking<readonly (PortConfig | Bit)[]>(
  flagsOf(u32, { port_down: 0, no_recv: 2, no_fwd: 5, no_packet_in: 6 }),
  ['no_stp', 'no_recv_stp', 'no_flood'],
)
export const portState = lacking<readonly (PortState | Bit)[]>(
  flagsOf(u32, { link_down: 0, blocked: 1, live: 2 }),
  ['stp_learn', 'stp_forward'],
)

export const portFeatures = flagsOf(u32, {
  '10mb_hd': 0,
  '10mb_fd': 1,
  '100mb_hd': 2,
  '100mb_fd': 3,
  '1gb_hd': 4,
  '1gb_fd': 5,
  '10gb_fd': 6,
  '40gb_fd': 7,
  '100gb_fd': 8,
  '1tb_fd': 9,
  other: 10,
  copper: 11,
  fiber: 12,
  autoneg: 13,
  pause: 14,
  pause_asym: 15,
})

export const groupType = openEnum(u8, { all: 0, select: 1, indirect: 2, ff: 3 })

/**
 * `action` of 1.3 is what 1.4 calls "apply action"; the last three appeared in 1.4. Reasons have their names in every
 * version: no number ever changed its meaning, and Open vSwitch sends `eviction` in 1.3 too.
 */
export const packetInReasons = {
  no_match: 0,
  action: 1,
  invalid_ttl: 2,
  action_set: 3,
  group: 4,
  packet_out: 5,
} as const
export const packetInReason = openEnum(u8, packetInReasons)

export const flowRemovedReasons = {
  idle_timeout: 0,
  hard_timeout: 1,
  delete: 2,
  group_delete: 3,
  meter_delete: 4,
  eviction: 5,
} as const
export const flowRemovedReason = openEnum(u8, flowRemovedReasons)

export const portReasons = { add: 0, delete: 1, modify: 2 } as const
export const portReason = openEnum(u8, portReasons)

/** In requests about queues: those of all ports, or all of a port. */
export const allQueues = 0xffff_ffff

/** Before 1.4 no bit has a name. */
export const tableConfig = flagsOf(u32, { eviction: 2, vacancy_events: 3 })
