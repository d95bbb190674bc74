/** What a switch of OpenFlow 1.0 says of itself and its tables, and messages that nobody but their vendor understands. */
import { untilEnd } from '../wire/lists.ts'
import { message } from '../wire/message.ts'
import { part } from '../wire/multipart.ts'
import type { Codec } from '../wire/codec.ts'
import { flagsOf, pad, rest, text, u32, u64, u8, unavailable, withDefault } from '../wire/scalars.ts'
import { struct } from '../wire/struct.ts'
import { port10 } from './port.ts'

const noBytes = new Uint8Array(0)

/** The actions that the switch knows. */
export const actions10 = flagsOf(u32, {
  output: 0,
  set_vlan_vid: 1,
  set_vlan_pcp: 2,
  strip_vlan: 3,
  set_eth_src: 4,
  set_eth_dst: 5,
  set_nw_src: 6,
  set_nw_dst: 7,
  set_nw_tos: 8,
  set_tp_src: 9,
  set_tp_dst: 10,
  enqueue: 11,
})

/** OF 1.0.0 5.3.1. The ports are here; later versions tell them in an answer of their own. */
export const featuresReply10 = message('features_reply', 6, {
  datapathId: u64,
  nBuffers: u32,
  nTables: u8,
  _: pad(3),
  auxiliaryId: unavailable<typeof u8>(),
  capabilities: flagsOf(u32, {
    flow_stats: 0,
    table_stats: 1,
    port_stats: 2,
    stp: 3,
    reserved: 4,
    ip_reasm: 5,
    queue_stats: 6,
    arp_match_ip: 7,
  }),
  reserved: unavailable<typeof u32>(),
  actions: actions10,
  ports: untilEnd(port10),
})

const tableStats10 = struct({
  tableId: u8,
  _: pad(3),
  name: text(32),
  /** Bits as in `ofp_flow_wildcards`. */
  wildcards: u32,
  maxEntries: u32,
  activeCount: u32,
  lookupCount: u64,
  matchedCount: u64,
})

/** OF 1.0.0 5.3.5. */
export const tableReply10 = part('table', 3, { entries: untilEnd(tableStats10) })

/** The type number of the vendor's that other versions have; 1.0 leaves even that to the vendor. */
const vendorType: Codec<number | undefined> & { readonly optional: true } = {
  optional: true,
  read: (r) => (r.end - r.pos < 4 ? undefined : r.u32()),
  write(w, value) {
    if (value !== undefined) w.u32(value)
  },
}

/** OF 1.0.0 5.5.4. */
export const vendor10 = message('experimenter', 4, {
  experimenter: u32,
  expType: vendorType,
  body: withDefault(rest, noBytes),
})

export const vendorPart10 = part('experimenter', 0xffff, {
  experimenter: u32,
  expType: vendorType,
  data: withDefault(rest, noBytes),
})
