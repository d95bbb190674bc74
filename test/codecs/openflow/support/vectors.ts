/** The messages of `vectors/ryu.jsonl` for the versions that we speak. */
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

export const vectors: readonly Vector[] = lines
  .map((line) => JSON.parse(line) as Vector)
  .filter(({ version }) => ['1.3', '1.4', '1.5'].includes(version))

export const bytesOf = ({ hex }: Vector): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
