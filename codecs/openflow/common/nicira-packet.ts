/**
 * Nicira's packet-ins: the first carries what OpenFlow 1.3's does, in every version; the second is a list of properties
 * that can also hold what the action that sent it gave along, and a continuation with which the packet can go on through
 * the tables later (`nx_resume`).
 */
import { actionList } from '../actions/actions.ts'
import { oxmFields } from '../fields/match.ts'
import { nxmMatch } from '../fields/nxm-match.ts'
import { WireError } from '../wire/errors.ts'
import { lengthAhead, untilEnd } from '../wire/lists.ts'
import { bytes, openEnum, pad, rest, u16, u32, u64, u8 } from '../wire/scalars.ts'
import { keepRaw, propertyRules, type TlvIn, type TlvOut, variant } from '../wire/tlv.ts'
import { tlvUnion } from '../wire/tlv-union.ts'
import { packetInReason } from './names.ts'
import { filling, lifted, nothingMore } from './lifted.ts'
import { niciraMessage } from './nicira-places.ts'

/** Open vSwitch nicira-ext, NXT_PACKET_IN. */
export const nxPacketIn = niciraMessage('nx_packet_in', 17, {
  bufferId: u32,
  totalLen: u16,
  reason: packetInReason,
  tableId: u8,
  cookie: u64,
  matchLength: lengthAhead,
  _: pad(6),
  match: nxmMatch,
  _1: pad(2),
  data: rest,
})

/**
 * Open vSwitch puts instructions among the actions of a paused flow that has any, and then cannot read them itself: such
 * a list stays as bytes.
 */
const pausedActions: typeof actionList = {
  read(r) {
    try {
      return actionList.read(r)
    } catch (error) {
      throw error instanceof WireError ? keepRaw : error
    }
  },
  write: (w, actions) => actionList.write(w, actions),
}

/**
 * What a paused packet needs to go on. Private to the switch, and of the Open vSwitch that made it only: to be sent back
 * as it came. `table_id` and `cookie` are of the actions after them.
 */
const continuationVariants = [
  variant('bridge', 0x8000, { uuid: bytes(16) }),
  variant('stack', 0x8001, { value: rest }),
  variant('mirrors', 0x8002, { mirrors: u32 }),
  variant('conntracked', 0x8003, { _: nothingMore }),
  variant('table_id', 0x8004, { tableId: filling(u8) }),
  variant('cookie', 0x8005, { _: pad(4), cookie: u64 }),
  variant('actions', 0x8006, { _: pad(4), actions: pausedActions }),
  variant('action_set', 0x8007, { _: pad(4), actions: pausedActions }),
  variant('odp_port', 0x8008, { port: u32 }),
] as const

export type ContinuationProperty = TlvOut<(typeof continuationVariants)[number]>
export type ContinuationPropertyInput = TlvIn<(typeof continuationVariants)[number]>

const continuation = untilEnd(tlvUnion(continuationVariants, propertyRules))

const packetVariants = [
  variant('packet', 0, { value: rest }),
  variant('full_len', 1, { value: u32 }),
  variant('buffer_id', 2, { value: u32 }),
  variant('table_id', 3, { value: filling(u8) }),
  variant('cookie', 4, { _: pad(4), value: u64 }),
  variant('reason', 5, { value: filling(packetInReason) }),
  variant('metadata', 6, { value: oxmFields }),
  variant('userdata', 7, { value: rest }),
  variant('continuation', 8, { _: pad(4), value: continuation }),
] as const

/** In the order in which Open vSwitch sends them. `totalLen` is there only if the packet was cut off. */
const packetFields = lifted(packetVariants, {
  data: 'packet',
  totalLen: 'full_len',
  bufferId: 'buffer_id',
  tableId: 'table_id',
  cookie: 'cookie',
  reason: 'reason',
  match: 'metadata',
  continuation: 'continuation',
  userdata: 'userdata',
})

/** Open vSwitch nicira-ext, NXT_PACKET_IN2. */
export const nxPacketIn2 = niciraMessage('nx_packet_in2', 30, { properties: packetFields })

/** Open vSwitch nicira-ext, NXT_RESUME: the packet-in without its user data, and changed if that is wanted. */
export const nxResume = niciraMessage('nx_resume', 28, { properties: packetFields })

/** Open vSwitch nicira-ext, NXT_SET_PACKET_IN_FORMAT: which of the packet-ins the switch is to send. */
export const nxSetPacketInFormat = niciraMessage('nx_set_packet_in_format', 16, {
  format: openEnum(u32, { standard: 0, nx_packet_in: 1, nx_packet_in2: 2 }),
})
