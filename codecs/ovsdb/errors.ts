/** The one way this codec fails: what a peer sent, or a caller gave, is not OVSDB. Says where: a byte offset, or a path. */

/**
 * SYNTAX: not JSON. UTF8: not UTF-8. TOO_LONG, TOO_DEEP: over a limit. DEAD: the stream has failed before.
 * MESSAGE: JSON, but no JSON-RPC. VALUE: no value of its column's type. SCHEMA: the server's column is of another type.
 * ROW: an update of a row that is not there, or an insertion of one that is.
 */
export type OvsdbErrorCode =
  | 'SYNTAX'
  | 'UTF8'
  | 'TOO_LONG'
  | 'TOO_DEEP'
  | 'DEAD'
  | 'MESSAGE'
  | 'VALUE'
  | 'SCHEMA'
  | 'ROW'

export class OvsdbError extends Error {
  override readonly name = 'OvsdbError'
  readonly code: OvsdbErrorCode
  readonly reason: string
  /** Byte offset from the start of the stream; undefined for what is wrong with a value rather than with bytes. */
  readonly at: number | undefined
  #path = ''

  constructor(code: OvsdbErrorCode, reason: string, at?: number) {
    super(`${reason} (${code}${at === undefined ? '' : ` at byte ${at}`})`)
    this.code = code
    this.reason = reason
    this.at = at
  }

  /** Such as `Interface.6b1c….ofport`. */
  get path(): string {
    return this.#path
  }

  /** Called on the way out of each enclosing name, innermost first. */
  within(segment: string): void {
    this.#path = this.#path === '' ? segment : `${segment}.${this.#path}`
    this.message = `${this.#path}: ${this.reason} (${this.code})`
  }
}

/** Runs `read` and adds the enclosing name to what it throws. */
export function inside<T>(segment: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof OvsdbError) error.within(segment)
    throw error
  }
}
