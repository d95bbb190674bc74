/** Nicira's flow messages: matches without a header, the cookie among them, ages, and tables. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { decode, encode, type MessageInput } from 'ts-openflow'
import { hexOf } from '../support/vectors.ts'
import { bytes, framed, nicira, same } from '../support/wire.ts'

const allBits = 0xffff_ffff_ffff_ffffn

/** What a flow-mod of Nicira's has before its match; the length is the match's. */
const before = (length: string): string =>
  `0000000000000007 0301 000a 0014 00c8 ffffffff ffff 0001 ${length} 000000000000`

const flowMod = {
  type: 'nx_flow_mod',
  xid: 1,
  cookie: 7n,
  tableId: 3,
  command: 'modify',
  idleTimeoutS: 10,
  hardTimeoutS: 20,
  priority: 200,
  bufferId: 0xffff_ffff,
  outPort: 0xffff_ffff,
  flags: ['send_flow_rem'],
} as const

test('a flow-mod of 1.0 whose match holds any field, padded to a multiple of 8', () => {
  same(nicira(1, 13, `${before('000e')} 00000002 0001 00010004 00000005 0000 0000 0008 0002 0000`), {
    ...flowMod,
    version: 1,
    match: [
      { field: 'in_port', value: 1 },
      { field: 'reg0', value: 5 },
    ],
    instructions: [{ type: 'apply_actions', actions: [{ type: 'output', port: 2, maxLen: 0 }] }],
  })
})

test('in later versions the match is the same, and instructions follow', () => {
  const hex = nicira(
    4,
    13,
    `${before('0006')} 00000002 0001 0000 0004 0018 00000000 0000 0010 00000002 0000 000000000000`,
  )
  same(hex, {
    ...flowMod,
    version: 4,
    match: [{ field: 'in_port', value: 1 }],
    instructions: [{ type: 'apply_actions', actions: [{ type: 'output', port: 2, maxLen: 0 }] }],
  })
})

const cookies: readonly (readonly [string, string, string, { cookie: bigint; cookieMask: bigint }])[] = [
  ['a whole cookie', '000c', '00013c08 0000000000000005 00000000', { cookie: 5n, cookieMask: allBits }],
  [
    'part of a cookie',
    '0014',
    '00013d10 0000000000000005 00000000000000ff 00000000',
    { cookie: 5n, cookieMask: 0xffn },
  ],
]

for (const [what, length, entry, cookieMatch] of cookies) {
  test(`${what} is compared`, () => {
    const hex = nicira(1, 13, `${before(length)} ${entry}`)
    same(hex, { ...flowMod, version: 1, match: [], cookieMatch, instructions: [] })
  })
}

const odd: readonly (readonly [string, string, string])[] = [
  ['before another field', '0012', '00013c08 0000000000000005 00000002 0001 000000000000'],
  ['with a mask of zero', '0014', '00013d10 0000000000000000 0000000000000000 00000000'],
  ['with bits outside its mask', '0014', '00013d10 0000000000000100 00000000000000ff 00000000'],
  ['with a mask of all bits', '0014', '00013d10 0000000000000005 ffffffffffffffff 00000000'],
]

for (const [what, length, entries] of odd) {
  test(`an entry for the cookie ${what} stays among the fields`, () => {
    const hex = nicira(1, 13, `${before(length)} ${entries}`).replaceAll(' ', '')
    const message = decode(bytes(hex))
    assert.ok(message.type === 'nx_flow_mod' && message.cookieMatch === undefined)
    assert.ok(message.match.some(({ field }) => field === 'cookie'))
    assert.equal(hexOf(encode(message)), hex)
  })
}

test('a cookie with bits that its mask does not compare is refused', () => {
  const message = {
    type: 'nx_flow_mod',
    version: 1,
    xid: 1,
    command: 'delete',
    cookieMatch: { cookie: 0x100n, cookieMask: 0xffn },
  } as const
  assert.throws(() => encode(message), { name: 'EncodeError', code: 'INVALID' })
})

test('a match that runs past its message, or past its own length, is refused', () => {
  for (const [length, match] of [
    ['0040', '00000002 0001 0000'],
    ['0005', '00000002 0001 0000'],
    ['0003', '00000002 0001 0000'],
  ] as const)
    assert.throws(() => decode(bytes(nicira(1, 13, `${before(length)} ${match}`))), { name: 'WireError' })
})

test('a flow that is gone, with and without its table', () => {
  const body = (table: string): string =>
    `0000000000000007 00c8 02 ${table} 00000003 00000004 000a 0006 0000000000000005 0000000000000006 00000002 0001 0000`
  const value = {
    type: 'nx_flow_removed',
    version: 1,
    xid: 1,
    cookie: 7n,
    priority: 200,
    reason: 'delete',
    durationS: 3,
    durationNs: 4,
    idleTimeoutS: 10,
    packetCount: 5n,
    byteCount: 6n,
    match: [{ field: 'in_port', value: 1 }],
  }
  same(nicira(1, 14, body('04')), { ...value, tableId: 3 })
  same(nicira(1, 14, body('00')), value)
})

/** The vendor's number, the extension's, and padding that only 1.0 has. */
const part = (subtype: number): string =>
  `ffff 0000 00002320 ${subtype.toString(16).padStart(8, '0')} 00000000`

test('requests for flows and their sums compare cookies as those of later versions do', () => {
  for (const [type, subtype] of [
    ['nx_flow', 0],
    ['nx_aggregate', 1],
  ] as const)
    same(framed(1, 16, `${part(subtype)} 0002 000c 05 000000 00013c08 0000000000000005 00000000`), {
      type: 'multipart_request',
      version: 1,
      xid: 1,
      flags: [],
      body: { type, outPort: 2, tableId: 5, match: [], cookie: 5n, cookieMask: allBits },
    })
  const request = { type: 'multipart_request', version: 1, xid: 1, body: { type: 'nx_flow' } } as const
  assert.equal(hexOf(encode(request)), framed(1, 16, `${part(0)} ffff 0000 ff 000000`))
})

test('flows with their ages, which are one less than the numbers, zero being none', () => {
  const entry = (ages: string): string =>
    `0038 02 00 00000001 00000002 00c8 0003 0004 0006 ${ages} 0000000000000007 0000000000000008 0000000000000009 00000002 0001 0000`
  const flow = {
    tableId: 2,
    durationS: 1,
    durationNs: 2,
    priority: 200,
    idleTimeoutS: 3,
    hardTimeoutS: 4,
    cookie: 7n,
    packetCount: 8n,
    byteCount: 9n,
    match: [{ field: 'in_port', value: 1 }],
    instructions: [],
  }
  same(framed(1, 17, `${part(0)} ${entry('0001 000b')} ${entry('0000 0000')}`), {
    type: 'multipart_reply',
    version: 1,
    xid: 1,
    flags: [],
    body: { type: 'nx_flow', entries: [{ ...flow, idleAgeS: 0, hardAgeS: 10 }, flow] },
  })
})

test('only 1.0 has these statistics', () => {
  const request = { type: 'multipart_request', version: 4, xid: 1, body: { type: 'nx_flow' } }
  assert.throws(() => encode(request as MessageInput), { name: 'EncodeError', code: 'VERSION' })
})
