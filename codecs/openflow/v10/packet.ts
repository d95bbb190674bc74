/** Packets of OpenFlow 1.0: the ingress port is a field of its own, and a packet-in does not tell where it was sent from. */
import { actionList } from '../actions/actions.ts'
import { match } from '../fields/match.ts'
import type { Match } from '../fields/oxm.ts'
import { implied, noCookie } from '../common/implied.ts'
import { noBuffer, packetInReason, reservedPort } from '../common/names.ts'
import type { Inline } from '../wire/codec.ts'
import { EncodeError } from '../wire/errors.ts'
import { announced, lengthAhead, mustBeList } from '../wire/lists.ts'
import { message } from '../wire/message.ts'
import { pad, port16, rest, u16, u32, u8, unavailable, withDefault } from '../wire/scalars.ts'

/** The ingress port as the match of one field that later versions have. */
const ingress: Inline<{ readonly match: Match }> = {
  inline: true,
  readInto(r, out) {
    out['match'] = [{ field: 'in_port', value: port16.read(r) }]
  },
  writeFrom(w, { match: fields }) {
    mustBeList(fields, 'match')
    const [port, ...more] = fields
    if (port?.field !== 'in_port' || port.mask !== undefined || more.length > 0)
      throw new EncodeError('VERSION', 'a packet-in of OpenFlow 1.0 carries in_port and no other field')
    port16.write(w, port.value as number)
  },
}

/** OF 1.0.0 5.4.1. */
export const packetIn10 = message('packet_in', 10, {
  bufferId: u32,
  totalLen: u16,
  ingress,
  reason: packetInReason,
  _: pad(1),
  tableId: unavailable<typeof u8>(),
  cookie: implied(noCookie),
  data: rest,
})

/** OF 1.0.0 5.3.6. */
export const packetOut10 = message('packet_out', 13, {
  bufferId: withDefault(u32, noBuffer),
  inPort: withDefault(port16, reservedPort.controller),
  match: unavailable<typeof match>(),
  actionsLength: lengthAhead,
  actions: announced(actionList),
  data: withDefault(rest, new Uint8Array(0)),
})
