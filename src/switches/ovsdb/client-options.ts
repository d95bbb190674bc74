/** What a client can be told: which server and which columns, whom to tell, how long to wait, how much to hold. */
import type { Duplex } from 'node:stream'
import type { ConnectionOptions } from 'node:tls'
import { type Clock, systemClock } from 'ts-openflow'
import {
  type Changes,
  defaultFramerLimits,
  type FramerLimits,
  type ReplicaLimits,
  type Selection,
} from '../../../codecs/ovsdb/index.ts'
import { dial } from './dial.ts'
import { defaultLinkSettings, type LinkCode, type LinkSettings } from './link.ts'
import type { OvsdbTarget } from '../../model/ovsdb-target.ts'

export interface OvsdbLimits extends LinkSettings, FramerLimits, ReplicaLimits {
  readonly requestTimeoutMs: number
  /** A server that leaves more bytes than this unread is cut. */
  readonly maxWaitingBytes: number
  /** Transactions that wait for their answer. */
  readonly maxTransactions: number
}

export const defaultOvsdbLimits: OvsdbLimits = {
  ...defaultLinkSettings,
  ...defaultFramerLimits,
  maxRows: 1_000_000,
  requestTimeoutMs: 30_000,
  maxWaitingBytes: 64 * 1024 * 1024,
  maxTransactions: 64,
}

/** What goes wrong and does not stop the client, which tries again: a code to count by, and a text for the log. */
export interface OvsdbIncident {
  readonly code:
    | LinkCode
    /** JSON that is no JSON-RPC, passed over. */
    | 'bad-message'
    /** A reply that nobody waits for. */
    | 'unsolicited'
    /** Tables or columns that this server's schema does not have; they are empty here. */
    | 'missing-columns'
    | 'handler-failed'
  readonly detail: string
  /** The server, as `formatTarget` writes it. */
  readonly remote: string
}

export interface Synchronised<S extends Selection> {
  /** What differs from what was known before; everything, the first time. */
  readonly changes: Changes<S>
  /** The server told only what had changed since, not all. */
  readonly resumed: boolean
}

/** All are called in the turn in which their bytes arrive; what they throw is an incident. */
export interface ClientHandlers<S extends Selection> {
  /** The replica is what the server has: at first, and after every reconnect. */
  readonly onSynchronised?: (told: Synchronised<S>) => void
  readonly onChange?: (changes: Changes<S>) => void
  /** The session has ended. The replica stays as last known, and the client goes on trying. */
  readonly onDown?: (ending: { readonly code: LinkCode; readonly detail: string }) => void
  readonly onIncident?: (incident: OvsdbIncident) => void
}

export interface ClientOptions<S extends Selection> extends ClientHandlers<S> {
  readonly target: OvsdbTarget
  readonly database: string
  readonly selection: S
  /**
   * For `ssl:`: `key`, `cert` and `ca`. Node checks the server's name; ovs-pki's certificates carry none, and for them
   * `checkServerIdentity` must say who is meant.
   */
  readonly tls?: ConnectionOptions
  readonly limits?: Partial<OvsdbLimits>
  readonly clock?: Clock
  /** In [0, 1). */
  readonly random?: () => number
  readonly dial?: (target: OvsdbTarget, tls?: ConnectionOptions) => Duplex
}

export interface ResolvedClientOptions<S extends Selection> {
  readonly target: OvsdbTarget
  readonly database: string
  readonly tls: ConnectionOptions | undefined
  readonly limits: OvsdbLimits
  readonly clock: Clock
  readonly random: () => number
  readonly dial: (target: OvsdbTarget, tls?: ConnectionOptions) => Duplex
  readonly handlers: ClientHandlers<S>
}

export function resolveClientOptions<S extends Selection>(
  options: ClientOptions<S>,
): ResolvedClientOptions<S> {
  return {
    target: options.target,
    database: options.database,
    tls: options.tls,
    limits: { ...defaultOvsdbLimits, ...options.limits },
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    dial: options.dial ?? dial,
    handlers: options,
  }
}
