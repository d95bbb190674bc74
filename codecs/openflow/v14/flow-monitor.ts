/** Flow monitors from OpenFlow 1.4 on. */
import { instructionList } from '../actions/instructions.ts'
import { flowUpdate, monitorFlags, noReason } from '../common/flow-monitor.ts'
import { allTables, anyGroup, flowRemovedReason, reservedPort } from '../common/names.ts'
import { match } from '../fields/match.ts'
import { untilEnd } from '../wire/lists.ts'
import { part } from '../wire/multipart.ts'
import { enumOf, pad, u16, u32, u64, u8, withDefault } from '../wire/scalars.ts'
import { struct } from '../wire/struct.ts'

const monitor = struct({
  monitorId: u32,
  outPort: withDefault(u32, reservedPort.any),
  outGroup: withDefault(u32, anyGroup),
  flags: withDefault(monitorFlags, []),
  tableId: withDefault(u8, allTables),
  command: withDefault(enumOf(u8, { add: 0, modify: 1, delete: 2 }), 'add'),
  match: withDefault(match, []),
})

/** OF 1.4.1 7.3.5.18.1. */
export const flowMonitorRequest = part('flow_monitor', 16, { entries: untilEnd(monitor) })

const events = {
  full: { initial: 0, added: 1, removed: 2, modified: 3 },
  abbrev: 4,
  paused: 5,
  resumed: 6,
} as const

/** OF 1.4.1 7.3.5.18.2. Instructions are there only if they were asked for and the flow was not removed. */
const update = flowUpdate(
  events,
  struct({
    tableId: u8,
    reason: withDefault(flowRemovedReason, noReason),
    idleTimeoutS: withDefault(u16, 0),
    hardTimeoutS: withDefault(u16, 0),
    priority: u16,
    _: pad(4),
    cookie: withDefault(u64, 0n),
    match: withDefault(match, []),
    instructions: withDefault(instructionList, []),
  }),
)

export const flowMonitorReply = part('flow_monitor', 16, { entries: untilEnd(update) })
