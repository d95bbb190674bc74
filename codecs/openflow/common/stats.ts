/** Multipart bodies that all versions share: requests, description, table and group counters, meters. */
import { match } from '../fields/match.ts'
import { ownLength, sized, untilEnd } from '../wire/lists.ts'
import { part } from '../wire/multipart.ts'
import { pad, padSince, rest, since, text, u32, u64, u8, withDefault } from '../wire/scalars.ts'
import { struct } from '../wire/struct.ts'
import { allGroups, allMeters, allTables, anyGroup, reservedPort } from './names.ts'
import { meterBands, meterFlags } from './meter.ts'

const noBytes = new Uint8Array(0)

const flowSelection = {
  tableId: withDefault(u8, allTables),
  _: pad(3),
  outPort: withDefault(u32, reservedPort.any),
  outGroup: withDefault(u32, anyGroup),
  _1: pad(4),
  cookie: withDefault(u64, 0n),
  cookieMask: withDefault(u64, 0n),
  match: withDefault(match, []),
} as const

const experimenterPart = part('experimenter', 0xffff, {
  experimenter: u32,
  expType: u32,
  data: withDefault(rest, noBytes),
})
/** Kept as bytes: Open vSwitch sends 1.2 MB of it. An empty request asks, one with a body configures. */
const tableFeatures = part('table_features', 12, { data: withDefault(rest, noBytes) })

export const requestParts = [
  part('desc', 0, {}),
  part('flow', 1, flowSelection),
  part('aggregate', 2, flowSelection),
  part('table', 3, {}),
  part('port', 4, { portNo: withDefault(u32, reservedPort.any), _: pad(4) }),
  part('group', 6, { groupId: withDefault(u32, allGroups), _: pad(4) }),
  // 1.5 lets these two ask for one group or port; before, they always mean all.
  part('group_desc', 7, { groupId: since(6, u32, { instead: 0, absent: allGroups }), _: padSince(6, 4) }),
  part('meter', 9, { meterId: withDefault(u32, allMeters), _: pad(4) }),
  part('meter_config', 10, { meterId: withDefault(u32, allMeters), _: pad(4) }),
  part('meter_features', 11, {}),
  tableFeatures,
  part('port_desc', 13, {
    portNo: since(6, u32, { instead: 0, absent: reservedPort.any }),
    _: padSince(6, 4),
  }),
  experimenterPart,
] as const

const tableCounters = struct({
  tableId: u8,
  _: pad(3),
  activeCount: u32,
  lookupCount: u64,
  matchedCount: u64,
})

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

const meterCounters = sized(
  struct({
    meterId: u32,
    length: ownLength,
    _: pad(6),
    flowCount: u32,
    packetInCount: u64,
    byteInCount: u64,
    durationS: u32,
    durationNs: u32,
    bands: untilEnd(struct({ packetBandCount: u64, byteBandCount: u64 })),
  }),
)

const meterConfig = sized(struct({ length: ownLength, flags: meterFlags, meterId: u32, bands: meterBands }))

export const sharedReplyParts = [
  part('desc', 0, {
    manufacturer: text(256),
    hardware: text(256),
    software: text(256),
    serial: text(32),
    datapath: text(256),
  }),
  part('table', 3, { entries: untilEnd(tableCounters) }),
  part('group', 6, { entries: untilEnd(groupCounters) }),
  part('meter', 9, { entries: untilEnd(meterCounters) }),
  part('meter_config', 10, { entries: untilEnd(meterConfig) }),
  part('meter_features', 11, {
    maxMeter: u32,
    bandTypes: u32,
    capabilities: u32,
    maxBands: u8,
    maxColor: u8,
    _: pad(2),
    /** What 1.5 adds and Open vSwitch leaves out. */
    extra: rest,
  }),
  tableFeatures,
  experimenterPart,
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
