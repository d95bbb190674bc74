/**
 * Flows of OpenFlow 1.0: the match in fixed places, actions instead of instructions. Every message that carries such a
 * match may have `matchBytes` beside it.
 */
import { implied } from '../common/implied.ts'
import { lacking } from '../common/lacking.ts'
import {
  allTables,
  anyGroup,
  type flowFlags,
  flowRemovedReason,
  noBuffer,
  reservedPort,
} from '../common/names.ts'
import type { OutOf } from '../wire/codec.ts'
import { ownLength, sized, untilEnd } from '../wire/lists.ts'
import { message } from '../wire/message.ts'
import { part } from '../wire/multipart.ts'
import { enumOf, flagsOf, pad, port16, u16, u32, u64, u8, unavailable, withDefault } from '../wire/scalars.ts'
import { struct } from '../wire/struct.ts'
import { applyActions } from './actions.ts'
import { match10 } from './match.ts'

/** OF 1.0.0 5.3.3, OF 1.1.0 A.3.4.1. Bit 2 was for an emergency cache, which 1.1 dropped. */
export const earlyFlowFlags = lacking<OutOf<typeof flowFlags>>(
  flagsOf(u16, { send_flow_rem: 0, check_overlap: 1 }),
  ['reset_counts', 'no_pkt_counts', 'no_byt_counts'],
)

export const flowCommand = enumOf(u8, { add: 0, modify: 1, modify_strict: 2, delete: 3, delete_strict: 4 })

/**
 * OF 1.0.0 5.3.3. The table is the upper byte of the command, which a switch heeds once `nx_flow_mod_table_id` has said
 * so; then 0xff leaves the choice to the switch. Before that it must be 0.
 */
export const flowMod10 = message('flow_mod', 14, {
  match: match10,
  cookie: withDefault(u64, 0n),
  cookieMask: implied(0n),
  tableId: withDefault(u8, 0),
  command: flowCommand,
  idleTimeoutS: withDefault(u16, 0),
  hardTimeoutS: withDefault(u16, 0),
  priority: withDefault(u16, 0x8000),
  bufferId: withDefault(u32, noBuffer),
  outPort: withDefault(port16, reservedPort.any),
  outGroup: implied(anyGroup),
  flags: withDefault(earlyFlowFlags, []),
  importance: unavailable<typeof u16>(),
  instructions: withDefault(applyActions, []),
})

/** OF 1.0.0 5.4.3. */
export const flowRemoved10 = message('flow_removed', 11, {
  match: match10,
  cookie: u64,
  priority: u16,
  reason: flowRemovedReason,
  _: pad(1),
  tableId: unavailable<typeof u8>(),
  durationS: u32,
  durationNs: u32,
  idleTimeoutS: u16,
  _1: pad(2),
  hardTimeoutS: unavailable<typeof u16>(),
  packetCount: u64,
  byteCount: u64,
})

const flowSelection10 = {
  match: match10,
  tableId: withDefault(u8, allTables),
  _: pad(1),
  outPort: withDefault(port16, reservedPort.any),
  outGroup: implied(anyGroup),
  cookie: implied(0n),
  cookieMask: implied(0n),
} as const

export const flowRequest10 = part('flow', 1, flowSelection10)
export const aggregateRequest10 = part('aggregate', 2, flowSelection10)

/** OF 1.0.0 5.3.5. */
const flowEntry10 = sized(
  struct({
    length: ownLength,
    tableId: u8,
    _: pad(1),
    match: match10,
    durationS: u32,
    durationNs: u32,
    priority: u16,
    idleTimeoutS: u16,
    hardTimeoutS: u16,
    _1: pad(6),
    flags: unavailable<typeof flowFlags>(),
    importance: unavailable<typeof u16>(),
    cookie: u64,
    packetCount: u64,
    byteCount: u64,
    instructions: applyActions,
  }),
)

export const flowReply10 = part('flow', 1, { entries: untilEnd(flowEntry10) })
