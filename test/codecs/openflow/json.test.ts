/** Every vector survives JSON; what JSON could confuse does not get confused. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { decode, encode, EncodeError, fromJson, type MessageInput, toJson, WireError } from 'ts-openflow'
import { ovsVectors } from './support/ovs-vectors.ts'
import { bytesOf, hexOf, vectors } from './support/vectors.ts'

const messages = (): { name: string; bytes: Uint8Array }[] => [
  ...vectors.map((one) => ({ name: one.file, bytes: bytesOf(one) })),
  ...ovsVectors.map(({ name, hex }) => ({ name, bytes: new Uint8Array(Buffer.from(hex, 'hex')) })),
]

test('every vector comes back from JSON text as the same message', () => {
  let checked = 0
  for (const { name, bytes } of messages()) {
    let message: ReturnType<typeof decode>
    try {
      message = decode(bytes)
    } catch (error) {
      assert.ok(error instanceof WireError)
      continue
    }
    const back = fromJson(JSON.parse(JSON.stringify(toJson(message))))
    assert.deepEqual(back, message, name)
    assert.equal(hexOf(encode(back)), hexOf(bytes), name)
    checked++
  }
  assert.ok(checked > 800, `${checked} were checked`)
})

test('64-bit numbers are hexadecimal strings, bytes are marked', () => {
  const message: MessageInput = { type: 'echo_request', version: 4, xid: 1, data: Uint8Array.of(1, 255) }
  assert.deepEqual(toJson(message), { type: 'echo_request', version: 4, xid: 1, data: { hex: '01ff' } })
  const flow: MessageInput = { type: 'flow_mod', version: 4, xid: 1, command: 'add', cookie: 0x2an }
  assert.deepEqual(toJson(flow), { type: 'flow_mod', version: 4, xid: 1, command: 'add', cookie: '0x2a' })
})

test('text that looks like a number stays text', () => {
  const json = { type: 'x', name: { text: '0x2a' }, cookie: '0x2a', other: 'eth0' }
  assert.deepEqual(fromJson(json), { type: 'x', name: '0x2a', cookie: 42n, other: 'eth0' })
  assert.deepEqual(toJson(fromJson(json)), json)
})

test('what has not the form is refused with its place', () => {
  const refused = (json: unknown, path: string): void =>
    assert.throws(
      () => fromJson(json),
      (error) => error instanceof EncodeError && error.code === 'INVALID' && error.path === path,
    )
  refused({ type: 'echo_request', data: { hex: 'abc' } }, 'data')
  refused({ type: 'x', list: [1, { deep: { hex: 'zz' } }] }, 'list[1].deep')
  refused('flow_mod', '')
  refused(null, '')
  refused([], '')
})
