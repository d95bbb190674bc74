/** The registry against simulated switches over loopback TCP: what comes up, goes down, claims too much, and is refused. */
import assert from 'node:assert/strict'
import { type AddressInfo, connect as connectTcp, createServer } from 'node:net'
import { test } from 'node:test'
import { encode, helloBytes, systemClock } from 'ts-openflow'
import { simulatedPort } from '../../support/simulated-switch.ts'
import { A, bench, flow, liveOf } from '../../support/switch-bench.ts'

test('a switch that goes away keeps its last known ports, and comes back without news', async (t) => {
  const b = await bench(t)
  const simulated = await b.simulate({ ports: [simulatedPort(1, 'p1')] })
  await liveOf(b)
  simulated.drop()
  await b.until(() => b.log.length === 3)
  assert.deepEqual(b.log, ['ports p1', `up ${A}`, `down ${A} peer-closed`])
  assert.deepEqual([...(b.registry.observed.get(A)?.ports.keys() ?? [])], ['p1'])
  await simulated.reconnect()
  await liveOf(b)
  assert.deepEqual(b.log.slice(3), [`up ${A}`])
  assert.deepEqual(b.incidents, [])
})

test('PORT_STATUS: added, down, renamed, removed; impossible numbers and too many are refused', async (t) => {
  const b = await bench(t, { limits: { maxPorts: 3 } })
  const simulated = await b.simulate({ ports: [simulatedPort(1, 'p1'), simulatedPort(0xfffffffe, 'br0')] })
  await liveOf(b)
  simulated.portStatus('add', simulatedPort(2, 'p2'))
  simulated.portStatus('modify', simulatedPort(2, 'p2', { state: ['link_down'] }))
  simulated.portStatus('modify', simulatedPort(2, 'p2', { state: ['link_down'] }))
  simulated.portStatus('modify', simulatedPort(2, 'tap9'))
  simulated.portStatus('add', simulatedPort(3, 'p3'))
  simulated.portStatus('add', simulatedPort(0xfffffffd, 'ctl'))
  simulated.portStatus('add', simulatedPort(0, 'zero'))
  simulated.portStatus('delete', simulatedPort(2, 'tap9'))
  await b.until(() => b.observed.at(-1)?.ports.size === 2 && b.observed.length === 5)
  assert.deepEqual(
    b.log.filter((line) => line !== `up ${A}`),
    [
      'ports p1 br0',
      'ports p1 br0 p2',
      'ports p1 br0 p2',
      'ports p1 br0 tap9',
      'incident port-refused',
      'incident port-refused',
      'incident port-refused',
      'ports p1 br0',
    ],
  )
  const [first, , down] = b.observed.map(({ ports }) => ports)
  assert.ok(first && down)
  assert.equal(down.get('p2')?.up, false)
  assert.equal(down.get('p1'), first.get('p1'))
})

test('two peers claim one datapath id: the old session keeps it while it answers', async (t) => {
  const b = await bench(t)
  const old = await b.simulate()
  const live = await liveOf(b)
  const thief = await b.simulate()
  await thief.closedByPeer()
  assert.equal(b.registry.live(A), live)
  assert.ok(old.isConnected)
  assert.deepEqual(
    b.incidents.map(({ code }) => code),
    ['duplicate-datapath', 'duplicate-refused'],
  )
  assert.ok(b.incidents.every(({ datapathId }) => datapathId === A))
  assert.deepEqual(await live.commit([flow(1)]), { ok: true, bundles: 0 })
})

test('while a datapath id is being judged, a third peer that claims it is refused at once', async (t) => {
  const b = await bench(t, { limits: { challengeMs: 2000 } })
  const old = await b.simulate()
  await liveOf(b)
  old.answersEcho = false
  await b.simulate()
  await b.until(() => b.incidents.length === 1)
  const third = await b.simulate()
  await third.closedByPeer()
  assert.deepEqual(
    b.incidents.map(({ code }) => code),
    ['duplicate-datapath', 'duplicate-refused'],
  )
  assert.match(b.incidents[1]?.detail ?? '', /being judged/)
})

test('two peers claim one datapath id: the newcomer gets it when the old one is silent', async (t) => {
  const b = await bench(t, { limits: { challengeMs: 50 } })
  const old = await b.simulate({ ports: [simulatedPort(1, 'p1')] })
  const live = await liveOf(b)
  old.answersEcho = false
  await b.simulate({ ports: [simulatedPort(1, 'p1')] })
  await b.until(() => b.registry.live(A) !== undefined && b.registry.live(A) !== live)
  assert.deepEqual(b.log.slice(2), [
    'incident duplicate-datapath',
    'incident datapath-replaced',
    `down ${A} closed-here`,
    `up ${A}`,
  ])
})

test('an auxiliary connection and one switch too many are refused', async (t) => {
  const b = await bench(t, { limits: { maxSwitches: 1 } })
  await b.simulate()
  await liveOf(b)
  await (await b.simulate({ auxiliaryId: 1 })).closedByPeer()
  await (await b.simulate({ datapathId: '00000000000000bb' })).closedByPeer()
  assert.deepEqual(
    b.incidents.map(({ code }) => code),
    ['auxiliary-connection', 'too-many-switches'],
  )
})

test('packet-ins over the limit are shed and counted; echoes and barriers are not', async (t) => {
  // Three at once, and no more for minutes.
  const b = await bench(t, { session: { limits: { packetInsPerSecond: 0.003, packetInBurstS: 1000 } } })
  const simulated = await b.simulate()
  const live = await liveOf(b)
  for (let bytes = 61; bytes <= 70; bytes++) simulated.packetIn({ inPort: 1, data: new Uint8Array(bytes) })
  simulated.send({ type: 'echo_request', data: new Uint8Array(1) }, 77)
  await simulated.until(() => simulated.count('echo_reply') === 1)
  assert.deepEqual(await live.commit([flow(1)]), { ok: true, bundles: 0 })
  assert.deepEqual(b.log.slice(2), [
    'packet-in 61',
    'packet-in 62',
    'packet-in 63',
    'incident packet-in-shed',
  ])
  assert.deepEqual([live.counters.packetIns, live.packetInsShed], [3, 7])
  assert.equal(b.incidents[0]?.datapathId, A)
})

test('a flood of packet-ins from one port leaves room for another, unless told otherwise', async (t) => {
  const b = await bench(t, { session: { clock: { ...systemClock, now: () => 0 } } })
  const simulated = await b.simulate()
  const live = await liveOf(b)
  for (let count = 0; count < 3000; count++) simulated.packetIn({ inPort: 1, data: new Uint8Array(60) })
  simulated.packetIn({ inPort: 2, data: new Uint8Array(64) })
  simulated.send({ type: 'echo_request', data: new Uint8Array(1) }, 77)
  await simulated.until(() => simulated.count('echo_reply') === 1)
  assert.ok(b.log.includes('packet-in 64'))
  assert.deepEqual([live.counters.packetIns, live.packetInsShed], [1001, 2000])
})

test('a switch that we call is refused while its datapath id has a session', async (t) => {
  const b = await bench(t)
  await b.simulate()
  const live = await liveOf(b)
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.write(helloBytes([4], 1))
    const [version, xid] = [4, 2]
    const said = { nBuffers: 0, nTables: 254, auxiliaryId: 0, capabilities: [] }
    socket.write(encode({ type: 'features_reply', version, xid, datapathId: BigInt(`0x${A}`), ...said }))
  })
  t.after(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  await b.registry.connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
  assert.deepEqual(
    b.incidents.map(({ code }) => code),
    ['duplicate-refused'],
  )
  assert.equal(b.registry.live(A), live)
})

test('a handler that throws is an incident; the session and the other switches go on', async (t) => {
  const b = await bench(t, {
    onPacketIn: () => {
      throw new Error('oops')
    },
  })
  const simulated = await b.simulate()
  const live = await liveOf(b)
  simulated.packetIn({ inPort: 1, data: new Uint8Array(60) })
  await b.until(() => b.incidents.length === 1)
  assert.deepEqual([b.incidents[0]?.code, b.incidents[0]?.detail], ['handler-failed', 'oops'])
  assert.deepEqual(await live.commit([flow(1)]), { ok: true, bundles: 0 })
})

test('an ERROR that answers nothing reaches onError', async (t) => {
  const b = await bench(t)
  const simulated = await b.simulate()
  await liveOf(b)
  simulated.send(
    { type: 'error', errorType: 'OFPET_BAD_REQUEST', code: 'OFPBRC_BAD_PORT', data: new Uint8Array(0) },
    4711,
  )
  await b.until(() => b.log.includes('error OFPBRC_BAD_PORT'))
})

test('peers that speak HTTP or TLS, or claim a wrong length, are named while a switch works on', async (t) => {
  const b = await bench(t)
  await b.simulate()
  const live = await liveOf(b)
  const strangers = [
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.from([0x16, 3, 1, 2, 0]),
    Buffer.from('0600000700000001', 'hex'),
  ]
  for (const bytes of strangers) {
    const socket = connectTcp({ port: b.port, host: '127.0.0.1' })
    socket.on('error', () => socket.destroy())
    socket.resume()
    socket.write(bytes)
    await new Promise<void>((resolve) => socket.once('close', () => resolve()))
  }
  assert.deepEqual(
    b.incidents.map(({ code }) => code),
    ['http-peer', 'tls-peer', 'bad-framing'],
  )
  assert.deepEqual(await live.commit([flow(1)]), { ok: true, bundles: 0 })
})
