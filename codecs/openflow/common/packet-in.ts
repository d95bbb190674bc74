/** Packet-in: a packet for the controller, with why, from which table, and the pipeline fields it had. */
import { match } from '../fields/match.ts'
import { message } from '../wire/message.ts'
import { pad, rest, u16, u32, u64, u8 } from '../wire/scalars.ts'
import { packetInReason } from './names.ts'

/** `totalLen` exceeds `data.length` when the switch cut the packet off. The ingress port is in `match`. */
export const packetIn = message('packet_in', 10, {
  bufferId: u32,
  totalLen: u16,
  reason: packetInReason,
  tableId: u8,
  cookie: u64,
  match,
  _: pad(2),
  data: rest,
})
