/** Flow entries and their end as OpenFlow 1.3 and 1.4 tell them: counters in fixed places. */
import { instructionList } from '../actions/instructions.ts'
import { match } from '../fields/match.ts'
import { flowFlags, flowRemovedReason } from '../common/names.ts'
import { ownLength, sized, untilEnd } from '../wire/lists.ts'
import { message } from '../wire/message.ts'
import { part } from '../wire/multipart.ts'
import { pad, since, u16, u32, u64, u8 } from '../wire/scalars.ts'
import { struct } from '../wire/struct.ts'

const flowEntry = sized(
  struct({
    length: ownLength,
    tableId: u8,
    _: pad(1),
    durationS: u32,
    durationNs: u32,
    priority: u16,
    idleTimeoutS: u16,
    hardTimeoutS: u16,
    flags: flowFlags,
    importance: since(5, u16, { instead: 2, absent: 0 }),
    _1: pad(2),
    cookie: u64,
    packetCount: u64,
    byteCount: u64,
    match,
    instructions: instructionList,
  }),
)

export const flowReply = part('flow', 1, { entries: untilEnd(flowEntry) })
export const aggregateReply = part('aggregate', 2, {
  packetCount: u64,
  byteCount: u64,
  flowCount: u32,
  _: pad(4),
})

export const flowRemoved = message('flow_removed', 11, {
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
  match,
})
