/**
 * The two ways a codec can fail: the bytes were bad (`WireError`) or the caller's value was (`EncodeError`).
 * Both say where: a path such as `flow_mod.match[2]`, and for bytes the offset in the message.
 */

/**
 * SHORT: the message or element ends too early. LENGTH: a length field is impossible. TRAILING: bytes are left over.
 * VALUE: a value that the protocol forbids. DEAD: the framer has failed before and takes no more bytes.
 */
export type WireErrorCode = 'SHORT' | 'LENGTH' | 'TRAILING' | 'VALUE' | 'DEAD'

/**
 * SYNTAX: text that is not in ovs-ofctl's syntax. MISSING: a field without a default is absent. RANGE: a number does not fit. INVALID: a value of the wrong kind or an
 * unknown name. VERSION: this version of OpenFlow cannot carry the value. TOO_LONG: more than a length field can say.
 */
export type EncodeErrorCode = 'SYNTAX' | 'MISSING' | 'RANGE' | 'INVALID' | 'VERSION' | 'TOO_LONG'

export class WireError extends Error {
  override readonly name = 'WireError'
  readonly code: WireErrorCode
  /** Byte offset from the start of the message. */
  readonly at: number
  readonly reason: string
  #path = ''

  constructor(code: WireErrorCode, at: number, reason: string) {
    super(`${reason} (${code} at byte ${at})`)
    this.code = code
    this.at = at
    this.reason = reason
  }

  get path(): string {
    return this.#path
  }

  /** Called on the way out of each enclosing structure, innermost first. */
  within(segment: string): void {
    this.#path = join(segment, this.#path)
    this.message = `${this.#path}: ${this.reason} (${this.code} at byte ${this.at})`
  }
}

export class EncodeError extends Error {
  override readonly name = 'EncodeError'
  readonly code: EncodeErrorCode
  readonly reason: string
  #at = 0
  #path = ''

  /** `at` counts from the start of the text, or is filled in by `encode`. */
  constructor(code: EncodeErrorCode, reason: string, at = 0) {
    super(`${reason} (${code})`)
    this.code = code
    this.reason = reason
    this.#at = at
  }

  /** Where the message, or the text, was right up to: a byte or character offset. */
  get at(): number {
    return this.#at
  }

  /** Called by `encode` with the length of what was written before. */
  stoppedAt(at: number): void {
    this.#at = at
  }

  get path(): string {
    return this.#path
  }

  within(segment: string): void {
    this.#path = join(segment, this.#path)
    this.message = `${this.#path}: ${this.reason} (${this.code})`
  }
}

function join(segment: string, path: string): string {
  return path === '' || path.startsWith('[') ? segment + path : `${segment}.${path}`
}

/** Adds an enclosing name to a codec error; every other error passes through untouched. */
export function within(error: unknown, segment: string): unknown {
  if (error instanceof WireError || error instanceof EncodeError) error.within(segment)
  return error
}

/** `OpenFlow 1.3` for wire version 4. */
export function versionName(version: number): string {
  return version >= 1 && version <= 6 ? `OpenFlow 1.${version - 1}` : `OpenFlow wire version ${version}`
}
