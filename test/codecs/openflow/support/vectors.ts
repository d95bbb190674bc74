/** The messages of `vectors/ryu.jsonl`. */
import { readFileSync } from 'node:fs'

export interface Vector {
  readonly file: string
  readonly version: string
  readonly type: string
  /** Open vSwitch 3.1 and Wireshark 4.0 both accept it. */
  readonly clean: boolean
  readonly hex: string
  /** What `ovs-ofctl ofp-print` says. */
  readonly ovs_print: string
}

const lines = readFileSync(new URL('../vectors/ryu.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')

/** Those of every version: 1.0 and 1.2 to 1.5. */
export const allVectors: readonly Vector[] = lines.map((line) => JSON.parse(line) as Vector)

export const vectors: readonly Vector[] = allVectors

export const bytesOf = ({ hex }: Vector): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
