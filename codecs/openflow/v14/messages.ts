/** OpenFlow 1.4 (wire version 5): 1.3 with importance and bundles of its own, and ports as in 1.5. */
import { bundleAdd, bundleControl } from '../common/bundle.ts'
import { sharedMessages } from '../common/messages.ts'
import { sharedReplyParts } from '../common/stats.ts'
import { aggregateReply, flowRemoved, flowReply } from '../v13/flow.ts'
import { groupDesc, groupMod } from '../v13/group.ts'
import { packetOut } from '../v13/packet-out.ts'
import { portDesc, portStatsReply, portStatus } from '../v15/port.ts'
import { message } from '../wire/message.ts'
import { multipart } from '../wire/multipart.ts'

const replyParts = [
  ...sharedReplyParts,
  flowReply,
  aggregateReply,
  portStatsReply,
  groupDesc,
  portDesc,
] as const

const plain = [
  ...sharedMessages,
  flowRemoved,
  portStatus,
  packetOut,
  groupMod,
  message('multipart_reply', 19, { parts: multipart(replyParts) }),
] as const

export const messages14 = [...plain, bundleControl, bundleAdd(plain)] as const
