/**
 * Flow monitors of OpenFlow 1.0 to 1.2, which Open vSwitch had before the standard: nicira-ext, NXST_FLOW_MONITOR. The
 * updates carry actions, not instructions, in 1.1 and 1.2 too.
 */
import { nxmMatch } from '../fields/nxm-match.ts'
import { applyActions } from '../v10/actions.ts'
import { onlyAdd } from '../v13/flow-monitor.ts'
import { lengthAhead, untilEnd } from '../wire/lists.ts'
import { renumbered } from '../wire/message.ts'
import { openEnum, pad, port16, u16, u32, u64, u8, unavailable, withDefault } from '../wire/scalars.ts'
import { struct } from '../wire/struct.ts'
import {
  extensionMonitorFlags,
  flowMonitorCancel,
  flowMonitorPaused,
  flowMonitorResumed,
  flowUpdate,
  noReason,
} from './flow-monitor.ts'
import { allTables, flowRemovedReasons, reservedPort } from './names.ts'
import { niciraPart, niciraPlace } from './nicira-places.ts'

const monitor = struct({
  monitorId: u32,
  flags: withDefault(extensionMonitorFlags, []),
  outPort: withDefault(port16, reservedPort.any),
  outGroup: unavailable<typeof u32>(),
  matchLength: lengthAhead,
  tableId: withDefault(u8, allTables),
  _: pad(5),
  command: onlyAdd,
  match: withDefault(nxmMatch, []),
})

export const nxFlowMonitorRequest = niciraPart('flow_monitor', 2, { entries: untilEnd(monitor) })

const update = flowUpdate(
  { full: { added: 0, removed: 1, modified: 2 }, abbrev: 3 },
  struct({
    reason: withDefault(openEnum(u16, flowRemovedReasons), noReason),
    priority: u16,
    idleTimeoutS: withDefault(u16, 0),
    hardTimeoutS: withDefault(u16, 0),
    matchLength: lengthAhead,
    tableId: u8,
    _: pad(1),
    cookie: withDefault(u64, 0n),
    match: withDefault(nxmMatch, []),
    instructions: withDefault(applyActions, []),
  }),
)

export const nxFlowMonitorReply = niciraPart('flow_monitor', 2, { entries: untilEnd(update) })

export const niciraMonitorMessages = [
  renumbered(flowMonitorCancel, niciraPlace(21)),
  renumbered(flowMonitorPaused, niciraPlace(22)),
  renumbered(flowMonitorResumed, niciraPlace(23)),
] as const
