/** OpenFlow 1.3 (wire version 4): its messages, and those of later versions that the ONF gave it as extensions. */
import { asyncMessages13 } from '../common/async.ts'
import { asOnfExtension, bundleAdd, bundleControl } from '../common/bundle.ts'
import { flowMonitorCancel, flowMonitorPaused, flowMonitorResumed } from '../common/flow-monitor.ts'
import { groupFeaturesReply } from '../common/group-features.ts'
import { sharedMessages } from '../common/messages.ts'
import { meterFeaturesReply, meterMod } from '../common/meter.ts'
import { niciraMessages13 } from '../common/nicira.ts'
import { requestForward, roleStatus } from '../common/role-status.ts'
import { sharedReplyParts, sharedRequestParts } from '../common/stats.ts'
import { tableFeaturesPart, tableFeaturesUntil14 } from '../common/table-features.ts'
import { message } from '../wire/message.ts'
import { multipart } from '../wire/multipart.ts'
import { aggregateReply, flowRemoved, flowReply } from './flow.ts'
import { flowMonitorReply, flowMonitorRequest } from './flow-monitor.ts'
import { groupDesc, groupMod } from './group.ts'
import { packetOut } from './packet-out.ts'
import { portDesc, portStatsReply, portStatus } from './port.ts'
import { portMod } from './port-mod.ts'
import { queueGetConfigReply, queueGetConfigRequest, queueStatsReply } from './queue.ts'
import { roleReply, roleRequest } from './role.ts'
import { tableMod, unnamedConfig } from './table.ts'

const tableFeatures = tableFeaturesPart(tableFeaturesUntil14(unnamedConfig))

export const requestParts = [...sharedRequestParts, tableFeatures.request, flowMonitorRequest] as const

export const replyParts = [
  ...sharedReplyParts,
  flowReply,
  aggregateReply,
  portStatsReply,
  queueStatsReply,
  groupDesc,
  groupFeaturesReply,
  meterFeaturesReply,
  tableFeatures.reply,
  portDesc,
  flowMonitorReply,
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
  queueGetConfigRequest,
  queueGetConfigReply,
  roleRequest,
  roleReply,
  ...asyncMessages13,
] as const

export const messages13 = [
  ...plain,
  ...niciraMessages13,
  asOnfExtension(flowMonitorCancel, 1870),
  asOnfExtension(flowMonitorPaused, 1871),
  asOnfExtension(flowMonitorResumed, 1872),
  asOnfExtension(roleStatus, 1911),
  asOnfExtension(bundleControl, 2300),
  asOnfExtension(bundleAdd([...plain, ...niciraMessages13]), 2301),
  asOnfExtension(requestForward([groupMod, meterMod]), 2350),
] as const
