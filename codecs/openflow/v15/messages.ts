/** OpenFlow 1.5 (wire version 6): its messages. */
import { asyncMessages14 } from '../common/async.ts'
import { bundleAdd, bundleControl15, bundleFlags } from '../common/bundle.ts'
import { groupFeaturesReply15 } from '../common/group-features.ts'
import { sharedMessages } from '../common/messages.ts'
import { meterMod } from '../common/meter.ts'
import { niciraMessages14 } from '../common/nicira.ts'
import { requestForward, roleStatus } from '../common/role-status.ts'
import { sharedReplyParts, sharedRequestParts } from '../common/stats.ts'
import { tableFeatures15, tableFeaturesPart } from '../common/table-features.ts'
import { flowMonitorReply, flowMonitorRequest } from '../v14/flow-monitor.ts'
import { portMod } from '../v14/port-mod.ts'
import { queueDescReply, queueDescRequest, queueStatsReply } from '../v14/queue.ts'
import { tableDescReply, tableDescRequest, tableMod, tableStatus } from '../v14/table.ts'
import { message } from '../wire/message.ts'
import { multipart } from '../wire/multipart.ts'
import { bundleFeaturesReply, bundleFeaturesRequest } from './bundle-features.ts'
import { controllerStatus, controllerStatusReply, controllerStatusRequest } from './controller-status.ts'
import { aggregateReply, flowRemoved, flowReply, flowStatsReply, flowStatsRequest } from './flow.ts'
import { groupDesc, groupMod } from './group.ts'
import { meterFeaturesReply } from './meter-features.ts'
import { packetOut } from './packet-out.ts'
import { portDesc, portStatsReply, portStatus } from './port.ts'
import { roleReply, roleRequest } from './role.ts'

const tableFeatures = tableFeaturesPart(tableFeatures15)

export const requestParts = [
  ...sharedRequestParts,
  tableFeatures.request,
  tableDescRequest,
  queueDescRequest,
  flowMonitorRequest,
  flowStatsRequest,
  controllerStatusRequest,
  bundleFeaturesRequest,
] as const

export const replyParts = [
  ...sharedReplyParts,
  flowReply,
  aggregateReply,
  portStatsReply,
  queueStatsReply,
  groupDesc,
  groupFeaturesReply15,
  meterFeaturesReply,
  tableFeatures.reply,
  portDesc,
  tableDescReply,
  queueDescReply,
  flowMonitorReply,
  flowStatsReply,
  controllerStatusReply,
  bundleFeaturesReply,
] as const

const plain = [
  ...sharedMessages,
  flowRemoved,
  portStatus,
  packetOut,
  groupMod,
  portMod,
  tableMod,
  message('multipart_request', 18, { parts: multipart(requestParts) }),
  message('multipart_reply', 19, { parts: multipart(replyParts) }),
  roleRequest,
  roleReply,
  ...asyncMessages14,
  roleStatus,
  tableStatus,
  controllerStatus,
] as const

export const messages15 = [
  ...plain,
  ...niciraMessages14,
  requestForward([groupMod, meterMod]),
  bundleControl15,
  bundleAdd([...plain, ...niciraMessages14], bundleFlags),
] as const
