/**
 * What a whole message means to the session: the event that `session.ts` has a row for. HELLO, ERROR and ECHO are read
 * whatever version they carry; everything else only in the version agreed on.
 */
import { decode, type ErrorMessage, type Message } from './message.ts'
import type { SessionEvent } from './session.ts'
import { errorName } from './session-errors.ts'
import { HEADER_LENGTH, type Header, readHeader, readHello, stableType } from './session-wire.ts'

/** What only a controller sends. */
const controllerOnly: ReadonlySet<string> = new Set<Message['type']>([
  'features_request',
  'get_config_request',
  'set_config',
  'packet_out',
  'flow_mod',
  'group_mod',
  'meter_mod',
  'multipart_request',
  'barrier_request',
  'role_request',
  'bundle_add',
])

/** OFPT_CONTROLLER_STATUS of 1.5: no version has a higher type. */
const LAST_TYPE = 35

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const errorText = (error: ErrorMessage): string =>
  error.errorType === 'OFPET_HELLO_FAILED'
    ? `${errorName(error)}: ${new TextDecoder().decode(error.data)}`
    : errorName(error)

/** `version` is the one agreed on, undefined before that. Never throws. */
export function classify(bytes: Uint8Array, version: number | undefined): SessionEvent {
  const header = readHeader(bytes)
  if (header.type === stableType.hello) return { type: 'hello', hello: readHello(bytes), bytes }
  if (header.type === stableType.echoRequest) return { type: 'echo_request', bytes }
  if (header.type === stableType.echoReply) {
    const { version: spoken, xid } = header
    const data = bytes.subarray(HEADER_LENGTH)
    return { type: 'message', message: { type: 'echo_reply', version: spoken, xid, data } }
  }
  if (header.type !== stableType.error && header.version !== version) {
    const detail = `message of type ${header.type} in wire version ${header.version}`
    return { type: 'unfit', why: 'wrong-version', bytes, detail }
  }
  return classifyBody(bytes, header)
}

function classifyBody(bytes: Uint8Array, header: Header): SessionEvent {
  let message: Message
  try {
    message = decode(bytes)
  } catch (error) {
    // Whatever a decoder throws, it is the peer's bytes that made it do so.
    return { type: 'unfit', why: 'malformed', bytes, detail: describe(error) }
  }
  if (message.type === 'error') {
    return {
      type: 'error',
      failedHello: message.errorType === 'OFPET_HELLO_FAILED',
      message,
      text: errorText(message),
    }
  }
  if (message.type === 'features_reply') return { type: 'features_reply', message }
  if (controllerOnly.has(message.type)) {
    return { type: 'unfit', why: 'misdirected', bytes, detail: `${message.type} from a switch` }
  }
  if (header.type > LAST_TYPE) {
    return { type: 'unfit', why: 'unknown-type', bytes, detail: `message type ${header.type}` }
  }
  return { type: 'message', message }
}
