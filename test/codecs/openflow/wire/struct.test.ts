/** Structures: compiled and interpreted they are the same; nesting has an end; what is refused leaves zeros behind. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import test from 'node:test'
import { type ActionInput, decode, encode, EncodeError, fromJson, toJson, WireError } from 'ts-openflow'
import { bytesOf, vectors } from '../support/vectors.ts'

/** Prints each vector that decodes as a line of JSON: the message, and its bytes encoded again. */
const inChild = `
  const { decode, encode, toJson } = await import('ts-openflow')
  const { vectors, bytesOf } = await import('./test/codecs/openflow/support/vectors.ts')
  let forbidden = false
  try { new Function('return 1') } catch { forbidden = true }
  const lines = vectors.map((vector) => {
    try {
      const message = decode(bytesOf(vector))
      return { json: toJson(message), hex: Buffer.from(encode(message)).toString('hex') }
    } catch (error) { return { error: error.message } }
  })
  process.stdout.write(JSON.stringify({ forbidden, lines }))
`

test('where functions cannot be made from text, every vector reads and writes the same', () => {
  const options = ['--disallow-code-generation-from-strings', '--conditions=source', '--import', 'tsx']
  const child = spawnSync(process.execPath, [...options, '--input-type=module', '-e', inChild], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  assert.equal(child.stderr, '')
  const { forbidden, lines } = JSON.parse(child.stdout) as {
    forbidden: boolean
    lines: ({ json: unknown; hex: string } | { error: string })[]
  }
  assert.ok(forbidden)
  assert.equal(lines.length, vectors.length)
  for (const [index, line] of lines.entries()) {
    const vector = vectors[index]
    assert.ok(vector !== undefined)
    if ('error' in line) assert.throws(() => decode(bytesOf(vector)), { message: line.error }, vector.file)
    else {
      const message = decode(bytesOf(vector))
      assert.deepEqual(fromJson(line.json), message, vector.file)
      assert.deepEqual(line.json, toJson(message), vector.file)
      assert.equal(line.hex, Buffer.from(encode(message)).toString('hex'), vector.file)
    }
  }
})

const bundles = (depth: number): Uint8Array => {
  const header = (length: number): Buffer => {
    const head = Buffer.from('0622000000000001' + '0000000100000000', 'hex')
    head.writeUInt16BE(length, 2)
    return head
  }
  let bytes = Buffer.from('0614000800000001', 'hex')
  for (let level = 0; level < depth; level++) bytes = Buffer.concat([header(bytes.length + 16), bytes])
  return bytes
}

test('a message inside a message inside a message ends somewhere', () => {
  // A bundle in a bundle is not a message that a bundle may hold, so it stays bytes.
  const message = decode(bundles(4000))
  assert.ok(message.type === 'bundle_add')
  assert.equal(message.message.type, 'unknown')
})

test('a value that contains itself is refused', () => {
  const action = { type: 'write_actions', actions: [] as unknown[] }
  action.actions.push(action)
  const message = {
    type: 'packet_out',
    version: 4,
    xid: 1,
    actions: [action] as unknown as ActionInput[],
  } as const
  assert.throws(() => encode(message), EncodeError)
})

test('the offset of a refusal is where the message was right up to', () => {
  const message = { type: 'flow_mod', version: 4, xid: 1, command: 'add', priority: 0x10000 } as const
  assert.throws(() => encode(message), {
    name: 'EncodeError',
    code: 'RANGE',
    path: 'flow_mod.priority',
    at: 30,
  })
})

test('after a refusal padding is zeros, and a message may cross a block', () => {
  const big = { type: 'echo_request', version: 4, xid: 1, data: new Uint8Array(60_000).fill(0xff) } as const
  const bad = { type: 'packet_out', version: 4, xid: 1, data: big.data, actions: 5 as unknown as [] } as const
  const plain = encode({ type: 'packet_out', version: 4, xid: 1, actions: [{ type: 'output', port: 1 }] })
  for (let round = 0; round < 5; round++) {
    assert.deepEqual(encode(big).subarray(8), big.data)
    assert.throws(() => encode(bad), EncodeError)
    assert.deepEqual(
      encode({ type: 'packet_out', version: 4, xid: 1, actions: [{ type: 'output', port: 1 }] }),
      plain,
    )
  }
  const whole = encode({ ...big, data: new Uint8Array(0xffff - 8).fill(1) })
  assert.equal(whole.length, 0xffff)
  assert.throws(() => encode({ ...big, data: new Uint8Array(0xffff - 7) }), { code: 'TOO_LONG' })
})

test('nothing outside a message is read', () => {
  for (const vector of vectors) {
    const alone = bytesOf(vector)
    const around = new Uint8Array(alone.length + 64).fill(0xee)
    around.set(alone, 32)
    const inside = around.subarray(32, 32 + alone.length)
    const outcome = (bytes: Uint8Array): unknown => {
      try {
        return toJson(decode(bytes))
      } catch (error) {
        assert.ok(error instanceof WireError)
        return { message: error.message, at: error.at, path: error.path }
      }
    }
    assert.deepEqual(outcome(inside), outcome(alone), vector.file)
    for (let cut = 8; cut < alone.length; cut += 4) {
      const shorter = inside.subarray(0, cut)
      assert.deepEqual(outcome(shorter), outcome(shorter.slice()), `${vector.file} cut at ${cut}`)
    }
  }
})
