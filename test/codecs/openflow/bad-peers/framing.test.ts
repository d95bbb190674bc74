/** Peers whose stream is cut oddly, stops in a message, lies about lengths, or goes silent. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { bytesOf, featuresHex, hex, hexOf } from './peer.ts'
import { BAD, codes, stage } from './stage.ts'

test('1 byte per segment: accepted', async (t) => {
  const s = await stage(t)
  const peer = await s.dial()
  for (const byte of bytesOf(hex(4, 0, 1) + featuresHex(4, BAD) + hex(4, 2, 5, 'abcdef'))) {
    await new Promise((resolve) => peer.socket.write(Uint8Array.of(byte), resolve))
    await turn()
  }
  await peer.settle()
  assert.ok(s.connectionOf(peer).isUp)
  assert.ok(peer.received.map(hexOf).includes(hex(4, 3, 5, 'abcdef')))
  assert.deepEqual(s.incidents, [])
  await s.undisturbed()
})

test('several messages in a segment: accepted, and answered in order', async (t) => {
  const s = await stage(t)
  const peer = await s.dial()
  const echoes = [11, 12, 13, 14].map((xid) => hex(4, 2, xid))
  peer.send(hex(4, 0, 1), featuresHex(4, BAD), ...echoes)
  await peer.settle()
  assert.ok(s.connectionOf(peer).isUp)
  assert.deepEqual(
    peer.received.slice(2, 6).map(hexOf),
    [11, 12, 13, 14].map((xid) => hex(4, 3, xid)),
  )
  await s.undisturbed()
})

test('ECHO of 65,535 bytes: echoed', async (t) => {
  const s = await stage(t)
  const peer = await s.up()
  const data = Buffer.alloc(65_535 - 8, 0x5a).toString('hex')
  peer.send(hex(4, 2, 5, data))
  await peer.settle()
  assert.ok(peer.received.map(hexOf).includes(hex(4, 3, 5, data)))
  await s.undisturbed()
})

for (const length of [0, 1, 7]) {
  test(`a header of length ${length} in a session that is up: closed, and nothing behind it is read`, async (t) => {
    const s = await stage(t)
    const peer = await s.up()
    peer.send(hex(4, 2, 5, '', length), hex(4, 2, 6))
    await peer.gone()
    assert.deepEqual(codes(s.endings), ['bad-framing'])
    assert.ok(!peer.received.map(hexOf).includes(hex(4, 3, 6)))
    assert.equal(s.listener.connections.size, 1)
    await s.undisturbed()
  })
}

/** Where the end is missing, or there is one too many. */
const wrongLengths: readonly (readonly [why: string, version: number, message: string])[] = [
  ['BARRIER_REPLY of 9 bytes', 4, hex(4, 21, 5, '00')],
  ['FEATURES_REPLY of 31 bytes', 4, hex(4, 6, 5, '00'.repeat(23))],
  ['FEATURES_REPLY of 33 bytes', 6, hex(6, 6, 5, '00'.repeat(25))],
  ['GET_CONFIG_REPLY of 11 bytes', 4, hex(4, 8, 5, '000000')],
  ['PACKET_IN of 23 bytes', 4, hex(4, 10, 5, '00'.repeat(15))],
  ['FLOW_REMOVED without a match', 4, hex(4, 11, 5, '00'.repeat(40))],
  ['PORT_STATUS without a port', 4, hex(4, 12, 5, '00'.repeat(8))],
  ['PORT_STATUS with half a port', 6, hex(6, 12, 5, '00'.repeat(30))],
  ['MULTIPART_REPLY of 8 bytes', 4, hex(4, 19, 5)],
  ['MULTIPART_REPLY of 15 bytes', 5, hex(5, 19, 5, '00'.repeat(7))],
  ['MULTIPART_REPLY with half a port', 4, hex(4, 19, 5, '000d 0000 00000000' + '00'.repeat(63))],
  ['ROLE_REPLY of 23 bytes', 4, hex(4, 25, 5, '00'.repeat(15))],
  ['ROLE_REPLY of 25 bytes', 6, hex(6, 25, 5, '00'.repeat(17))],
  ['experimenter of 11 bytes', 4, hex(4, 4, 5, '000000')],
]

test('truncated and overlong messages: ERROR BAD_LEN with the offender, session kept, nothing handed over', async (t) => {
  const s = await stage(t)
  for (const [why, version, message] of wrongLengths) {
    const peer = await s.up(version)
    peer.send(message)
    await peer.settle()
    assert.deepEqual(peer.errors, [`v${version} 1/6 to 5`], why)
    const error = peer.received.map(hexOf).find((each) => each.slice(2, 4) === '01')
    assert.equal(error?.slice(24), message.slice(0, 128), `${why}: the offender, 64 bytes of it at most`)
    assert.deepEqual(codes(s.incidents.splice(0)), ['malformed'], why)
    peer.socket.destroy()
  }
  assert.deepEqual(s.messages, [])
  await s.undisturbed()
})

test('a message that is longer than what comes: waited for, but no longer than silence is', async (t) => {
  const s = await stage(t)
  const peer = await s.up()
  peer.send(hex(4, 2, 5, '', 65_535))
  for (let second = 1; second < 10; second += 1) {
    // Its bytes keep coming, too slowly: only whole messages are a sign of life.
    peer.send('00')
    await s.undisturbed()
    s.clock.pass(1000)
  }
  assert.deepEqual(s.endings, [])
  await s.undisturbed()
  s.clock.pass(1000)
  await s.ended(peer)
  assert.deepEqual(codes(s.endings), ['half-message'])
  await s.undisturbed()
})

for (const partial of ['04', '0402', '040200', '04020010 00000005 00']) {
  test(`partial message then FIN, ${partial}: dropped`, async (t) => {
    const s = await stage(t)
    const peer = await s.up()
    peer.send(partial)
    peer.socket.end()
    await s.ended(peer)
    assert.deepEqual(codes(s.endings), ['half-message'])
    assert.equal(s.listener.connections.size, 1)
    await s.undisturbed()
  })
}

test('partial message then RST: dropped', async (t) => {
  const s = await stage(t)
  const peer = await s.up()
  const connection = s.connectionOf(peer)
  peer.send(hex(4, 2, 5), '0402')
  await peer.until(() => peer.received.map(hexOf).includes(hex(4, 3, 5)))
  peer.socket.resetAndDestroy()
  const { code } = await connection.ended
  assert.ok(code === 'half-message' || code === 'peer-closed', code)
  await s.undisturbed()
})

test('no ECHO_REPLY: ECHO_REQUEST at 5.0 s idle, closed at 10.0 s', async (t) => {
  const s = await stage(t)
  const peer = await s.up()
  const probes = () => peer.received.map(hexOf).filter((message) => message === hex(4, 2, 3)).length
  s.clock.pass(4_999)
  await peer.settle()
  assert.equal(probes(), 0)
  await s.undisturbed()
  s.clock.pass(4_999)
  assert.equal(probes(), 0)
  s.clock.pass(1)
  await peer.until(() => probes() === 1)
  await s.undisturbed()
  s.clock.pass(4_999)
  assert.deepEqual(s.endings, [])
  await s.undisturbed()
  s.clock.pass(1)
  await s.ended(peer)
  assert.deepEqual(codes(s.endings), ['echo-timeout'])
  await s.undisturbed()
})
