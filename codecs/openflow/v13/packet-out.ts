/** Packet-out up to OpenFlow 1.4: the ingress port is a field of its own. */
import { actionList } from '../actions/actions.ts'
import { match } from '../fields/match.ts'
import { noBuffer, reservedPort } from '../common/names.ts'
import { announced, lengthAhead } from '../wire/lists.ts'
import { message } from '../wire/message.ts'
import { pad, rest, u32, unavailable, withDefault } from '../wire/scalars.ts'

export const packetOut = message('packet_out', 13, {
  bufferId: withDefault(u32, noBuffer),
  inPort: withDefault(u32, reservedPort.controller),
  actionsLength: lengthAhead,
  _: pad(6),
  match: unavailable<typeof match>(),
  actions: announced(actionList),
  data: withDefault(rest, new Uint8Array(0)),
})
