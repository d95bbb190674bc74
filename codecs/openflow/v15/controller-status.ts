/** What the switch tells of its other controllers, asked and unasked (OpenFlow 1.5). */
import { controllerRole } from '../common/role-status.ts'
import { textOf, utf8Of } from '../common/utf8.ts'
import type { Codec } from '../wire/codec.ts'
import { ownLength, sized, untilEnd } from '../wire/lists.ts'
import { message } from '../wire/message.ts'
import { part } from '../wire/multipart.ts'
import { openEnum, pad, u16, u8, withDefault } from '../wire/scalars.ts'
import { struct } from '../wire/struct.ts'
import { propertyRules, variant } from '../wire/tlv.ts'
import { tlvUnion } from '../wire/tlv-union.ts'

/** Up to the end of the property. */
const textToEnd: Codec<string> = {
  read: (r) => textOf(r.rest()),
  write: (w, text) => w.raw(utf8Of(text)),
}

/** OF 1.5.1 7.3.5.20. */
const status = struct({
  length: ownLength,
  shortId: u16,
  role: controllerRole,
  reason: openEnum(u8, {
    request: 0,
    channel_status: 1,
    role: 2,
    controller_added: 3,
    controller_removed: 4,
    short_id: 5,
    experimenter: 6,
  }),
  channelStatus: openEnum(u8, { up: 0, down: 1 }),
  _: pad(6),
  properties: withDefault(untilEnd(tlvUnion([variant('uri', 0, { uri: textToEnd })], propertyRules)), []),
})

export const controllerStatusRequest = part('controller_status', 18, {})
export const controllerStatusReply = part('controller_status', 18, { entries: untilEnd(sized(status)) })

/** OF 1.5.1 7.4.7. */
export const controllerStatus = message('controller_status', 35, { status: sized(status) })
