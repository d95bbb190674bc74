/** Messages of 1.0, byte by byte: those that differ from later versions. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { decode, encode, type MessageInput } from 'ts-openflow'
import { hexOf } from '../support/vectors.ts'
import { bytes, framed, same } from '../support/wire.ts'
import { anything, port, portHex } from './support/parts.ts'

const head = { version: 1, xid: 1 } as const

test('a flow-mod: the table is the upper byte of the command, and actions stand alone', () => {
  same(
    framed(1, 14, `${anything} 000000000000002a 0501 000a 0014 00c8 ffffffff ffff 0003 0000 0008 0002 0000`),
    {
      type: 'flow_mod',
      ...head,
      match: [],
      cookie: 42n,
      cookieMask: 0n,
      tableId: 5,
      command: 'modify',
      idleTimeoutS: 10,
      hardTimeoutS: 20,
      priority: 200,
      bufferId: 0xffff_ffff,
      outPort: 0xffff_ffff,
      outGroup: 0xffff_ffff,
      flags: ['send_flow_rem', 'check_overlap'],
      instructions: [{ type: 'apply_actions', actions: [{ type: 'output', port: 2, maxLen: 0 }] }],
    },
  )
})

test('a flow-mod without actions has no instructions, and its defaults are those of later versions', () => {
  const message = { type: 'flow_mod', ...head, command: 'delete' } as const
  const hex = framed(1, 14, `${anything} 0000000000000000 0003 0000 0000 8000 ffffffff ffff 0000`)
  assert.equal(hexOf(encode(message)), hex)
  const read = decode(bytes(hex))
  assert.deepEqual(read.type === 'flow_mod' && read.instructions, [])
})

const unsuitable: readonly (readonly [string, string, Readonly<Record<string, unknown>>])[] = [
  ['cookieMask', 'VERSION', { cookieMask: 1n }],
  ['outGroup', 'VERSION', { outGroup: 1 }],
  ['importance', 'VERSION', { importance: 1 }],
  ['flags', 'VERSION', { flags: ['reset_counts'] }],
  ['outPort', 'RANGE', { outPort: 0x10000 }],
  ['instructions[0]', 'VERSION', { instructions: [{ type: 'goto_table', tableId: 1 }] }],
  [
    'instructions[1]',
    'VERSION',
    {
      instructions: [
        { type: 'apply_actions', actions: [] },
        { type: 'apply_actions', actions: [] },
      ],
    },
  ],
]

for (const [path, code, fields] of unsuitable) {
  test(`refused in a flow-mod of 1.0: ${path}`, () => {
    const message = { type: 'flow_mod', ...head, command: 'add', ...fields } as unknown as MessageInput
    assert.throws(() => encode(message), { name: 'EncodeError', code, path: `flow_mod.${path}` })
  })
}

test('a flow that is gone tells neither table nor hard timeout', () => {
  same(
    framed(
      1,
      11,
      `${anything} 0000000000000001 8000 01 00 00000003 00000004 000a 0000 0000000000000005 0000000000000006`,
    ),
    {
      type: 'flow_removed',
      ...head,
      match: [],
      cookie: 1n,
      priority: 0x8000,
      reason: 'hard_timeout',
      durationS: 3,
      durationNs: 4,
      idleTimeoutS: 10,
      packetCount: 5n,
      byteCount: 6n,
    },
  )
})

test('a packet-in: the port reads as a match', () => {
  const message = same(framed(1, 10, 'ffffffff 0040 fffe 00 00 abcd'), {
    type: 'packet_in',
    ...head,
    bufferId: 0xffff_ffff,
    totalLen: 0x40,
    match: [{ field: 'in_port', value: 0xffff_fffe }],
    reason: 'no_match',
    cookie: 0xffff_ffff_ffff_ffffn,
    data: Uint8Array.of(0xab, 0xcd),
  })
  assert.throws(() => encode({ ...message, match: [] } as MessageInput), {
    code: 'VERSION',
    message: /in_port/,
  })
})

test('a packet-out', () => {
  same(framed(1, 13, 'ffffffff fffd 0008 0000 0008 fffb 0000 abcd'), {
    type: 'packet_out',
    ...head,
    bufferId: 0xffff_ffff,
    inPort: 0xffff_fffd,
    actions: [{ type: 'output', port: 0xffff_fffb, maxLen: 0 }],
    data: Uint8Array.of(0xab, 0xcd),
  })
})

test('features: with actions and ports', () => {
  same(framed(1, 6, `0000000000000abc 00000100 fe 000000 000000c7 00000fff ${portHex}`), {
    type: 'features_reply',
    ...head,
    datapathId: 0xabcn,
    nBuffers: 256,
    nTables: 254,
    capabilities: ['flow_stats', 'table_stats', 'port_stats', 'queue_stats', 'arp_match_ip'],
    actions: [
      'output',
      'set_vlan_vid',
      'set_vlan_pcp',
      'strip_vlan',
      'set_eth_src',
      'set_eth_dst',
      'set_nw_src',
      'set_nw_dst',
      'set_nw_tos',
      'set_tp_src',
      'set_tp_dst',
      'enqueue',
    ],
    ports: [port],
  })
})

test('a port’s change, and changing a port', () => {
  same(framed(1, 12, `02 00000000000000 ${portHex}`), {
    type: 'port_status',
    ...head,
    reason: 'modify',
    port,
  })
  const change = framed(1, 15, '0003 0200000000aa 00000010 00000011 00000000 00000000')
  const portMod = {
    type: 'port_mod',
    ...head,
    portNo: 3,
    hwAddr: 0x0200000000aa,
    config: ['no_flood'],
    mask: ['port_down', 'no_flood'],
  } as const
  same(change, { ...portMod, properties: [{ type: 'ethernet', advertise: [] }] })
  assert.equal(hexOf(encode(portMod)), change)
  const later = { ...portMod, properties: [{ type: 'ethernet', advertise: ['40gb_fd'] }] } as const
  assert.throws(() => encode(later), { code: 'VERSION', path: 'port_mod.properties.advertise' })
})

test('queues of a port', () => {
  same(framed(1, 20, '0003 0000'), { type: 'queue_get_config_request', ...head, portNo: 3 })
  same(
    framed(
      1,
      21,
      '0003 000000000000 00000007 0018 0000 0001 0010 00000000 0064 000000000000 00000008 0008 0000',
    ),
    {
      type: 'queue_get_config_reply',
      ...head,
      portNo: 3,
      queues: [
        { queueId: 7, properties: [{ type: 'min_rate', rate: 100 }] },
        { queueId: 8, properties: [] },
      ],
    },
  )
})

test('barriers have numbers of their own', () => {
  same(framed(1, 18, ''), { type: 'barrier_request', ...head })
  same(framed(1, 19, ''), { type: 'barrier_reply', ...head })
})

test('a vendor’s message, with and without a number after the vendor’s', () => {
  same(framed(1, 4, '00abcdef 00000001 02'), {
    type: 'experimenter',
    ...head,
    experimenter: 0xabcdef,
    expType: 1,
    body: Uint8Array.of(2),
  })
  same(framed(1, 4, '00abcdef 010203'), {
    type: 'experimenter',
    ...head,
    experimenter: 0xabcdef,
    body: Uint8Array.of(1, 2, 3),
  })
})

test('what only later versions have is refused', () => {
  assert.throws(() => encode({ type: 'table_mod', ...head, tableId: 0 }), {
    name: 'EncodeError',
    code: 'VERSION',
  })
  const request = { type: 'multipart_request', ...head, body: { type: 'meter' } } as const
  assert.throws(() => encode(request), { code: 'VERSION', message: /OpenFlow 1\.0/ })
})
