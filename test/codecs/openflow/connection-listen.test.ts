/** The listener on loopback: how many half-open peers it holds, TLS with certificates on both sides, connecting out, closing. */
import assert from 'node:assert/strict'
import { connect as connectTcp, createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import {
  connect,
  decode,
  encode,
  type Ending,
  Framer,
  helloBytes,
  type ListenOptions,
  type Listener,
  listen,
} from 'ts-openflow'
import { certificates } from './bad-peers/certificates.ts'

interface Bench {
  readonly listener: Listener
  readonly endings: Ending[]
  readonly until: (done: () => boolean) => Promise<void>
}

async function bench(t: TestContext, options: Partial<ListenOptions> = {}): Promise<Bench> {
  const endings: Ending[] = []
  const watchers: (() => void)[] = []
  const look = () => {
    for (const watcher of watchers.splice(0)) watcher()
  }
  const listener = await listen({
    port: 0,
    onUp: () => {
      setImmediate(look)
      return {}
    },
    onEnd: (ending) => {
      endings.push(ending)
      look()
    },
    ...options,
  })
  t.after(() => listener.close())
  const until = async (done: () => boolean) => {
    while (!done()) await new Promise<void>((resolve) => watchers.push(resolve))
  }
  return { listener, endings, until }
}

/** A peer that answers the handshake and nothing else. */
function behave(socket: Socket): Socket {
  const framer = new Framer()
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Uint8Array) => {
    for (const message of framer.push(chunk).map(decode)) {
      const { xid } = message
      if (message.type !== 'features_request') continue
      socket.write(
        encode({
          type: 'features_reply',
          version: 4,
          xid,
          datapathId: 7n,
          nBuffers: 0,
          nTables: 1,
          auxiliaryId: 0,
          capabilities: [],
        }),
      )
    }
  })
  socket.write(helloBytes([4], 1))
  return socket
}

const upOnes = ({ listener }: Bench): number => [...listener.connections].filter(({ isUp }) => isUp).length

test('half-open peers are capped per address; a place is free again when one is up or gone', async (t) => {
  const b = await bench(t, { maxHalfOpenPerAddress: 2 })
  const dial = () => {
    const socket = connectTcp({ port: b.listener.address.port, host: '127.0.0.1' })
    t.after(() => socket.destroy())
    return socket.on('error', () => socket.destroy()).resume()
  }
  const [first] = [dial(), dial()]
  await new Promise((resolve) => dial().once('close', resolve))
  assert.deepEqual(
    b.endings.map(({ code }) => code),
    ['too-many-half-open'],
  )
  assert.match(b.endings[0]?.detail ?? '', /2 half-open sessions from 127\.0\.0\.1/)
  behave(first)
  await b.until(() => upOnes(b) === 1)
  behave(dial())
  await b.until(() => upOnes(b) === 2)
})

test('half-open peers are capped per listener', async (t) => {
  const b = await bench(t, { maxHalfOpen: 1 })
  const silent = connectTcp({ port: b.listener.address.port, host: '127.0.0.1' })
  t.after(() => silent.destroy())
  await new Promise((resolve) => silent.resume().once('connect', resolve))
  const second = connectTcp({ port: b.listener.address.port, host: '127.0.0.1' }).on('error', () => undefined)
  await new Promise((resolve) => second.resume().once('close', resolve))
  assert.deepEqual(
    b.endings.map(({ code }) => code),
    ['too-many-half-open'],
  )
})

test('closing the listener ends every session and rejects nothing', async () => {
  const endings: string[] = []
  const listener = await listen({ port: 0, onUp: () => ({}), onEnd: ({ code }) => endings.push(code) })
  const socket = behave(connectTcp({ port: listener.address.port, host: '127.0.0.1' }))
  const gone = new Promise((resolve) => socket.once('close', resolve))
  await new Promise((resolve) => socket.once('data', resolve))
  await listener.close()
  await gone
  assert.deepEqual(endings, ['closed-here'])
  assert.equal(listener.connections.size, 0)
})

test('connect: a switch that listens comes up; nobody there is an error with a code', async (t) => {
  const server = createServer((socket) => void behave(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const { port } = server.address() as { port: number }
  const connection = await connect({ port, onUp: () => ({}) })
  assert.equal(connection.features.datapathId, 7n)
  await connection.close()
  await new Promise((resolve) => server.close(resolve))
  await assert.rejects(connect({ port, onUp: () => ({}) }), { name: 'SessionClosed', code: 'socket-error' })
})

test('TLS: a peer with the right certificate comes up, one without is refused before any OpenFlow', async (t) => {
  const make = certificates(t)
  const [controller, good, bad] = [make('controller'), make('switch'), make('stranger')]
  const b = await bench(t, {
    tls: { ...controller, ca: good.cert, requestCert: true, rejectUnauthorized: true },
  })
  const dial = (certificate?: { key: Buffer; cert: Buffer }) =>
    connectTls({
      port: b.listener.address.port,
      host: '127.0.0.1',
      ca: controller.cert,
      checkServerIdentity: () => undefined,
      ...certificate,
    })
  for (const stranger of [dial(), dial(bad)]) {
    stranger.on('error', () => stranger.destroy()).resume()
    await b.until(() => b.endings.length > 0)
    assert.deepEqual(
      b.endings.splice(0).map(({ code }) => code),
      ['tls-failed'],
    )
  }
  const peer = dial(good)
  t.after(() => peer.destroy())
  behave(peer)
  await b.until(() => upOnes(b) === 1)
})

test('TLS: a handshake that never comes holds a half-open place, and only until it is gone', async (t) => {
  const controller = certificates(t)('controller')
  const b = await bench(t, { tls: controller, maxHalfOpen: 1 })
  const dialTcp = () =>
    connectTcp({ port: b.listener.address.port, host: '127.0.0.1' }).on('error', () => undefined)
  const silent = dialTcp()
  await new Promise((resolve) => silent.once('connect', resolve))
  await new Promise((resolve) => dialTcp().resume().once('close', resolve))
  assert.ok(b.endings.some(({ code }) => code === 'too-many-half-open'))
  silent.destroy()
  await b.until(() => b.endings.some(({ code }) => code === 'tls-failed'))
  const peer = connectTls({ port: b.listener.address.port, host: '127.0.0.1', rejectUnauthorized: false })
  t.after(() => peer.destroy())
  behave(peer)
  await b.until(() => upOnes(b) === 1)
})
