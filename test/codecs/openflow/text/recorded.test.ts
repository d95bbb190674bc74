/** What ovs-ofctl 3.1 sent for texts and said of messages that ours once got wrong, recorded line by line. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { decode, encode, parseFlow, parseGroup, print } from 'ts-openflow'

function recorded(name: string): readonly unknown[] {
  const lines = readFileSync(new URL(name, import.meta.url), 'utf8')
    .trim()
    .split('\n')
  assert.ok(lines.length > 30, `${name} is cut short`)
  return lines.map((line) => JSON.parse(line) as unknown)
}

interface Text {
  readonly version: number
  readonly kind: 'flow' | 'group'
  readonly text: string
  readonly hex: string
}

for (const { version, kind, text, hex } of recorded('recorded-texts.jsonl') as readonly Text[]) {
  test(`wire version ${version}: ${text}`, () => {
    const parsed = kind === 'flow' ? parseFlow(text, { version }) : parseGroup(text, { version })
    assert.equal(Buffer.from(encode({ ...parsed, version, xid: 0 })).toString('hex'), hex)
  })
}

interface Printed {
  readonly hex: string
  readonly print: string
}

for (const { hex, print: wanted } of recorded('recorded-prints.jsonl') as readonly Printed[]) {
  test(`printed: ${wanted.split('\n')[0]} ${hex.length / 2}`, () => {
    assert.equal(print(decode(new Uint8Array(Buffer.from(hex, 'hex')))), wanted)
  })
}
