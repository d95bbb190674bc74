/** OpenFlow 1.4 (wire version 5): properties nearly everywhere, and bundles, monitors and table events of its own. */
import { asyncMessages14 } from '../common/async.ts'
import { bundleAdd, bundleControl } from '../common/bundle.ts'
import { groupFeaturesReply } from '../common/group-features.ts'
import { sharedMessages } from '../common/messages.ts'
import { meterFeaturesReply, meterMod } from '../common/meter.ts'
import { tableConfig } from '../common/names.ts'
import { niciraMessages14 } from '../common/nicira.ts'
import { requestForward, roleStatus } from '../common/role-status.ts'
import { sharedReplyParts, sharedRequestParts } from '../common/stats.ts'
import { tableFeaturesPart, tableFeaturesUntil14 } from '../common/table-features.ts'
import { aggregateReply, flowRemoved, flowReply } from '../v13/flow.ts'
import { groupDesc, groupMod } from '../v13/group.ts'
import { packetOut } from '../v13/packet-out.ts'
import { roleReply, roleRequest } from '../v13/role.ts'
import { portDesc, portStatsReply, portStatus } from '../v15/port.ts'
import { message } from '../wire/message.ts'
import { multipart } from '../wire/multipart.ts'
import { flowMonitorReply, flowMonitorRequest } from './flow-monitor.ts'
import { portMod } from './port-mod.ts'
import { queueDescReply, queueDescRequest, queueStatsReply } from './queue.ts'
import { tableDescReply, tableDescRequest, tableMod, tableStatus } from './table.ts'

const tableFeatures = tableFeaturesPart(tableFeaturesUntil14(tableConfig))

export const requestParts = [
  ...sharedRequestParts,
  tableFeatures.request,
  tableDescRequest,
  queueDescRequest,
  flowMonitorRequest,
] as const

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
  tableDescReply,
  queueDescReply,
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
  roleRequest,
  roleReply,
  ...asyncMessages14,
  roleStatus,
  tableStatus,
] as const

export const messages14 = [
  ...plain,
  ...niciraMessages14,
  requestForward([groupMod, meterMod]),
  bundleControl,
  bundleAdd([...plain, ...niciraMessages14]),
] as const
