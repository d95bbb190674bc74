/**
 * The store: what users declared, with its revision, kept durably; and small remembered values that make a restart
 * smooth. This is the contract that every back end meets (level, memory; a distributed one can follow).
 *
 * Every declared object is an entry of its own, so a change writes what changed. A commit names the revision it was
 * computed from and is refused when that is not the latest, so no change is ever lost to another.
 */
import type { Edit } from '../model/declaration.ts'
import type { IntentSpec } from '../model/schema.ts'

export interface Stored {
  /** 1 for the first commit; increases by one. */
  readonly revision: number
  /** The objects of a section come back in the order of their names. */
  readonly spec: IntentSpec
}

export interface Commit {
  /** The revision that the edits are relative to; 0 when nothing is stored yet. */
  readonly ifRevision: number
  readonly edits: readonly Edit[]
  /** ISO 8601; the caller's clock. */
  readonly time: string
  /** Who asked, such as `rest` or a token's name. */
  readonly by: string
  /** One line for people, such as `put vms/web1`. */
  readonly summary: string
}

export type CommitOutcome =
  | { readonly status: 'committed'; readonly revision: number }
  /** Nothing was written; `revision` is the stored one. */
  | { readonly status: 'conflict'; readonly revision: number }

export interface LogEntry {
  readonly revision: number
  readonly time: string
  readonly by: string
  readonly summary: string
}

/** How many revisions the log keeps. */
export const LOG_LENGTH = 1_000

/** Of a remembered value, as JSON text. */
export const REMEMBERED_BYTES = 4 * 1024 * 1024

export interface Store {
  /** The stored declaration; undefined when nothing was ever committed. Rejects with `StoreError`. */
  readonly load: () => Promise<Stored | undefined>
  /** Writes all edits, the revision and the log entry, or none. Durable when it resolves. Rejects with `StoreError`. */
  readonly commit: (commit: Commit) => Promise<CommitOutcome>
  /** The newest revisions, newest first; at most `LOG_LENGTH`. */
  readonly log: (limit?: number) => Promise<readonly LogEntry[]>
  /** Keeps a small JSON value under a key of letters, digits, `-`, `.` and `/`; undefined forgets it. Durable when it resolves. */
  readonly remember: (key: string, value: unknown) => Promise<void>
  readonly recall: (key: string) => Promise<unknown>
  /** Waits for writes under way; afterwards every call rejects with code CLOSED. */
  readonly close: () => Promise<void>
}

/**
 * LOCKED: another process has it open. IO: the disk refused (full, read-only, broken). CORRUPT: what is on disk is not
 * what was written. FORMAT: written by a newer Throwbar. VALUE: the caller's value cannot be stored. CLOSED: closed.
 */
export type StoreErrorCode = 'LOCKED' | 'IO' | 'CORRUPT' | 'FORMAT' | 'VALUE' | 'CLOSED'

/** The message says what happened to which directory, and what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  /** True when the same call may succeed later. */
  readonly retryable: boolean

  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.retryable = code === 'LOCKED' || code === 'IO'
  }
}
