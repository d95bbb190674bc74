/** OpenFlow 1.5 (wire version 6): its messages. */
import { bundleAdd, bundleControl } from '../common/bundle.ts'
import { sharedMessages } from '../common/messages.ts'
import { sharedReplyParts } from '../common/stats.ts'
import { message } from '../wire/message.ts'
import { multipart } from '../wire/multipart.ts'
import { aggregateReply, flowRemoved, flowReply } from './flow.ts'
import { groupDesc, groupMod } from './group.ts'
import { packetOut } from './packet-out.ts'
import { portDesc, portStatsReply, portStatus } from './port.ts'

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

export const messages15 = [...plain, bundleControl, bundleAdd(plain)] as const
