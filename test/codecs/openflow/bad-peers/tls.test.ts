/** Peers of a TLS listener without a certificate or with another's, and peers that speak TLS where it is not spoken. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { certificates } from './certificates.ts'
import { featuresHex, hex, hexOf } from './peer.ts'
import { BAD, codes, stage, type StageOptions } from './stage.ts'

/** A TLS listener that trusts two switches, and ways to call it. */
async function tlsStage(t: TestContext, options: StageOptions = {}) {
  const make = certificates(t)
  const [controller, first, second] = [make('controller'), make('switch'), make('switch')]
  const trusted = { ca: controller.cert, checkServerIdentity: () => undefined }
  const call = (port: number, own: ConnectionOptions = {}) =>
    connectTls({ port, host: '127.0.0.1', ...trusted, ...own })
  const s = await stage(t, {
    tls: { ...controller, ca: [first.cert, second.cert], requestCert: true, rejectUnauthorized: true },
    socketTo: (port) => call(port, first),
    ...options,
  })
  const { port } = s.listener.address
  const secure = (own?: ConnectionOptions) => s.dial(call(port, own))
  const plain = () => s.dial(connect({ port, host: '127.0.0.1' }))
  return { ...s, secure, plain, make, first, second }
}

test('TLS without certificate, with a foreign one, and with a foreign one of the same name: no OpenFlow is read', async (t) => {
  const s = await tlsStage(t)
  for (const own of [{}, s.make('stranger'), s.make('switch')]) {
    const peer = await s.secure(own)
    // In TLS 1.3 the client may send before it hears that it is refused.
    peer.send(hex(4, 0, 1), featuresHex(4, BAD))
    await peer.gone()
    await s.undisturbed()
    assert.deepEqual(codes(s.endings.splice(0)), ['tls-failed'])
    assert.deepEqual([peer.received, s.ups, s.messages, s.listener.connections.size], [[], [], [], 1])
  }
  await (await s.up()).settle()
})

test('TLS below 1.2 is refused', async (t) => {
  const s = await tlsStage(t)
  const peer = await s.secure({
    ...s.first,
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'ALL@SECLEVEL=0',
  })
  await peer.closed
  await s.undisturbed()
  assert.deepEqual([codes(s.endings), s.ups], [['tls-failed'], []])
})

for (const [why, bytes] of [
  ['OpenFlow', hex(4, 0, 1) + featuresHex(4, BAD)],
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n').toString('hex')],
  ['the beginning of a ClientHello and rubbish', `1603010050${'ff'.repeat(0x50)}`],
] as const) {
  test(`plain ${why} on a TLS port: refused, nothing of OpenFlow is sent back`, async (t) => {
    const s = await tlsStage(t)
    const peer = await s.plain()
    peer.socket.removeAllListeners('data')
    const back: Uint8Array[] = []
    peer.socket.on('data', (chunk: Uint8Array) => back.push(chunk))
    peer.send(bytes)
    await peer.closed
    await s.undisturbed()
    assert.deepEqual([codes(s.endings), s.ups, s.listener.connections.size], [['tls-failed'], [], 1])
    // At most an alert of TLS.
    assert.ok(
      back.every((chunk) => chunk[0] === 0x15),
      back.map(hexOf).join(),
    )
  })
}

test('a TLS client on a plain port: closed at once, with its name', async (t) => {
  const s = await stage(t)
  const peer = await s.dial(
    connectTls({ port: s.listener.address.port, host: '127.0.0.1', rejectUnauthorized: false }),
  )
  await peer.closed
  assert.deepEqual([codes(s.endings), s.ups], [['tls-peer'], []])
  await s.undisturbed()
})

test('TLS handshake left, by FIN and by RST: the place is free again', async (t) => {
  const s = await tlsStage(t, { maxHalfOpen: 1 })
  for (const leave of ['end', 'resetAndDestroy'] as const) {
    const peer = await s.plain()
    peer.send('160301')
    peer.socket[leave]()
    await peer.closed
    while (s.endings.length === 0) await s.undisturbed()
    assert.deepEqual(codes(s.endings.splice(0)), ['tls-failed'])
  }
  await (await s.up()).settle()
  await s.undisturbed()
})

test('TLS handshake left open: closed by time', async (t) => {
  // The time of this one timer is the real one, and nobody else is there to be too slow for it.
  const s = await tlsStage(t, { limits: { handshakeMs: 50 }, alone: true })
  const peer = await s.plain()
  peer.send('160301')
  await peer.closed
  while (s.endings.length === 0) await turn()
  assert.deepEqual(codes(s.endings), ['tls-failed'])
})

test('certificate and datapath id: another certificate never has the id of a session, silent or not', async (t) => {
  const s = await tlsStage(t, { challengeMs: 3000 })
  const old = await s.up()
  assert.equal(s.connectionOf(old).certificate?.subject.CN, 'switch')
  const thief = await s.secure(s.second)
  await thief.shakeHands(4, BAD)
  await thief.gone()
  assert.deepEqual(codes(s.incidents.splice(0)), ['duplicate-datapath', 'duplicate-refused'])
  assert.ok(s.connectionOf(old).isUp)
  // The same switch, back after its line was cut: the silent session makes room.
  const again = await s.up()
  s.clock.pass(3000)
  await again.settle()
  assert.deepEqual(codes(s.incidents), ['duplicate-datapath', 'datapath-replaced'])
  assert.ok(s.connectionOf(again).isUp)
  await s.undisturbed()
})
