/** A session with QEMU's monitor: what it refuses, and that every way to end it ends what waits for it. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { parseAddress, uriProblem } from '../../../../src/mobility/qemu/address.ts'
import { readMessage } from '../../../../src/mobility/qemu/messages.ts'
import {
  defaultQmpLimits,
  type QmpError,
  type QmpLimits,
  QmpSession,
} from '../../../../src/mobility/qemu/session.ts'
import { ScriptedQemu, silence } from './support/scripted-qemu.ts'
import { until } from './support/transfer.ts'

async function opened(
  context: TestContext,
  limits: Partial<QmpLimits> = {},
  prepare: (qemu: ScriptedQemu) => void = () => undefined,
) {
  const qemu = await ScriptedQemu.start(context, 'running')
  prepare(qemu)
  const heard: string[] = []
  const handlers = {
    onEvent: (name: string) => heard.push(name),
    onClosed: ({ code }: QmpError) => heard.push(`closed: ${code}`),
  }
  const session = await QmpSession.open(qemu.address, handlers, { ...defaultQmpLimits, ...limits })
  context.after(() => session.close())
  return { qemu, session, heard }
}

const failsWith =
  (code: string, reason = /./) =>
  (error: unknown) => {
    assert.equal((error as QmpError).code, code)
    assert.match((error as QmpError).message, reason)
    return true
  }

test('commands are answered by id, and events come in between', async (context) => {
  const { qemu, session, heard } = await opened(context)
  const told = qemu.answers
  let late: (() => void) | undefined
  told.set('slow', () => {
    late = () => qemu.send('{"return": "slow", "id": 2}\r\n')
    return silence
  })
  told.set('quick', () => {
    qemu.event('NIC_RX_FILTER_CHANGED')
    return 'quick'
  })
  const answers: unknown[] = []
  const slow = session.execute('slow').then((answer) => answers.push(answer))
  answers.push(await session.execute('quick'))
  late?.()
  await slow
  assert.deepEqual(answers, ['quick', 'slow'])
  assert.deepEqual(heard, ['NIC_RX_FILTER_CHANGED'])
})

test("QEMU's refusal is told with its own words, and the session goes on", async (context) => {
  const { qemu, session } = await opened(context)
  qemu.answers.set('migrate', () => {
    throw new Error('There is a migration process in progress')
  })
  await assert.rejects(
    session.execute('migrate'),
    failsWith('refused', /migrate: There is a migration process in progress$/),
  )
  assert.deepEqual(await session.execute('query-migrate'), {})
})

test('nobody listens: the process is absent, and an address that is none is told', async (context) => {
  const qemu = await ScriptedQemu.start(context, 'running')
  await qemu.die()
  const open = (address: string) =>
    QmpSession.open(address, { onEvent: () => undefined, onClosed: () => assert.fail() }, defaultQmpLimits)
  await assert.rejects(open(qemu.address), failsWith('absent', /nobody listens/))
  await assert.rejects(open('tcp:127.0.0.1:1'), failsWith('absent'))
  await assert.rejects(open('qmp.sock'), failsWith('bad-address', /qmp.sock is not tcp:HOST:PORT/))
})

test('no greeting: another client may have the monitor', async (context) => {
  const opening = opened(context, { greetingMs: 30 }, (qemu) => (qemu.greeting = undefined))
  await assert.rejects(opening, failsWith('no-greeting', /may have another/))
})

test('a monitor that refuses to negotiate, or dies at it', async (context) => {
  const refusing = opened(context, {}, (qemu) =>
    qemu.answers.set('qmp_capabilities', () => {
      throw new Error('not today')
    }),
  )
  await assert.rejects(refusing, failsWith('refused', /not today/))
  const dying = opened(context, {}, (qemu) =>
    qemu.answers.set('qmp_capabilities', () => {
      qemu.drop()
      return silence
    }),
  )
  await assert.rejects(dying, failsWith('closed'))
})

for (const [what, text] of [
  ['is no JSON', '{"return" 1}\r\n'],
  ['is no object', '["event"]\r\n'],
  ['is no message', '{"hello": 1}\r\n'],
  [
    'complains of what it could not read',
    '{"error": {"class": "GenericError", "desc": "JSON parse error"}}\r\n',
  ],
  ['is too long', `{"event": "${'x'.repeat(5_000)}"}\r\n`],
  ['never ends', `{"event": "${'x'.repeat(5_000)}`],
  ['is too deep', '['.repeat(100)],
] as const)
  test(`what ${what} ends the session, and what waits for it`, async (context) => {
    const { qemu, session, heard } = await opened(context, { maxMessageBytes: 4_096 })
    qemu.answers.set('query-status', () => {
      qemu.send(text)
      return silence
    })
    await assert.rejects(session.execute('query-status'), failsWith('bad-message'))
    assert.deepEqual(heard, ['closed: bad-message'])
    await assert.rejects(session.execute('query-status'), failsWith('bad-message'))
  })

test('a peer that dies ends what waits, once', async (context) => {
  const { qemu, session, heard } = await opened(context)
  qemu.answers.set('query-status', () => {
    qemu.drop()
    return silence
  })
  const both = await Promise.allSettled([session.execute('query-status'), session.execute('query-migrate')])
  assert.deepEqual(
    both.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  session.close()
  assert.deepEqual(heard, ['closed: closed'])
})

test('no answer in time ends the session: nobody knows what of it was done', async (context) => {
  const { qemu, session, heard } = await opened(context, { answerMs: 30 })
  qemu.answers.set('cont', () => silence)
  await assert.rejects(session.execute('cont'), failsWith('no-answer', /no answer to cont within 30 ms/))
  await until(
    () => heard.includes('closed: no-answer'),
    () => 'closed',
  )
})

test('no more commands wait than the limit', async (context) => {
  const { qemu, session } = await opened(context, { maxWaiting: 2 })
  qemu.answers.set('slow', () => silence)
  const waiting = Promise.allSettled([session.execute('slow'), session.execute('slow')])
  await assert.rejects(session.execute('slow'), failsWith('busy'))
  session.close()
  await waiting
})

test('addresses, and where a guest may be sent', () => {
  assert.deepEqual(parseAddress('tcp:[fd00::2]:4444'), { kind: 'tcp', host: 'fd00::2', port: 4444 })
  assert.deepEqual(parseAddress('unix:/run/q.sock'), { kind: 'unix', path: '/run/q.sock' })
  for (const text of [
    '',
    'tcp:host',
    'tcp:host:0',
    'tcp:host:65536',
    'tcp:fd00::2:1',
    'unix:relative',
    'unix:/a,server=on',
    'ssl:a:1',
  ])
    assert.equal(typeof parseAddress(text), 'string', text)
  assert.equal(uriProblem('tcp:10.9.9.2:4444'), undefined)
  for (const text of ['exec:cat', 'fd:7', 'tcp:0.0.0.0:4444', 'tcp:[::]:4444'])
    assert.notEqual(uriProblem(text), undefined, text)
})

test('messages of every kind', () => {
  assert.deepEqual(readMessage({ return: [1], id: 4 }), { type: 'answer', id: 4, value: [1] })
  assert.deepEqual(readMessage({ event: 'STOP' }), { type: 'event', name: 'STOP', data: {} })
  assert.equal(readMessage({ QMP: 1 }).type, 'greeting')
  for (const json of [null, 1, 'x', [], {}, { return: 1 }, { error: 1, id: 1 }, { event: 1 }])
    assert.equal(readMessage(json).type, 'unknown')
})
