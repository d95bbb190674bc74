/** Ports from OpenFlow 1.4 on: a fixed part and a list of properties. */
import { ethernetCounters, portCounters } from '../common/stats.ts'
import { oxmId } from '../common/feature-ids.ts'
import { portConfig, portReason, portState } from '../common/names.ts'
import { ethernetFeatures, macAddress } from '../v13/port.ts'
import { intelCustomStats, intelPortStats } from '../v14/intel.ts'
import { opticalPort, opticalPortStats } from '../v14/optical.ts'
import { ownLength, sized, untilEnd } from '../wire/lists.ts'
import { message } from '../wire/message.ts'
import { part } from '../wire/multipart.ts'
import { pad, text, u32, withDefault } from '../wire/scalars.ts'
import { inline, struct } from '../wire/struct.ts'
import { propertyRules, variant } from '../wire/tlv.ts'
import { tlvUnion } from '../wire/tlv-union.ts'

const since15 = { since: 6 } as const

/** OF 1.5.1 7.2.1.2. `fields` are pipeline fields that packets bring along or take with them. */
const portVariants = [
  variant('ethernet', 0, { _: pad(4), ...ethernetFeatures }),
  opticalPort,
  variant('pipeline_input', 2, { fields: untilEnd(oxmId) }, since15),
  variant('pipeline_output', 3, { fields: untilEnd(oxmId) }, since15),
  variant('recirculate', 4, { ports: untilEnd(u32) }, since15),
] as const

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
    properties: withDefault(untilEnd(tlvUnion(portVariants, propertyRules)), []),
  }),
)

export const portStatus = message('port_status', 12, { reason: portReason, _: pad(7), port })
export const portDesc = part('port_desc', 13, { entries: untilEnd(port) })

/** OF 1.4.1 7.3.5.6. */
const portStatsVariants = [
  variant('ethernet', 0, { _: pad(4), ...ethernetCounters }),
  opticalPortStats,
  intelPortStats,
  intelCustomStats,
] as const

const portStats = sized(
  struct({
    length: ownLength,
    _: pad(2),
    portNo: u32,
    durationS: u32,
    durationNs: u32,
    counters: inline(portCounters),
    properties: withDefault(untilEnd(tlvUnion(portStatsVariants, propertyRules)), []),
  }),
)

export const portStatsReply = part('port', 4, { entries: untilEnd(portStats) })
