/** The shell of a session on a fake socket and a fake clock: framing, requests, oddities, timers, endings. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encode, helloBytes, type MessageInput } from 'ts-openflow'
import {
  bench,
  barrierReply,
  features,
  portStatus,
  turn,
  types,
  up,
  xidOf,
} from '../../support/fake-session.ts'

test('the handshake on a stream that is cut at every byte', async (t) => {
  const whole = Buffer.concat([helloBytes([4], 1), encode(features(4)), encode(portStatus(7))])
  for (let cut = 1; cut < whole.length; cut += 1) {
    const b = bench(t)
    await b.receive(whole.subarray(0, cut))
    await b.receive(whole.subarray(cut))
    assert.equal(b.connection.version, 4)
    assert.deepEqual(types(b.taken), ['port_status'])
  }
})

test('one byte at a time, and all in one piece', async (t) => {
  const whole = Buffer.concat([helloBytes([6], 1), encode(features(6))])
  const b = bench(t)
  for (const byte of whole) await b.receive(Uint8Array.of(byte))
  assert.equal(b.connection.version, 6)
  assert.deepEqual(types(b.socket.messages), ['hello', 'features_request'])
})

test('nothing is dispatched before the features are told', async (t) => {
  const b = bench(t)
  await b.receive(helloBytes([4], 1), portStatus(1), barrierReply(9), features(4), portStatus(2))
  assert.deepEqual(
    b.taken.map((message) => message.type === 'port_status' && message.port.portNo),
    [2],
  )
  // Reports of what goes on are no fault of the switch; answers to what nobody asked are.
  assert.deepEqual(b.incidents, ['early-message'])
})

test('requests are matched by xid and type, in any order; what matches none is dropped and noted', async (t) => {
  const b = bench(t)
  await up(b)
  const first = b.connection.barrier()
  const config = b.connection.request({ type: 'get_config_request' })
  await turn()
  const barrierXid = xidOf(b, 'barrier_request')
  await b.receive(barrierReply(4711), {
    type: 'get_config_reply',
    version: 4,
    xid: barrierXid,
    flags: [],
    missSendLen: 1,
  })
  assert.deepEqual(b.incidents, ['unsolicited', 'unsolicited'])
  await b.receive(
    {
      type: 'get_config_reply',
      version: 4,
      xid: xidOf(b, 'get_config_request'),
      flags: [],
      missSendLen: 128,
    },
    barrierReply(barrierXid),
  )
  await first
  assert.equal((await config).missSendLen, 128)
  assert.deepEqual(b.taken, [])
})

test('an ERROR rejects the request it answers, with both messages; any other ERROR is a message', async (t) => {
  const b = bench(t)
  await up(b)
  const asked = b.connection.request({ type: 'role_request', role: 'master', generationId: 5n })
  await turn()
  const error = (xid: number): MessageInput => ({
    type: 'error',
    version: 4,
    xid,
    errorType: 'OFPET_ROLE_REQUEST_FAILED',
    code: 'OFPRRFC_STALE',
    data: new Uint8Array(0),
  })
  const rejected = assert.rejects(asked, (thrown: unknown) => {
    assert.ok(thrown instanceof Error && 'code' in thrown && 'request' in thrown)
    assert.equal(thrown.code, 'OFPRRFC_STALE')
    assert.deepEqual(thrown.request, {
      type: 'role_request',
      role: 'master',
      generationId: 5n,
      version: 4,
      xid: xidOf(b, 'role_request'),
    })
    return true
  })
  await b.receive(error(xidOf(b, 'role_request')), error(999))
  await rejected
  assert.deepEqual(types(b.taken), ['error'])
  assert.equal(b.socket.messages.filter(({ type }) => type === 'error').length, 0)
})

test('a request without an answer times out, one in a dead session is told why', async (t) => {
  const b = bench(t, { limits: { probeAfterMs: 60_000, closeAfterMs: 120_000 } })
  await up(b)
  const late = assert.rejects(b.connection.barrier({ timeoutMs: 3000 }), { name: 'SessionTimeout' })
  b.clock.pass(2999)
  const cut = assert.rejects(b.connection.barrier(), { name: 'SessionClosed', code: 'peer-closed' })
  b.clock.pass(1)
  await late
  b.socket.push(null)
  await cut
  await assert.rejects(b.connection.barrier(), { name: 'SessionClosed', code: 'peer-closed' })
  assert.throws(() => b.connection.send({ type: 'barrier_request' }), { name: 'SessionClosed' })
  assert.equal(b.clock.waiting, 0)
})

test('a malformed message, a wrong version and a type nobody has are answered and survived', async (t) => {
  const b = bench(t)
  await up(b)
  const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))
  await b.receive(
    bytes('0406000900000001ff'),
    bytes('0614000800000002'),
    bytes('0463000800000003'),
    bytes('0405000800000004'),
    bytes('0401000800000005'),
    portStatus(1),
  )
  assert.deepEqual(b.incidents, ['malformed', 'wrong-version', 'unknown-type', 'misdirected', 'malformed'])
  assert.deepEqual(
    b.socket.messages.flatMap((message) => (message.type === 'error' ? [[message.xid, message.code]] : [])),
    [
      [1, 'OFPBRC_BAD_LEN'],
      [2, 'OFPBRC_BAD_VERSION'],
      [3, 'OFPBRC_BAD_TYPE'],
      [4, 'OFPBRC_BAD_TYPE'],
    ],
  )
  assert.deepEqual(types(b.taken), ['port_status'])
})

test('a length below 8 ends the session; an ECHO of any version is answered in kind', async (t) => {
  const b = bench(t)
  await up(b)
  await b.receive(new Uint8Array(Buffer.from('0902000a000000071234', 'hex')))
  assert.equal(b.socket.written.at(-1)?.toString('hex'), '0903000a000000071234')
  await b.receive(new Uint8Array(Buffer.from('0402000700000007', 'hex')))
  assert.deepEqual(
    b.endings.map(({ code, wasUp }) => [code, wasUp]),
    [['bad-framing', true]],
  )
  assert.ok(b.socket.destroyed)
})

test('silence: probed after 5 s, closed after 10 s, not while the probe is answered', async (t) => {
  const b = bench(t)
  await up(b)
  for (let count = 0; count < 3; count += 1) {
    b.clock.pass(5000)
    await turn()
    await b.receive({ type: 'echo_reply', version: 4, xid: xidOf(b, 'echo_request') })
  }
  assert.equal(b.socket.messages.filter(({ type }) => type === 'echo_request').length, 3)
  b.clock.pass(5000)
  await turn()
  b.clock.pass(4999)
  assert.deepEqual(b.endings, [])
  b.clock.pass(1)
  assert.deepEqual(
    b.endings.map(({ code }) => code),
    ['echo-timeout'],
  )
})

test('the handshake timer: silence, half a message, and HTTP at once', async (t) => {
  const silent = bench(t)
  await turn()
  silent.clock.pass(10_000)
  assert.deepEqual(
    silent.endings.map(({ code, wasUp }) => [code, wasUp]),
    [['handshake-timeout', false]],
  )
  const half = bench(t)
  await half.receive(helloBytes([4], 1).subarray(0, 11))
  half.clock.pass(9_999)
  assert.deepEqual(half.endings, [])
  half.clock.pass(1)
  assert.deepEqual(
    half.endings.map(({ code }) => code),
    ['half-message'],
  )
  const http = bench(t)
  await http.receive(Buffer.from('GE'))
  assert.deepEqual(http.endings, [])
  await http.receive(Buffer.from('T / HTTP/1.1'))
  assert.deepEqual(
    http.endings.map(({ code }) => code),
    ['http-peer'],
  )
})

test('a peer that leaves in the middle of a message', async (t) => {
  const b = bench(t)
  await up(b)
  await b.receive(Uint8Array.of(4, 10, 0, 99))
  b.socket.push(null)
  await turn()
  assert.deepEqual(
    b.endings.map(({ code }) => code),
    ['half-message'],
  )
})

test('close sends what waits, ends, and cuts after the grace time', async (t) => {
  const b = bench(t)
  await up(b)
  const cut = assert.rejects(b.connection.barrier(), { name: 'SessionClosed', code: 'closed-here' })
  b.connection.send({ type: 'barrier_request' })
  b.socket.reads = false
  const closed = b.connection.close('enough')
  await cut
  await turn()
  assert.equal(types(b.socket.messages).filter((type) => type === 'barrier_request').length, 2)
  assert.ok(b.socket.writableEnded && !b.socket.destroyed)
  b.clock.pass(1000)
  await closed
  assert.ok(b.socket.destroyed)
  assert.deepEqual(await b.connection.ended, {
    code: 'closed-here',
    detail: 'enough',
    remote: 'peer:1',
    wasUp: true,
  })
  assert.equal(b.clock.waiting, 0)
})

test('what handlers throw or reject is an incident', async (t) => {
  let calls = 0
  const onMessage = (): void | Promise<void> => {
    calls += 1
    if (calls === 1) throw new Error('sync')
    return Promise.reject(new Error('async'))
  }
  const b = bench(t, { handlers: { onMessage } })
  await up(b)
  await b.receive(portStatus(1), portStatus(2))
  await turn()
  assert.deepEqual(b.incidents, ['handler-failed', 'handler-failed'])
  assert.ok(b.connection.isUp)
})

test('any bytes at all: the session answers, notes or ends, and nothing is thrown', async (t) => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
  t.diagnostic(`SEED=${seed}`)
  let state = seed
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state % below
  }
  for (let round = 0; round < 40; round += 1) {
    const b = bench(t)
    await up(b, round % 2 === 0 ? 4 : 6)
    for (let count = 0; count < 40 && b.connection.isUp; count += 1) {
      const body = Uint8Array.from({ length: random(96) }, () => (random(3) === 0 ? random(256) : random(4)))
      const header = Uint8Array.of(
        round % 2 === 0 ? 4 : 6,
        random(37),
        0,
        8 + body.length,
        0,
        0,
        0,
        random(4),
      )
      await b.receive(header, body)
    }
    assert.ok(b.connection.isUp, `ended: ${b.endings[0]?.code}`)
    await b.receive(Uint8Array.of(random(256), random(256), 0, random(8)))
    await b.receive(new Uint8Array(8))
    assert.deepEqual(
      b.endings.map(({ code }) => code),
      ['bad-framing'],
    )
  }
})
