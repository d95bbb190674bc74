/** Multipart replies of a session: put together whole, and bounded in parts, bytes and time. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MessageInput } from 'ts-openflow'
import { bench, portStatus, turn, types, up, xidOf } from '../../support/fake-session.ts'

const tablePart = (xid: number, tableIds: readonly number[], more: boolean): MessageInput => ({
  type: 'multipart_reply',
  version: 4,
  xid,
  flags: more ? ['more'] : [],
  body: {
    type: 'table',
    entries: tableIds.map((tableId) => ({ tableId, activeCount: 0, lookupCount: 0n, matchedCount: 0n })),
  },
})

test('a multipart reply is given whole, its last part empty or not', async (t) => {
  const b = bench(t)
  await up(b)
  for (const last of [[5], []]) {
    const asked = b.connection.request({ type: 'multipart_request', body: { type: 'table' } })
    await turn()
    const xid = xidOf(b, 'multipart_request')
    await b.receive(tablePart(xid, [1, 2], true), portStatus(1), tablePart(xid, [3, 4], true))
    await b.receive(tablePart(xid, last, false))
    assert.deepEqual(
      (await asked).body.entries.map(({ tableId }) => tableId),
      [1, 2, 3, 4, ...last],
    )
  }
})

test('raw parts are put end to end: 20 parts for an experimenter, 1.24 MB', async (t) => {
  const b = bench(t)
  await up(b)
  const kind = { type: 'experimenter', experimenter: 1, expType: 2 } as const
  const asked = b.connection.request({ type: 'multipart_request', body: kind })
  await turn()
  const xid = xidOf(b, 'multipart_request')
  for (let part = 1; part <= 20; part += 1) {
    const data = new Uint8Array(62_000).fill(part)
    await b.receive({
      type: 'multipart_reply',
      version: 4,
      xid,
      flags: part < 20 ? ['more'] : [],
      body: { ...kind, data },
    })
  }
  const { data } = (await asked).body
  assert.equal(data.length, 20 * 62_000)
  assert.deepEqual([data[0], data[62_000], data.at(-1)], [1, 2, 20])
})

for (const [why, limits, message] of [
  ['parts', { maxParts: 3 }, /more than 3 parts/],
  ['bytes', { maxReplyBytes: 200 }, /more than 200 bytes/],
] as const) {
  test(`an endless multipart reply is refused by ${why}, and the session is kept`, async (t) => {
    const b = bench(t, { limits })
    await up(b)
    const asked = assert.rejects(
      b.connection.request({ type: 'multipart_request', body: { type: 'table' } }),
      {
        name: 'ReplyRefused',
        message,
      },
    )
    await turn()
    const xid = xidOf(b, 'multipart_request')
    for (let part = 0; part < 9; part += 1) await b.receive(tablePart(xid, [part, part], true))
    await asked
    assert.ok(b.connection.isUp)
    assert.ok(b.incidents.every((code) => code === 'unsolicited'))
  })
}

test('a multipart reply that takes for ever is refused by time, however many parts keep coming', async (t) => {
  const b = bench(t)
  await up(b)
  const asked = assert.rejects(
    b.connection.request({ type: 'multipart_request', body: { type: 'table' } }, { timeoutMs: 5000 }),
    /no reply to multipart_request .*, 5 parts came/,
  )
  await turn()
  const xid = xidOf(b, 'multipart_request')
  for (let part = 0; part < 5; part += 1) {
    await b.receive(tablePart(xid, [part], true))
    b.clock.pass(1000)
  }
  await asked
})

test('what a flow monitor tells later is a message, if one was asked for, and unsolicited if not', async (t) => {
  const b = bench(t)
  await up(b, 5)
  const update: MessageInput = {
    type: 'multipart_reply',
    version: 5,
    xid: 0,
    body: { type: 'flow_monitor', entries: [] },
  }
  await b.receive(update)
  assert.deepEqual([b.incidents, types(b.taken)], [['unsolicited'], []])
  const asked = b.connection.request({
    type: 'multipart_request',
    body: { type: 'flow_monitor', entries: [] },
  })
  await turn()
  await b.receive({ ...update, xid: xidOf(b, 'multipart_request') }, update)
  assert.deepEqual((await asked).body.entries, [])
  assert.deepEqual([b.incidents, types(b.taken)], [['unsolicited'], ['multipart_reply']])
})
