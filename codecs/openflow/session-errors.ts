/** How a request fails: refused by the switch, not answered in time, or its session ended. */
import type { ErrorMessage, Message } from './message.ts'
import type { CloseCode } from './session.ts'

/** OpenFlow's name of an error, such as `OFPFMFC_TABLE_FULL`, or its numbers where it has no name here. */
export function errorName({ errorType, code }: ErrorMessage): string {
  return typeof code === 'string' ? code : `${errorType}/${code}`
}

/** The switch answered with an ERROR, whose name is `code`. */
export class SwitchError extends Error {
  override readonly name = 'SwitchError'
  readonly code: string
  readonly error: ErrorMessage
  /** What was refused. */
  readonly request: Message

  constructor(error: ErrorMessage, request: Message) {
    const code = errorName(error)
    super(`${code} in answer to ${request.type} (xid ${request.xid})`)
    this.code = code
    this.error = error
    this.request = request
  }
}

/** No reply, or not the whole of it, by the request's deadline. */
export class SessionTimeout extends Error {
  override readonly name = 'SessionTimeout'
  readonly code = 'timeout'
}

/** A reply that went over the limits on parts or bytes, or changed its kind between parts. */
export class ReplyRefused extends Error {
  override readonly name = 'ReplyRefused'
  readonly code = 'reply-refused'
}

/** The session ended before the reply came, or before the request was sent. */
export class SessionClosed extends Error {
  override readonly name = 'SessionClosed'
  readonly code: CloseCode

  constructor(code: CloseCode, detail: string) {
    super(detail === '' ? `session closed: ${code}` : `session closed: ${code}: ${detail}`)
    this.code = code
  }
}
