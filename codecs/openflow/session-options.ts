/** What a session can be told: whom to tell, how long to wait, how much to hold. */
import type { Connection } from './connection.ts'
import type { Message } from './message.ts'
import type { CloseCode, NoteCode } from './session.ts'
import type { PacketInLimits } from './session-packet-ins.ts'
import { type Clock, systemClock } from './session-clock.ts'

/** Who takes the messages of a session that is up. */
export interface SessionHandlers {
  /**
   * Called for every message that answers no request, ERRORs included, in the order of arrival. A returned promise counts
   * as waiting until it settles. While too many wait, further packet-ins are shed; for other messages the socket is not
   * read then, so their handling must not itself wait for a reply of this session. What it throws is noted, the session
   * goes on.
   */
  readonly onMessage?: (message: Message) => void | Promise<void>
  readonly onClose?: (ending: Ending) => void
}

/** How a session ended. */
export interface Ending {
  readonly code: CloseCode
  readonly detail: string
  /** `address:port` of the peer. */
  readonly remote: string
  /** Whether the peer had told its features. */
  readonly wasUp: boolean
}

export interface Incident {
  readonly code: NoteCode | 'handler-failed'
  readonly detail: string
  readonly remote: string
  /** Where the peer had told it. */
  readonly datapathId?: bigint
}

export interface SessionLimits extends PacketInLimits {
  /** Wire numbers of the versions to offer. */
  readonly versions: readonly number[]
  readonly handshakeMs: number
  readonly probeAfterMs: number
  readonly closeAfterMs: number
  readonly requestTimeoutMs: number
  /** Time that a closed session has to send what waits before it is cut. */
  readonly graceMs: number
  /** Reading stops while more messages than this, packet-ins aside, wait for an asynchronous handler. */
  readonly maxWaitingMessages: number
  /** Reading stops while more bytes than this wait to be sent. */
  readonly pauseAboveBytes: number
  /** A peer that leaves more bytes than this unread is closed. */
  readonly maxWaitingBytes: number
  /** A peer that reads nothing of what waits for this long is closed. */
  readonly stallMs: number
  /** `drained()` resolves when no more than this waits. */
  readonly lowWaterBytes: number
  readonly maxParts: number
  readonly maxReplyBytes: number
  /** A packet-in with fewer bytes of a frame is refused unless its switch keeps the rest; an Ethernet header, 14, unless told. */
  readonly minFrameBytes: number
}

export const defaultLimits: SessionLimits = {
  versions: [4, 5, 6],
  handshakeMs: 10_000,
  probeAfterMs: 5_000,
  closeAfterMs: 10_000,
  requestTimeoutMs: 10_000,
  graceMs: 1_000,
  maxWaitingMessages: 64,
  pauseAboveBytes: 1024 * 1024,
  maxWaitingBytes: 16 * 1024 * 1024,
  stallMs: 10_000,
  lowWaterBytes: 256 * 1024,
  maxParts: 8192,
  maxReplyBytes: 64 * 1024 * 1024,
  minFrameBytes: 14,
  packetInsPerSecond: Number.POSITIVE_INFINITY,
  portPacketInsPerSecond: Number.POSITIVE_INFINITY,
  packetInBurstS: 2,
  maxWaitingPacketIns: 1024,
}

export interface SessionOptions {
  /** Called once, when the peer has told its features; returns who takes its messages. */
  readonly onUp: (connection: Connection) => SessionHandlers
  /** Called once for every session, also for those that never came up. */
  readonly onEnd?: (ending: Ending) => void
  /** Called for what a session survives. */
  readonly onIncident?: (incident: Incident) => void
  readonly limits?: Partial<SessionLimits>
  readonly clock?: Clock
}

export interface ResolvedOptions extends Required<Omit<SessionOptions, 'limits'>> {
  readonly limits: SessionLimits
}

export function resolveOptions(options: SessionOptions): ResolvedOptions {
  return {
    onUp: options.onUp,
    onEnd: options.onEnd ?? (() => undefined),
    onIncident: (incident) => {
      try {
        options.onIncident?.(incident)
      } catch {
        // There is nobody left to tell, and the session must not end by it.
      }
    },
    limits: { ...defaultLimits, ...options.limits },
    clock: options.clock ?? systemClock,
  }
}
