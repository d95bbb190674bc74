/**
 * Ports of OpenFlow 1.0 (OF 1.0.0 5.2.1): numbers of 16 bits, and a bitmap of features with places of its own. The
 * features read as the one Ethernet property that later versions would have.
 */
import { implied } from '../common/implied.ts'
import {
  type portConfig,
  type portFeatures,
  portReason,
  type portState,
  reservedPort,
} from '../common/names.ts'
import { lacking } from '../common/lacking.ts'
import { ethernetCounters, portCounters } from '../common/stats.ts'
import type { Codec, OutOf } from '../wire/codec.ts'
import { exactlyOne, untilEnd } from '../wire/lists.ts'
import { message } from '../wire/message.ts'
import { part } from '../wire/multipart.ts'
import { flagsOf, pad, port16, text, u32, u48, unavailable, withDefault } from '../wire/scalars.ts'
import { inline, struct } from '../wire/struct.ts'
import { bare, variant } from '../wire/tlv.ts'

const portConfig10: Codec<OutOf<typeof portConfig>> = flagsOf(u32, {
  port_down: 0,
  no_stp: 1,
  no_recv: 2,
  no_recv_stp: 3,
  no_flood: 4,
  no_fwd: 5,
  no_packet_in: 6,
})

/** Two bits are the spanning tree's state: neither is "listen", both are "block". */
const portState10 = lacking<OutOf<typeof portState>>(
  flagsOf(u32, { link_down: 0, stp_learn: 8, stp_forward: 9 }),
  ['blocked', 'live'],
)

const portFeatures10 = lacking<OutOf<typeof portFeatures>>(
  flagsOf(u32, {
    '10mb_hd': 0,
    '10mb_fd': 1,
    '100mb_hd': 2,
    '100mb_fd': 3,
    '1gb_hd': 4,
    '1gb_fd': 5,
    '10gb_fd': 6,
    copper: 7,
    fiber: 8,
    autoneg: 9,
    pause: 10,
    pause_asym: 11,
  }),
  ['40gb_fd', '100gb_fd', '1tb_fd', 'other'],
)

const ethernet10 = variant('ethernet', 0, {
  curr: portFeatures10,
  advertised: portFeatures10,
  supported: portFeatures10,
  peer: portFeatures10,
  currSpeedKbps: implied(0),
  maxSpeedKbps: implied(0),
})

export const port10 = struct({
  portNo: port16,
  hwAddr: u48,
  name: text(16),
  config: portConfig10,
  state: portState10,
  properties: exactlyOne(bare(ethernet10)),
})

/** OF 1.0.0 5.4.4. */
export const portStatus10 = message('port_status', 12, { reason: portReason, _: pad(7), port: port10 })

/** Open vSwitch sends ports as statistics in 1.0 too; there the features reply is cut off where it has no room. */
export const portDescRequest10 = part('port_desc', 13, { portNo: unavailable<typeof u32>() })
export const portDesc10 = part('port_desc', 13, { entries: untilEnd(port10) })

const advertised = exactlyOne(bare(variant('ethernet', 0, { advertise: portFeatures10 })))

/** No property is written as no features, which changes nothing. */
const advertisement: typeof advertised = {
  read: (r) => advertised.read(r),
  write: (w, list) => advertised.write(w, list.length === 0 ? [{ type: 'ethernet', advertise: [] }] : list),
}

/** OF 1.0.0 5.3.4. Of `config` the bits in `mask` count; `hwAddr` must be the port's own. */
export const portMod10 = message('port_mod', 15, {
  portNo: port16,
  hwAddr: u48,
  config: withDefault(portConfig10, []),
  mask: withDefault(portConfig10, []),
  properties: withDefault(advertisement, []),
  _: pad(4),
})

export const portRequest10 = part('port', 4, { portNo: withDefault(port16, reservedPort.any), _: pad(6) })

const portStats10 = struct({
  portNo: port16,
  _: pad(6),
  counters: inline(portCounters),
  properties: exactlyOne(bare(variant('ethernet', 0, ethernetCounters))),
  durationS: unavailable<typeof u32>(),
  durationNs: unavailable<typeof u32>(),
})

/** OF 1.0.0 5.3.5. */
export const portReply10 = part('port', 4, { entries: untilEnd(portStats10) })
