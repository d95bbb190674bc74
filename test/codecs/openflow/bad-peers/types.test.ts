/** Peers that change their version, send types that nobody has or only we send, say HELLO again, or answer errors. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hex, hexOf } from './peer.ts'
import { codes, stage } from './stage.ts'

/** Sent on a session of 1.3. */
const strangers: readonly (readonly [
  why: string,
  message: string,
  error: string | undefined,
  code: string | undefined,
])[] = [
  ['BARRIER_REPLY in v6', hex(6, 21, 5), 'v6 1/0 to 5', 'wrong-version'],
  ['BARRIER_REPLY in v5', hex(5, 21, 5), 'v5 1/0 to 5', 'wrong-version'],
  ['BARRIER_REPLY in v1', hex(1, 19, 5), 'v1 1/0 to 5', 'wrong-version'],
  ['BARRIER_REPLY in v3, which we do not speak', hex(3, 21, 5), 'v1 1/0 to 5', 'wrong-version'],
  ['BARRIER_REPLY in v0', hex(0, 21, 5), 'v1 1/0 to 5', 'wrong-version'],
  ['BARRIER_REPLY in v0x63', hex(0x63, 21, 5), 'v1 1/0 to 5', 'wrong-version'],
  ['PACKET_IN in v6 that could not even be read', hex(6, 10, 5, '00'), 'v6 1/0 to 5', 'wrong-version'],
  ['type 99 in v0x63', hex(0x63, 99, 5), 'v1 1/0 to 5', 'wrong-version'],
  ['ECHO_REQUEST in v6, exempt and answered in kind', hex(6, 2, 5, 'ab'), undefined, undefined],
  ['ECHO_REQUEST in v0x63, exempt and answered in kind', hex(0x63, 2, 5, 'ab'), undefined, undefined],
  ['ECHO_REPLY in v6, exempt', hex(6, 3, 5), undefined, 'unsolicited'],
  ['second HELLO', hex(4, 0, 5), 'v4 1/1 to 5', 'second-hello'],
  ['second HELLO in another version', hex(6, 0, 5, '0001 0008 00000040'), 'v4 1/1 to 5', 'second-hello'],
  [
    'second HELLO with an element of length 0',
    hex(4, 0, 5, '0001 0000 00000000'),
    'v4 1/1 to 5',
    'second-hello',
  ],
  ['HELLO_FAILED late', hex(4, 1, 5, '0000 0000'), undefined, 'late-hello-failed'],
  ['HELLO_FAILED late and in another version', hex(1, 1, 5, '0000 0000'), undefined, 'late-hello-failed'],
  ['type 99', hex(4, 99, 5), 'v4 1/1 to 5', 'unknown-type'],
  ['type 255', hex(4, 255, 5, '00'), 'v4 1/1 to 5', 'unknown-type'],
  ['type 30, which only later versions have', hex(4, 30, 5), 'v4 1/1 to 5', 'unknown-type'],
  // What only a controller sends is not read at all: whatever is wrong inside does not matter.
  ...[5, 7, 9, 13, 14, 15, 16, 17, 18, 20, 22, 24, 26, 28, 29].map(
    (type) =>
      [`request type ${type} from a switch`, hex(4, type, 5, '0000'), 'v4 1/1 to 5', 'misdirected'] as const,
  ),
  ['bundle add of the ONF from a switch', hex(4, 4, 5, '4f4e4600 000008fd'), 'v4 1/1 to 5', 'misdirected'],
  [
    'role request of Nicira from a switch',
    hex(4, 4, 5, '00002320 0000000a 0000'),
    'v4 1/1 to 5',
    'misdirected',
  ],
  ['ERROR of 9 bytes', hex(4, 1, 5, '00'), undefined, 'malformed'],
  ['ERROR of 8 bytes', hex(4, 1, 5), undefined, 'malformed'],
  ['ERROR with a type and code that nobody has', hex(4, 1, 5, '1234 5678'), undefined, undefined],
  ['ERROR in v6', hex(6, 1, 5, '0001 0000'), undefined, undefined],
  ['ERROR in v0x63', hex(0x63, 1, 5, '0001 0000'), undefined, undefined],
  [
    'ERROR that tells of an ERROR',
    hex(4, 1, 5, '0001 0001 0401000c 00000005 00010001'),
    undefined,
    undefined,
  ],
]

for (const [why, message, error, code] of strangers) {
  test(`${why}: ${error === undefined ? 'no ERROR' : `ERROR ${error}`}, session kept`, async (t) => {
    const s = await stage(t)
    const peer = await s.up()
    peer.send(message)
    await peer.settle()
    assert.deepEqual(peer.errors, error === undefined ? [] : [error])
    assert.deepEqual(codes(s.incidents), code === undefined ? [] : [code])
    if (error !== undefined) {
      assert.deepEqual(s.messages, [], 'dropped')
      assert.ok(
        peer.received.some((each) => hexOf(each).endsWith(message)),
        'the offender is in the ERROR',
      )
    }
    if (message.slice(2, 4) === '02') {
      const answer = message.replace(/^(..)02/, '$103')
      assert.ok(peer.received.map(hexOf).includes(answer))
    }
    // What comes behind is taken as ever.
    peer.send(hex(4, 1, 0x77, '0001 0001'))
    await peer.settle()
    assert.equal(s.messages.at(-1)?.xid, 0x77)
    await s.undisturbed()
  })
}

test('types that the later versions do not have any more, or not yet', async (t) => {
  const s = await stage(t)
  for (const [version, type] of [
    [5, 22],
    [5, 23],
    [5, 35],
    [6, 23],
    [6, 36],
  ] as const) {
    const peer = await s.up(version)
    peer.send(hex(version, type, 5))
    await peer.settle()
    assert.deepEqual(
      [peer.errors, codes(s.incidents.splice(0))],
      [[`v${version} 1/1 to 5`], ['unknown-type']],
    )
    peer.socket.destroy()
  }
  await s.undisturbed()
})

test('second HELLO and a wrong version while FEATURES_REPLY is waited for: refused, and the handshake goes on', async (t) => {
  const s = await stage(t)
  const peer = await s.dial()
  peer.send(hex(4, 0, 1), hex(6, 0, 5), hex(6, 6, 2, '00'.repeat(24)), hex(4, 99, 7))
  await peer.settle()
  assert.deepEqual(peer.errors, ['v4 1/1 to 5', 'v6 1/0 to 2', 'v4 1/1 to 7'])
  assert.deepEqual(codes(s.incidents), ['second-hello', 'wrong-version', 'unknown-type'])
  assert.deepEqual(s.ups, [])
  await peer.comeUp(4, 1n)
  assert.equal(s.connectionOf(peer).version, 4)
  await s.undisturbed()
})

test('unknown experimenter: handed over with its bytes, for it may be a reply to its user', async (t) => {
  const s = await stage(t)
  const peer = await s.up()
  peer.send(hex(4, 4, 5, 'deadbeef 00000001 cafe'))
  await peer.settle()
  assert.deepEqual(
    s.messages.map(({ type }) => type),
    ['experimenter'],
  )
  assert.deepEqual([peer.errors, s.incidents], [[], []])
  await s.undisturbed()
})
