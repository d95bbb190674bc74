/** OpenFlow 1.2 (wire version 3): 1.1 with matches of fields and with roles. */
import { flowMod } from '../common/flow-mod.ts'
import { groupFeaturesReply, groupFeaturesRequest } from '../common/group-features.ts'
import { niciraMessages12 } from '../common/nicira.ts'
import { flowSelection } from '../common/stats.ts'
import { flowReply12 } from '../v11/flow.ts'
import { plainMessages11, replyParts11, requestParts11 } from '../v11/messages.ts'
import { packetIn12 } from '../v11/packet.ts'
import { tableReply12 } from '../v11/switch.ts'
import { flowRemoved } from '../v13/flow.ts'
import { queueGetConfigReply } from '../v13/queue.ts'
import { roleReply, roleRequest } from '../v13/role.ts'
import { message } from '../wire/message.ts'
import { multipart, part } from '../wire/multipart.ts'

export const requestParts = [
  ...requestParts11,
  part('flow', 1, flowSelection),
  part('aggregate', 2, flowSelection),
  groupFeaturesRequest,
] as const

export const replyParts = [...replyParts11, flowReply12, tableReply12, groupFeaturesReply] as const

export const messages12 = [
  ...plainMessages11,
  packetIn12,
  flowRemoved,
  flowMod,
  message('multipart_request', 18, { parts: multipart(requestParts) }),
  message('multipart_reply', 19, { parts: multipart(replyParts) }),
  queueGetConfigReply,
  roleRequest,
  roleReply,
  ...niciraMessages12,
] as const
