/** Packets beside what ovs-ofctl shows of them; then any bytes at all. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { readPacket, showPacket } from 'ts-openflow'
import { namedFrames } from '../capture/packet-frames.ts'

interface Vector {
  readonly name: string
  readonly hex: string
  readonly print: string
}

const vectors = readFileSync(new URL('../vectors/packets.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Vector)

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))

for (const { name, hex, print } of vectors) {
  test(`ovs-ofctl's words: ${name}`, () => assert.equal(showPacket(bytesOf(hex)), print))
}
