/**
 * Flows of OpenFlow 1.1 and 1.2. They are those of 1.3, but a flow does not tell its flags; and 1.1 has its own match, so
 * that every message that carries one may have `matchBytes` beside it.
 */
import { instructionList } from '../actions/instructions.ts'
import { match } from '../fields/match.ts'
import {
  allTables,
  anyGroup,
  type flowFlags,
  flowRemovedReason,
  noBuffer,
  reservedPort,
} from '../common/names.ts'
import { earlyFlowFlags, flowCommand } from '../v10/flow.ts'
import { ownLength, sized, untilEnd } from '../wire/lists.ts'
import { message } from '../wire/message.ts'
import { part } from '../wire/multipart.ts'
import { pad, u16, u32, u64, u8, unavailable, withDefault } from '../wire/scalars.ts'
import { struct } from '../wire/struct.ts'
import { match11 } from './match.ts'

const flowModFields = {
  cookie: withDefault(u64, 0n),
  cookieMask: withDefault(u64, 0n),
  tableId: withDefault(u8, 0),
  command: flowCommand,
  idleTimeoutS: withDefault(u16, 0),
  hardTimeoutS: withDefault(u16, 0),
  priority: withDefault(u16, 0x8000),
  bufferId: withDefault(u32, noBuffer),
  outPort: withDefault(u32, reservedPort.any),
  outGroup: withDefault(u32, anyGroup),
} as const

/** OF 1.1.0 A.3.4.1. */
export const flowMod11 = message('flow_mod', 14, {
  ...flowModFields,
  flags: withDefault(earlyFlowFlags, []),
  importance: unavailable<typeof u16>(),
  _: pad(2),
  match: match11,
  instructions: withDefault(instructionList, []),
})

/** OF 1.1.0 A.4.3, where the hard timeout is padding; Open vSwitch tells it, as 1.2 does. */
export const flowRemoved11 = message('flow_removed', 11, {
  cookie: u64,
  priority: u16,
  reason: flowRemovedReason,
  tableId: u8,
  durationS: u32,
  durationNs: u32,
  idleTimeoutS: u16,
  hardTimeoutS: u16,
  packetCount: u64,
  byteCount: u64,
  match: match11,
})

const selectionFields = {
  tableId: withDefault(u8, allTables),
  _: pad(3),
  outPort: withDefault(u32, reservedPort.any),
  outGroup: withDefault(u32, anyGroup),
  _1: pad(4),
  cookie: withDefault(u64, 0n),
  cookieMask: withDefault(u64, 0n),
} as const

/** OF 1.1.0 A.3.5. */
export const flowRequest11 = part('flow', 1, { ...selectionFields, match: match11 })
export const aggregateRequest11 = part('aggregate', 2, { ...selectionFields, match: match11 })

const entryFields = {
  length: ownLength,
  tableId: u8,
  _: pad(1),
  durationS: u32,
  durationNs: u32,
  priority: u16,
  idleTimeoutS: u16,
  hardTimeoutS: u16,
  flags: unavailable<typeof flowFlags>(),
  importance: unavailable<typeof u16>(),
  _1: pad(6),
  cookie: u64,
  packetCount: u64,
  byteCount: u64,
} as const

/** OF 1.1.0 A.3.5. */
export const flowReply11 = part('flow', 1, {
  entries: untilEnd(sized(struct({ ...entryFields, match: match11, instructions: instructionList }))),
})

/** OF 1.2 A.3.5.2. */
export const flowReply12 = part('flow', 1, {
  entries: untilEnd(sized(struct({ ...entryFields, match, instructions: instructionList }))),
})
