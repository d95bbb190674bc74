/** The framer: any cut of a stream gives the same messages, limits hold, and what was handed out stays as it was. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { Framer } from 'ts-openflow'
import { bytesOf, hexOf, vectors } from '../support/vectors.ts'

const messages = vectors.filter(({ file }) => !file.includes('OFP15-meter_features_reply')).map(bytesOf)
const stream = new Uint8Array(Buffer.concat(messages))

test('any cut of the stream gives the same messages', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 60 }), (cuts) => {
      const framer = new Framer()
      const edges = [0, ...cuts.sort((a, b) => a - b), stream.length]
      const out = edges.slice(1).flatMap((edge, index) => framer.push(stream.slice(edges[index], edge)))
      assert.deepEqual(out.map(hexOf), messages.map(hexOf))
      assert.equal(framer.held, 0)
    }),
    { numRuns: 50 },
  )
})

test('one byte at a time', () => {
  const framer = new Framer()
  const out: string[] = []
  for (const byte of stream.subarray(0, 5000)) out.push(...framer.push(Uint8Array.of(byte)).map(hexOf))
  assert.deepEqual(out, messages.map(hexOf).slice(0, out.length))
  assert.ok(out.length > 10)
})

test('what was handed out is not written to again', () => {
  const framer = new Framer()
  const first = Uint8Array.of(4, 2, 0, 12, 0, 0, 0, 1, 1, 2, 3, 4)
  framer.push(first.slice(0, 9))
  const [message] = framer.push(first.slice(9))
  assert.ok(message)
  framer.push(Uint8Array.of(4, 2, 0, 12, 9, 9, 9, 9, 9))
  framer.push(Uint8Array.of(9, 9, 9))
  assert.deepEqual(message, first)
})

test('what several streams were handed out stays apart', () => {
  const framers = [new Framer(), new Framer()]
  const out = framers.map((): Uint8Array[] => [])
  for (const byte of stream)
    framers.forEach((framer, index) => out[index]?.push(...framer.push(Uint8Array.of(byte))))
  for (const received of out) assert.deepEqual(received.map(hexOf), messages.map(hexOf))
})

for (const length of [0, 7]) {
  test(`a length of ${length} kills the framer`, () => {
    const framer = new Framer()
    assert.throws(() => framer.push(Uint8Array.of(4, 0, 0, length, 0, 0, 0, 0)), {
      name: 'WireError',
      code: 'LENGTH',
    })
    assert.throws(() => framer.push(Uint8Array.of(4, 0, 0, 8, 0, 0, 0, 0)), {
      name: 'WireError',
      code: 'DEAD',
    })
  })
}

test('the limit is checked before the body has come', () => {
  const header = Uint8Array.of(4, 2, 0x10, 0x01, 0, 0, 0, 1)
  assert.throws(() => new Framer({ limit: 4096 }).push(header), { code: 'LENGTH' })
  const framer = new Framer({ limit: 4097 })
  assert.deepEqual(framer.push(header), [])
  assert.equal(framer.held, 8)
  assert.throws(
    () =>
      new Framer({ limit: 4096 }).push(header.slice(0, 3)).concat(new Framer({ limit: 4096 }).push(header)),
    {
      code: 'LENGTH',
    },
  )
})

test('the longest message passes', () => {
  const longest = new Uint8Array(0xffff)
  longest.set([4, 2, 0xff, 0xff])
  const framer = new Framer()
  assert.deepEqual(framer.push(longest.slice(0, 60_000)), [])
  assert.deepEqual(framer.push(longest.slice(60_000)), [longest])
})
