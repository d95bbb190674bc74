/** OpenFlow 1.3 (wire version 4): its messages, the ONF's bundle extension among them. */
import { asOnfExtension, bundleAdd, bundleControl } from '../common/bundle.ts'
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

export const messages13 = [
  ...plain,
  asOnfExtension(bundleControl, 2300),
  asOnfExtension(bundleAdd(plain), 2301),
] as const
