/**
 * Ports of OpenFlow 1.3: everything in fixed places. The Ethernet part reads as the one property that later versions
 * would have, so that a port looks the same in every version.
 */
import { ethernetCounters, portCounters } from '../common/stats.ts'
import { portConfig, portFeatures, portReason, portState } from '../common/names.ts'
import { exactlyOne, untilEnd } from '../wire/lists.ts'
import { message } from '../wire/message.ts'
import { part } from '../wire/multipart.ts'
import { pad, text, u32, u48 } from '../wire/scalars.ts'
import { inline, struct } from '../wire/struct.ts'
import { bare, variant } from '../wire/tlv.ts'

/** A MAC address as a number of 48 bits. */
export const macAddress = u48

export const ethernetFeatures = {
  curr: portFeatures,
  advertised: portFeatures,
  supported: portFeatures,
  peer: portFeatures,
  currSpeedKbps: u32,
  maxSpeedKbps: u32,
} as const

export const port = struct({
  portNo: u32,
  _: pad(4),
  hwAddr: macAddress,
  _1: pad(2),
  name: text(16),
  config: portConfig,
  state: portState,
  properties: exactlyOne(bare(variant('ethernet', 0, ethernetFeatures))),
})

export const portStatus = message('port_status', 12, { reason: portReason, _: pad(7), port })
export const portDesc = part('port_desc', 13, { entries: untilEnd(port) })

const portStats = struct({
  portNo: u32,
  _: pad(4),
  counters: inline(portCounters),
  properties: exactlyOne(bare(variant('ethernet', 0, ethernetCounters))),
  durationS: u32,
  durationNs: u32,
})

export const portStatsReply = part('port', 4, { entries: untilEnd(portStats) })
