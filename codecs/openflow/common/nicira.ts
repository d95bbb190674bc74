/**
 * Nicira's extension messages that Open vSwitch speaks, in lists by the versions that have them. Where a standard message
 * of another version says the same, the extension has that message's name; beside the standard message it begins with
 * `nx_`.
 */
import type { Codec } from '../wire/codec.ts'
import { EncodeError, versionName } from '../wire/errors.ts'
import { untilEnd } from '../wire/lists.ts'
import { renumbered } from '../wire/message.ts'
import { enumOf, openEnum, pad, u16, u32, u64, u8, unavailable, withDefault } from '../wire/scalars.ts'
import { struct } from '../wire/struct.ts'
import { groupMod } from '../v15/group.ts'
import { propertyList, sixWords } from './async.ts'
import { nxCtFlush, nxCtFlushZone } from './nicira-conntrack.ts'
import { nxFlowMod, nxFlowRemoved } from './nicira-flow.ts'
import { nxPacketIn, nxPacketIn2, nxResume, nxSetPacketInFormat } from './nicira-packet.ts'
import { niciraMessage, niciraPart, niciraPlace } from './nicira-places.ts'
import { nxTlvTableMod, nxTlvTableReply, nxTlvTableRequest } from './nicira-tunnel.ts'

type Role = 'nochange' | 'equal' | 'master' | 'slave'

const niciraRole = enumOf(u32, { equal: 0, master: 1, slave: 2 })

/** A request that changes nothing, only to be told the role, is the standard's alone. */
const role: Codec<Exclude<Role, 'nochange'>, Role> = {
  read: (r) => niciraRole.read(r),
  write(w, value) {
    if (value === 'nochange')
      throw new EncodeError('VERSION', `Nicira's roles, in ${versionName(w.version)}, have no ${value}`)
    niciraRole.write(w, value)
  },
}

const roleFields = {
  role,
  shortId: unavailable<typeof u16>(),
  generationId: unavailable<typeof u64>(),
} as const

/** Open vSwitch nicira-ext, NXT_ROLE_REQUEST: any master may become one, without a generation. */
const roleRequest = niciraMessage('role_request', 10, roleFields)
const roleReply = niciraMessage('role_reply', 11, roleFields)
const nxRoleRequest = niciraMessage('nx_role_request', 10, roleFields)
const nxRoleReply = niciraMessage('nx_role_reply', 11, roleFields)

/** Open vSwitch nicira-ext, NXT_SET_FLOW_FORMAT: which flow-removed messages and flow-mods are wanted. */
const nxSetFlowFormat = niciraMessage('nx_set_flow_format', 12, {
  format: openEnum(u32, { openflow10: 0, nxm: 2 }),
})

/** Open vSwitch nicira-ext, NXT_FLOW_MOD_TABLE_ID: whether the command of a flow-mod of 1.0 holds the table too. */
const nxFlowModTableId = niciraMessage('nx_flow_mod_table_id', 15, {
  setting: openEnum(u8, { disable: 0, enable: 1 }),
  _: pad(7),
})

/** Open vSwitch nicira-ext, NXT_FLOW_AGE: statistics are to tell the ages of flows. */
const nxFlowAge = niciraMessage('nx_flow_age', 18, {})

/** Open vSwitch nicira-ext, NXT_SET_ASYNC_CONFIG, as OpenFlow 1.3 has it too. */
const setAsync = niciraMessage('set_async', 19, { properties: sixWords })
const nxSetAsync = niciraMessage('nx_set_async', 19, { properties: sixWords })

/** Open vSwitch nicira-ext, NXT_SET_ASYNC_CONFIG2: as OpenFlow 1.4 has it. */
const nxSetAsync2 = niciraMessage('nx_set_async2', 27, { properties: withDefault(propertyList, []) })

/** Open vSwitch nicira-ext, NXT_SET_CONTROLLER_ID: what the actions that name a controller call this one. */
const nxSetControllerId = niciraMessage('nx_set_controller_id', 20, { _: pad(6), controllerId: u16 })

/** In every version. */
const everywhere = [
  nxFlowMod,
  nxFlowRemoved,
  nxFlowModTableId,
  nxSetPacketInFormat,
  nxPacketIn,
  nxPacketIn2,
  nxResume,
  nxFlowAge,
  nxSetControllerId,
  nxTlvTableMod,
  nxTlvTableRequest,
  nxTlvTableReply,
  nxCtFlushZone,
  nxCtFlush,
] as const

/** OpenFlow 1.0: it has no roles, no choice of asynchronous messages, and no groups of its own. */
export const niciraMessages10 = [
  ...everywhere,
  nxSetFlowFormat,
  roleRequest,
  roleReply,
  setAsync,
  nxSetAsync2,
  renumbered(groupMod, niciraPlace(31)),
] as const

export const niciraMessages11 = [...everywhere, roleRequest, roleReply, setAsync, nxSetAsync2] as const
export const niciraMessages12 = [...everywhere, nxRoleRequest, nxRoleReply, setAsync, nxSetAsync2] as const
export const niciraMessages13 = [...everywhere, nxRoleRequest, nxRoleReply, nxSetAsync, nxSetAsync2] as const
/** From OpenFlow 1.4 on. */
export const niciraMessages14 = [...everywhere, nxRoleRequest, nxRoleReply, nxSetAsync] as const

const ipfixCounters = struct({
  totalFlows: u64,
  currentFlows: u64,
  packets: u64,
  ipv4Packets: u64,
  ipv6Packets: u64,
  errorPackets: u64,
  ipv4ErrorPackets: u64,
  ipv6ErrorPackets: u64,
  txPackets: u64,
  txErrors: u64,
  collectorSetId: u32,
  _: pad(4),
})

/** Open vSwitch nicira-ext, NXST_IPFIX_BRIDGE and NXST_IPFIX_FLOW, in every version. */
export const niciraRequestParts = [
  niciraPart('nx_ipfix_bridge', 3, {}),
  niciraPart('nx_ipfix_flow', 4, {}),
] as const
/** The bridge has one entry at most, a flow one for each set of collectors. */
export const niciraReplyParts = [
  niciraPart('nx_ipfix_bridge', 3, { entries: untilEnd(ipfixCounters) }),
  niciraPart('nx_ipfix_flow', 4, { entries: untilEnd(ipfixCounters) }),
] as const
