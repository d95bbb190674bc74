/** Messages of every kind and version: the vectors of the tests, from Ryu's. */
import { readFileSync } from 'node:fs'

/** From the build's folder to the sources. */
const file = new URL('../../../../test/codecs/openflow/vectors/ryu.jsonl', import.meta.url)

export function vectorBytes(): readonly Uint8Array[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const { hex } = JSON.parse(line) as { readonly hex: string }
      return new Uint8Array(Buffer.from(hex, 'hex'))
    })
}
