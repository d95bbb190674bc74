/** What happens to controllers and their requests: a change of role, and requests of others passed on. */
import { embedded } from '../wire/dialect.ts'
import { untilEnd } from '../wire/lists.ts'
import { type AnyMessageDef, message } from '../wire/message.ts'
import { enumOf, openEnum, pad, u32, u64, u8, withDefault } from '../wire/scalars.ts'
import { propertyRules } from '../wire/tlv.ts'
import { tlvUnion } from '../wire/tlv-union.ts'

export const controllerRole = enumOf(u32, { nochange: 0, equal: 1, master: 2, slave: 3 })

/** OF 1.4.1 7.4.4; in 1.3 a message of the ONF's. There are no properties but experimenters'. */
export const roleStatus = message('role_status', 30, {
  role: controllerRole,
  reason: openEnum(u8, { master_request: 0, config: 1, experimenter: 2 }),
  _: pad(3),
  generationId: withDefault(u64, 0n),
  properties: withDefault(untilEnd(tlvUnion([], propertyRules)), []),
})

/**
 * OF 1.4.1 7.4.6; in 1.3 a message of the ONF's. `request` is what another controller asked for, with that
 * controller's xid; `requests` are those that may be passed on, group-mod and meter-mod.
 */
export function requestForward<const D extends readonly AnyMessageDef[]>(requests: D) {
  return message('requestforward', 32, { request: embedded(requests, { xid: 'any' }) })
}
