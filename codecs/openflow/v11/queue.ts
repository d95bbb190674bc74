/** Queues of OpenFlow 1.1 and 1.2: their counters do not tell since when, and in 1.1 a queue does not tell its port. */
import { queueProperties } from '../v13/queue.ts'
import { ownLength, sized, untilEnd } from '../wire/lists.ts'
import { message } from '../wire/message.ts'
import { part } from '../wire/multipart.ts'
import { pad, u32, u64, unavailable, withDefault } from '../wire/scalars.ts'
import { struct } from '../wire/struct.ts'

const queue11 = sized(
  struct({
    queueId: u32,
    portNo: unavailable<typeof u32>(),
    length: ownLength,
    _: pad(2),
    properties: withDefault(queueProperties, []),
  }),
)

/** OF 1.1.0 A.3.6. */
export const queueGetConfigReply11 = message('queue_get_config_reply', 23, {
  portNo: u32,
  _: pad(4),
  queues: untilEnd(queue11),
})

const queueStats11 = struct({
  portNo: u32,
  queueId: u32,
  txBytes: u64,
  txPackets: u64,
  txErrors: u64,
  durationS: unavailable<typeof u32>(),
  durationNs: unavailable<typeof u32>(),
  properties: unavailable<typeof queueProperties>(),
})

/** OF 1.1.0 A.3.5. */
export const queueReply11 = part('queue', 5, { entries: untilEnd(queueStats11) })
