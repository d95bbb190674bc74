/** The event stream over a real socket: resume, gap, heartbeat, slow clients, end. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import type { StreamLimits } from '../../../src/api/routes/events.ts'
import { readServerSentEvents, type ServerSentEvent } from '../../../src/cli/server-sent-events.ts'
import { api } from '../../support/api.ts'
import type { FakeController } from '../../support/fake-controller.ts'

interface Stream {
  readonly fake: FakeController
  readonly port: number
  readonly close: () => Promise<void>
  readonly open: (path: string, headers?: Record<string, string>) => Promise<IncomingMessage>
}

async function listening(t: TestContext, streams: Partial<StreamLimits> = {}): Promise<Stream> {
  const { app, fake } = api(t, { streams })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const open = async (path: string, headers = {}): Promise<IncomingMessage> => {
    const request = get({ host: '127.0.0.1', port, path, headers })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    t.after(() => request.destroy())
    return response
  }
  return { fake, port, close: () => app.close(), open }
}

async function take(response: IncomingMessage, count: number): Promise<ServerSentEvent[]> {
  const taken: ServerSentEvent[] = []
  for await (const event of readServerSentEvents(response)) if (taken.push(event) === count) break
  return taken
}

const ids = (events: readonly ServerSentEvent[]) =>
  events.map(({ data }) => (JSON.parse(data) as { id: number }).id)

test('new events come as they happen', async (t) => {
  const { fake, open } = await listening(t)
  fake.emit('before')
  const response = await open('/v1/events')
  assert.equal(response.headers['content-type'], 'text/event-stream; charset=utf-8')
  fake.emit('link.up', { from: 'hv1' })
  const [event] = await take(response, 1)
  assert.deepEqual(JSON.parse(event?.data ?? ''), {
    id: 2,
    time: '2026-01-01T00:00:00.000Z',
    type: 'link.up',
    data: { from: 'hv1' },
  })
})

test('Last-Event-ID resumes without a hole or a repetition, and wins over since', async (t) => {
  const { fake, open } = await listening(t)
  for (let i = 0; i < 5; i++) fake.emit('host.seen')
  const response = await open('/v1/events?since=0', { 'last-event-id': '3' })
  fake.emit('host.seen')
  assert.deepEqual(ids(await take(response, 3)), [4, 5, 6])
})

test('events that are no longer kept are announced as a gap', async (t) => {
  const { fake, open } = await listening(t)
  for (let i = 0; i < 5; i++) fake.emit('host.seen')
  fake.keepEvents(2)
  const [gap, ...rest] = await take(await open('/v1/events?since=1&follow=false'), 9)
  assert.equal(gap?.event, 'gap')
  assert.deepEqual(JSON.parse(gap.data), { type: 'gap', data: { after: 1, next: 4 } })
  assert.deepEqual(ids(rest), [4, 5])
})

test('the wire form: id lines, and only kept events without follow', async (t) => {
  const { app, fake } = api(t)
  fake.emit('switch.up')
  const answer = await app.inject('/v1/events?since=0&follow=false')
  assert.match(answer.body, /^retry: 2000\n\nid: 1\ndata: \{"id":1,.*\}\n\n$/)
})

test('a heartbeat keeps the connection known to be alive', async (t) => {
  const { open } = await listening(t, { heartbeatMs: 5 })
  const response = await open('/v1/events')
  let text = ''
  for await (const chunk of response) if ((text += String(chunk)).includes(': still here')) break
})

test('a client that never reads is closed, the others go on', async (t) => {
  const { fake, port, open } = await listening(t, { bufferBytes: 256 * 1024 })
  const slow = connect(port, '127.0.0.1')
  t.after(() => slow.destroy())
  slow.write('GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n')
  slow.pause()
  const response = await open('/v1/events')
  while (fake.subscribers() < 2) await new Promise(setImmediate)
  const events = readServerSentEvents(response)
  const text = 'x'.repeat(64 * 1024)
  // The kernel takes some megabytes for a socket that nobody reads; then the buffer fills, and the client goes.
  let emitted = 0
  while (fake.subscribers() === 2) {
    fake.emit('host.seen', { text })
    emitted += 1
    const next = await events.next()
    assert.equal(ids(next.done === true ? [] : [next.value])[0], emitted)
    assert.ok(emitted < 1000, 'the slow client is still there')
  }
  assert.equal(fake.subscribers(), 1)
})

test('a client that goes away is forgotten; the number of streams is bounded', async (t) => {
  const { fake, open } = await listening(t, { clients: 2 })
  const first = await open('/v1/events')
  await open('/v1/events')
  const third = await open('/v1/events')
  assert.equal(third.statusCode, 503)
  first.destroy()
  while (fake.subscribers() > 1) await new Promise(setImmediate)
  assert.equal((await open('/v1/events')).statusCode, 200)
})

test('closing the API ends the streams in order', async (t) => {
  const { close, open } = await listening(t)
  const response = await open('/v1/events')
  response.resume()
  await Promise.all([once(response, 'end'), close()])
})

test('a wrong start is refused', async (t) => {
  const { app } = api(t)
  assert.equal((await app.inject({ url: '/v1/events', headers: { 'last-event-id': 'x' } })).statusCode, 400)
  assert.equal((await app.inject('/v1/events?since=-1')).statusCode, 400)
})
