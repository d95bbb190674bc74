/**
 * ts-openflow: OpenFlow 1.0 to 1.5 and Open vSwitch's extensions as typed messages, ovs-ofctl's syntax both ways,
 * framing and sessions, and no dependencies.
 */

// Messages
export {
  type BundleAdd,
  type BundleControl,
  decode,
  encode,
  type ErrorMessage,
  type FeaturesReply,
  type FlowEntry,
  type FlowMod,
  type FlowModInput,
  type FlowRemoved,
  type GroupEntry,
  type GroupMod,
  type Hello,
  type Message,
  type MessageInput,
  type MessageInputOf,
  type MessageOf,
  type MessageType,
  type MeterEntry,
  type MeterMod,
  type MultipartReply,
  type MultipartRequest,
  type PacketIn,
  type PacketOut,
  type PortEntry,
  type PortStats,
  type PortStatus,
  type ReplyBody,
  type TableStats,
} from './message.ts'
export { announcedVersions, type HelloElement, versionBitmap } from './common/hello.ts'
export { allGroups, allMeters, allTables, anyGroup, noBuffer, reservedPort } from './common/names.ts'
export { errorTypes, errorTypes10, experimenterErrors, onfId, ovsErrorName } from './common/error-names.ts'
export type { AsyncProperty, AsyncPropertyInput } from './common/async.ts'
export type { OxmId } from './common/feature-ids.ts'
export type { MeterBand, MeterBandInput } from './common/meter.ts'
export type { TableFeature, TableFeatureInput } from './common/table-features.ts'
export type { CustomCounter } from './v14/intel.ts'
export { allBuckets, firstBucket, type GroupProperty, lastBucket } from './v15/group.ts'
export type { OxsField } from './v15/oxs.ts'

// Matches, actions, instructions
export { type FieldName, type FieldRow, fieldRow, fieldTable, type Form, usualForm } from './fields/table.ts'
export { type Needs, prerequisites } from './fields/prerequisites.ts'
export type { KnownField, Match, OxmField, UnknownField } from './fields/oxm.ts'
export type { FieldBit, FieldReference, Subfield } from './fields/subfield.ts'
export { splitXregs } from './fields/xregs.ts'
export { type Action, type ActionInput, niciraId, wholePacket } from './actions/actions.ts'
export type { EncapProperty } from './actions/encap.ts'
export type { LearnSpec } from './actions/learn.ts'
export type { Instruction, InstructionInput } from './actions/instructions.ts'

// JSON
export { fromJson, type Json, toJson } from './json.ts'

// Bytes
export { Framer } from './wire/framer.ts'
export { EncodeError, type EncodeErrorCode, WireError, type WireErrorCode } from './wire/errors.ts'

// Text
export { print } from './text/print.ts'
export { printFlow, type PrintableFlow } from './text/flow.ts'
export { type FlowCommand, parseFlow, type ParsedFlow, type ParseFlowOptions } from './text/parse/flow.ts'
export {
  type GroupCommand,
  parseGroup,
  type ParsedGroup,
  type ParseGroupOptions,
} from './text/parse/group.ts'
export {
  type MeterCommand,
  parseMeter,
  type ParsedMeter,
  type ParseMeterOptions,
} from './text/parse/meter.ts'
export { showMatch } from './text/match.ts'
export { showActions, showInstructions, type TextOptions } from './text/actions.ts'
export { showPacket } from './text/packet.ts'
export { formatIpv4, formatIpv6, formatMac, parseMac } from './text/address.ts'

// Packets
export { ethernetPacket, noEthType, readPacket } from './packet/ethernet.ts'
export type * from './packet/fields.ts'

// Sessions
export { Connection } from './connection.ts'
export { connect, type ConnectOptions } from './connect.ts'
export { listen, type Listener, type ListenOptions } from './listen.ts'
export {
  type CloseCode,
  type NoteCode,
  type SessionAction,
  type SessionEvent,
  type SessionSettings,
  type SessionState,
  start,
  step,
  wakeAt,
} from './session.ts'
export { agreeVersion, helloBytes, readHello } from './session-wire.ts'
export { errorName, ReplyRefused, SessionClosed, SessionTimeout, SwitchError } from './session-errors.ts'
export { type Clock, systemClock } from './session-clock.ts'
export type { PacketInLimits } from './session-packet-ins.ts'
export type { ReplyTo, Request, Unsent } from './session-messages.ts'
export {
  defaultLimits,
  type Ending,
  type Incident,
  type SessionHandlers,
  type SessionLimits,
  type SessionOptions,
} from './session-options.ts'
