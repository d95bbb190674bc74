/**
 * The messages of `vectors/ovs.jsonl`, recorded from Open vSwitch 3.1 by `capture/capture.ts`: every kind in every version
 * that has it, and what several versions write alike in one of them.
 */
import { readFileSync } from 'node:fs'

export interface OvsVector {
  /** Unique: version, what was being done, and what ofp-print calls the message, such as `of13-ct-nat-flow-mod`. */
  readonly name: string
  /** The header's, `1.0` to `1.5`; the session's where the header has a version that does not exist. */
  readonly version: string
  readonly from: 'controller' | 'switch'
  /** The whole message. */
  readonly hex: string
  /** What `ovs-ofctl ofp-print` says of it; it holds `***decode error` where Open vSwitch refuses the message. */
  readonly print: string
}

const lines = readFileSync(new URL('../vectors/ovs.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')

export const ovsVectors: readonly OvsVector[] = lines.map((line) => JSON.parse(line) as OvsVector)
