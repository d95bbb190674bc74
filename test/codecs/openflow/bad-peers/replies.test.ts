/** Peers whose replies are malformed, mistimed, endless, another's, or asked for by nobody; and switches that refuse. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Connection } from 'ts-openflow'
import { featuresHex, hex, outcomeOf, type Peer, xidOf } from './peer.ts'
import { BAD, codes, stage } from './stage.ts'

const tableStats = (xid: number, { more = false, entries = 1 } = {}): string =>
  hex(4, 19, xid, `0003 000${more ? 1 : 0} 00000000 ${'00'.repeat(24 * entries)}`)
const flowRemoved = hex(4, 11, 0, `${'00'.repeat(40)} 0001 0004 00000000`)

/** Sends a request, and gives its promise and the xid that the peer saw. */
async function ask<T>(
  peer: Peer,
  run: () => Promise<T>,
): Promise<{ readonly reply: Promise<T>; readonly xid: number }> {
  const before = peer.received.length
  const reply = run()
  // A test that fails before it looks at the reply must not fail by that.
  reply.catch(() => undefined)
  await peer.until(() => peer.received.length > before)
  return { reply, xid: xidOf(peer.received.at(-1)) }
}

const askTables = (connection: Connection) =>
  connection.request({ type: 'multipart_request', body: { type: 'table' } })

for (const [why, reply] of [
  ['31 bytes', hex(4, 6, 2, '00'.repeat(23))],
  ['33 bytes', hex(4, 6, 2, '00'.repeat(25))],
  ['8 bytes', hex(4, 6, 2)],
] as const) {
  test(`malformed FEATURES_REPLY, ${why}: refused, and the handshake timer frees all there is`, async (t) => {
    const s = await stage(t, { limits: { probeAfterMs: 60_000, closeAfterMs: 120_000 } })
    const timers = s.clock.waiting
    const peer = await s.dial()
    peer.send(hex(4, 0, 1), reply)
    await peer.settle()
    assert.deepEqual([peer.errors, codes(s.incidents), s.ups], [['v4 1/6 to 2'], ['malformed'], []])
    s.clock.pass(10_000)
    await peer.gone()
    assert.deepEqual(codes(s.endings), ['handshake-timeout'])
    assert.deepEqual([s.listener.connections.size, s.clock.waiting], [1, timers])
    await s.undisturbed()
  })
}

test('mistimed FEATURES_REPLY: taken once, in the handshake, with our xid only', async (t) => {
  const s = await stage(t)
  const peer = await s.dial()
  peer.send(hex(4, 0, 1), featuresHex(4, 1n, { xid: 0 }), featuresHex(4, 2n, { xid: 3 }))
  await peer.settle()
  assert.deepEqual([s.ups, codes(s.incidents.splice(0))], [[], ['unsolicited', 'unsolicited']])
  peer.send(featuresHex(4, BAD))
  await peer.settle()
  peer.send(featuresHex(4, 3n), featuresHex(4, 4n, { xid: 99 }))
  await peer.settle()
  assert.equal(s.connectionOf(peer).features.datapathId, BAD)
  assert.equal(s.ups.length, 1)
  assert.deepEqual(codes(s.incidents), ['unsolicited', 'unsolicited'])
  assert.deepEqual(s.messages, [])
  await s.undisturbed()
})

test('FEATURES_REQUEST refused: the session ends', async (t) => {
  const s = await stage(t)
  const peer = await s.dial()
  peer.send(hex(4, 0, 1), hex(4, 1, 2, '0001 0005'))
  await peer.gone()
  assert.deepEqual(codes(s.endings), ['features-refused'])
  await s.undisturbed()
})

test('unsolicited replies: dropped and counted, whatever their type', async (t) => {
  const s = await stage(t)
  const peer = await s.up()
  const connection = s.connectionOf(peer)
  const barrier = await ask(peer, () => connection.barrier())
  const replies = [
    hex(4, 3, 0x99),
    featuresHex(4, 1n, { xid: 0x99 }),
    hex(4, 8, 0x99, '00000000'),
    tableStats(0x99),
    hex(4, 21, 0x99),
    hex(4, 25, 0x99, '00'.repeat(16)),
    // Of another type than was asked for, under the xid that waits.
    hex(4, 8, barrier.xid, '00000000'),
    tableStats(barrier.xid),
    hex(4, 3, barrier.xid),
  ]
  peer.send(...replies)
  await peer.settle()
  assert.deepEqual(
    codes(s.incidents),
    replies.map(() => 'unsolicited'),
  )
  assert.deepEqual(s.messages, [])
  peer.send(hex(4, 21, barrier.xid), hex(4, 21, barrier.xid))
  await barrier.reply
  await peer.settle()
  assert.equal(s.incidents.length, replies.length + 1, 'a reply is taken once')
  await s.undisturbed()
})

test("a reply to another session's request: unsolicited here, and still waited for there", async (t) => {
  const s = await stage(t)
  const [asked, thief] = [await s.up(4, 0xa5ced1n), await s.up(4, 0x7141efn)]
  const barrier = await ask(asked, () => s.connectionOf(asked).barrier())
  thief.send(hex(4, 21, barrier.xid), hex(4, 1, barrier.xid, '0001 0001'))
  await thief.settle()
  assert.deepEqual(
    s.incidents.map(({ code, remote }) => [code, remote]),
    [['unsolicited', thief.remote]],
  )
  asked.send(hex(4, 21, barrier.xid))
  await barrier.reply
  await s.undisturbed()
})

test('un-flagged FLOW_REMOVED: a hint that is handed over and settles nothing', async (t) => {
  const s = await stage(t)
  const peer = await s.up()
  const barrier = await ask(peer, () => s.connectionOf(peer).barrier())
  peer.send(flowRemoved)
  await peer.settle()
  assert.deepEqual([s.messages.map(({ type }) => type), s.incidents], [['flow_removed'], []])
  peer.send(hex(4, 21, barrier.xid))
  await barrier.reply
  await s.undisturbed()
})

test('MORE: no reply until the last part', async (t) => {
  const s = await stage(t)
  const peer = await s.up()
  const tables = await ask(peer, () => askTables(s.connectionOf(peer)))
  let replied = false
  void tables.reply.then(() => (replied = true))
  peer.send(tableStats(tables.xid, { more: true }), tableStats(tables.xid, { more: true, entries: 2 }))
  await peer.settle()
  assert.equal(replied, false)
  peer.send(tableStats(tables.xid, { entries: 0 }))
  assert.equal((await tables.reply).body.entries.length, 3)
  await s.undisturbed()
})

for (const [why, limits, refusal] of [
  ['parts', { maxParts: 50 }, /more than 50 parts/],
  ['bytes', { maxReplyBytes: 2000 }, /more than 2000 bytes/],
] as const) {
  test(`endless multipart: refused by ${why}, the rest is dropped, session kept`, async (t) => {
    const s = await stage(t, { limits })
    const peer = await s.up()
    const tables = await ask(peer, () => askTables(s.connectionOf(peer)))
    for (let count = 0; count < 100; count += 1) peer.send(tableStats(tables.xid, { more: true }))
    await peer.settle()
    await assert.rejects(outcomeOf(tables.reply), { name: 'ReplyRefused', message: refusal })
    assert.deepEqual([...new Set(codes(s.incidents))], ['unsolicited'])
    await s.undisturbed()
  })
}

test('endless multipart, and a reply that never comes: refused by time', async (t) => {
  const s = await stage(t)
  const peer = await s.up()
  const connection = s.connectionOf(peer)
  const barrier = await ask(peer, () => connection.barrier({ timeoutMs: 4000 }))
  const tables = await ask(peer, () => askTables(connection))
  for (let second = 0; second < 10; second += 1) {
    peer.send(tableStats(tables.xid, { more: true }))
    await peer.settle()
    await s.undisturbed()
    s.clock.pass(1000)
  }
  await assert.rejects(outcomeOf(barrier.reply), { name: 'SessionTimeout' })
  await assert.rejects(outcomeOf(tables.reply), { name: 'SessionTimeout', message: /10 parts came/ })
  await peer.settle()
  assert.ok(connection.isUp)
  await s.undisturbed()
})

test('a part of another kind than was asked for: the reply is refused', async (t) => {
  const s = await stage(t)
  const peer = await s.up()
  const tables = await ask(peer, () => askTables(s.connectionOf(peer)))
  peer.send(tableStats(tables.xid, { more: true }), hex(4, 19, tables.xid, `000d 0000 00000000`))
  await peer.settle()
  await assert.rejects(outcomeOf(tables.reply), {
    name: 'ReplyRefused',
    message: /port_desc in answer to table/,
  })
  await s.undisturbed()
})

for (const [why, body, name] of [
  ['unknown multipart type', '0001 0002', 'OFPBRC_BAD_MULTIPART'],
  ['unknown experimenter', '0001 0003', 'OFPBRC_BAD_EXPERIMENTER'],
  ['bad role', '000b 0002', 'OFPRRFC_BAD_ROLE'],
  ['stale generation_id', '000b 0000', 'OFPRRFC_STALE'],
  ['a slave writes', '0001 000a', 'OFPBRC_IS_SLAVE'],
  ['a type and code that nobody has', '1234 5678', '4660/22136'],
] as const) {
  test(`the switch refuses, ${why}: the request is rejected with ${name}, unanswered`, async (t) => {
    const s = await stage(t)
    const peer = await s.up()
    const role = { type: 'role_request', role: 'master', generationId: 1n } as const
    const asked = await ask(peer, () => s.connectionOf(peer).request(role))
    peer.send(hex(4, 1, asked.xid, body))
    await peer.settle()
    await assert.rejects(outcomeOf(asked.reply), { name: 'SwitchError', code: name })
    assert.deepEqual([peer.errors, s.messages, s.incidents], [[], [], []])
    await s.undisturbed()
  })
}
