/** Packet-ins of OpenFlow 1.1, with ports in fixed places, and of 1.2, with a match but no cookie. */
import { match } from '../fields/match.ts'
import type { Match } from '../fields/oxm.ts'
import { implied, noCookie } from '../common/implied.ts'
import { packetInReason } from '../common/names.ts'
import type { Inline } from '../wire/codec.ts'
import { EncodeError } from '../wire/errors.ts'
import { mustBeList } from '../wire/lists.ts'
import { message } from '../wire/message.ts'
import { pad, rest, u16, u32, u8 } from '../wire/scalars.ts'

/** The ports as the match that later versions have: the physical one only if it is another. */
const ports: Inline<{ readonly match: Match }> = {
  inline: true,
  readInto(r, out) {
    const [inPort, inPhyPort] = [r.u32(), r.u32()]
    const physical = inPhyPort === inPort ? [] : [{ field: 'in_phy_port', value: inPhyPort }]
    out['match'] = [{ field: 'in_port', value: inPort }, ...physical]
  },
  writeFrom(w, { match: fields }) {
    mustBeList(fields, 'match')
    const [port, physical, ...more] = fields
    const wrong =
      port?.field !== 'in_port' ||
      (physical !== undefined && physical.field !== 'in_phy_port') ||
      more.length > 0
    if (wrong || fields.some(({ mask }) => mask !== undefined))
      throw new EncodeError(
        'VERSION',
        'a packet-in of OpenFlow 1.1 carries in_port and in_phy_port, no other field',
      )
    w.u32(port.value as number)
    w.u32((physical ?? port).value as number)
  },
}

/** OF 1.1.0 A.4.1. */
export const packetIn11 = message('packet_in', 10, {
  bufferId: u32,
  ports,
  totalLen: u16,
  reason: packetInReason,
  tableId: u8,
  cookie: implied(noCookie),
  data: rest,
})

/** OF 1.2 A.4.1. */
export const packetIn12 = message('packet_in', 10, {
  bufferId: u32,
  totalLen: u16,
  reason: packetInReason,
  tableId: u8,
  cookie: implied(noCookie),
  match,
  _: pad(2),
  data: rest,
})
