/** The framer: any cut of a stream gives the same messages, limits hold, and what is bad costs only what follows it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { JsonFramer } from '../../../codecs/ovsdb/index.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Strings that look like structure: brackets, quotes, backslashes, and letters of two to four bytes. */
const tricky = fc.array(fc.constantFrom('{', '}', '[', ']', '"', '\\', 'é', '漢', '🦊', 'a', ' ', ','), {
  maxLength: 8,
})
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    tricky.map((parts) => parts.join('')),
    fc.double({ noDefaultInfinity: true, noNaN: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      tricky.map((parts) => parts.join('')),
      tie('value'),
      { maxKeys: 3 },
    ),
  ),
})).value
const message = fc.dictionary(fc.string({ maxLength: 3 }), json, { maxKeys: 4 })
const gap = fc.constantFrom('', ' ', '\n', '\r\n\t')

test('any cut of a stream gives the same messages', () => {
  const run = fc.property(
    fc.array(fc.tuple(message, gap), { maxLength: 6 }),
    fc.array(fc.nat(), { maxLength: 40 }),
    (texts, cuts) => {
      const stream = bytes(texts.map(([value, space]) => JSON.stringify(value) + space).join(''))
      const framer = new JsonFramer()
      const edges = [0, ...cuts.map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b), stream.length]
      const out = edges
        .slice(1)
        .flatMap((edge, index) => framer.push(stream.slice(edges[index], edge)).messages)
      assert.deepEqual(
        out,
        texts.map(([value]) => JSON.parse(JSON.stringify(value)) as unknown),
      )
      assert.equal(framer.held, 0)
    },
  )
  fc.assert(run, { numRuns: 300 })
})

test('one byte at a time, letters of several bytes among them', () => {
  const framer = new JsonFramer()
  const out: unknown[] = []
  for (const byte of bytes('{"a":"漢\\"}🦊"} {"b":[{}]}')) {
    const framed = framer.push(Uint8Array.of(byte))
    assert.equal(framed.error, undefined)
    out.push(...framed.messages)
  }
  assert.deepEqual(out, [{ a: '漢"}🦊' }, { b: [{}] }])
})

const bad = [
  { name: 'a letter between messages', text: '{"a":1}{"b":2} x', code: 'SYNTAX', at: 15 },
  { name: 'brackets that do not match', text: '{"a":1}{"b":2}{"c":[}', code: 'SYNTAX', at: 20 },
  { name: 'a bracket that closes nothing', text: '{"a":1}{"b":2}}', code: 'SYNTAX', at: 14 },
  { name: 'no JSON', text: '{"a":1}{"b":2}{"c":nul}{"d":1}', code: 'SYNTAX', at: 14 },
  { name: 'a bare newline in a string', text: '{"a":1}{"b":2}{"c":"\n"}', code: 'SYNTAX', at: 14 },
  { name: 'too many brackets', text: `{"a":1}{"b":2}${'['.repeat(9)}`, code: 'TOO_DEEP', at: 22 },
  { name: 'too long', text: `{"a":1}{"b":2}{"c":"${'x'.repeat(50)}"}`, code: 'TOO_LONG', at: 14 },
  { name: 'endless', text: `{"a":1}{"b":2}{"c":"${'x'.repeat(50)}`, code: 'TOO_LONG', at: 14 },
] as const

for (const { name, text, code, at } of bad) {
  test(`${name}: an error with its offset, after the messages before it, and then nothing`, () => {
    for (const step of [1, 3, 1000]) {
      const framer = new JsonFramer({ maxDepth: 8, maxBytes: 40 })
      const stream = bytes(text)
      const out: unknown[] = []
      let error: unknown
      for (let from = 0; from < stream.length && error === undefined; from += step) {
        const framed = framer.push(stream.subarray(from, from + step))
        out.push(...framed.messages)
        error = framed.error
      }
      assert.deepEqual(out, [{ a: 1 }, { b: 2 }])
      assert.deepEqual(
        { ...(error as object), name: 'OvsdbError' },
        { ...(error as object), name: 'OvsdbError', code, at },
      )
      assert.equal(framer.held, 0)
      const after = framer.push(bytes('{}'))
      assert.deepEqual([after.messages, after.error?.code], [[], 'DEAD'])
    }
  })
}

test('bytes that are not UTF-8', () => {
  const { messages, error } = new JsonFramer().push(
    Uint8Array.of(0x7b, 0x7d, 0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d),
  )
  assert.deepEqual(messages, [{}])
  assert.deepEqual([error?.code, error?.at], ['UTF8', 2])
})

test('a text of 8,192 chunks is held in pieces and joined once', () => {
  const framer = new JsonFramer()
  framer.push(bytes('{"a":"'))
  const chunk = bytes('x'.repeat(1024))
  for (let count = 0; count < 8192; count++) framer.push(chunk)
  assert.equal(framer.held, 8 * 1024 * 1024 + 6)
  const { messages } = framer.push(bytes('"}'))
  assert.equal((messages[0] as { a: string }).a.length, 8 * 1024 * 1024)
})
