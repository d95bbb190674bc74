/** OpenFlow 1.1 (wire version 2): instructions, groups and tables as later, matches in fixed places. */
import {
  barrierReply,
  barrierRequest,
  echoReply,
  echoRequest,
  experimenter,
  featuresRequest,
  getConfigReply,
  getConfigRequest,
  setConfig,
} from '../common/basics.ts'
import { errorMessage } from '../common/error.ts'
import { groupFeaturesReply, groupFeaturesRequest } from '../common/group-features.ts'
import { hello } from '../common/hello.ts'
import { niciraMonitorMessages, nxFlowMonitorReply, nxFlowMonitorRequest } from '../common/nicira-monitor.ts'
import { asNiciraPart, niciraPlace } from '../common/nicira-places.ts'
import { niciraMessages11, niciraReplyParts, niciraRequestParts } from '../common/nicira.ts'
import { allGroups, reservedPort } from '../common/names.ts'
import { requestForward } from '../common/role-status.ts'
import { descReply, experimenterPart } from '../common/stats.ts'
import { aggregateReply } from '../v13/flow.ts'
import { groupDesc, groupMod } from '../v13/group.ts'
import { packetOut } from '../v13/packet-out.ts'
import { portMod } from '../v13/port-mod.ts'
import { portDesc, portStatus } from '../v13/port.ts'
import { queueGetConfigRequest, queueStatsRequest } from '../v13/queue.ts'
import { message, renumbered } from '../wire/message.ts'
import { multipart, part } from '../wire/multipart.ts'
import { pad, u32, unavailable, withDefault } from '../wire/scalars.ts'
import { aggregateRequest11, flowMod11, flowRemoved11, flowReply11, flowRequest11 } from './flow.ts'
import { packetIn11 } from './packet.ts'
import { queueGetConfigReply11, queueReply11 } from './queue.ts'
import { featuresReply11, groupReply11, portReply11, tableMod11, tableReply11 } from './switch.ts'

/** Requests that 1.2 has too. */
export const requestParts11 = [
  part('desc', 0, {}),
  part('table', 3, {}),
  part('port', 4, { portNo: withDefault(u32, reservedPort.any), _: pad(4) }),
  queueStatsRequest,
  part('group', 6, { groupId: withDefault(u32, allGroups), _: pad(4) }),
  part('group_desc', 7, { groupId: unavailable<typeof u32>() }),
  part('port_desc', 13, { portNo: unavailable<typeof u32>() }),
  experimenterPart,
  nxFlowMonitorRequest,
  ...niciraRequestParts,
] as const

/** Replies that 1.2 has too. */
export const replyParts11 = [
  descReply,
  aggregateReply,
  portReply11,
  queueReply11,
  groupReply11,
  groupDesc,
  portDesc,
  experimenterPart,
  nxFlowMonitorReply,
  ...niciraReplyParts,
] as const

/** Messages that 1.2 has too. */
export const plainMessages11 = [
  hello,
  errorMessage,
  echoRequest,
  echoReply,
  experimenter,
  featuresRequest,
  featuresReply11,
  getConfigRequest,
  getConfigReply,
  setConfig,
  portStatus,
  packetOut,
  groupMod,
  portMod,
  tableMod11,
  barrierRequest,
  barrierReply,
  queueGetConfigRequest,
  ...niciraMonitorMessages,
  renumbered(requestForward([groupMod]), niciraPlace(132)),
] as const

export const requestParts = [
  ...requestParts11,
  flowRequest11,
  aggregateRequest11,
  asNiciraPart(groupFeaturesRequest, 9),
] as const

export const replyParts = [
  ...replyParts11,
  flowReply11,
  tableReply11,
  asNiciraPart(groupFeaturesReply, 9),
] as const

export const messages11 = [
  ...plainMessages11,
  packetIn11,
  flowRemoved11,
  flowMod11,
  message('multipart_request', 18, { parts: multipart(requestParts) }),
  message('multipart_reply', 19, { parts: multipart(replyParts) }),
  queueGetConfigReply11,
  ...niciraMessages11,
] as const
