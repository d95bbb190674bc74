/** Nicira's messages about the session and the switch: roles, formats, tables, tunnels, tracked connections. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { decode, encode, type MessageInput } from 'ts-openflow'
import { hexOf } from '../support/vectors.ts'
import { bytes, framed, nicira, same } from '../support/wire.ts'

const everyVersion = [1, 2, 3, 4, 5, 6]

const messages: readonly (readonly [number, string, readonly number[], Readonly<Record<string, unknown>>])[] =
  [
    [12, '00000002', [1], { type: 'nx_set_flow_format', format: 'nxm' }],
    [15, '01 00000000000000', everyVersion, { type: 'nx_flow_mod_table_id', setting: 'enable' }],
    [18, '', everyVersion, { type: 'nx_flow_age' }],
    [20, '000000000000 0007', everyVersion, { type: 'nx_set_controller_id', controllerId: 7 }],
    [10, '00000001', [1, 2], { type: 'role_request', role: 'master' }],
    [11, '00000002', [1, 2], { type: 'role_reply', role: 'slave' }],
    [10, '00000000', [3, 4, 5, 6], { type: 'nx_role_request', role: 'equal' }],
    [11, '00000001', [3, 4, 5, 6], { type: 'nx_role_reply', role: 'master' }],
    [
      24,
      '0000 000000000000 ffff 00 04 0001 0000',
      everyVersion,
      {
        type: 'nx_tlv_table_mod',
        command: 'add',
        mappings: [{ optionClass: 0xffff, optionType: 0, optionLength: 4, index: 1 }],
      },
    ],
    [25, '', everyVersion, { type: 'nx_tlv_table_request' }],
    [
      26,
      '00000100 0040 00000000000000000000 0102 03 08 0000 0000',
      everyVersion,
      {
        type: 'nx_tlv_table_reply',
        maxOptionSpace: 256,
        maxFields: 64,
        mappings: [{ optionClass: 0x102, optionType: 3, optionLength: 8, index: 0 }],
      },
    ],
    [29, '000000000000 0009', everyVersion, { type: 'nx_ct_flush_zone', zone: 9 }],
    [
      32,
      `06 00000000000000
      0000 0030 00000000 0000 0014 00000000000000000000ffff0a000001 00000000
        0002 0008 0050 0000 0003 0008 01bb 0000
      0001 0018 00000000 0005 0005 08 000000 0004 0008 0007 0000
      0002 0008 0005 0000`,
      everyVersion,
      {
        type: 'nx_ct_flush',
        ipProto: 6,
        properties: [
          {
            type: 'orig_tuple',
            properties: [
              { type: 'src', address: 0xffff_0a00_0001n },
              { type: 'src_port', port: 80 },
              { type: 'dst_port', port: 443 },
            ],
          },
          {
            type: 'reply_tuple',
            properties: [
              { type: 'icmp_type', icmpType: 8 },
              { type: 'icmp_id', id: 7 },
            ],
          },
          { type: 'zone', zone: 5 },
        ],
      },
    ],
    [21, '00000007', [1, 2, 3], { type: 'flow_monitor_cancel', monitorId: 7 }],
    [22, '', [1, 2, 3], { type: 'flow_monitor_paused' }],
    [23, '', [1, 2, 3], { type: 'flow_monitor_resumed' }],
  ]

for (const [subtype, hex, versions, value] of messages) {
  test(`${String(value['type'])} of versions ${versions.join(', ')}`, () => {
    for (const version of versions) same(nicira(version, subtype, hex), { version, xid: 1, ...value })
  })
}

test('a role that changes nothing is the standard’s alone', () => {
  const message = { type: 'role_request', version: 1, xid: 1, role: 'nochange' } as const
  assert.throws(() => encode(message), { code: 'VERSION', path: 'role_request.role' })
  const generation = { type: 'role_request', version: 1, xid: 1, role: 'equal', generationId: 1n } as const
  assert.throws(() => encode(generation), { code: 'VERSION', path: 'role_request.generationId' })
})

const masks = '00000007 00000001 00000007 00000007 0000000f 00000000'
const reasons = (type: string, names: readonly string[]) => ({ type, reasons: names })

test('asynchronous messages: the six masks under the standard’s name where there is no standard one', () => {
  const properties = [
    reasons('packet_in_master', ['no_match', 'action', 'invalid_ttl']),
    reasons('packet_in_slave', ['no_match']),
    reasons('port_status_master', ['add', 'delete', 'modify']),
    reasons('port_status_slave', ['add', 'delete', 'modify']),
    reasons('flow_removed_master', ['idle_timeout', 'hard_timeout', 'delete', 'group_delete']),
    reasons('flow_removed_slave', []),
  ]
  for (const version of everyVersion) {
    const type = version < 4 ? 'set_async' : 'nx_set_async'
    same(nicira(version, 19, masks), { type, version, xid: 1, properties })
  }
})

test('asynchronous messages as 1.4 has them, up to 1.3', () => {
  for (const version of [1, 2, 3, 4])
    same(nicira(version, 27, '0001 0008 00000002'), {
      type: 'nx_set_async2',
      version,
      xid: 1,
      properties: [reasons('packet_in_master', ['action'])],
    })
  const later = decode(bytes(nicira(5, 27, '0001 0008 00000002')))
  assert.equal(later.type, 'experimenter')
})

test('groups of 1.0 are those of 1.5', () => {
  same(
    nicira(
      1,
      31,
      '0000 01 00 00000007 0020 0000 ffffffff 0020 0008 00000003 0000 0008 0002 0000 0000 0008 0064 0000 0001 0008 ffffffff',
    ),
    {
      type: 'group_mod',
      version: 1,
      xid: 1,
      command: 'add',
      groupType: 'select',
      groupId: 7,
      commandBucketId: 0xffff_ffff,
      buckets: [
        {
          bucketId: 3,
          actions: [{ type: 'output', port: 2, maxLen: 0 }],
          weight: 100,
          watchPort: 0xffff_ffff,
        },
      ],
      properties: [],
    },
  )
})

test('statistics of Nicira’s have padding in 1.0 and none later', () => {
  for (const [version, code, padding] of [
    [1, 16, '00000000'],
    [2, 18, ''],
    [6, 18, ''],
  ] as const) {
    const more = version === 1 ? '' : '00000000'
    same(framed(version, code, `ffff 0000 ${more} 00002320 00000003 ${padding}`), {
      type: 'multipart_request',
      version,
      xid: 1,
      flags: [],
      body: { type: 'nx_ipfix_bridge' },
    })
  }
})

test('counters of flow export', () => {
  const counters = Array.from({ length: 10 }, (_, index) => (index + 1).toString(16).padStart(16, '0'))
  same(framed(4, 19, `ffff 0000 00000000 00002320 00000004 ${counters.join('')} 0000000b 00000000`), {
    type: 'multipart_reply',
    version: 4,
    xid: 1,
    flags: [],
    body: {
      type: 'nx_ipfix_flow',
      entries: [
        {
          totalFlows: 1n,
          currentFlows: 2n,
          packets: 3n,
          ipv4Packets: 4n,
          ipv6Packets: 5n,
          errorPackets: 6n,
          ipv4ErrorPackets: 7n,
          ipv6ErrorPackets: 8n,
          txPackets: 9n,
          txErrors: 10n,
          collectorSetId: 11,
        },
      ],
    },
  })
})

test('group statistics of 1.0 are Nicira’s under the standard’s name', () => {
  same(framed(1, 16, 'ffff 0000 00002320 00000007 00000000 fffffffc 00000000'), {
    type: 'multipart_request',
    version: 1,
    xid: 1,
    flags: [],
    body: { type: 'group', groupId: 0xffff_fffc },
  })
})

test('a request passed on keeps its own xid', () => {
  const inner = nicira(1, 31, '0002 00 00 00000007 0000 0000 ffffffff').replace('00000001', '00000063')
  const message = decode(bytes(nicira(1, 132, inner)))
  assert.ok(message.type === 'requestforward')
  assert.ok(message.request.type === 'group_mod' && message.request.xid === 0x63)
  assert.equal(hexOf(encode(message as MessageInput)), nicira(1, 132, inner))
})
