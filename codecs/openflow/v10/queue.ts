/** Queues of OpenFlow 1.0: which there are on a port, with their guaranteed rates, and their counters. */
import { allQueues, reservedPort } from '../common/names.ts'
import { ownLength, sized, untilEnd } from '../wire/lists.ts'
import { message } from '../wire/message.ts'
import { part } from '../wire/multipart.ts'
import { pad, port16, u16, u32, u64, unavailable, withDefault } from '../wire/scalars.ts'
import { struct } from '../wire/struct.ts'
import { variant } from '../wire/tlv.ts'
import { tlvUnion } from '../wire/tlv-union.ts'

const queueVariants = [
  variant('none', 0, { _: pad(4) }),
  variant('min_rate', 1, { _: pad(4), rate: u16, _1: pad(6) }),
] as const

/** OF 1.0.0 5.2.2. The rate is in tenths of a percent of the port's; more than 1,000 is none. */
const queueProperties10 = untilEnd(
  tlvUnion(queueVariants, { align: 8, lengthCountsPadding: true, subtypeBits: 32 }),
)

/** OF 1.0.0 5.3.4. */
export const queueGetConfigRequest10 = message('queue_get_config_request', 20, {
  portNo: port16,
  _: pad(2),
})

const queue10 = sized(
  struct({
    queueId: u32,
    portNo: unavailable<typeof u32>(),
    length: ownLength,
    _: pad(2),
    properties: withDefault(queueProperties10, []),
  }),
)

export const queueGetConfigReply10 = message('queue_get_config_reply', 21, {
  portNo: port16,
  _: pad(6),
  queues: untilEnd(queue10),
})

/** OF 1.0.0 5.3.5: of all ports, here, is the port "all". */
export const queueStatsRequest10 = part('queue', 5, {
  portNo: withDefault(port16, reservedPort.all),
  _: pad(2),
  queueId: withDefault(u32, allQueues),
})

const queueStats10 = struct({
  portNo: port16,
  _: pad(2),
  queueId: u32,
  txBytes: u64,
  txPackets: u64,
  txErrors: u64,
  durationS: unavailable<typeof u32>(),
  durationNs: unavailable<typeof u32>(),
  properties: unavailable<typeof queueProperties10>(),
})

export const queueReply10 = part('queue', 5, { entries: untilEnd(queueStats10) })
