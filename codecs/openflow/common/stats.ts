/** Multipart bodies that several versions share: requests for flows, groups and ports, description, counters. */
import { match } from '../fields/match.ts'
import { ownLength, sized, untilEnd } from '../wire/lists.ts'
import { part } from '../wire/multipart.ts'
import { pad, padSince, rest, since, text, u32, u64, u8, withDefault } from '../wire/scalars.ts'
import { struct } from '../wire/struct.ts'
import { groupFeaturesRequest } from './group-features.ts'
import { allGroups, allTables, anyGroup, reservedPort } from './names.ts'
import { niciraReplyParts, niciraRequestParts } from './nicira.ts'
import {
  meterConfigReply,
  meterConfigRequest,
  meterFeaturesRequest,
  meterReply,
  meterRequest,
} from './meter.ts'
import { queueStatsRequest } from '../v13/queue.ts'

/** Which flows a request is about: by default all. */
export const flowSelection = {
  tableId: withDefault(u8, allTables),
  _: pad(3),
  outPort: withDefault(u32, reservedPort.any),
  outGroup: withDefault(u32, anyGroup),
  _1: pad(4),
  cookie: withDefault(u64, 0n),
  cookieMask: withDefault(u64, 0n),
  match: withDefault(match, []),
} as const

export const experimenterPart = part('experimenter', 0xffff, {
  experimenter: u32,
  expType: u32,
  data: withDefault(rest, new Uint8Array(0)),
})

/** OF 1.3.5 7.3.5. */
export const sharedRequestParts = [
  part('desc', 0, {}),
  part('flow', 1, flowSelection),
  part('aggregate', 2, flowSelection),
  part('table', 3, {}),
  part('port', 4, { portNo: withDefault(u32, reservedPort.any), _: pad(4) }),
  queueStatsRequest,
  part('group', 6, { groupId: withDefault(u32, allGroups), _: pad(4) }),
  // 1.5 lets these two ask for one group or port; before, they always mean all.
  part('group_desc', 7, { groupId: since(6, u32, { instead: 0, absent: allGroups }), _: padSince(6, 4) }),
  groupFeaturesRequest,
  meterRequest,
  meterConfigRequest,
  meterFeaturesRequest,
  part('port_desc', 13, {
    portNo: since(6, u32, { instead: 0, absent: reservedPort.any }),
    _: padSince(6, 4),
  }),
  experimenterPart,
  ...niciraRequestParts,
] as const

/** OF 1.3.5 7.3.5.4. */
const tableCounters = struct({
  tableId: u8,
  _: pad(3),
  activeCount: u32,
  lookupCount: u64,
  matchedCount: u64,
})

/** OF 1.3.5 7.3.5.9. */
const groupCounters = sized(
  struct({
    length: ownLength,
    _: pad(2),
    groupId: u32,
    refCount: u32,
    _1: pad(4),
    packetCount: u64,
    byteCount: u64,
    durationS: u32,
    durationNs: u32,
    buckets: untilEnd(struct({ packetCount: u64, byteCount: u64 })),
  }),
)

export const groupReply = part('group', 6, { entries: untilEnd(groupCounters) })

/** OF 1.3.5 7.3.5.1. */
export const descReply = part('desc', 0, {
  manufacturer: text(256),
  hardware: text(256),
  software: text(256),
  serial: text(32),
  datapath: text(256),
})

export const sharedReplyParts = [
  descReply,
  part('table', 3, { entries: untilEnd(tableCounters) }),
  groupReply,
  meterReply,
  meterConfigReply,
  experimenterPart,
  ...niciraReplyParts,
] as const

/** Counters of a port, by name; also what 1.3 and 1.4 agree on. */
export const portCounters = struct({
  rxPackets: u64,
  txPackets: u64,
  rxBytes: u64,
  txBytes: u64,
  rxDropped: u64,
  txDropped: u64,
  rxErrors: u64,
  txErrors: u64,
})

/** Counters that only Ethernet ports have. */
export const ethernetCounters = { rxFrameErr: u64, rxOverErr: u64, rxCrcErr: u64, collisions: u64 } as const
