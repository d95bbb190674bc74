import { readFileSync } from 'node:fs'
import test from 'node:test'
import assert from 'node:assert/strict'
import { decode, encode } from 'ts-openflow'
const rows = readFileSync(new URL('./vectors/ryu.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((l) => JSON.parse(l) as { file: string; version: string; type: string; hex: string })
for (const { file, version, hex } of rows.filter((r) => ['1.3', '1.4', '1.5'].includes(r.version))) {
  test(`${version} ${file}`, () => {
    const bytes = Buffer.from(hex, 'hex')
    const value = decode(bytes)
    assert.equal(Buffer.from(encode(value)).toString('hex'), hex)
  })
}
