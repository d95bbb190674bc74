/** Peers that send more than can be taken or read less than they are sent, and handlers that fail at what they send. */
import assert from 'node:assert/strict'
import { Server } from 'node:net'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { Message } from 'ts-openflow'
import { bytesOf, hex, hexOf, type Peer, xidOf } from './peer.ts'
import { codes, stage } from './stage.ts'

const portHex = (port: number): string => port.toString(16).padStart(8, '0')
const packetIn = (port: number): string =>
  hex(
    4,
    10,
    0,
    `ffffffff 000e 0000 ${'00'.repeat(8)} 0001000c 80000004 ${portHex(port)} 00000000 0000 ${'ab'.repeat(14)}`,
  )
const flood = (port: number, count: number): string => packetIn(port).repeat(count)

/** How many packet-ins came from each port. */
function byPort(messages: readonly Message[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const message of messages) {
    if (message.type !== 'packet_in') continue
    const port = String(message.match.find(({ field }) => field === 'in_port')?.value)
    counts[port] = (counts[port] ?? 0) + 1
  }
  return counts
}

test('packet-in flood: shed per port and per switch, counted and told; echo, barrier and the rest are not', async (t) => {
  const limits = { packetInsPerSecond: 100, portPacketInsPerSecond: 60, packetInBurstS: 1 }
  const s = await stage(t, { limits })
  const peer = await s.up()
  const connection = s.connectionOf(peer)
  const barrier = connection.barrier()
  await peer.until(() => peer.received.at(-1)?.[1] === 20)
  const portStatus = hex(4, 12, 0, `00 00000000000000 00000007 00000000 020000000007 0000 ${'00'.repeat(48)}`)
  peer.send(
    flood(7, 1000),
    hex(4, 2, 0x42),
    hex(4, 21, xidOf(peer.received.at(-1))),
    portStatus,
    flood(7, 1000),
    flood(8, 1000),
  )
  await barrier
  await peer.settle()
  assert.ok(peer.received.map(hexOf).includes(hex(4, 3, 0x42)))
  // The port that floods leaves the others their share.
  assert.deepEqual(byPort(s.messages), { 7: 60, 8: 40 })
  assert.equal(s.messages.at(60)?.type, 'port_status')
  assert.equal(connection.packetInsShed, 2900)
  assert.deepEqual(
    s.incidents.map(({ code, detail }) => [code, detail]),
    [['packet-in-shed', '1 packet-ins shed so far']],
  )
  s.messages.length = 0
  s.clock.pass(500)
  peer.send(flood(7, 1000), flood(9, 5))
  await peer.settle()
  assert.deepEqual(byPort(s.messages), { 7: 30, 9: 5 })
  s.clock.pass(500)
  peer.send(flood(7, 1000))
  await peer.settle()
  assert.deepEqual(
    s.incidents.slice(1).map(({ detail }) => detail),
    ['3871 packet-ins shed so far'],
  )
  await s.undisturbed()
})

test('packet-in flood to a slow handler: bounded in what waits, one port has half; replies are not held up', async (t) => {
  const waiting: (() => void)[] = []
  const taken: Message[] = []
  const onMessage = (message: Message) => {
    taken.push(message)
    return new Promise<void>((resolve) => waiting.push(resolve))
  }
  const s = await stage(t, {
    handlers: { onMessage },
    limits: { maxWaitingPacketIns: 10, maxWaitingMessages: 4 },
  })
  const peer = await s.up()
  const connection = s.connectionOf(peer)
  peer.send(flood(7, 500), flood(8, 3), flood(9, 500))
  await peer.settle()
  assert.deepEqual(byPort(taken), { 7: 5, 8: 3, 9: 2 })
  assert.deepEqual([connection.packetInsShed, codes(s.incidents)], [993, ['packet-in-shed']])
  const barrier = connection.barrier()
  await peer.until(() => peer.received.at(-1)?.[1] === 20)
  peer.send(flood(7, 500), hex(4, 21, xidOf(peer.received.at(-1))))
  await barrier
  for (const done of waiting.splice(0)) done()
  peer.send(packetIn(7))
  await peer.settle()
  assert.deepEqual(byPort(taken), { 7: 6, 8: 3, 9: 2 })
  await s.undisturbed()
})

test('packet-in flood from ports that are made up: the switch has its limit all the same', async (t) => {
  const s = await stage(t, {
    limits: { packetInsPerSecond: 10, portPacketInsPerSecond: 5, packetInBurstS: 1 },
  })
  const peer = await s.up()
  peer.send(...Array.from({ length: 5000 }, (_, index) => packetIn(index + 1)))
  await peer.settle()
  assert.equal(s.messages.length, 10)
  await s.undisturbed()
})

test("packet-in flood in Nicira's forms: shed alike", async (t) => {
  const s = await stage(t, {
    limits: { packetInsPerSecond: 6, portPacketInsPerSecond: 3, packetInBurstS: 1 },
  })
  const peer = await s.up()
  const frame = 'ab'.repeat(14)
  const inPort = '80000004 00000007'
  const first = `00002320 00000011 ffffffff 000e 0000 ${'00'.repeat(8)} 0008 000000000000 ${inPort} 0000 ${frame}`
  const second = `00002320 0000001e 0000 0012 ${frame} 000000000000 0006 000c ${inPort} 00000000`
  peer.send(...[first, second, second, first, second].map((body) => hex(4, 4, 0, body)), packetIn(7))
  await peer.settle()
  const taken = s.messages.map(({ type }) => type)
  assert.deepEqual(taken, ['nx_packet_in', 'nx_packet_in2', 'nx_packet_in2'])
  assert.deepEqual(codes(s.incidents), ['packet-in-shed'])
  await s.undisturbed()
})

const LIMITS = { pauseAboveBytes: 200_000, stallMs: 10_000 }

/** Sends ECHO_REQUESTs without reading, until what the network holds is full and the rest waits with the session. */
async function clog(peer: Peer, waiting: () => number): Promise<void> {
  peer.socket.pause()
  const echo = bytesOf(hex(4, 2, 5, '00'.repeat(60_000)))
  while (waiting() <= LIMITS.pauseAboveBytes) {
    peer.socket.write(echo)
    await turn()
  }
  for (let more = 0; more < 50; more += 1) peer.socket.write(echo)
  for (let more = 0; more < 20; more += 1) await turn()
}

test('echo flood from a slow reader: reading stops, what waits is bounded, and the session ends at 10 s', async (t) => {
  const s = await stage(t, { limits: LIMITS })
  const peer = await s.up()
  const connection = s.connectionOf(peer)
  await clog(peer, () => connection.waitingBytes)
  assert.ok(
    connection.waitingBytes < LIMITS.pauseAboveBytes + 2 * 65_535,
    `${connection.waitingBytes} bytes wait`,
  )
  for (let second = 0; second < 9; second += 1) {
    await s.undisturbed()
    s.clock.pass(1000)
  }
  assert.deepEqual(s.endings, [])
  await s.undisturbed()
  s.clock.pass(1000)
  assert.equal((await connection.ended).code, 'slow-reader')
  await s.undisturbed()
})

test('echo flood from a slow reader that reads again: every ECHO is answered', async (t) => {
  const s = await stage(t, { limits: LIMITS })
  const peer = await s.up()
  const connection = s.connectionOf(peer)
  await clog(peer, () => connection.waitingBytes)
  s.clock.pass(4000)
  peer.socket.resume()
  await peer.settle()
  assert.equal(connection.waitingBytes, 0)
  await s.undisturbed()
})

test('a reader that leaves more unread than allowed is closed at once', async (t) => {
  const s = await stage(t, { limits: { maxWaitingBytes: 1_000_000 } })
  const peer = await s.up()
  const connection = s.connectionOf(peer)
  peer.socket.pause()
  while (connection.isUp) {
    connection.send({ type: 'echo_request', data: new Uint8Array(60_000) })
    await turn()
  }
  assert.equal((await connection.ended).code, 'slow-reader')
  await s.undisturbed()
})

test('bad LLDP that kills the handler: an incident for each, synchronous or not; the session goes on', async (t) => {
  let calls = 0
  const onMessage = (): void | Promise<void> => {
    calls += 1
    if (calls % 2 === 1) throw new Error('End TLV of length 2')
    return Promise.reject(new Error('End TLV of length 2, later'))
  }
  const onClose = () => {
    throw new Error('also here')
  }
  const s = await stage(t, { handlers: { onMessage, onClose } })
  const peer = await s.up()
  peer.send(flood(7, 4))
  await peer.settle()
  assert.deepEqual(codes(s.incidents), new Array(4).fill('handler-failed'))
  assert.match(s.incidents[0]?.detail ?? '', /End TLV/)
  await s.connectionOf(peer).close()
  assert.deepEqual([codes(s.incidents).length, codes(s.endings)], [5, ['closed-here']])
  await s.undisturbed()
})

test('out of sockets: told, and those that are there go on', async (t) => {
  const listening = t.mock.method(Server.prototype, 'listen')
  const s = await stage(t)
  const server = listening.mock.calls[0]?.this as Server
  server.emit('error', new Error('accept EMFILE'))
  assert.deepEqual(codes(s.incidents), ['accept-failed'])
  await (await s.up()).settle()
  await s.undisturbed()
})
