/** Messages that are the same in every version: echo, features, configuration, barrier, role, raw experimenter. */
import { message } from '../wire/message.ts'
import { enumOf, flagsOf, pad, rest, u16, u32, u64, u8, withDefault } from '../wire/scalars.ts'
import { wholePacket } from '../actions/actions.ts'

const noBytes = new Uint8Array(0)

export const echoRequest = message('echo_request', 2, { data: withDefault(rest, noBytes) })
export const echoReply = message('echo_reply', 3, { data: withDefault(rest, noBytes) })

export const experimenter = message('experimenter', 4, {
  experimenter: u32,
  expType: u32,
  body: withDefault(rest, noBytes),
})

export const featuresRequest = message('features_request', 5, {})
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
})

/** How fragments are treated: two bits of the flags that are one number. */
const configFlags = flagsOf(u16, { frag_drop: 0, frag_reasm: 1, invalid_ttl_to_controller: 2 })

export const getConfigRequest = message('get_config_request', 7, {})
export const getConfigReply = message('get_config_reply', 8, { flags: configFlags, missSendLen: u16 })
export const setConfig = message('set_config', 9, {
  flags: withDefault(configFlags, []),
  missSendLen: withDefault(u16, wholePacket),
})

export const barrierRequest = message('barrier_request', 20, {})
export const barrierReply = message('barrier_reply', 21, {})

const role = enumOf(u32, { nochange: 0, equal: 1, master: 2, slave: 3 })

/** From 1.5 on the second field is `short_id`; both uses keep the four bytes. */
const roleFields = { role, shortId: withDefault(u32, 0), generationId: withDefault(u64, 0n) }
export const roleRequest = message('role_request', 24, roleFields)
export const roleReply = message('role_reply', 25, roleFields)
