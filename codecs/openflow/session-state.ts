/** What a session can be, what can happen to it and what it can do: the values that the table in `session.ts` works on. */
import type { FeaturesReply, Message } from './message.ts'
import type { CloseCode, NoteCode } from './session-codes.ts'
import type { Hello } from './session-wire.ts'

export interface SessionSettings {
  /** Wire numbers of the versions we speak. */
  readonly versions: readonly number[]
  /** Time from the first byte that could come to the FEATURES_REPLY. */
  readonly handshakeMs: number
  /** Silence after which the peer is probed by an ECHO_REQUEST. */
  readonly probeAfterMs: number
  /** Silence after which the session is closed. */
  readonly closeAfterMs: number
}

export interface HelloState {
  readonly phase: 'hello'
  readonly settings: SessionSettings
  readonly sinceMs: number
}
export interface FeaturesState {
  readonly phase: 'features'
  readonly settings: SessionSettings
  readonly sinceMs: number
  readonly version: number
}
export interface UpState {
  readonly phase: 'up'
  readonly settings: SessionSettings
  readonly version: number
  readonly heardMs: number
  /** When the outstanding probe was sent. */
  readonly probedMs: number | undefined
}
export interface ClosedState {
  readonly phase: 'closed'
  readonly code: CloseCode
}
export type SessionState = HelloState | FeaturesState | UpState | ClosedState

/** Why a whole message is not taken. */
export type Refused =
  | 'wrong-version'
  | 'unknown-type'
  | 'misdirected'
  | 'malformed'
  | 'second-hello'
  | 'packet-in-refused'
  | 'port-refused'

/** What the shell saw on its own side when a timer fired. */
export interface Tick {
  readonly type: 'tick'
  /** Part of a message has arrived. */
  readonly partial: boolean
  /** We are the ones who stopped reading, so silence proves nothing. */
  readonly paused: boolean
  /** Bytes of ours wait for the peer to read. */
  readonly clogged: boolean
}

export type SessionEvent =
  | { readonly type: 'hello'; readonly hello: Hello; readonly bytes: Uint8Array }
  | { readonly type: 'features_reply'; readonly message: FeaturesReply }
  | { readonly type: 'echo_request'; readonly bytes: Uint8Array }
  | {
      readonly type: 'error'
      readonly failedHello: boolean
      readonly message: Message
      readonly text: string
    }
  /** Any other message a switch may send, ECHO_REPLY included. */
  | { readonly type: 'message'; readonly message: Message }
  /** A whole message we do not take. */
  | {
      readonly type: 'unfit'
      readonly why: Refused
      readonly bytes: Uint8Array
      readonly detail: string
    }
  | { readonly type: 'bad_framing'; readonly detail: string }
  | { readonly type: 'foreign'; readonly code: 'http-peer' | 'tls-peer' }
  | Tick
  | { readonly type: 'stalled'; readonly detail: string }
  | {
      readonly type: 'lost'
      readonly code: 'peer-closed' | 'socket-error' | 'half-message'
      readonly detail: string
    }
  | { readonly type: 'close'; readonly detail: string }

export type SessionAction =
  | { readonly do: 'send'; readonly bytes: Uint8Array }
  | { readonly do: 'up'; readonly features: FeaturesReply }
  | { readonly do: 'deliver'; readonly message: Message }
  | { readonly do: 'note'; readonly code: NoteCode; readonly detail: string }
  /** `end`: flush what was sent, then end; `destroy`: at once, the peer deserves or can take no more. */
  | {
      readonly do: 'close'
      readonly how: 'end' | 'destroy'
      readonly code: CloseCode
      readonly detail: string
    }

export type Step = readonly [SessionState, readonly SessionAction[]]
