/** What encoding fills in, what decoding keeps, and what the versions make alike. */
import assert from 'node:assert/strict'
import test from 'node:test'
import {
  announcedVersions,
  decode,
  encode,
  type Message,
  noBuffer,
  reservedPort,
  versionBitmap,
} from 'ts-openflow'
import { hexOf } from './support/vectors.ts'

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replace(/\s+/g, ''), 'hex'))
const head = { version: 4, xid: 0x12345678 } as const

test('a flow-mod with its defaults, byte by byte', () => {
  const hex = hexOf(
    encode({
      type: 'flow_mod',
      ...head,
      command: 'add',
      tableId: 3,
      priority: 200,
      cookie: 0x2an,
      match: [
        { field: 'eth_type', value: 0x800 },
        { field: 'ipv4_dst', value: 0x0a000000, mask: 0xff000000 },
      ],
      instructions: [
        { type: 'apply_actions', actions: [{ type: 'output', port: 2, maxLen: 0 }] },
        { type: 'goto_table', tableId: 5 },
      ],
    }),
  )
  assert.equal(
    hex,
    [
      '040e0068 12345678',
      '000000000000002a 0000000000000000 03 00 0000 0000 00c8',
      'ffffffff ffffffff ffffffff 0000 0000',
      '0001 0016 80000a02 0800 80001908 0a000000 ff000000 0000',
      '0004 0018 00000000 0000 0010 00000002 0000 000000000000',
      '0001 0008 05 000000',
    ]
      .join('')
      .replaceAll(' ', ''),
  )
})

test('the defaults read back', () => {
  assert.deepEqual(decode(encode({ type: 'flow_mod', ...head, command: 'delete' })), {
    type: 'flow_mod',
    ...head,
    cookie: 0n,
    cookieMask: 0n,
    tableId: 0,
    command: 'delete',
    idleTimeoutS: 0,
    hardTimeoutS: 0,
    priority: 0x8000,
    bufferId: noBuffer,
    outPort: reservedPort.any,
    outGroup: 0xffff_ffff,
    flags: [],
    match: [],
    instructions: [],
  })
})

test('hello announces versions in bitmaps of any length', () => {
  const element = versionBitmap([4, 6, 33])
  const hex = hexOf(encode({ type: 'hello', ...head, elements: [element] }))
  assert.equal(hex, '0400001812345678' + '0001000c0000005000000002' + '00000000')
  const message = decode(bytes(hex))
  assert.ok(message.type === 'hello')
  assert.deepEqual(announcedVersions(message.elements), [4, 6, 33])
})

test('an element of hello that is not a bitmap is kept', () => {
  const hex = '0600001000000001' + '0007000512000000'
  const message = decode(bytes(hex))
  assert.ok(message.type === 'hello')
  assert.deepEqual(message.elements, [{ type: 'unknown', code: 7, body: Uint8Array.of(0x12) }])
  assert.equal(hexOf(encode(message)), hex)
})

const errors: readonly [string, Record<string, unknown>][] = [
  ['0005 0001', { errorType: 'OFPET_FLOW_MOD_FAILED', code: 'OFPFMFC_TABLE_FULL' }],
  ['0011 0009', { errorType: 'OFPET_BUNDLE_FAILED', code: 'OFPBFC_MSG_BAD_XID' }],
  ['0005 0066', { errorType: 'OFPET_FLOW_MOD_FAILED', code: 0x66 }],
  ['0063 0001', { errorType: 0x63, code: 1 }],
  [
    'ffff 0002 00002320',
    { errorType: 'OFPET_EXPERIMENTER', code: 'NXBRC_NXM_INVALID', experimenter: 0x2320 },
  ],
  [
    'ffff 0a28 4f4e4600',
    { errorType: 'OFPET_EXPERIMENTER', code: 'OFPBIC_DUP_INST', experimenter: 0x4f4e4600 },
  ],
  [
    'ffff 0909 4f4e4600',
    { errorType: 'OFPET_EXPERIMENTER', code: 'OFPBFC_MSG_FAILED', experimenter: 0x4f4e4600 },
  ],
  ['ffff 0001 00abcdef', { errorType: 'OFPET_EXPERIMENTER', code: 1, experimenter: 0xabcdef }],
]

for (const [wire, expected] of errors) {
  test(`error ${wire} is ${String(expected['code'])}`, () => {
    const body = wire.replaceAll(' ', '') + '0414000800000007'
    const length = (8 + body.length / 2).toString(16).padStart(4, '0')
    const hex = `0401${length}00000007${body}`
    const message = decode(bytes(hex))
    assert.deepEqual(message, {
      type: 'error',
      version: 4,
      xid: 7,
      ...expected,
      data: bytes('0414000800000007'),
    })
    assert.equal(hexOf(encode(message)), hex)
  })
}

test('the errors of 1.0 have numbers of their own, but a failed hello has its name in every version', () => {
  const code = (hex: string): unknown => {
    const message = decode(bytes(hex))
    return message.type === 'error' ? message.code : message.type
  }
  assert.equal(code('0101000c 00000001 0000 0000'), 'OFPHFC_INCOMPATIBLE')
  assert.equal(code('0901000c 00000001 0000 0000'), 'OFPHFC_INCOMPATIBLE')
  assert.equal(code('0101000c 00000001 0003 0001'), 'OFPFMFC_OVERLAP')
  assert.equal(code('0101000c 00000001 0005 0003'), 3)
})

test('a message of another version, or of an unknown type, survives', () => {
  for (const hex of ['070a000c00000001deadbeef', '0463000c00000001deadbeef', '0900000800000001']) {
    assert.equal(hexOf(encode(decode(bytes(hex)))), hex)
  }
  assert.deepEqual(decode(bytes('0463000900000001ab')), {
    type: 'unknown',
    version: 4,
    xid: 1,
    code: 0x63,
    body: Uint8Array.of(0xab),
  })
})

test('unknown fields, actions, instructions, properties and multiparts survive', () => {
  const kept: readonly string[] = [
    // A match field of an unknown class with a mask, one of an unknown experimenter, one of unusual width.
    'flow_mod 0001 0022 12340304 ab00 ff00 ffff0406 00abcdef 0102 80000002 0001 80000a02 0800 000000000000',
    // An unknown action, an unknown experimenter's action, one of Nicira's that has no definition.
    'flow_mod 0001 0004 00000000 0004 0030 00000000 00aa0010 0102030405060708090a0b0c ffff0008 00abcdef ffff0010 00002320 0011000000000000',
    // Unknown instructions.
    'flow_mod 0001 0004 00000000 0009 0008 01020304 ffff 0010 00abcdef 0102030405060708',
  ]
  for (const version of ['04', '06']) {
    for (const text of kept) {
      const body = `${'00'.repeat(24)}${'ff'.repeat(12)}00000000${text.replace('flow_mod', '').replaceAll(' ', '')}`
      const hex = `${version}0e${(8 + body.length / 2).toString(16).padStart(4, '0')}00000001${body}`
      assert.equal(hexOf(encode(decode(bytes(hex)))), hex)
    }
  }
})

test('a move between fields that have no name here stays bytes', () => {
  const action = 'ffff0018 00002320 0006 0010 0000 0000 0001fc04 00010004'.replaceAll(' ', '')
  const hex = `040d0030 00000001 ffffffff fffffffd 0018 000000000000 ${action}`.replaceAll(' ', '')
  const message = decode(bytes(hex))
  assert.ok(message.type === 'packet_out')
  assert.deepEqual(
    message.actions.map(({ type }) => type),
    ['experimenter'],
  )
  assert.equal(hexOf(encode(message)), hex)
})

test('a packet-out of 1.5 has the port apart from other pipeline fields', () => {
  const message = {
    type: 'packet_out',
    version: 6,
    xid: 1,
    bufferId: noBuffer,
    inPort: 2,
    match: [{ field: 'metadata', value: 7n }],
    actions: [],
    data: Uint8Array.of(1, 2),
  } as const
  assert.deepEqual(decode(encode(message)), message)
  const plain = { type: 'packet_out', version: 6, xid: 1, actions: [] } as const
  const decoded = { ...plain, bufferId: noBuffer, data: new Uint8Array(0) }
  assert.deepEqual(decode(encode({ ...plain, inPort: 2 })), { ...decoded, inPort: 2 })
  assert.deepEqual(decode(encode(plain)), { ...decoded, inPort: reservedPort.controller })
})

test('bundles look alike on 1.3 and 1.5, though their bytes differ', () => {
  for (const version of [4, 6]) {
    const inner = decode(encode({ type: 'flow_mod', version, xid: 9, command: 'add' })) as Extract<
      Message,
      { type: 'flow_mod' }
    >
    const flags = ['atomic', 'ordered'] as const
    const messages = [
      {
        type: 'bundle_control',
        version,
        xid: 9,
        bundleId: 1,
        control: 'open_request',
        flags,
        properties: [],
      },
      { type: 'bundle_add', version, xid: 9, bundleId: 1, flags, message: inner },
      {
        type: 'bundle_add',
        version,
        xid: 9,
        bundleId: 1,
        flags,
        message: inner,
        properties: [{ type: 'experimenter', experimenter: 1, body: Uint8Array.of(1, 2, 3, 4) }],
      },
    ] as const
    for (const message of messages) {
      const encoded = encode(message)
      assert.equal(encoded[1], version === 4 ? 4 : message.type === 'bundle_add' ? 34 : 33)
      assert.deepEqual(decode(encoded), message)
    }
  }
})

test('small messages share a block, and none writes over another', () => {
  const all = Array.from({ length: 2000 }, (_, xid) =>
    encode({ type: 'echo_request', version: 4, xid, data: new Uint8Array(xid % 50) }),
  )
  all.forEach((one, xid) => assert.equal(decode(one).xid, xid))
})
