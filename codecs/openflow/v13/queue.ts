/** Queues of OpenFlow 1.3: their configuration in a message of its own, and counters in fixed places. */
import { allQueues, reservedPort } from '../common/names.ts'
import { ownLength, sized, untilEnd } from '../wire/lists.ts'
import { message } from '../wire/message.ts'
import { part } from '../wire/multipart.ts'
import { pad, rest, u16, u32, u64, unavailable, withDefault } from '../wire/scalars.ts'
import { struct } from '../wire/struct.ts'
import { variant } from '../wire/tlv.ts'
import { tlvUnion } from '../wire/tlv-union.ts'

/** Of a rate that is not configured. */
export const unconfiguredRate = 0xffff

/** Rates are tenths of a percent of the port's; above 1000 they are off. */
const rate = { _: pad(4), rate: u16, _1: pad(6) } as const

/** OF 1.3.5 7.2.3.2. Nothing aligns these: a property follows directly on one of an odd length. */
export const queueProperties = untilEnd(
  tlvUnion(
    [
      variant('min_rate', 1, rate),
      variant('max_rate', 2, rate),
      variant('experimenter_queue', 0xffff, {
        _: pad(4),
        experimenter: u32,
        _1: pad(4),
        data: withDefault(rest, new Uint8Array(0)),
      }),
    ],
    { align: 1, lengthCountsPadding: true, subtypeBits: 32 },
  ),
)

const packetQueue = sized(
  struct({
    queueId: u32,
    portNo: u32,
    length: ownLength,
    _: pad(6),
    properties: withDefault(queueProperties, []),
  }),
)

/** OF 1.3.5 7.3.6. */
export const queueGetConfigRequest = message('queue_get_config_request', 22, {
  portNo: withDefault(u32, reservedPort.any),
  _: pad(4),
})
export const queueGetConfigReply = message('queue_get_config_reply', 23, {
  portNo: u32,
  _: pad(4),
  queues: untilEnd(packetQueue),
})

export const queueCounters = {
  portNo: u32,
  queueId: u32,
  txBytes: u64,
  txPackets: u64,
  txErrors: u64,
  durationS: u32,
  durationNs: u32,
} as const

/** OF 1.3.5 7.3.5.8. */
export const queueStatsRequest = part('queue', 5, {
  portNo: withDefault(u32, reservedPort.any),
  queueId: withDefault(u32, allQueues),
})
export const queueStatsReply = part('queue', 5, {
  entries: untilEnd(struct({ ...queueCounters, properties: unavailable<typeof queueProperties>() })),
})
