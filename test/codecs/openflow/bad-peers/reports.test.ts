/** Peers whose packet-ins and port events cannot be: dropped and told, and what is only unusual is taken. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hex } from './peer.ts'
import { codes, stage } from './stage.ts'

const frame = '010203040506 0708090a0b0c 0800 45000000'
const inPort = '8000 00 04 00000007'
const ofInPort = `0001 000c ${inPort} 00000000`

interface Parts {
  readonly bufferId?: string
  readonly totalLen?: string
  readonly match?: string
  readonly data?: string
}

/** PACKET_IN from 1.3 on. */
const packetIn = (
  version: number,
  { bufferId = 'ffffffff', totalLen = '0012', match = ofInPort, data = frame }: Parts = {},
): string => hex(version, 10, 5, `${bufferId} ${totalLen} 00 00 ffffffffffffffff ${match} 0000 ${data}`)

/** What cannot be read is answered; what contradicts itself is dropped. */
const malformed: readonly (readonly [
  why: string,
  message: string,
  code: 'malformed' | 'packet-in-refused',
])[] = [
  ['header length below the fixed part', hex(4, 10, 5, 'ffffffff 0000 00 00 ffffffffffffffff'), 'malformed'],
  ['nothing but a header', hex(4, 10, 5), 'malformed'],
  [
    'no padding behind the match',
    hex(4, 10, 5, `ffffffff 0000 00 00 ffffffffffffffff ${ofInPort}`),
    'malformed',
  ],
  ['match type 0', packetIn(4, { match: `0000 000c ${inPort} 00000000` }), 'malformed'],
  ['match type 0xffff', packetIn(6, { match: `ffff 000c ${inPort} 00000000` }), 'malformed'],
  ['match length 0', packetIn(4, { match: '0001 0000 00000000' }), 'malformed'],
  ['match length 3', packetIn(5, { match: '0001 0003 00000000' }), 'malformed'],
  ['match length beyond the message', packetIn(4, { match: `0001 ffff ${inPort} 00000000` }), 'malformed'],
  [
    'an OXM that runs past the match',
    packetIn(4, { match: '0001 000c 8000 00 0c 00000007 00000000' }),
    'malformed',
  ],
  ['an OXM that is cut off', packetIn(6, { match: '0001 0006 8000 0000' }), 'malformed'],
  ['an OXM twice', packetIn(4, { match: `0001 0014 ${inPort} ${inPort} 00000000` }), 'packet-in-refused'],
  [
    'an unknown OXM twice',
    packetIn(6, { match: `0001 0016 ${inPort} 1234 02 01 aa 1234 02 01 bb 0000` }),
    'packet-in-refused',
  ],
  ['no OXM IN_PORT', packetIn(4, { match: '0001 0004 00000000' }), 'packet-in-refused'],
  [
    'another OXM, no IN_PORT',
    packetIn(6, { match: '0001 000c 8000 02 04 00000007 00000000' }),
    'packet-in-refused',
  ],
  ['data of 13 bytes', packetIn(4, { totalLen: '000d', data: 'aa'.repeat(13) }), 'packet-in-refused'],
  [
    'data of 13 bytes of 64, not buffered',
    packetIn(4, { totalLen: '0040', data: 'aa'.repeat(13) }),
    'packet-in-refused',
  ],
  ['no data, not buffered', packetIn(6, { totalLen: '0040', data: '' }), 'packet-in-refused'],
  [
    '13 bytes in all, buffered',
    packetIn(4, { bufferId: '00000001', totalLen: '000d', data: '' }),
    'packet-in-refused',
  ],
  ['total_len below the data', packetIn(4, { totalLen: '0011' }), 'packet-in-refused'],
  ['total_len 0', packetIn(5, { totalLen: '0000' }), 'packet-in-refused'],
]

for (const [why, message, code] of malformed) {
  test(`malformed PACKET_IN, ${why}: dropped, session kept`, async (t) => {
    const s = await stage(t)
    const version = Number.parseInt(message.slice(0, 2), 16)
    const peer = await s.up(version)
    peer.send(message, packetIn(version))
    await peer.settle()
    assert.deepEqual(codes(s.incidents), [code])
    assert.deepEqual(peer.errors, code === 'malformed' ? [`v${version} 1/6 to 5`] : [])
    assert.deepEqual(
      s.messages.map((it) => it.type === 'packet_in' && it.data.length),
      [18],
      'only the sound one behind it',
    )
    await s.undisturbed()
  })
}

test('unusual PACKET_INs that are none of that: taken', async (t) => {
  const s = await stage(t)
  const peer = await s.up(6)
  const packetType = '8000 58 04 00010800'
  peer.send(
    packetIn(6, { totalLen: '05dc' }),
    packetIn(6, { bufferId: '00000001', totalLen: '05dc', data: '' }),
    packetIn(6, { totalLen: '000e', data: 'aa'.repeat(14) }),
    packetIn(6, { totalLen: '0004', match: `0001 0014 ${inPort} ${packetType} 00000000`, data: '45000000' }),
    packetIn(6, { match: `0001 0012 ${inPort} 1234 02 02 beef 000000000000` }),
  )
  await peer.settle()
  assert.deepEqual([codes(s.incidents), peer.errors, s.messages.length], [[], [], 5])
  await s.undisturbed()
})

test('a runt is taken when no least length is set', async (t) => {
  const s = await stage(t, { limits: { minFrameBytes: 0 } })
  const peer = await s.up()
  peer.send(packetIn(4, { totalLen: '0001', data: 'aa' }))
  await peer.settle()
  assert.deepEqual([s.incidents, s.messages.length], [[], 1])
})

/** PORT_STATUS of 1.3 and of 1.5. */
const portStatus = (version: number, portNo: string): string =>
  version === 4
    ? hex(4, 12, 0, `00 00000000000000 ${portNo} 00000000 020000000007 0000 ${'00'.repeat(48)}`)
    : hex(version, 12, 0, `00 00000000000000 ${portNo} 0028 0000 020000000007 0000 ${'00'.repeat(24)}`)

for (const version of [4, 5, 6]) {
  test(`PORT_STATUS with undefined port_no in v${version}: ignored and told; 1 to OFPP_MAX and LOCAL are taken`, async (t) => {
    const s = await stage(t)
    const peer = await s.up(version)
    const undefinedOnes = ['00000000', 'ffffff01', 'fffffff7', 'fffffff8', 'fffffffb', 'fffffffd', 'ffffffff']
    peer.send(...undefinedOnes.map((portNo) => portStatus(version, portNo)))
    await peer.settle()
    assert.deepEqual([codes(s.incidents), s.messages], [undefinedOnes.map(() => 'port-refused'), []])
    assert.match(s.incidents[1]?.detail ?? '', /0xffffff01/)
    peer.send(...['00000001', 'ffffff00', 'fffffffe'].map((portNo) => portStatus(version, portNo)))
    await peer.settle()
    assert.deepEqual(
      s.messages.map((it) => it.type === 'port_status' && it.port.portNo),
      [1, 0xffffff00, 0xfffffffe],
    )
    await s.undisturbed()
  })
}
