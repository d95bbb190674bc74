/** Ryu's messages: decoded and encoded again they are the same bytes; damaged ones are a `WireError` or a value. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { decode, encode, EncodeError, type Message, print, WireError } from 'ts-openflow'
import { bytesOf, hexOf, type Vector, vectors } from './support/vectors.ts'

/** Vectors that are not well formed, with what is wrong in them. */
const malformed: Readonly<Record<string, { code: string; at: number; path: string; why: string }>> = {
  'of15/libofproto-OFP15-flow_desc_reply.packet': {
    code: 'LENGTH',
    at: 72,
    path: 'multipart_reply.body.flow.entries[0].instructions[0]',
    why: 'a goto_table instruction says that it is 2,056 bytes long',
  },
  'of15/libofproto-OFP15-meter_features_reply.packet': {
    code: 'TRAILING',
    at: 32,
    path: '',
    why: 'the header says 32 bytes, the file has 40',
  },
}

test('there are vectors of every version', () => {
  const count = (version: string): number => vectors.filter((one) => one.version === version).length
  assert.deepEqual(['1.0', '1.2', '1.3', '1.4', '1.5'].map(count), [13, 47, 104, 73, 77])
})

const wellFormed = vectors.filter(({ file }) => !(file in malformed))

for (const vector of wellFormed) {
  test(`same bytes: ${vector.file}`, () => {
    const message = decode(bytesOf(vector))
    assert.equal(hexOf(encode(message)), vector.hex)
    assert.notEqual(message.type, 'unknown')
    if (message.type === 'multipart_reply' || message.type === 'multipart_request')
      assert.notEqual(message.body.type, 'unknown')
    assert.match(print(message), /^(OFP|NX|ONF)/)
  })
}

for (const vector of vectors.filter(({ file }) => file in malformed)) {
  const { why, ...expected } = malformed[vector.file] ?? { why: '' }
  test(`refused: ${vector.file}: ${why}`, () => {
    assert.throws(() => decode(bytesOf(vector)), { name: 'WireError', ...expected })
  })
}

/** A damaged message either decodes to a value that encodes, or is refused as a `WireError`. */
function valueOrWireError(bytes: Uint8Array, what: string): Message | undefined {
  let message: Message
  try {
    message = decode(bytes)
  } catch (error) {
    assert.ok(error instanceof WireError, `${what}: ${String(error)}`)
    return undefined
  }
  try {
    encode(message)
  } catch (error) {
    // Text that was not UTF-8 is the one thing that may not fit any more.
    assert.ok(error instanceof EncodeError && error.message.includes('\ufffd'), `${what}: ${String(error)}`)
  }
  assert.doesNotThrow(() => print(message), what)
  return message
}

/** Long vectors are sampled: every length up to 200 bytes, then every 97th. */
function* cuts(length: number): Generator<number> {
  for (let cut = 0; cut < length; cut += cut < 200 ? 1 : 97) yield cut
}

function withLength(bytes: Uint8Array): Uint8Array {
  new DataView(bytes.buffer, bytes.byteOffset).setUint16(2, bytes.length)
  return bytes
}

test('every truncation is a value or a WireError', () => {
  let refused = 0
  for (const vector of wellFormed) {
    const bytes = bytesOf(vector)
    for (const cut of cuts(bytes.length)) {
      assert.equal(valueOrWireError(bytes.slice(0, cut), `${vector.file} cut at ${cut}`), undefined)
      if (cut < 8) continue
      const shorter = withLength(bytes.slice(0, cut))
      if (valueOrWireError(shorter, `${vector.file} shortened to ${cut}`) === undefined) refused++
    }
  }
  assert.ok(refused > 1000, `only ${refused} were refused`)
})

/** Every 16-bit word in turn: among them are all types and lengths. */
const words = (vector: Vector): number[] =>
  [...cuts(bytesOf(vector).length - 1)].filter((at) => at >= 4 && at % 2 === 0)

for (const value of [0, 3, 0xffff]) {
  test(`every word replaced by ${value} is a value or a WireError`, () => {
    for (const vector of vectors) {
      for (const at of words(vector)) {
        const bytes = bytesOf(vector)
        new DataView(bytes.buffer).setUint16(at, value)
        valueOrWireError(bytes, `${vector.file} with ${value} at ${at}`)
      }
    }
  })
}
