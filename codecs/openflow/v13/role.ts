/** Roles of controllers in OpenFlow 1.2 to 1.4. */
import { controllerRole } from '../common/role-status.ts'
import { message } from '../wire/message.ts'
import { pad, u16, u64, unavailable, withDefault } from '../wire/scalars.ts'

const fields = {
  role: controllerRole,
  shortId: unavailable<typeof u16>(),
  _: pad(4),
  generationId: withDefault(u64, 0n),
}

/** OF 1.3.5 7.3.9. */
export const roleRequest = message('role_request', 24, fields)
export const roleReply = message('role_reply', 25, fields)
