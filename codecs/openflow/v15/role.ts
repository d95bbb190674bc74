/** Roles of controllers in OpenFlow 1.5, which numbers the controllers. */
import { controllerRole } from '../common/role-status.ts'
import { message } from '../wire/message.ts'
import { pad, u16, u64, withDefault } from '../wire/scalars.ts'

const fields = {
  role: controllerRole,
  /** A number by which other controllers are told of this one; 0 is none. */
  shortId: withDefault(u16, 0),
  _: pad(2),
  generationId: withDefault(u64, 0n),
}

/** OF 1.5.1 7.3.8. */
export const roleRequest = message('role_request', 24, fields)
export const roleReply = message('role_reply', 25, fields)
