/**
 * `decode` and `encode`: bytes to message values and back, for OpenFlow 1.0 to 1.5 (wire versions 1 to 6). Of other
 * versions hello, error, echo and experimenter are understood; the rest reads as `unknown`.
 */
import { stableMessages } from './common/messages.ts'
import { messages10 } from './v10/messages.ts'
import { messages11 } from './v11/messages.ts'
import { messages12 } from './v12/messages.ts'
import { messages13 } from './v13/messages.ts'
import { messages14 } from './v14/messages.ts'
import { messages15 } from './v15/messages.ts'
import { dialect, type Dialect, readMessage, type UnknownMessage, writeMessage } from './wire/dialect.ts'
import { WireError } from './wire/errors.ts'
import type { MessageIn, MessageOut } from './wire/message.ts'
import { Reader } from './wire/reader.ts'
import { Writer } from './wire/writer.ts'

type Definition =
  | (typeof messages10)[number]
  | (typeof messages11)[number]
  | (typeof messages12)[number]
  | (typeof messages13)[number]
  | (typeof messages14)[number]
  | (typeof messages15)[number]

/** Any message as `decode` gives it. */
export type Message = MessageOut<Definition> | UnknownMessage
/** Any message as `encode` takes it: fields with a default may be left out. */
export type MessageInput = MessageIn<Definition> | UnknownMessage

export type MessageType = Message['type']
export type MessageOf<T extends MessageType> = Extract<Message, { type: T }>
export type MessageInputOf<T extends MessageType> = Extract<MessageInput, { type: T }>

export type Hello = MessageOf<'hello'>
export type ErrorMessage = MessageOf<'error'>
export type FeaturesReply = MessageOf<'features_reply'>
export type PacketIn = MessageOf<'packet_in'>
export type PacketOut = MessageOf<'packet_out'>
export type PortStatus = MessageOf<'port_status'>
export type FlowMod = MessageOf<'flow_mod'>
export type FlowModInput = MessageInputOf<'flow_mod'>
export type FlowRemoved = MessageOf<'flow_removed'>
export type GroupMod = MessageOf<'group_mod'>
export type MeterMod = MessageOf<'meter_mod'>
export type MultipartRequest = MessageOf<'multipart_request'>
export type MultipartReply = MessageOf<'multipart_reply'>
export type BundleControl = MessageOf<'bundle_control'>
export type BundleAdd = MessageOf<'bundle_add'>

/** The body of a multipart reply of one kind, and one of its entries. */
export type ReplyBody<T extends MultipartReply['body']['type']> = Extract<MultipartReply['body'], { type: T }>
export type FlowEntry = ReplyBody<'flow'>['entries'][number]
export type GroupEntry = ReplyBody<'group_desc'>['entries'][number]
export type MeterEntry = ReplyBody<'meter_config'>['entries'][number]
export type PortEntry = ReplyBody<'port_desc'>['entries'][number]
export type PortStats = ReplyBody<'port'>['entries'][number]
export type TableStats = ReplyBody<'table'>['entries'][number]

const stable = dialect(stableMessages)
/** By wire version. */
const dialects: readonly Dialect[] = [
  stable,
  dialect(messages10),
  dialect(messages11),
  dialect(messages12),
  dialect(messages13),
  dialect(messages14),
  dialect(messages15),
]

export function dialectOf(version: number): Dialect {
  return dialects[version] ?? stable
}

/** One cursor serves all messages: decoding is synchronous. */
const reader = new Reader()

/**
 * One whole message, as `Framer` hands them out. Byte strings in the value are views of `bytes`, not copies.
 * @throws WireError
 */
export function decode(bytes: Uint8Array): Message {
  const version = bytes[0]
  if (version === undefined) throw new WireError('SHORT', 0, 'no bytes')
  reader.reset(bytes, version)
  const message = readMessage(reader, dialectOf(version))
  if (reader.pos !== reader.end)
    throw reader.fail('TRAILING', `${reader.end - reader.pos} bytes after the message`)
  return message as Message
}

/** One writer serves all messages: encoding is synchronous. */
const writer = new Writer()
const writeAny = (w: Writer, message: MessageInput): void => writeMessage(w, dialectOf(w.version), message)

/**
 * The bytes of one message. Messages share blocks of 64 KiB, so keeping one keeps its block.
 * @throws EncodeError
 */
export function encode(message: MessageInput): Uint8Array {
  return writer.message(message, writeAny)
}
