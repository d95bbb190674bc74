/** OpenFlow 1.0 (wire version 1): its messages, with Nicira's for what later versions brought. */
import {
  barrierReply,
  barrierRequest,
  echoReply,
  echoRequest,
  featuresRequest,
  getConfigReply,
  getConfigRequest,
  setConfig,
} from '../common/basics.ts'
import { errorMessage } from '../common/error.ts'
import { groupFeaturesReply, groupFeaturesRequest } from '../common/group-features.ts'
import { hello } from '../common/hello.ts'
import { nxAggregateReply, nxAggregateRequest, nxFlowReply, nxFlowRequest } from '../common/nicira-flow.ts'
import { niciraMonitorMessages, nxFlowMonitorReply, nxFlowMonitorRequest } from '../common/nicira-monitor.ts'
import { asNiciraPart, niciraPlace } from '../common/nicira-places.ts'
import { niciraMessages10, niciraReplyParts, niciraRequestParts } from '../common/nicira.ts'
import { allGroups } from '../common/names.ts'
import { requestForward } from '../common/role-status.ts'
import { descReply, groupReply } from '../common/stats.ts'
import { aggregateReply } from '../v13/flow.ts'
import { groupDesc } from '../v15/group.ts'
import { message, renumbered } from '../wire/message.ts'
import { multipart, part } from '../wire/multipart.ts'
import { pad, u32, withDefault } from '../wire/scalars.ts'
import { aggregateRequest10, flowMod10, flowRemoved10, flowReply10, flowRequest10 } from './flow.ts'
import { packetIn10, packetOut10 } from './packet.ts'
import { portDesc10, portDescRequest10, portMod10, portReply10, portRequest10, portStatus10 } from './port.ts'
import { queueGetConfigReply10, queueGetConfigRequest10, queueReply10, queueStatsRequest10 } from './queue.ts'
import { featuresReply10, tableReply10, vendor10, vendorPart10 } from './switch.ts'

/** Of one group, or of all. */
const groupSelection = { groupId: withDefault(u32, allGroups), _: pad(4) } as const

export const requestParts = [
  part('desc', 0, {}),
  flowRequest10,
  aggregateRequest10,
  part('table', 3, {}),
  portRequest10,
  queueStatsRequest10,
  portDescRequest10,
  vendorPart10,
  nxFlowRequest,
  nxAggregateRequest,
  nxFlowMonitorRequest,
  asNiciraPart(part('group', 6, groupSelection), 7),
  asNiciraPart(part('group_desc', 7, groupSelection), 8),
  asNiciraPart(groupFeaturesRequest, 9),
  ...niciraRequestParts,
] as const

export const replyParts = [
  descReply,
  flowReply10,
  aggregateReply,
  tableReply10,
  portReply10,
  queueReply10,
  portDesc10,
  vendorPart10,
  nxFlowReply,
  nxAggregateReply,
  nxFlowMonitorReply,
  asNiciraPart(groupReply, 7),
  asNiciraPart(groupDesc, 8),
  asNiciraPart(groupFeaturesReply, 9),
  ...niciraReplyParts,
] as const

/** What another controller asked for and is passed on: group-mods only, which are Nicira's here. */
const forwarded = renumbered(requestForward(niciraMessages10), niciraPlace(132))

export const messages10 = [
  hello,
  errorMessage,
  echoRequest,
  echoReply,
  vendor10,
  featuresRequest,
  featuresReply10,
  getConfigRequest,
  getConfigReply,
  setConfig,
  packetIn10,
  flowRemoved10,
  portStatus10,
  packetOut10,
  flowMod10,
  portMod10,
  message('multipart_request', 16, { parts: multipart(requestParts) }),
  message('multipart_reply', 17, { parts: multipart(replyParts) }),
  renumbered(barrierRequest, { code: 18 }),
  renumbered(barrierReply, { code: 19 }),
  queueGetConfigRequest10,
  queueGetConfigReply10,
  ...niciraMessages10,
  ...niciraMonitorMessages,
  forwarded,
] as const
