/**
 * Nicira's flow messages and statistics: those of OpenFlow 1.0 with a match that holds every field. Open vSwitch takes
 * the flow-mod and sends the flow-removed in every version, the statistics in 1.0 only.
 */
import { nxmMatch, nxmMatchAndCookie, nxmSelection } from '../fields/nxm-match.ts'
import { applyActions, niciraInstructions } from '../v10/actions.ts'
import { earlyFlowFlags, flowCommand } from '../v10/flow.ts'
import type { Codec, OutOf } from '../wire/codec.ts'
import { lengthAhead, ownLength, sized, untilEnd } from '../wire/lists.ts'
import { pad, port16, u16, u32, u64, u8, withDefault } from '../wire/scalars.ts'
import { struct } from '../wire/struct.ts'
import { allTables, flowFlags, flowRemovedReason, noBuffer, reservedPort } from './names.ts'
import { niciraMessage, niciraPart } from './nicira-places.ts'

/** The bits that the message's version has. */
const flags: Codec<OutOf<typeof flowFlags>> = {
  read: (r) => (r.version < 3 ? earlyFlowFlags : flowFlags).read(r),
  write: (w, value) => (w.version < 3 ? earlyFlowFlags : flowFlags).write(w, value),
}

/**
 * Open vSwitch nicira-ext, NXT_FLOW_MOD. `cookie` is what flows get, and all ones leave it as it is; `cookieMatch`
 * chooses flows by the one they have. The table is as in a flow-mod of 1.0.
 */
export const nxFlowMod = niciraMessage('nx_flow_mod', 13, {
  cookie: withDefault(u64, 0n),
  tableId: withDefault(u8, 0),
  command: flowCommand,
  idleTimeoutS: withDefault(u16, 0),
  hardTimeoutS: withDefault(u16, 0),
  priority: withDefault(u16, 0x8000),
  bufferId: withDefault(u32, noBuffer),
  outPort: withDefault(port16, reservedPort.any),
  flags: withDefault(flags, []),
  matchLength: lengthAhead,
  _: pad(6),
  match: nxmMatchAndCookie,
  instructions: withDefault(niciraInstructions, []),
})

/** Zero says that the table is not known, so the number on the wire is one more. */
const tablePlusOne: Codec<number | undefined> & { readonly optional: true } = {
  optional: true,
  read(r) {
    const raw = r.u8()
    return raw === 0 ? undefined : raw - 1
  },
  write: (w, tableId) => w.u8(tableId === undefined ? 0 : tableId + 1),
}

/** Open vSwitch nicira-ext, NXT_FLOW_REMOVED. */
export const nxFlowRemoved = niciraMessage('nx_flow_removed', 14, {
  cookie: u64,
  priority: u16,
  reason: flowRemovedReason,
  tableId: tablePlusOne,
  durationS: u32,
  durationNs: u32,
  idleTimeoutS: u16,
  matchLength: lengthAhead,
  packetCount: u64,
  byteCount: u64,
  match: nxmMatch,
})

const selection = {
  outPort: withDefault(port16, reservedPort.any),
  matchLength: lengthAhead,
  tableId: withDefault(u8, allTables),
  _: pad(3),
  match: nxmSelection,
} as const

/** Open vSwitch nicira-ext, NXST_FLOW. */
export const nxFlowRequest = niciraPart('nx_flow', 0, selection)
/** Open vSwitch nicira-ext, NXST_AGGREGATE. */
export const nxAggregateRequest = niciraPart('nx_aggregate', 1, selection)

/** Seconds plus one; zero if the switch does not tell, or does not know. */
const age: Codec<number | undefined> & { readonly optional: true } = {
  optional: true,
  read(r) {
    const raw = r.u16()
    return raw === 0 ? undefined : raw - 1
  },
  write: (w, seconds) => w.u16(seconds === undefined ? 0 : seconds + 1),
}

/** `idleAgeS`: since the last packet; `hardAgeS`: since the last change. Told once `nx_flow_age` has asked for them. */
const flowEntry = sized(
  struct({
    length: ownLength,
    tableId: u8,
    _: pad(1),
    durationS: u32,
    durationNs: u32,
    priority: u16,
    idleTimeoutS: u16,
    hardTimeoutS: u16,
    matchLength: lengthAhead,
    idleAgeS: age,
    hardAgeS: age,
    cookie: u64,
    packetCount: u64,
    byteCount: u64,
    match: nxmMatch,
    instructions: applyActions,
  }),
)

export const nxFlowReply = niciraPart('nx_flow', 0, { entries: untilEnd(flowEntry) })
export const nxAggregateReply = niciraPart('nx_aggregate', 1, {
  packetCount: u64,
  byteCount: u64,
  flowCount: u32,
  _: pad(4),
})
