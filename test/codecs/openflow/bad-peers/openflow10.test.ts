/** Sessions of OpenFlow 1.0, for a caller that lists it: negotiation, requests by their numbers there, and the same bad peers. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hex, hexOf, xidOf } from './peer.ts'
import { codes, stage } from './stage.ts'

const versions = { limits: { versions: [1, 4] } }
const zeros = (count: number): string => '00'.repeat(count)
const portHex = (portNo: string): string => `${portNo} 020000000007 ${zeros(40)}`
const features = (ports = ''): string =>
  hex(1, 6, 2, `${zeros(7)}0b 00000000 fe 000000 00000000 00000000 ${ports}`)
const packetIn = (totalLen: string, data: string): string =>
  hex(1, 10, 0, `ffffffff ${totalLen} 0007 00 00 ${data}`)
const portStats = (more: boolean, count: number): string => `0004 000${more ? 1 : 0} ${zeros(104 * count)}`

test('1.0 is not spoken unless it is asked for', async (t) => {
  const s = await stage(t)
  const peer = await s.dial()
  peer.send(hex(1, 0, 1), features())
  await peer.gone()
  assert.deepEqual([peer.errors, codes(s.endings)], [['v1 0/0 to 1'], ['incompatible-version']])
})

test('HELLO of 1.0 beside 1.3: the peer decides; alone it is the bare one that 1.0 has', async (t) => {
  const s = await stage(t, versions)
  for (const [hello, version] of [
    [hex(1, 0, 1), 1],
    [hex(3, 0, 1), 1],
    [hex(4, 0, 1), 4],
    [hex(1, 0, 1, '0001 0008 00000010'), 4],
    [hex(6, 0, 1, '0001 0008 00000062'), 1],
  ] as const) {
    const peer = await s.dial()
    peer.send(hello)
    await peer.until(() => peer.received.length === 2)
    assert.deepEqual(peer.received.map(hexOf), [hex(4, 0, 1, '0001 0008 00000012'), hex(version, 5, 2)])
    peer.socket.destroy()
  }
  await s.undisturbed()
  const only = await stage(t, { limits: { versions: [1] }, alone: true })
  const peer = await only.dial()
  peer.send(hex(1, 0, 1), features(portHex('0001') + portHex('fffe')))
  await peer.settle()
  assert.deepEqual(peer.received.slice(0, 2).map(hexOf), [hex(1, 0, 1), hex(1, 5, 2)])
  assert.equal(only.connectionOf(peer).version, 1)
  assert.equal(only.connectionOf(peer).features.datapathId, 0xbn)
})

test('requests of 1.0 have their own numbers: barrier, statistics in parts, the role by Nicira', async (t) => {
  const s = await stage(t, versions)
  const peer = await s.up(1)
  const connection = s.connectionOf(peer)
  const answers = new Map<number, (xid: number) => string>([
    [18, (xid) => hex(1, 19, xid)],
    [16, (xid) => hex(1, 17, xid, portStats(true, 2)) + hex(1, 17, xid, portStats(false, 1))],
    [4, (xid) => hex(1, 4, xid, '00002320 0000000b 00000001')],
    [20, (xid) => hex(1, 1, xid, '0001 0005')],
  ])
  peer.answer = (message) => {
    const answer = answers.get(message[1] ?? 0)
    if (answer) peer.send(answer(xidOf(message)))
  }
  await connection.barrier()
  const { body } = await connection.request({
    type: 'multipart_request',
    body: { type: 'port', portNo: 0xffffffff },
  })
  assert.equal(body.entries.length, 3)
  assert.equal((await connection.request({ type: 'role_request', role: 'master' })).role, 'master')
  // What Open vSwitch says to a slave that writes, where later versions have a code of its own.
  await assert.rejects(connection.request({ type: 'queue_get_config_request', portNo: 1 }), {
    code: 'OFPBRC_EPERM',
  })
  assert.deepEqual([s.incidents, s.messages, peer.errors], [[], [], []])
  await s.undisturbed()
})

test('bad messages on a session of 1.0: refused by the numbers of 1.0, session kept', async (t) => {
  const s = await stage(t, versions)
  const peer = await s.up(1)
  for (const [why, message, error, code] of [
    ['BARRIER_REPLY of 1.3', hex(4, 21, 5), 'v4 1/0 to 5', 'wrong-version'],
    ['type 22, which 1.1 has', hex(1, 22, 5), 'v1 1/1 to 5', 'unknown-type'],
    ...[5, 7, 9, 13, 14, 15, 16, 18, 20].map(
      (type) => [`request type ${type}`, hex(1, type, 5, zeros(4)), 'v1 1/1 to 5', 'misdirected'] as const,
    ),
    ['flow-mod of Nicira', hex(1, 4, 5, '00002320 0000000d'), 'v1 1/1 to 5', 'misdirected'],
    ['BARRIER_REPLY of 9 bytes', hex(1, 19, 5, '00'), 'v1 1/6 to 5', 'malformed'],
    ['PACKET_IN of 17 bytes', hex(1, 10, 5, zeros(9)), 'v1 1/6 to 5', 'malformed'],
    ['total_len below the data', packetIn('000d', zeros(14)), undefined, 'packet-in-refused'],
    ['PORT_STATUS of port 0', hex(1, 12, 0, zeros(8) + portHex('0000')), undefined, 'port-refused'],
    ['PORT_STATUS above OFPP_MAX', hex(1, 12, 0, zeros(8) + portHex('ff01')), undefined, 'port-refused'],
    ['PORT_STATUS of OFPP_NONE', hex(1, 12, 0, zeros(8) + portHex('ffff')), undefined, 'port-refused'],
    ['BARRIER_REPLY that nobody asked for', hex(1, 19, 5), undefined, 'unsolicited'],
    ['statistics that nobody asked for', hex(1, 17, 5, portStats(false, 1)), undefined, 'unsolicited'],
  ] as const) {
    const before = peer.errors.length
    peer.send(message)
    await peer.settle()
    assert.deepEqual(peer.errors.slice(before), error === undefined ? [] : [error], why)
    assert.deepEqual(codes(s.incidents.splice(0)), [code], why)
  }
  assert.deepEqual(s.messages, [])
  peer.send(
    packetIn('000e', zeros(14)),
    ...['0001', 'fffe'].map((no) => hex(1, 12, 0, zeros(8) + portHex(no))),
  )
  await peer.settle()
  assert.deepEqual(
    s.messages.map(({ type }) => type),
    ['packet_in', 'port_status', 'port_status'],
  )
  await s.undisturbed()
})
