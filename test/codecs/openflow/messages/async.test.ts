/** Which asynchronous messages a controller gets: six words in 1.3, properties from 1.4 on. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { encode } from 'ts-openflow'
import { exactly, hex, refused } from './exact.ts'

exactly('of13/4-42-ofp_get_async_request.packet', { type: 'get_async_request', version: 4, xid: 0 })
exactly('of13/4-43-ofp_get_async_reply.packet', {
  type: 'get_async_reply',
  version: 4,
  xid: 0,
  properties: [
    { type: 'packet_in_master', reasons: ['no_match', 'invalid_ttl'] },
    { type: 'packet_in_slave', reasons: ['no_match'] },
    { type: 'port_status_master', reasons: ['add', 'delete', 'modify'] },
    { type: 'port_status_slave', reasons: ['add', 'delete'] },
    { type: 'flow_removed_master', reasons: ['idle_timeout', 'hard_timeout', 'delete', 'group_delete'] },
    { type: 'flow_removed_slave', reasons: ['idle_timeout', 'hard_timeout'] },
  ],
})
exactly('of13/4-44-ofp_set_async.packet', {
  type: 'set_async',
  version: 4,
  xid: 0,
  properties: [
    { type: 'packet_in_master', reasons: ['no_match', 'invalid_ttl'] },
    { type: 'packet_in_slave', reasons: ['no_match'] },
    { type: 'port_status_master', reasons: ['add', 'delete', 'modify'] },
    { type: 'port_status_slave', reasons: ['add', 'delete'] },
    { type: 'flow_removed_master', reasons: ['idle_timeout', 'hard_timeout', 'delete', 'group_delete'] },
    { type: 'flow_removed_slave', reasons: ['idle_timeout', 'hard_timeout'] },
  ],
})
exactly('of14/5-40-ofp_get_async_request.packet', { type: 'get_async_request', version: 5, xid: 0 })
exactly('of14/5-41-ofp_get_async_reply.packet', {
  type: 'get_async_reply',
  version: 5,
  xid: 0,
  properties: [
    { type: 'packet_in_slave', reasons: ['no_match', 'action'] },
    { type: 'packet_in_master', reasons: ['no_match', 'action'] },
    { type: 'port_status_slave', reasons: ['add', 'delete'] },
    { type: 'port_status_master', reasons: ['add', 'delete'] },
    { type: 'flow_removed_slave', reasons: ['idle_timeout', 'hard_timeout'] },
    { type: 'flow_removed_master', reasons: ['idle_timeout', 'hard_timeout'] },
    { type: 'role_status_slave', reasons: ['master_request', 'config'] },
    { type: 'role_status_master', reasons: ['master_request', 'config'] },
    { type: 'table_status_slave', reasons: ['vacancy_down', 'vacancy_up'] },
    { type: 'table_status_master', reasons: ['vacancy_down', 'vacancy_up'] },
    { type: 'requestforward_slave', reasons: ['group_mod', 'meter_mod'] },
    { type: 'requestforward_master', reasons: ['group_mod', 'meter_mod'] },
    { type: 'experimenter_slave', experimenter: 101, expType: 0, data: hex('') },
    { type: 'experimenter_master', experimenter: 101, expType: 1, data: hex('00000001') },
    { type: 'experimenter_master', experimenter: 101, expType: 2, data: hex('0000000100000002') },
  ],
})
exactly('of14/5-42-ofp_set_async.packet', {
  type: 'set_async',
  version: 5,
  xid: 0,
  properties: [
    { type: 'packet_in_slave', reasons: ['no_match', 'action'] },
    { type: 'packet_in_master', reasons: ['no_match', 'action'] },
    { type: 'port_status_slave', reasons: ['add', 'delete'] },
    { type: 'port_status_master', reasons: ['add', 'delete'] },
    { type: 'flow_removed_slave', reasons: ['idle_timeout', 'hard_timeout'] },
    { type: 'flow_removed_master', reasons: ['idle_timeout', 'hard_timeout'] },
    { type: 'role_status_slave', reasons: ['master_request', 'config'] },
    { type: 'role_status_master', reasons: ['master_request', 'config'] },
    { type: 'table_status_slave', reasons: ['vacancy_down', 'vacancy_up'] },
    { type: 'table_status_master', reasons: ['vacancy_down', 'vacancy_up'] },
    { type: 'requestforward_slave', reasons: ['group_mod', 'meter_mod'] },
    { type: 'requestforward_master', reasons: ['group_mod', 'meter_mod'] },
    { type: 'experimenter_slave', experimenter: 101, expType: 0, data: hex('') },
    { type: 'experimenter_master', experimenter: 101, expType: 1, data: hex('00000001') },
    { type: 'experimenter_master', experimenter: 101, expType: 2, data: hex('0000000100000002') },
  ],
})
exactly('of15/libofproto-OFP15-get_async_request.packet', { type: 'get_async_request', version: 6, xid: 0 })
exactly('of15/libofproto-OFP15-get_async_reply.packet', {
  type: 'get_async_reply',
  version: 6,
  xid: 0,
  properties: [
    { type: 'packet_in_slave', reasons: ['no_match', 'action'] },
    { type: 'packet_in_master', reasons: ['no_match', 'action'] },
    { type: 'port_status_slave', reasons: ['add', 'delete'] },
    { type: 'port_status_master', reasons: ['add', 'delete'] },
    { type: 'flow_removed_slave', reasons: ['idle_timeout', 'hard_timeout'] },
    { type: 'flow_removed_master', reasons: ['idle_timeout', 'hard_timeout'] },
    { type: 'role_status_slave', reasons: ['master_request', 'config'] },
    { type: 'role_status_master', reasons: ['master_request', 'config'] },
    { type: 'table_status_slave', reasons: ['vacancy_down', 'vacancy_up'] },
    { type: 'table_status_master', reasons: ['vacancy_down', 'vacancy_up'] },
    { type: 'requestforward_slave', reasons: ['group_mod', 'meter_mod'] },
    { type: 'requestforward_master', reasons: ['group_mod', 'meter_mod'] },
    { type: 'experimenter_slave', experimenter: 101, expType: 0, data: hex('') },
    { type: 'experimenter_master', experimenter: 101, expType: 1, data: hex('00000001') },
    { type: 'experimenter_master', experimenter: 101, expType: 2, data: hex('0000000100000002') },
  ],
})
exactly('of15/libofproto-OFP15-set_async.packet', {
  type: 'set_async',
  version: 6,
  xid: 0,
  properties: [
    { type: 'packet_in_slave', reasons: ['no_match', 'action'] },
    { type: 'packet_in_master', reasons: ['no_match', 'action'] },
    { type: 'port_status_slave', reasons: ['add', 'delete'] },
    { type: 'port_status_master', reasons: ['add', 'delete'] },
    { type: 'flow_removed_slave', reasons: ['idle_timeout', 'hard_timeout'] },
    { type: 'flow_removed_master', reasons: ['idle_timeout', 'hard_timeout'] },
    { type: 'role_status_slave', reasons: ['master_request', 'config'] },
    { type: 'role_status_master', reasons: ['master_request', 'config'] },
    { type: 'table_status_slave', reasons: ['vacancy_down', 'vacancy_up'] },
    { type: 'table_status_master', reasons: ['vacancy_down', 'vacancy_up'] },
    { type: 'requestforward_slave', reasons: ['group_mod', 'meter_mod'] },
    { type: 'requestforward_master', reasons: ['group_mod', 'meter_mod'] },
    { type: 'experimenter_slave', experimenter: 101, expType: 0, data: hex('') },
    { type: 'experimenter_master', experimenter: 101, expType: 1, data: hex('00000001') },
    { type: 'experimenter_master', experimenter: 101, expType: 2, data: hex('0000000100000002') },
  ],
})
exactly(
  'Open vSwitch 1.5 async default get async reply',
  {
    type: 'get_async_reply',
    version: 6,
    xid: 25,
    properties: [
      { type: 'packet_in_slave', reasons: [] },
      { type: 'packet_in_master', reasons: ['no_match', 'action', 'action_set', 'group', 'packet_out'] },
      { type: 'port_status_slave', reasons: ['add', 'delete', 'modify'] },
      { type: 'port_status_master', reasons: ['add', 'delete', 'modify'] },
      { type: 'flow_removed_slave', reasons: [] },
      {
        type: 'flow_removed_master',
        reasons: ['idle_timeout', 'hard_timeout', 'delete', 'group_delete', 'meter_delete', 'eviction'],
      },
      { type: 'role_status_slave', reasons: [] },
      { type: 'role_status_master', reasons: [] },
      { type: 'table_status_slave', reasons: [] },
      { type: 'table_status_master', reasons: [] },
      { type: 'requestforward_slave', reasons: [] },
      { type: 'requestforward_master', reasons: [] },
    ],
  },
  '061b006800000019 0000000800000000 000100080000003b 0002000800000007 0003000800000007 0004000800000000 000500080000003f 0006000800000000 0007000800000000 0008000800000000 0009000800000000 000a000800000000 000b000800000000',
)
exactly(
  'what 1.5 added',
  {
    type: 'set_async',
    version: 6,
    xid: 0,
    properties: [
      { type: 'flow_stats_slave', reasons: ['stats_request', 'stat_trigger'] },
      { type: 'flow_stats_master', reasons: ['stat_trigger'] },
      {
        type: 'controller_status_slave',
        reasons: [
          'request',
          'channel_status',
          'role',
          'controller_added',
          'controller_removed',
          'short_id',
          'experimenter',
        ],
      },
      { type: 'controller_status_master', reasons: ['request', 'experimenter'] },
    ],
  },
  '061c002800000000 000c000800000003 000d000800000002 000e00080000007f 000f000800000041',
)
exactly(
  '1.4 keeps what 1.5 added as bytes',
  {
    type: 'set_async',
    version: 5,
    xid: 0,
    properties: [{ type: 'unknown', code: 12, body: hex('00000003') }],
  },
  '051c001000000000 000c000800000003',
)

const none = { reasons: [] } as const
const six = [
  { type: 'packet_in_master', ...none },
  { type: 'packet_in_slave', ...none },
  { type: 'port_status_master', ...none },
  { type: 'port_status_slave', ...none },
  { type: 'flow_removed_master', ...none },
  { type: 'flow_removed_slave', reasons: ['delete'] },
] as const
const setAsync = { type: 'set_async', version: 4, xid: 1 } as const

test('the six words of 1.3 are taken in any order', () => {
  const written = encode({ ...setAsync, properties: [...six].reverse() })
  assert.deepEqual(written, encode({ ...setAsync, properties: six }))
  assert.deepEqual(written.at(-1), 4)
})

refused('five of the six words of 1.3', { ...setAsync, properties: six.slice(1) }, 'set_async.properties')
refused('a word twice on 1.3', { ...setAsync, properties: [...six, six[0]] }, 'set_async.properties[6]')
refused(
  'role_status_master on 1.3',
  { ...setAsync, properties: [{ type: 'role_status_master', ...none }, ...six] },
  'set_async.properties[0]',
)
refused(
  'flow_stats_master on 1.4',
  { ...setAsync, version: 5, properties: [{ type: 'flow_stats_master', ...none }] },
  'set_async.properties[0]',
)
refused(
  'controller_status_slave on 1.4',
  { ...setAsync, version: 5, properties: [{ type: 'controller_status_slave', ...none }] },
  'set_async.properties[0]',
)
