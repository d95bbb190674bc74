/** What a server answers to a transaction (RFC 7047 4.1.3): a result for each operation, or the error of the one that failed. */
import { OvsdbError } from './errors.ts'
import type { Uuid } from './columns.ts'
import { errorText } from './messages.ts'
import type { Operation } from './operations.ts'
import { readUuid } from './values.ts'

export interface OperationResult {
  /** Of the row that an insert made. */
  readonly uuid?: Uuid
  /** Rows that an update, mutate or delete found. */
  readonly count?: number
  /** What a select found, as JSON. */
  readonly rows?: readonly unknown[]
}

export type TransactionOutcome =
  | { readonly ok: true; readonly results: readonly OperationResult[] }
  | {
      /** Nothing was done: a transaction is done whole or not at all. */
      readonly ok: false
      /** OVSDB's own name, such as `constraint violation`; `timed out` for a wait that did not find what it wanted. */
      readonly error: string
      readonly details: string
      /** The operation that failed; undefined when it was the commit. */
      readonly operation: number | undefined
    }

function readResult(json: unknown): OperationResult {
  if (typeof json !== 'object' || json === null) throw new OvsdbError('VALUE', 'no operation result')
  const { uuid, count, rows } = json as Readonly<Record<string, unknown>>
  return {
    ...(uuid !== undefined && { uuid: readUuid(uuid) }),
    ...(typeof count === 'number' && { count }),
    ...(Array.isArray(rows) && { rows }),
  }
}

const isError = (json: unknown): boolean => typeof json === 'object' && json !== null && 'error' in json

/** Takes the reply's members. A request that was refused whole fails as a commit does. */
export function readOutcome(
  operations: readonly Operation[],
  { result, error }: { readonly result: unknown; readonly error: unknown },
): TransactionOutcome {
  if (error !== null) return { ok: false, ...errorText(error), operation: undefined }
  if (!Array.isArray(result)) throw new OvsdbError('VALUE', 'the result of a transaction is no array')
  const failed = result.findIndex(isError)
  if (failed >= 0) {
    const operation = failed < operations.length ? failed : undefined
    return { ok: false, ...errorText(result[failed]), operation }
  }
  if (result.length !== operations.length) {
    throw new OvsdbError('VALUE', `${result.length} results of ${operations.length} operations`)
  }
  return { ok: true, results: result.map(readResult) }
}

/** Whether a transaction failed because what it was computed from has changed meanwhile. */
export const isStale = (outcome: TransactionOutcome, operations: readonly Operation[]): boolean =>
  !outcome.ok &&
  outcome.operation !== undefined &&
  operations[outcome.operation]?.op === 'wait' &&
  outcome.error === 'timed out'
