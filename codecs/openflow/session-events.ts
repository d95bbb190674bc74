/**
 * What a whole message means to the session: the event that `session.ts` has a row for. HELLO, ERROR and ECHO are read
 * whatever version they carry; everything else only in the version agreed on.
 */
import { decode, type ErrorMessage, type Message } from './message.ts'
import type { SessionEvent } from './session.ts'
import { errorName } from './session-errors.ts'
import { faultOf } from './session-checks.ts'
import { wrongSender } from './session-senders.ts'
import { HEADER_LENGTH, type Header, readHeader, readHello, stableType } from './session-wire.ts'

export interface Agreed {
  /** The version agreed on; undefined before that. */
  readonly version: number | undefined
  /** A packet-in with less of a frame than this is refused. */
  readonly minFrameBytes: number
}

type Unfit = Extract<SessionEvent, { type: 'unfit' }>

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const errorText = (error: ErrorMessage): string =>
  error.errorType === 'OFPET_HELLO_FAILED'
    ? `${errorName(error)}: ${new TextDecoder().decode(error.data)}`
    : errorName(error)

/** Never throws. */
export function classify(bytes: Uint8Array, { version, minFrameBytes }: Agreed): SessionEvent {
  const header = readHeader(bytes)
  if (header.type === stableType.hello) return { type: 'hello', hello: readHello(bytes), bytes }
  if (header.type === stableType.echoRequest) return { type: 'echo_request', bytes }
  if (header.type === stableType.echoReply) {
    const { version: spoken, xid } = header
    const data = bytes.subarray(HEADER_LENGTH)
    return { type: 'message', message: { type: 'echo_reply', version: spoken, xid, data } }
  }
  if (header.type !== stableType.error && header.version !== version) {
    return unfit(bytes, 'wrong-version', `${named(header)} in wire version ${header.version}`)
  }
  const wrong = wrongSender(bytes, header)
  return wrong ? unfit(bytes, wrong, `${named(header)} from a switch`) : classifyBody(bytes, minFrameBytes)
}

const named = ({ type }: Header): string => `message of type ${type}`

const unfit = (bytes: Uint8Array, why: Unfit['why'], detail: string): Unfit => ({
  type: 'unfit',
  why,
  bytes,
  detail,
})

function classifyBody(bytes: Uint8Array, minFrameBytes: number): SessionEvent {
  let message: Message
  try {
    message = decode(bytes)
  } catch (error) {
    // Whatever a decoder throws, it is the peer's bytes that made it do so.
    return unfit(bytes, 'malformed', describe(error))
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
  const fault = faultOf(message, minFrameBytes)
  return fault ? unfit(bytes, fault.why, fault.detail) : { type: 'message', message }
}
