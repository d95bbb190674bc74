/** A problem with what a user declared: where it is, what is wrong, and what would be right. */
export interface Problem {
  /** JSON pointer into the document, such as `/vms/web1/nics/0/mac`. */
  readonly pointer: string
  readonly message: string
  /** What to do instead. */
  readonly hint?: string
  /** 1-based, when the document came as text. */
  readonly line?: number
  readonly column?: number
}
