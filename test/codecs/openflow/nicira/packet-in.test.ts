/** Nicira's packet-ins: one with a match, one of properties, and what sends a paused packet on its way. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { decode, encode, type MessageInput } from 'ts-openflow'
import { hexOf } from '../support/vectors.ts'
import { bytes, nicira, same, without } from '../support/wire.ts'

test('a packet-in with a match has NXM numbers in every version', () => {
  for (const version of [1, 2, 3, 4, 5, 6])
    same(
      nicira(
        version,
        17,
        'ffffffff 0040 01 02 0000000000000007 0006 000000000000 00000002 0001 0000 0000 abcd',
      ),
      {
        type: 'nx_packet_in',
        version,
        xid: 1,
        bufferId: 0xffff_ffff,
        totalLen: 0x40,
        reason: 'action',
        tableId: 2,
        cookie: 7n,
        match: [{ field: 'in_port', value: 1 }],
        data: Uint8Array.of(0xab, 0xcd),
      },
    )
})

const packet = '0000 0006 abcd 0000'
const fullLength = '0001 0008 00000040'
const table = '0003 0005 02 000000'
const cookie = '0004 0010 00000000 0000000000000007'
const reason = '0005 0005 01 000000'
const metadata = '0006 000c 80000004 00000001 00000000'
const userdata = '0007 0007 010203 00'
const uuid = '000102030405060708090a0b0c0d0e0f'
const continuation = `0008 0058 00000000
  8000 0014 ${uuid} 00000000
  8001 0006 0a0b 0000
  8002 0008 00000003
  8003 0004 00000000
  8004 0005 02 000000
  8007 0018 00000000 0000 0010 00000002 0000 000000000000`

const known = {
  xid: 1,
  version: 4,
  data: Uint8Array.of(0xab, 0xcd),
  totalLen: 0x40,
  tableId: 2,
  cookie: 7n,
  reason: 'action',
  match: [{ field: 'in_port', value: 1 }],
} as const

const paused = [
  { type: 'bridge', uuid: bytes(uuid) },
  { type: 'stack', value: Uint8Array.of(10, 11) },
  { type: 'mirrors', mirrors: 3 },
  { type: 'conntracked' },
  { type: 'table_id', tableId: 2 },
  { type: 'action_set', actions: [{ type: 'output', port: 2, maxLen: 0 }] },
]

const usual = `${packet} ${fullLength} ${table} ${cookie} ${reason} ${metadata}`

test('properties in the usual order are fields', () => {
  same(nicira(4, 30, `${usual} ${continuation} ${userdata}`), {
    type: 'nx_packet_in2',
    ...known,
    continuation: paused,
    userdata: Uint8Array.of(1, 2, 3),
  })
})

test('a packet is resumed with what came, but for the user data', () => {
  const message = decode(bytes(nicira(4, 30, `${usual} ${continuation} ${userdata}`)))
  assert.ok(message.type === 'nx_packet_in2')
  const rest = without(message, 'userdata')
  const hex = nicira(4, 28, `${usual} ${continuation}`)
  assert.equal(hexOf(encode({ ...rest, type: 'nx_resume' })), hex)
  same(hex, { type: 'nx_resume', ...known, continuation: paused })
})

test('what comes out of order, twice, or unknown stays in a list', () => {
  const message = decode(bytes(nicira(4, 30, `${packet} ${reason} ${table} ${table} 0099 0008 01020304`)))
  assert.deepEqual(message, {
    type: 'nx_packet_in2',
    version: 4,
    xid: 1,
    data: known.data,
    reason: 'action',
    properties: [
      { type: 'table_id', value: 2 },
      { type: 'table_id', value: 2 },
      { type: 'unknown', code: 0x99, body: Uint8Array.of(1, 2, 3, 4) },
    ],
  })
  const hex = nicira(4, 30, `${packet} ${reason} ${table} ${table} 0099 0008 01020304`)
  assert.equal(hexOf(encode(message as MessageInput)), hex)
})

test('a property of an unusual length stays as bytes', () => {
  const hex = nicira(4, 30, `${packet} 0003 0008 02000000`)
  const message = decode(bytes(hex))
  assert.ok(message.type === 'nx_packet_in2' && message.tableId === undefined)
  assert.deepEqual(message.properties, [{ type: 'unknown', code: 3, body: Uint8Array.of(2, 0, 0, 0) }])
  assert.equal(hexOf(encode(message)), hex)
})

test('what paused actions cannot hold stays as bytes: Open vSwitch puts instructions there', () => {
  const hex = nicira(
    4,
    30,
    `${packet} 0008 0028 00000000 8006 0020 00000000 0003 0018 00000000 0000 0010 00000002 0000 000000000000`,
  )
  const message = decode(bytes(hex))
  assert.ok(message.type === 'nx_packet_in2')
  assert.deepEqual(
    message.continuation?.map((one) => one.type === 'unknown' && one.code),
    [0x8006],
  )
  assert.equal(hexOf(encode(message)), hex)
})

test('a value that a property cannot hold is refused by the field’s name', () => {
  const message = { type: 'nx_resume', version: 4, xid: 1, tableId: 256 } as const
  assert.throws(() => encode(message), { name: 'EncodeError', code: 'RANGE', path: /^nx_resume\.tableId/ })
})

test('choosing the packet-ins', () => {
  same(nicira(1, 16, '00000002'), {
    type: 'nx_set_packet_in_format',
    version: 1,
    xid: 1,
    format: 'nx_packet_in2',
  })
})
