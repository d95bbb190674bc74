/** Queues from OpenFlow 1.4 on: their description in a multipart reply, and counters with properties. */
import { allQueues, reservedPort } from '../common/names.ts'
import { queueCounters } from '../v13/queue.ts'
import { ownLength, sized, untilEnd } from '../wire/lists.ts'
import { part } from '../wire/multipart.ts'
import { pad, u16, u32, withDefault } from '../wire/scalars.ts'
import { struct } from '../wire/struct.ts'
import { propertyRules, variant } from '../wire/tlv.ts'
import { tlvUnion } from '../wire/tlv-union.ts'

/** Tenths of a percent of the port's rate; above 1000 it is off. */
const rate = { rate: u16, _: pad(2) } as const

const descProperties = untilEnd(
  tlvUnion([variant('min_rate', 1, rate), variant('max_rate', 2, rate)], propertyRules),
)

/** OF 1.4.1 7.3.5.14. */
export const queueDescRequest = part('queue_desc', 15, {
  portNo: withDefault(u32, reservedPort.any),
  queueId: withDefault(u32, allQueues),
})
export const queueDescReply = part('queue_desc', 15, {
  entries: untilEnd(
    sized(
      struct({
        portNo: u32,
        queueId: u32,
        length: ownLength,
        _: pad(6),
        properties: withDefault(descProperties, []),
      }),
    ),
  ),
})

/** OF 1.4.1 7.3.5.8. There are no properties but experimenters'. */
export const queueStatsReply = part('queue', 5, {
  entries: untilEnd(
    sized(
      struct({
        length: ownLength,
        _: pad(6),
        ...queueCounters,
        properties: withDefault(untilEnd(tlvUnion([], propertyRules)), []),
      }),
    ),
  ),
})
