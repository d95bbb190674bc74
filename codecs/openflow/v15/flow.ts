/** Flow entries and their end as OpenFlow 1.5 tells them: counters in a list of statistics. */
import { instructionList } from '../actions/instructions.ts'
import { match } from '../fields/match.ts'
import { flowFlags, flowRemovedReason } from '../common/names.ts'
import { flowSelection } from '../common/stats.ts'
import { ownLength, sized, untilEnd } from '../wire/lists.ts'
import { message } from '../wire/message.ts'
import { part } from '../wire/multipart.ts'
import { openEnum, pad, u16, u64, u8 } from '../wire/scalars.ts'
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

/** OFPMP_FLOW_DESC (OF 1.5.1 7.3.5.2); the reply that earlier versions call flow statistics. */
export const flowReply = part('flow', 1, { entries: untilEnd(flowEntry) })
export const aggregateReply = part('aggregate', 2, { counters: aggregateCounters })

const flowStats = sized(
  struct({
    length: ownLength,
    _: pad(2),
    tableId: u8,
    reason: openEnum(u8, { stats_request: 0, stat_trigger: 1 }),
    priority: u16,
    match,
    counters: flowCounters,
  }),
)

/** OF 1.5.1 7.3.5.3: counters without the rest of the flow; also sent unasked when a `stat_trigger` fires. */
export const flowStatsRequest = part('flow_stats', 17, flowSelection)
export const flowStatsReply = part('flow_stats', 17, { entries: untilEnd(flowStats) })

/** OF 1.5.1 7.4.2. */
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
