/**
 * The controller's side of an OpenFlow session as a pure table: `step(state, event, now)` gives the next state and what to
 * do. It knows no socket and no timer; `connection.ts` is the shell that feeds it and obeys it.
 *
 *     hello ──HELLO──► features ──FEATURES_REPLY──► up ──► closed
 *       └──────────────────┴── timer, bad bytes, loss ──────┘
 *
 * The table has a cell for every state and event. What is missing does not compile.
 */
import {
  agreeVersion,
  echoReplyBytes,
  errorBytes,
  headerOnlyBytes,
  helloBytes,
  readHeader,
  sessionError,
  stableType,
} from './session-wire.ts'
import type { CloseCode, NoteCode } from './session-codes.ts'
import { isOnlyReply } from './session-messages.ts'
import type {
  ClosedState,
  FeaturesState,
  HelloState,
  Refused,
  SessionAction,
  SessionEvent,
  SessionSettings,
  SessionState,
  Step,
  Tick,
  UpState,
} from './session-state.ts'

export type { CloseCode, NoteCode } from './session-codes.ts'
export type { SessionAction, SessionEvent, SessionSettings, SessionState } from './session-state.ts'

/** xids below this belong to the session itself: HELLO, FEATURES_REQUEST and its own ECHO_REQUESTs. */
export const FIRST_FREE_XID = 16
const xids = { hello: 1, features: 2, probe: 3 } as const

export type Phase = SessionState['phase']
type StateOf<P extends Phase> = Extract<SessionState, { phase: P }>
type EventOf<T extends SessionEvent['type']> = Extract<SessionEvent, { type: T }>
type Row<S> = {
  readonly [T in SessionEvent['type']]: (state: S, event: EventOf<T>, now: number) => Step
}

const close = (
  how: 'end' | 'destroy',
  code: CloseCode,
  detail: string,
  before: SessionAction[] = [],
): Step => [{ phase: 'closed', code }, [...before, { do: 'close', how, code, detail }]]
const note = (code: NoteCode, detail: string): SessionAction => ({ do: 'note', code, detail })
const heard = (state: UpState, now: number): UpState => ({ ...state, heardMs: now, probedMs: undefined })

const sendEcho = (version: number): SessionAction => ({
  do: 'send',
  bytes: headerOnlyBytes(version, stableType.echoRequest, xids.probe),
})
const pong = (request: Uint8Array): SessionAction => ({ do: 'send', bytes: echoReplyBytes(request) })

const answers = {
  'wrong-version': sessionError.badVersion,
  'unknown-type': sessionError.badType,
  misdirected: sessionError.badType,
  malformed: sessionError.badLength,
  'second-hello': sessionError.badType,
} as const satisfies Record<Exclude<Refused, 'packet-in-refused' | 'port-refused'>, unknown>

/**
 * Notes a message we do not take, and answers it with an ERROR in the offender's version if it has one we speak. Only
 * what could not be understood is answered: a report that was understood and is wrong is nobody's request.
 */
function refuse(
  state: FeaturesState | UpState,
  { why, bytes, detail }: Omit<EventOf<'unfit'>, 'type'>,
): SessionAction[] {
  const header = readHeader(bytes)
  // Nobody answers an ERROR with an ERROR.
  if (header.type === stableType.error) return [note(why, detail)]
  if (why === 'packet-in-refused' || why === 'port-refused') return [note(why, detail)]
  const known = state.settings.versions.includes(header.version)
  const version = why === 'wrong-version' ? (known ? header.version : 1) : state.version
  const answer = errorBytes({ version, xid: header.xid, error: answers[why], data: bytes })
  return [{ do: 'send', bytes: answer }, note(why, detail)]
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0))
const hex = (version: number): string => `0x${version.toString(16).padStart(2, '0')}`

function onHello(state: HelloState, { hello, bytes }: EventOf<'hello'>): Step {
  const { settings } = state
  const version = agreeVersion(settings.versions, hello)
  if (version !== undefined) {
    const request = headerOnlyBytes(version, stableType.featuresRequest, xids.features)
    const notes = hello.damage === undefined ? [] : [note('damaged-hello', hello.damage)]
    return [
      { phase: 'features', settings, sinceMs: state.sinceMs, version },
      [{ do: 'send', bytes: request }, ...notes],
    ]
  }
  if (hello.version === 0) return close('destroy', 'incompatible-version', 'HELLO of version 0x00')
  const theirs = hello.versions?.map(hex).join(', ') ?? `${hex(hello.version)} and earlier`
  const text = `We support versions ${settings.versions.map(hex).join(', ')}, you support ${theirs}.`
  const answer = errorBytes({
    version: Math.min(hello.version, Math.max(...settings.versions)),
    xid: readHeader(bytes).xid,
    error: sessionError.incompatible,
    data: ascii(text),
  })
  return close('end', 'incompatible-version', text, [{ do: 'send', bytes: answer }])
}

/** The handshake's timer: one deadline for HELLO and FEATURES_REPLY together. */
function handshakeTick(state: HelloState | FeaturesState, { partial }: Tick, now: number): Step {
  if (now < state.sinceMs + state.settings.handshakeMs) return [state, []]
  const waited = `no ${state.phase === 'hello' ? 'HELLO' : 'FEATURES_REPLY'} in ${state.settings.handshakeMs} ms`
  return close(
    'destroy',
    partial ? 'half-message' : 'handshake-timeout',
    partial ? `${waited}, part of a message` : waited,
  )
}

/** Keep-alive: probe after silence, close after more of it, never while we are the ones who do not read. */
function upTick(state: UpState, { partial, paused, clogged }: Tick, now: number): Step {
  if (paused) return [heard(state, now), []]
  if (now < (wakeAt(state) ?? now)) return [state, []]
  if (state.probedMs === undefined) return [{ ...state, probedMs: now }, [sendEcho(state.version)]]
  const code = clogged ? 'slow-reader' : partial ? 'half-message' : 'echo-timeout'
  return close('destroy', code, `silent for ${Math.round(now - state.heardMs)} ms`)
}

const beforeHello = (): Step => close('destroy', 'message-before-hello', 'the first message was not HELLO')

/** Endings that every open state shares. */
const endings: Pick<Row<unknown>, 'bad_framing' | 'foreign' | 'stalled' | 'lost' | 'close'> = {
  bad_framing: (_, event) => close('destroy', 'bad-framing', event.detail),
  foreign: (_, event) => close('destroy', event.code, 'the peer does not speak OpenFlow'),
  stalled: (_, event) => close('destroy', 'slow-reader', event.detail),
  lost: (_, event) => close('destroy', event.code, event.detail),
  close: (_, event) => close('end', 'closed-here', event.detail),
}

const hello: Row<HelloState> = {
  ...endings,
  hello: onHello,
  features_reply: beforeHello,
  echo_request: beforeHello,
  message: beforeHello,
  unfit: beforeHello,
  error: (_, event) =>
    event.failedHello
      ? close('end', 'hello-failed', event.text)
      : close('destroy', 'message-before-hello', 'the first message was not HELLO'),
  tick: handshakeTick,
}

const features: Row<FeaturesState> = {
  ...endings,
  hello: (state, { bytes }) => [state, refuse(state, { why: 'second-hello', bytes, detail: 'HELLO again' })],
  features_reply: (state, { message }, now) =>
    message.xid === xids.features
      ? [
          {
            phase: 'up',
            settings: state.settings,
            version: state.version,
            heardMs: now,
            probedMs: undefined,
          },
          [{ do: 'up', features: message }],
        ]
      : [state, [note('unsolicited', `FEATURES_REPLY with xid ${message.xid}`)]],
  echo_request: (state, { bytes }) => [state, [pong(bytes)]],
  error: (state, { failedHello, message, text }) => {
    if (failedHello) return close('end', 'hello-failed', text)
    if (message.xid === xids.features) return close('end', 'features-refused', text)
    return [state, [note('unsolicited', text)]]
  },
  // A switch may report at once what its ports and rules do; nothing is dispatched before it has a name, and its ports
  // are read afterwards anyway.
  message: (state, { message }) => [
    state,
    isOnlyReply(message.type) ? [note('early-message', message.type)] : [],
  ],
  unfit: (state, event) => [state, refuse(state, event)],
  tick: handshakeTick,
}

const up: Row<UpState> = {
  ...endings,
  hello: (state, { bytes }, now) => [
    heard(state, now),
    refuse(state, { why: 'second-hello', bytes, detail: 'HELLO again' }),
  ],
  features_reply: (state, { message }, now) => [heard(state, now), [{ do: 'deliver', message }]],
  echo_request: (state, { bytes }, now) => [heard(state, now), [pong(bytes)]],
  error: (state, { failedHello, message, text }, now) => [
    heard(state, now),
    failedHello ? [note('late-hello-failed', text)] : [{ do: 'deliver', message }],
  ],
  message: (state, { message }, now) => [
    heard(state, now),
    // The reply to the session's own probe has done its work by being heard.
    message.type === 'echo_reply' && message.xid === xids.probe ? [] : [{ do: 'deliver', message }],
  ],
  unfit: (state, event, now) => [heard(state, now), refuse(state, event)],
  tick: upTick,
}

const stay = (state: ClosedState): Step => [state, []]
/** Terminal: whatever still arrives is dropped. */
const closed: Row<ClosedState> = {
  hello: stay,
  features_reply: stay,
  echo_request: stay,
  error: stay,
  message: stay,
  unfit: stay,
  bad_framing: stay,
  foreign: stay,
  tick: stay,
  stalled: stay,
  lost: stay,
  close: stay,
}

const table: { readonly [P in Phase]: Row<StateOf<P>> } = { hello, features, up, closed }

/** The state a session starts in, and our HELLO, which waits for nothing. */
export function start(settings: SessionSettings, now: number): Step {
  return [
    { phase: 'hello', settings, sinceMs: now },
    [{ do: 'send', bytes: helloBytes(settings.versions, xids.hello) }],
  ]
}

/** What `event` at `now` (monotonic milliseconds) makes of `state`. Total, without effects. */
export function step(state: SessionState, event: SessionEvent, now: number): Step {
  // The mapped types above tie each cell to its state and event; TypeScript cannot follow that tie through an index.
  const cell = table[state.phase][event.type] as (s: SessionState, e: SessionEvent, now: number) => Step
  return cell(state, event, now)
}

/** When the next tick is due, in the clock of `now`; undefined when none is. */
export function wakeAt(state: SessionState): number | undefined {
  if (state.phase === 'closed') return undefined
  if (state.phase !== 'up') return state.sinceMs + state.settings.handshakeMs
  const { probeAfterMs, closeAfterMs } = state.settings
  if (state.probedMs === undefined) return state.heardMs + probeAfterMs
  // A probe always has its time to be answered, also when the timer that sent it came late.
  return Math.max(state.heardMs + closeAfterMs, state.probedMs + closeAfterMs - probeAfterMs)
}
