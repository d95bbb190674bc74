/** The client against a server that the test plays: rows by each kind of monitor, resumption, transactions, and bad servers. */
import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { mapOf, operationsOn, optional } from '../../../../codecs/ovsdb/index.ts'
import { OvsdbClient } from '../../../../src/switches/ovsdb/client.ts'
import type { OvsdbLimits } from '../../../../src/switches/ovsdb/client-options.ts'
import { FakeServer } from './support/fake-server.ts'
import { ManualClock } from './support/manual-clock.ts'

const selection = {
  Interface: { name: 'string', ofport: optional('integer'), external_ids: mapOf('string', 'string') },
} as const
const on = operationsOn(selection)
const map = { key: 'string', value: 'string', min: 0, max: 'unlimited' }
const schema = {
  version: '1.0.0',
  tables: {
    Interface: {
      columns: {
        name: { type: 'string' },
        ofport: { type: { key: 'integer', min: 0, max: 1 } },
        external_ids: { type: map },
      },
    },
  },
}
const [a, b] = ['6b1c2e4a-0000-4000-8000-00000000000a', '6b1c2e4a-0000-4000-8000-00000000000b'] as const
const zero = '00000000-0000-0000-0000-000000000000'

const clients: { close: () => void }[] = []
afterEach(() => clients.splice(0).forEach((client) => client.close()))

function stage(limits: Partial<OvsdbLimits> = {}) {
  const clock = new ManualClock()
  const server = new FakeServer()
  const told: string[] = []
  const client = new OvsdbClient({
    target: { kind: 'tcp', host: '127.0.0.1', port: 6640 },
    database: 'Open_vSwitch',
    selection,
    clock,
    random: () => 0,
    dial: server.dial,
    limits,
    onSynchronised: ({ changes, resumed }) => {
      const { inserted = [], modified = [], deleted = [] } = changes.Interface ?? {}
      told.push(`${resumed ? 'resumed' : 'all'} +${inserted.length} ~${modified.length} -${deleted.length}`)
    },
    onChange: ({ Interface: changes }) => {
      for (const { name, ofport } of changes?.inserted ?? []) told.push(`+${name} ${ofport}`)
      for (const { old, new: row } of changes?.modified ?? [])
        told.push(`~${row.name} ${old.ofport} ${row.ofport}`)
      for (const { name } of changes?.deleted ?? []) told.push(`-${name}`)
    },
    onDown: ({ code }) => told.push(`down ${code}`),
    onIncident: ({ code }) => told.push(`! ${code}`),
  })
  clients.push(client)
  clock.advance(0)
  /** Accepts the session and tells the schema. */
  const accept = () => {
    server.session.connect()
    assert.equal(server.session.last.method, 'get_schema')
    server.session.reply(schema)
  }
  const open = (rows: unknown = { Interface: { [a]: { initial: { name: 'a' } } } }, found = false) => {
    accept()
    server.session.reply([found, b, rows])
  }
  return { clock, server, told, client, accept, open, take: () => told.splice(0) }
}

test('rows are asked for the best way, and updates are told in the turn they come in', () => {
  const { server, client, accept, take } = stage()
  accept()
  assert.deepEqual(server.session.last.params, [
    'Open_vSwitch',
    'throwbar',
    { Interface: [{ columns: ['name', 'ofport', 'external_ids'] }] },
    zero,
  ])
  const update = { Interface: { [a]: { modify: { ofport: 3 } } } }
  // Both in one chunk: the update follows the rows.
  const reply = {
    id: server.session.last.id,
    result: [false, b, { Interface: { [a]: { initial: { name: 'a' } } } }],
    error: null,
  }
  server.session.raw(
    JSON.stringify(reply) + JSON.stringify({ id: null, method: 'update3', params: ['throwbar', a, update] }),
  )
  assert.deepEqual(take(), ['all +1 ~0 -0', '~a undefined 3'])
  assert.equal(client.replica.lastTransactionId, a)
  assert.equal(client.replica.tables.Interface.get(a)?.ofport, 3)
})

test('a server that does not know the newer monitors is asked for the older ones', () => {
  const { server, accept, take } = stage()
  accept()
  const asked = [server.session.last.method]
  server.session.reply(null, 'unknown method')
  asked.push(server.session.last.method)
  server.session.reply(null, { error: 'unknown method', syntax: 'x' })
  asked.push(server.session.last.method)
  assert.deepEqual(asked, ['monitor_cond_since', 'monitor_cond', 'monitor'])
  const row = (ofport: unknown) => ({ name: 'a', ofport, external_ids: ['map', []] })
  server.session.reply({ Interface: { [a]: { new: row(['set', []]) } } })
  server.session.notify('update', 'throwbar', {
    Interface: { [a]: { old: { ofport: ['set', []] }, new: row(5) } },
  })
  server.session.notify('update', 'throwbar', { Interface: { [a]: { old: row(5) } } })
  assert.deepEqual(take(), ['all +1 ~0 -0', '~a undefined 5', '-a'])
})

test('after a loss the monitor resumes from the last transaction; from nothing known only what differs is told', () => {
  const { server, clock, told, client, open, take } = stage()
  open()
  server.session.socket.emit('end')
  assert.deepEqual(take(), ['all +1 ~0 -0', '! peer-closed', 'down peer-closed'])
  assert.ok(!client.isUp)
  assert.equal(client.replica.tables.Interface.size, 1)
  clock.advance(100)
  open({ Interface: { [b]: { insert: { name: 'b' } } } }, true)
  assert.equal(server.session.received.at(-1)?.params.at(-1), b)
  assert.deepEqual(take(), ['resumed +1 ~0 -0'])
  server.session.socket.emit('close')
  clock.advance(200)
  open({ Interface: { [b]: { initial: { name: 'b', ofport: 2 } } } })
  assert.deepEqual(take().at(-1), 'all +0 ~1 -1')
  assert.deepEqual(told, [])
})

test('the server is answered when it asks, and asked when it is silent', () => {
  const { server, clock, open, take } = stage()
  open()
  server.session.send({ id: 'echo', method: 'echo', params: ['x'] })
  assert.deepEqual(server.session.last, { id: 'echo', result: ['x'], error: null })
  server.session.send({ id: 9, method: 'steal', params: [] })
  assert.equal((server.session.last as { error?: unknown }).error, 'unknown method')
  clock.advance(5000)
  assert.equal(server.session.last.method, 'echo')
  server.session.reply([])
  clock.advance(5000)
  assert.equal(server.session.received.filter(({ method }) => method === 'echo').length, 2)
  take()
  clock.advance(5000)
  assert.deepEqual(take(), ['! echo-timeout', 'down echo-timeout'])
})

test('what is no JSON-RPC is passed over; nothing else is lost by it', () => {
  const { server, open, take } = stage()
  open()
  take()
  server.session.raw('{"x":1}[]{"id":77,"result":{}}{"method":1}')
  server.session.notify('update3', 'other monitor', b, {})
  server.session.notify('update3', 'throwbar', b, { Interface: { [b]: { insert: { name: 'b' } } } })
  assert.deepEqual(take(), [
    '! bad-message',
    '! bad-message',
    '! unsolicited',
    '! bad-message',
    '+b undefined',
  ])
})

test('what is no JSON ends the session, after what came before it', () => {
  const { server, clock, open, take } = stage()
  open()
  take()
  const good = {
    id: null,
    method: 'update3',
    params: ['throwbar', b, { Interface: { [b]: { insert: { name: 'b' } } } }],
  }
  server.session.raw(`${JSON.stringify(good)} nonsense`)
  assert.deepEqual(take(), ['+b undefined', '! bad-framing', 'down bad-framing'])
  clock.advance(100)
  assert.equal(server.sessions.length, 2)
})

test('an update that does not fit changes nothing, and the next session begins with all rows', () => {
  const { server, clock, client, accept, open, take } = stage()
  open()
  take()
  const before = client.replica.tables.Interface.get(a)
  server.session.notify('update3', 'throwbar', b, {
    Interface: { [a]: { modify: { ofport: 1 } }, [b]: { modify: { ofport: 'one' } } },
  })
  assert.deepEqual(take(), ['! bad-update', 'down bad-update'])
  assert.equal(client.replica.tables.Interface.get(a), before)
  clock.advance(100)
  accept()
  assert.equal(server.session.last.params.at(-1), zero)
})

test('a transaction resolves after what it changed is in the replica; errors are its outcome', async () => {
  const { server, client, open } = stage()
  open()
  const operations = [on.insert('Interface', { name: 'b' })]
  const outcome = client
    .transact(operations)
    .then((result) => ({ result, rows: client.replica.tables.Interface.size }))
  assert.deepEqual(server.session.last.params, ['Open_vSwitch', ...operations])
  const { id } = server.session.last
  server.session.notify('update3', 'throwbar', b, { Interface: { [b]: { insert: { name: 'b' } } } })
  server.session.send({ id, result: [{ uuid: ['uuid', b] }], error: null })
  assert.deepEqual(await outcome, { result: { ok: true, results: [{ uuid: b }] }, rows: 2 })
  const refused = client.transact(operations)
  server.session.reply([{ error: 'constraint violation', details: 'no' }])
  assert.deepEqual(await refused, { ok: false, error: 'constraint violation', details: 'no', operation: 0 })
  const broken = client.transact(operations)
  server.session.reply([])
  await assert.rejects(broken, { name: 'OvsdbError', code: 'VALUE' })
})

test('transactions reject when the session ends, when there is none, and when too many wait', async () => {
  const { server, client, open } = stage({ maxTransactions: 2 })
  const operations = [on.comment('x')]
  await assert.rejects(client.transact(operations), {
    name: 'OvsdbSessionEnded',
    code: 'not-up',
    sent: false,
  })
  open()
  const waiting = [client.transact(operations), client.transact(operations)]
  await assert.rejects(client.transact(operations), { code: 'too-many-transactions', sent: false })
  server.session.socket.emit('close')
  for (const one of waiting) await assert.rejects(one, { code: 'peer-closed', sent: true })
})

test('a server that does not answer a transaction, or does not read, is cut', async () => {
  const { server, clock, client, open, take } = stage({ requestTimeoutMs: 1000, maxWaitingBytes: 3000 })
  open()
  const waiting = client.transact([on.comment('x')])
  clock.advance(1000)
  await assert.rejects(waiting, { code: 'request-timeout' })
  take()
  clock.advance(200)
  open()
  server.session.blocked = true
  const endless = client.transact([on.comment('x'.repeat(1000))])
  const more = client.transact([on.comment('x'.repeat(3000))])
  await assert.rejects(endless, { code: 'slow-reader' })
  await assert.rejects(more, { code: 'slow-reader' })
  assert.deepEqual(take().slice(-2), ['! slow-reader', 'down slow-reader'])
})

test('a schema that does not fit, or an unknown database, is told, and tried again later', () => {
  const { server, clock, take } = stage()
  server.session.connect()
  server.session.reply(null, { error: 'unknown database', details: 'no Open_vSwitch' })
  assert.deepEqual(take(), ['! setup-failed'])
  clock.advance(100)
  server.session.connect()
  server.session.reply({ version: '1', tables: { Interface: { columns: { name: { type: 'integer' } } } } })
  assert.deepEqual(take(), ['! setup-failed'])
  clock.advance(100)
  server.session.connect()
  server.session.reply({ version: '1', tables: { Interface: { columns: { name: { type: 'string' } } } } })
  assert.deepEqual(take(), ['! missing-columns'])
  assert.deepEqual(server.session.last.params[2], { Interface: [{ columns: ['name'] }] })
})

test('a handler that throws is an incident, and the session goes on', () => {
  const clock = new ManualClock()
  const server = new FakeServer()
  const codes: string[] = []
  const client = new OvsdbClient({
    target: { kind: 'unix', path: '/run/x' },
    database: 'Open_vSwitch',
    selection,
    clock,
    dial: server.dial,
    onSynchronised: () => {
      throw new Error('bad handler')
    },
    onIncident: ({ code, remote }) => codes.push(`${code} ${remote}`),
  })
  clients.push(client)
  clock.advance(0)
  server.session.connect()
  server.session.reply(schema)
  server.session.reply([false, b, {}])
  assert.deepEqual(codes, ['handler-failed unix:/run/x'])
  assert.ok(client.isUp)
  client.close()
  assert.equal(clock.nextMs, undefined)
  assert.ok(server.session.socket.destroyed)
})
