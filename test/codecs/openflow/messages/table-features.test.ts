/** Table features: what a flow table can do, in the words of each version. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { decode, encode } from 'ts-openflow'
import { bytesOf, hexOf, vectors } from '../support/vectors.ts'
import { exactly, hex } from './exact.ts'

exactly('of15/libofproto-OFP15-table_features_request.packet', {
  type: 'multipart_request',
  version: 6,
  xid: 0,
  flags: [],
  body: {
    type: 'table_features',
    entries: [
      {
        tableId: 1,
        command: 'modify',
        features: ['ingress_table'],
        name: 'table1',
        metadataMatch: 0xffff_ffff_ffff_ffffn,
        metadataWrite: 0xffff_ffff_ffff_ffffn,
        capabilities: ['eviction'],
        maxEntries: 255,
        properties: [{ type: 'packet_types', packetTypes: [{ field: 'eth_src', value: 0xaabbccddeeff }] }],
      },
    ],
  },
})

exactly('of15/libofproto-OFP15-table_features_reply.packet', {
  type: 'multipart_reply',
  version: 6,
  xid: 0,
  flags: [],
  body: {
    type: 'table_features',
    entries: [
      {
        tableId: 1,
        command: 'modify',
        features: ['ingress_table'],
        name: 'table1',
        metadataMatch: 0xffff_ffff_ffff_ffffn,
        metadataWrite: 0xffff_ffff_ffff_ffffn,
        capabilities: ['eviction'],
        maxEntries: 255,
        properties: [{ type: 'packet_types', packetTypes: [{ field: 'eth_src', value: 0xaabbccddeeff }] }],
      },
    ],
  },
})

exactly(
  'the properties of 1.3',
  {
    type: 'multipart_reply',
    version: 4,
    xid: 0,
    flags: [],
    body: {
      type: 'table_features',
      entries: [
        {
          tableId: 3,
          name: 'table one',
          metadataMatch: 255n,
          metadataWrite: 240n,
          capabilities: ['bit_0', 'bit_1'],
          maxEntries: 1000,
          properties: [
            {
              type: 'instructions',
              instructions: [
                'goto_table',
                'write_metadata',
                'write_actions',
                'apply_actions',
                'clear_actions',
                'meter',
                { type: 'experimenter', experimenter: 0x2320, body: hex('') },
              ],
            },
            {
              type: 'instructions_miss',
              instructions: ['apply_actions', { type: 'unknown', code: 4, body: hex('00000000') }],
            },
            { type: 'next_tables', tableIds: [1, 2, 3] },
            { type: 'next_tables_miss', tableIds: [] },
            {
              type: 'write_actions',
              actions: ['output', 'group', { type: 'unknown', code: 99, body: hex('') }],
            },
            { type: 'write_actions_miss', actions: ['copy_ttl_out'] },
            {
              type: 'apply_actions',
              actions: [
                'set_field',
                'push_vlan',
                { type: 'experimenter', experimenter: 0x2320, body: hex('002c') },
              ],
            },
            { type: 'apply_actions_miss', actions: [{ type: 'unknown', code: 0, body: hex('00000000') }] },
            {
              type: 'match',
              fields: [
                'in_port',
                { field: 'vlan_vid', maskable: true },
                'ipv4_src',
                { field: 'ipv4_src', maskable: true },
                { field: 'ipv4_src', length: 8 },
                { field: 'eth_type', length: 0 },
                { field: 'eth_type', maskable: true, length: 0 },
              ],
            },
            {
              type: 'wildcards',
              fields: [
                'eth_dst',
                'reg3',
                { field: 'unknown', header: 0x80005502 },
                { field: 'unknown', header: 0xffff0000 },
              ],
            },
            { type: 'write_setfield', fields: ['eth_src'] },
            {
              type: 'write_setfield_miss',
              fields: [
                { field: 'unknown', header: 0xffff2a06, experimenter: 0x4f4e4600 },
                'tcp_flags',
                { field: 'tcp_flags', maskable: true },
              ],
            },
            { type: 'apply_setfield', fields: ['vlan_vid'] },
            {
              type: 'apply_setfield_miss',
              fields: [{ field: 'unknown', header: 0xffff0204, experimenter: 0 }],
            },
            { type: 'experimenter_feature', experimenter: 101, expType: 1, data: hex('0102') },
            { type: 'experimenter_feature_miss', experimenter: 101, expType: 2, data: hex('') },
          ],
        },
      ],
    },
  },
  '0413017000000000 000c000000000000 0160030000000000 7461626c65206f6e 6500000000000000 0000000000000000 0000000000000000 00000000000000ff 00000000000000f0 00000003000003e8 0000002400010004 0002000400030004 0004000400050004 00060004ffff0008 0000232000000000 0001001000040004 0004000800000000 0002000701020300 0003000400000000 0004001000000004 0016000400630004 00050008000b0004 0006001600190004 00110004ffff000a 00002320002c0000 0007000c00000008 0000000000000000 0008002080000004 80000d0480001604 8000170880001608 80000a0080000b00 000a001480000606 0001060480005502 ffff000000000000 000c000880000806 000d001cffff2a06 4f4e4600ffff5406 4f4e4600ffff5508 4f4e460000000000 000e000880000c02 000f000cffff0204 0000000000000000 fffe000e00000065 0000000101020000 ffff000c00000065 0000000200000000',
)

exactly(
  'what 1.4 added',
  {
    type: 'multipart_reply',
    version: 5,
    xid: 0,
    flags: [],
    body: {
      type: 'table_features',
      entries: [
        {
          tableId: 3,
          name: 'table one',
          metadataMatch: 255n,
          metadataWrite: 240n,
          capabilities: ['eviction', 'vacancy_events'],
          maxEntries: 1000,
          properties: [
            { type: 'table_sync_from', tableIds: [4, 5] },
            { type: 'match', fields: ['pbb_uca'] },
          ],
        },
      ],
    },
  },
  '0513006000000000 000c000000000000 0050030000000000 7461626c65206f6e 6500000000000000 0000000000000000 0000000000000000 00000000000000ff 00000000000000f0 0000000c000003e8 0010000604050000 0008000880005201',
)

exactly(
  'what 1.5 added',
  {
    type: 'multipart_request',
    version: 6,
    xid: 0,
    flags: [],
    body: {
      type: 'table_features',
      entries: [
        {
          tableId: 3,
          command: 'enable',
          features: ['ingress_table', 'egress_table', 'first_egress'],
          name: 'table one',
          metadataMatch: 255n,
          metadataWrite: 240n,
          capabilities: ['eviction'],
          maxEntries: 1000,
          properties: [
            { type: 'table_sync_from', tableIds: [4] },
            { type: 'write_copyfield', fields: ['in_port'] },
            { type: 'write_copyfield_miss', fields: [] },
            { type: 'apply_copyfield', fields: ['eth_dst'] },
            { type: 'apply_copyfield_miss', fields: ['eth_src'] },
            {
              type: 'packet_types',
              packetTypes: [
                { field: 'packet_type', value: 0 },
                { field: 'packet_type', value: 67584 },
              ],
            },
            { type: 'write_actions', actions: ['copy_field', 'meter'] },
            { type: 'instructions', instructions: ['stat_trigger'] },
          ],
        },
      ],
    },
  },
  '061200a800000000 000c000000000000 0098030200000013 7461626c65206f6e 6500000000000000 0000000000000000 0000000000000000 00000000000000ff 00000000000000f0 00000004000003e8 0010000504000000 0012000880000004 0013000400000000 0014000880000606 0015000880000806 0016001480005804 0000000080005804 0001080000000000 0004000c001c0004 001d000400000000 0000000800070004',
)

exactly(
  '1.3 keeps what 1.4 added as bytes',
  {
    type: 'multipart_reply',
    version: 4,
    xid: 0,
    flags: [],
    body: {
      type: 'table_features',
      entries: [
        {
          tableId: 3,
          name: 'table one',
          metadataMatch: 255n,
          metadataWrite: 240n,
          capabilities: [],
          maxEntries: 1000,
          properties: [{ type: 'unknown', code: 16, body: hex('04') }],
        },
      ],
    },
  },
  '0413005800000000 000c000000000000 0048030000000000 7461626c65206f6e 6500000000000000 0000000000000000 0000000000000000 00000000000000ff 00000000000000f0 00000000000003e8 0010000504000000',
)

test("the tables of Ryu's long message", () => {
  const vector = vectors.find(({ file }) => file === 'of13/4-56-ofp_table_features_reply.packet')
  assert.ok(vector)
  const message = decode(bytesOf(vector))
  assert.ok(message.type === 'multipart_reply' && message.body.type === 'table_features')
  const [first] = message.body.entries
  assert.deepEqual(
    { ...first, properties: first?.properties.map(({ type }) => type) },
    {
      tableId: 0,
      name: '私のテーブル',
      metadataMatch: 0xffff_ffff_ffff_ffffn,
      metadataWrite: 0xffff_ffff_ffff_ffffn,
      capabilities: [],
      maxEntries: 0x100_0000,
      properties: [
        'instructions',
        'next_tables',
        'write_actions',
        'apply_actions',
        'match',
        'wildcards',
        'write_setfield',
        'apply_setfield',
        'experimenter_feature',
        'experimenter_feature',
        'experimenter_feature',
      ],
    },
  )
  const matched = first?.properties.find((one) => one.type === 'match')
  // Ryu leaves the lengths of fields 0 in such lists.
  assert.ok(matched?.type === 'match' && matched.fields.length === 37)
  assert.deepEqual(matched.fields[1], { field: 'metadata', length: 0 })
  assert.equal(hexOf(encode(message)), vector.hex)
})
