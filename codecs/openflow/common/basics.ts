/** Messages that are the same in most versions: echo, features, configuration, barrier, raw experimenter. */
import { wholePacket } from '../actions/actions.ts'
import type { actions10 } from '../v10/switch.ts'
import type { port } from '../v13/port.ts'
import type { Codec, OutOf } from '../wire/codec.ts'
import { message } from '../wire/message.ts'
import { flagsOf, pad, rest, u16, u32, u64, u8, unavailable, withDefault } from '../wire/scalars.ts'

const noBytes = new Uint8Array(0)

/** OF 1.3.5 7.5.2, 7.5.3. */
export const echoRequest = message('echo_request', 2, { data: withDefault(rest, noBytes) })
export const echoReply = message('echo_reply', 3, { data: withDefault(rest, noBytes) })

/** OF 1.3.5 7.5.4: what no definition here understands. */
export const experimenter = message('experimenter', 4, {
  experimenter: u32,
  expType: u32,
  body: withDefault(rest, noBytes),
})

export const featuresRequest = message('features_request', 5, {})

/** OF 1.3.5 7.3.1. Ports, and in 1.0 actions, were here before 1.3. */
export const featuresReply = message('features_reply', 6, {
  datapathId: u64,
  nBuffers: u32,
  nTables: u8,
  auxiliaryId: u8,
  _: pad(2),
  capabilities: flagsOf(u32, {
    flow_stats: 0,
    table_stats: 1,
    port_stats: 2,
    group_stats: 3,
    ip_reasm: 5,
    queue_stats: 6,
    port_blocked: 8,
    bundles: 9,
    flow_monitoring: 10,
  }),
  reserved: withDefault(u32, 0),
  actions: unavailable<typeof actions10>(),
  ports: unavailable<Codec<readonly OutOf<typeof port>[]>>(),
})

/** How fragments are treated: two bits of the flags that are one number; both are Nicira's "match on fragments". */
const configFlags = flagsOf(u16, { frag_drop: 0, frag_reasm: 1, invalid_ttl_to_controller: 2 })

/** OF 1.3.5 7.3.2. */
export const getConfigRequest = message('get_config_request', 7, {})
export const getConfigReply = message('get_config_reply', 8, { flags: configFlags, missSendLen: u16 })
export const setConfig = message('set_config', 9, {
  flags: withDefault(configFlags, []),
  missSendLen: withDefault(u16, wholePacket),
})

/** OF 1.3.5 7.3.8. */
export const barrierRequest = message('barrier_request', 20, {})
export const barrierReply = message('barrier_reply', 21, {})
