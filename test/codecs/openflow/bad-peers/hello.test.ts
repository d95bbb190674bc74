/** Peers whose HELLO is odd, missing, late or behind something else: the version is agreed on, or the session ends. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { featuresHex, hex, hexOf, type Peer } from './peer.ts'
import { BAD, codes, stage } from './stage.ts'

const HELLO_OF_OURS = '060000100000000100010008 00000070'.replace(' ', '')
const portStatus = hex(4, 12, 0, `00 00000000000000 00000007 00000000 020000000007 0000 ${'00'.repeat(48)}`)
const barrierReply = hex(4, 21, 77)

const agreed: readonly (readonly [why: string, hello: string, version: number, damaged?: 'damaged'])[] = [
  ['v6 of 8 bytes, as Open vSwitch says with all versions on', hex(6, 0, 1), 6],
  ['v4 with bitmap {4}, as Open vSwitch says with OpenFlow13 only', hex(4, 0, 1, '0001 0008 00000010'), 4],
  ['v9 without a bitmap', hex(9, 0, 1), 6],
  ['v4 without a bitmap', hex(4, 0, 1), 4],
  ['v6 with bitmap {1,4}: the bitmap wins', hex(6, 0, 1, '0001 0008 00000012'), 4],
  ['v1 with bitmap {4,6}: the bitmap wins', hex(1, 0, 1, '0001 0008 00000050'), 6],
  ['a legal bitmap of two words', hex(6, 0, 1, '0001 000c 00000010 00000001 00000000'), 4],
  [
    'two words, versions of ours in the second only as numbers above 31',
    hex(5, 0, 1, '0001 000c 00000020 00000070 00000000'),
    5,
  ],
  ['an unknown element alone', hex(5, 0, 1, '7777 0008 00000010'), 5],
  ['an unknown element before the bitmap', hex(6, 0, 1, '7777 0006 0010 0000 0001 0008 00000010'), 4],
  ['an element of length 0', hex(4, 0, 1, '0001 0000 00000040'), 4, 'damaged'],
  ['an element of length 3', hex(4, 0, 1, '0001 0003 00000040'), 4, 'damaged'],
  ['an element of length 200', hex(4, 0, 1, '0001 00c8 00000040'), 4, 'damaged'],
  ['an element of length 6', hex(4, 0, 1, '0001 0006 0040 0000'), 4, 'damaged'],
  ['an unknown element of length 0', hex(5, 0, 1, '7777 0000 00000040'), 5, 'damaged'],
  ['an empty bitmap', hex(4, 0, 1, '0001 0004 00000000'), 4, 'damaged'],
  ['a bitmap without a version', hex(4, 0, 1, '0001 0008 00000000'), 4, 'damaged'],
  ['a byte too many', hex(4, 0, 1, '00'), 4, 'damaged'],
]

test('HELLO variants: the version both speak, damaged elements passed over and told', async (t) => {
  const s = await stage(t)
  for (const [why, hello, version, damaged] of agreed) {
    const peer = await s.dial()
    peer.send(hello)
    await peer.until(() => peer.received.length === 2)
    assert.deepEqual(peer.received.map(hexOf), [HELLO_OF_OURS, hex(version, 5, 2)], why)
    peer.send(featuresHex(version, BAD))
    await peer.settle()
    assert.equal(s.connectionOf(peer).version, version, why)
    assert.deepEqual(codes(s.incidents.splice(0)), damaged ? ['damaged-hello'] : [], why)
    peer.socket.destroy()
  }
  await s.undisturbed()
})

for (const [why, hello, version] of [
  ['v4 with bitmap {7}', hex(4, 0, 9, '0001 0008 00000080'), 4],
  ['v6 with bitmap {1,2,3}', hex(6, 0, 9, '0001 0008 0000000e'), 6],
  ['v1 without a bitmap', hex(1, 0, 9), 1],
  ['v3 without a bitmap', hex(3, 0, 9), 3],
  ['two words, only the second with bits', hex(9, 0, 9, '0001 000c 00000000 00000070 00000000'), 6],
] as const) {
  test(`HELLO without a version of ours, ${why}: HELLO_FAILED with a text, then the end`, async (t) => {
    const s = await stage(t)
    const peer = await s.dial()
    peer.send(hello)
    await peer.closed
    assert.equal(hexOf(peer.received[0] ?? new Uint8Array(0)), HELLO_OF_OURS)
    assert.deepEqual(peer.errors, [`v${version} 0/0 to 9`])
    assert.match(
      Buffer.from(peer.received[1]?.subarray(12) ?? []).toString('ascii'),
      /^We support versions 0x04, 0x05, 0x06, /,
    )
    assert.deepEqual(codes(s.endings), ['incompatible-version'])
    await s.undisturbed()
  })
}

for (const [why, first, code] of [
  ['HELLO v0', hex(0, 0, 1), 'incompatible-version'],
  ['ECHO_REQUEST before HELLO', hex(4, 2, 1), 'message-before-hello'],
  ['ECHO_REPLY before HELLO', hex(4, 3, 1), 'message-before-hello'],
  ['FEATURES_REPLY before HELLO', featuresHex(4, BAD), 'message-before-hello'],
  ['PORT_STATUS before HELLO', portStatus, 'message-before-hello'],
  ['FLOW_MOD before HELLO', hex(4, 14, 1, '00'.repeat(48)), 'message-before-hello'],
  ['ERROR before HELLO', hex(4, 1, 1, '0001 0001'), 'message-before-hello'],
  ['type 99 before HELLO', hex(4, 99, 1), 'message-before-hello'],
  ['a header of length 0', hex(4, 0, 1, '', 0), 'bad-framing'],
  ['a header of length 7', hex(4, 0, 1, '', 7), 'bad-framing'],
] as const) {
  test(`${why}: closed without a word`, async (t) => {
    const s = await stage(t)
    const peer = await s.dial()
    peer.send(first, hex(4, 0, 1), featuresHex(4, BAD))
    await peer.gone()
    assert.ok(peer.received.length <= 1, 'nothing but our HELLO')
    assert.deepEqual(codes(s.endings), [code])
    assert.deepEqual([s.ups, s.messages], [[], []])
    await s.undisturbed()
  })
}

for (const request of [
  'GET / HTTP/1.1\r\nHost: example\r\n\r\n',
  'POST /v1 HTTP/1.1\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\n',
]) {
  test(`${request.split('\r')[0]}: closed at once, not after 20,000 bytes`, async (t) => {
    const s = await stage(t)
    const peer = await s.dial()
    peer.socket.write(request)
    await s.ended(peer)
    assert.deepEqual(codes(s.endings), ['http-peer'])
    await s.undisturbed()
  })
}

test('HELLO_FAILED from the peer: the session ends, unanswered', async (t) => {
  const s = await stage(t)
  const [first, second] = [await s.dial(), await s.dial()]
  first.send(hex(1, 1, 1, '0000 0000 6e6f'))
  second.send(hex(4, 0, 1), hex(1, 1, 1, '0000 0000 6e6f'))
  await Promise.all([first.gone(), second.gone()])
  assert.deepEqual(codes(s.endings), ['hello-failed', 'hello-failed'])
  assert.match(s.endings[0]?.detail ?? '', /no$/)
  assert.deepEqual([...first.errors, ...second.errors], [])
  await s.undisturbed()
})

/** Waits until the listener has taken what was sent to it in a handshake. */
const taken = (peer: Peer, count: number) => peer.until(() => peer.received.length >= count)

test('handshake left open: HELLO missing, FEATURES_REPLY missing, half a message, each closed at 10 s', async (t) => {
  const s = await stage(t, { limits: { probeAfterMs: 60_000, closeAfterMs: 120_000 } })
  const [silent, nameless, half] = [await s.dial(), await s.dial(), await s.dial()]
  await taken(silent, 1)
  nameless.send(hex(4, 0, 1))
  await taken(nameless, 2)
  half.send(hex(4, 0, 1), featuresHex(4, BAD).slice(0, 20))
  await taken(half, 2)
  s.clock.pass(9_999)
  assert.deepEqual(s.endings, [])
  s.clock.pass(1)
  await Promise.all([s.ended(silent), s.ended(nameless), s.ended(half)])
  assert.deepEqual(codes(s.endings).sort(), ['half-message', 'handshake-timeout', 'handshake-timeout'])
  // A HELLO that comes after 15 s finds nobody, and what was held is free.
  assert.equal(s.listener.connections.size, 1)
  await s.undisturbed()
})

test('handshake left open, and kept busy by ECHO_REQUESTs: answered, and closed at 10 s all the same', async (t) => {
  const s = await stage(t, { limits: { probeAfterMs: 60_000, closeAfterMs: 120_000 } })
  const peer = await s.dial()
  peer.send(hex(4, 0, 1))
  for (let second = 0; second < 10; second += 1) {
    await peer.settle()
    s.clock.pass(1000)
  }
  await s.ended(peer)
  assert.deepEqual(codes(s.endings), ['handshake-timeout'])
  await s.undisturbed()
})

test('a flood of half-open peers from one address: capped, and those that are up are not counted', async (t) => {
  const s = await stage(t, { maxHalfOpenPerAddress: 3 })
  const open = [await s.dial(), await s.dial(), await s.dial()]
  await Promise.all(open.map((peer) => taken(peer, 1)))
  for (let more = 0; more < 5; more += 1) await (await s.dial()).gone()
  assert.deepEqual(codes(s.endings), new Array(5).fill('too-many-half-open'))
  await open[0]?.comeUp(4, BAD)
  await (await s.up(4, 0xbad2n)).settle()
  await s.undisturbed()
})

test('nothing is dispatched before FEATURES_REPLY; answers that nobody asked for are told', async (t) => {
  const s = await stage(t)
  const peer = await s.dial()
  peer.send(hex(4, 0, 1), portStatus, barrierReply)
  await peer.settle()
  assert.deepEqual([s.ups, s.messages, codes(s.incidents)], [[], [], ['early-message']])
  peer.send(featuresHex(4, BAD), portStatus)
  await peer.settle()
  assert.deepEqual(
    s.messages.map(({ type }) => type),
    ['port_status'],
  )
  await s.undisturbed()
})
