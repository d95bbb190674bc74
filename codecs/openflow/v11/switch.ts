/** What a switch of OpenFlow 1.1 or 1.2 says of itself, its tables and ports. */
import { ethernetCounters, portCounters } from '../common/stats.ts'
import type { actions10 } from '../v10/switch.ts'
import { port } from '../v13/port.ts'
import type { tableProperties } from '../v14/table.ts'
import { exactlyOne, ownLength, sized, untilEnd } from '../wire/lists.ts'
import { message } from '../wire/message.ts'
import { part } from '../wire/multipart.ts'
import { flagsOf, pad, text, u32, u64, u8, unavailable, withDefault } from '../wire/scalars.ts'
import { inline, struct } from '../wire/struct.ts'
import { bare, variant } from '../wire/tlv.ts'

/** OF 1.2 A.3.1; `arp_match_ip` is of 1.1 only. The ports are here; later versions tell them in an answer of their own. */
export const featuresReply11 = message('features_reply', 6, {
  datapathId: u64,
  nBuffers: u32,
  nTables: u8,
  _: pad(3),
  auxiliaryId: unavailable<typeof u8>(),
  capabilities: flagsOf(u32, {
    flow_stats: 0,
    table_stats: 1,
    port_stats: 2,
    group_stats: 3,
    ip_reasm: 5,
    queue_stats: 6,
    arp_match_ip: 7,
    port_blocked: 8,
  }),
  reserved: withDefault(u32, 0),
  actions: unavailable<typeof actions10>(),
  ports: untilEnd(port),
})

/** What happens to packets that no flow matches: to the controller if neither bit is set. */
const missConfig = flagsOf(u32, { table_miss_continue: 0, table_miss_drop: 1 })

/** OF 1.1.0 A.3.3. */
export const tableMod11 = message('table_mod', 17, {
  tableId: u8,
  _: pad(3),
  config: withDefault(missConfig, []),
  properties: unavailable<typeof tableProperties>(),
})

/** OF 1.1.0 A.3.5. Match and wildcards have the bits of `ofp_flow_match_fields`, the others those of the types' numbers. */
const tableStats11 = struct({
  tableId: u8,
  _: pad(7),
  name: text(32),
  wildcards: u32,
  match: u32,
  instructions: u32,
  writeActions: u32,
  applyActions: u32,
  config: missConfig,
  maxEntries: u32,
  activeCount: u32,
  lookupCount: u64,
  matchedCount: u64,
})

/** OF 1.2 A.3.5.4. Match, wildcards and set-fields have the bits of the fields' numbers in OXM. */
const tableStats12 = struct({
  tableId: u8,
  _: pad(7),
  name: text(32),
  match: u64,
  wildcards: u64,
  writeActions: u32,
  applyActions: u32,
  writeSetfields: u64,
  applySetfields: u64,
  metadataMatch: u64,
  metadataWrite: u64,
  instructions: u32,
  config: missConfig,
  maxEntries: u32,
  activeCount: u32,
  lookupCount: u64,
  matchedCount: u64,
})

export const tableReply11 = part('table', 3, { entries: untilEnd(tableStats11) })
export const tableReply12 = part('table', 3, { entries: untilEnd(tableStats12) })

const noDuration = { durationS: unavailable<typeof u32>(), durationNs: unavailable<typeof u32>() } as const

const portStats11 = struct({
  portNo: u32,
  _: pad(4),
  counters: inline(portCounters),
  properties: exactlyOne(bare(variant('ethernet', 0, ethernetCounters))),
  ...noDuration,
})

/** OF 1.1.0 A.3.5. */
export const portReply11 = part('port', 4, { entries: untilEnd(portStats11) })

const groupStats11 = sized(
  struct({
    length: ownLength,
    _: pad(2),
    groupId: u32,
    refCount: u32,
    _1: pad(4),
    packetCount: u64,
    byteCount: u64,
    ...noDuration,
    buckets: untilEnd(struct({ packetCount: u64, byteCount: u64 })),
  }),
)

/** OF 1.1.0 A.3.5. */
export const groupReply11 = part('group', 6, { entries: untilEnd(groupStats11) })
