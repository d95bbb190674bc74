/** Flow entries and their end as OpenFlow 1.5 tells them: counters in a list of statistics. */
import { instructionList } from '../actions/instructions.ts'
import { match } from '../fields/match.ts'
import { flowFlags, flowRemovedReason } from '../common/names.ts'
import { ownLength, sized, untilEnd } from '../wire/lists.ts'
import { message } from '../wire/message.ts'
import { part } from '../wire/multipart.ts'
import { pad, u16, u64, u8 } from '../wire/scalars.ts'
import { struct } from '../wire/struct.ts'
import { aggregateCounters, flowCounters } from './oxs.ts'

const flowEntry = sized(
  struct({
    length: ownLength,
    _: pad(2),
    tableId: u8,
    _1: pad(1),
    priority: u16,
    idleTimeoutS: u16,
    hardTimeoutS: u16,
    flags: flowFlags,
    importance: u16,
    cookie: u64,
    match,
    counters: flowCounters,
    instructions: instructionList,
  }),
)

/** OFPMP_FLOW_DESC; the reply that earlier versions call flow statistics. */
export const flowReply = part('flow', 1, { entries: untilEnd(flowEntry) })
export const aggregateReply = part('aggregate', 2, { counters: aggregateCounters })

export const flowRemoved = message('flow_removed', 11, {
  tableId: u8,
  reason: flowRemovedReason,
  priority: u16,
  idleTimeoutS: u16,
  hardTimeoutS: u16,
  cookie: u64,
  match,
  counters: flowCounters,
})
