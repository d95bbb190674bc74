/** Back-pressure of a session both ways: slow handlers, peers that do not read, long senders. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Message, MessageInput } from 'ts-openflow'
import { bench, portStatus, turn, up } from '../../support/fake-session.ts'

test('what is sent in one tick leaves in one write', async (t) => {
  const b = bench(t)
  await up(b)
  const before = b.socket.written.length
  for (let count = 0; count < 50; count += 1) b.connection.send({ type: 'barrier_request' })
  await turn()
  assert.equal(b.socket.written.length, before + 1)
  assert.equal(b.socket.messages.length, 52)
})

test('reading stops while too many messages wait for their handler, and goes on after', async (t) => {
  const waiting: (() => void)[] = []
  const seen: string[] = []
  const onMessage = (message: Message) => {
    seen.push(message.type)
    return new Promise<void>((resolve) => waiting.push(resolve))
  }
  const b = bench(t, { limits: { maxWaitingMessages: 3 }, handlers: { onMessage } })
  await up(b)
  await b.receive(...Array.from({ length: 10 }, (_, index) => portStatus(index + 1)))
  assert.equal(seen.length, 4)
  assert.ok(b.socket.isPaused())
  // Our own pause is no silence of the peer's.
  b.clock.pass(60_000)
  assert.deepEqual(b.endings, [])
  for (let round = 0; round < 10; round += 1) {
    waiting.shift()?.()
    await turn()
  }
  assert.equal(seen.length, 10)
  assert.ok(!b.socket.isPaused())
})

test('an echo flood from a peer that does not read stops our reading, then ends the session', async (t) => {
  const b = bench(t, { limits: { pauseAboveBytes: 4000, stallMs: 10_000 } })
  await up(b)
  b.socket.reads = false
  const echo: MessageInput = { type: 'echo_request', version: 4, xid: 9, data: new Uint8Array(1000) }
  for (let count = 0; count < 20; count += 1) await b.receive(echo)
  assert.ok(b.socket.isPaused())
  assert.ok(b.connection.waitingBytes < 6000)
  b.clock.pass(20_000)
  assert.deepEqual(
    b.endings.map(({ code }) => code),
    ['slow-reader'],
  )
  assert.ok(b.socket.destroyed)
})

test('a peer that reads again is not slow', async (t) => {
  const b = bench(t, { limits: { pauseAboveBytes: 4000, stallMs: 10_000 } })
  await up(b)
  b.socket.reads = false
  const echo: MessageInput = { type: 'echo_request', version: 4, xid: 9, data: new Uint8Array(1000) }
  for (let count = 0; count < 20; count += 1) await b.receive(echo)
  b.clock.pass(9000)
  b.socket.readAgain()
  await turn()
  await turn()
  assert.equal(b.connection.waitingBytes, 0)
  assert.ok(!b.socket.isPaused())
  assert.equal(b.socket.messages.filter(({ type }) => type === 'echo_reply').length, 20)
})

test('more waiting bytes than allowed end the session at once', async (t) => {
  const b = bench(t, { limits: { maxWaitingBytes: 5000 } })
  await up(b)
  b.socket.reads = false
  const data = new Uint8Array(1000)
  for (let count = 0; count < 6 && b.connection.isUp; count += 1)
    b.connection.send({ type: 'echo_request', data })
  assert.deepEqual(
    b.endings.map(({ code, detail }) => [code, detail]),
    [['slow-reader', '5040 bytes wait to be read']],
  )
})

test('a long sender waits until the peer has read enough', async (t) => {
  const b = bench(t, { limits: { lowWaterBytes: 2000 } })
  await up(b)
  b.socket.reads = false
  for (let count = 0; count < 3; count += 1)
    b.connection.send({ type: 'echo_request', data: new Uint8Array(1000) })
  let drained = false
  const waiting = b.connection.drained().then(() => {
    drained = true
  })
  await turn()
  assert.equal(drained, false)
  b.socket.readAgain()
  await waiting
  assert.equal(b.connection.waitingBytes, 0)
})

test('a peer that reads slowly is not a peer that does not read', async (t) => {
  const b = bench(t, { limits: { stallMs: 10_000, probeAfterMs: 1_000_000, closeAfterMs: 2_000_000 } })
  await up(b)
  b.socket.reads = false
  const data = new Uint8Array(60_000)
  // Two to a write: what waits is taken in five steps, one every 9 s.
  for (let count = 0; count < 10; count += 1) b.connection.send({ type: 'echo_request', data })
  await turn()
  for (let taken = 0; taken < 5; taken += 1) {
    assert.ok(b.connection.isUp)
    b.clock.pass(9000)
    b.socket.takeOne()
    await turn()
  }
  assert.equal(b.connection.waitingBytes, 0)
  assert.deepEqual(b.endings, [])
})
