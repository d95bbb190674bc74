/** Ports from OpenFlow 1.4 on: a fixed part and a list of properties. */
import { ethernetCounters, portCounters } from '../common/stats.ts'
import { portConfig, portReason, portState } from '../common/names.ts'
import { ethernetFeatures, macAddress } from '../v13/port.ts'
import { ownLength, sized, untilEnd } from '../wire/lists.ts'
import { message } from '../wire/message.ts'
import { part } from '../wire/multipart.ts'
import { pad, text, u32 } from '../wire/scalars.ts'
import { inline, struct } from '../wire/struct.ts'
import { propertyRules, tlvUnion, variant } from '../wire/tlv.ts'

const port = sized(
  struct({
    portNo: u32,
    length: ownLength,
    _: pad(2),
    hwAddr: macAddress,
    _1: pad(2),
    name: text(16),
    config: portConfig,
    state: portState,
    properties: untilEnd(
      tlvUnion([variant('ethernet', 0, { _: pad(4), ...ethernetFeatures })], propertyRules),
    ),
  }),
)

export const portStatus = message('port_status', 12, { reason: portReason, _: pad(7), port })
export const portDesc = part('port_desc', 13, { entries: untilEnd(port) })

const portStats = sized(
  struct({
    length: ownLength,
    _: pad(2),
    portNo: u32,
    durationS: u32,
    durationNs: u32,
    counters: inline(portCounters),
    properties: untilEnd(
      tlvUnion([variant('ethernet', 0, { _: pad(4), ...ethernetCounters })], propertyRules),
    ),
  }),
)

export const portStatsReply = part('port', 4, { entries: untilEnd(portStats) })
