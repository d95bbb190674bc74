/** Flow monitors of 1.3, the ONF's extension 187, as Open vSwitch and Ryu have it. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { decode, encode } from 'ts-openflow'
import { bytesOf, hexOf, vectors } from '../support/vectors.ts'
import { exactly, refused } from './exact.ts'

exactly(
  'Open vSwitch 1.3 monitor onf flow monitor request',
  {
    type: 'multipart_request',
    version: 4,
    xid: 5,
    flags: [],
    body: {
      type: 'flow_monitor',
      entries: [
        {
          monitorId: 0,
          flags: ['initial', 'add', 'removed', 'modify', 'instructions', 'no_abbrev'],
          outPort: 0xffff_ffff,
          tableId: 255,
          command: 'add',
          match: [],
        },
      ],
    },
  },
  '0412003000000005 ffff000000000000 4f4e46000000074e 00000000003f0004 ffffffffff000000 0001000400000000',
)

exactly(
  'Open vSwitch 1.3 monitor match onf flow monitor request',
  {
    type: 'multipart_request',
    version: 4,
    xid: 2,
    flags: [],
    body: {
      type: 'flow_monitor',
      entries: [
        {
          monitorId: 0,
          flags: ['initial', 'add', 'removed', 'modify', 'instructions'],
          outPort: 0xffff_ffff,
          tableId: 255,
          command: 'add',
          match: [
            { field: 'eth_type', value: 2048 },
            { field: 'ipv4_src', value: 0xa000000, mask: 0xff000000 },
            { field: 'ip_proto', value: 6 },
          ],
        },
      ],
    },
  },
  '0412004800000002 ffff000000000000 4f4e46000000074e 00000000001f001b ffffffffff000000 0001001b80000a02 0800800017080a00 0000ff0000008000 1401060000000000',
)

exactly(
  'Open vSwitch 1.3 monitor timeout onf flow monitor reply',
  {
    type: 'multipart_reply',
    version: 4,
    xid: 0,
    flags: [],
    body: {
      type: 'flow_monitor',
      entries: [
        {
          event: 'removed',
          priority: 32768,
          idleTimeoutS: 60,
          hardTimeoutS: 90,
          tableId: 0,
          cookie: 0n,
          match: [{ field: 'in_port', value: 1 }],
          instructions: [
            {
              type: 'apply_actions',
              actions: [
                { type: 'set_field', field: { field: 'eth_src', value: 0x20000000009 } },
                { type: 'output', port: 3, maxLen: 0 },
              ],
            },
          ],
          reason: 'idle_timeout',
        },
      ],
    },
  },
  '0413006800000000 ffff000000000000 4f4e46000000074e 0050000100008000 003c005a000c0000 0000000000000000 0001000c80000004 0000000100000000 0004002800000000 0019001080000806 0200000000090000 0000001000000003 0000000000000000',
)

exactly(
  'Open vSwitch 1.3 monitor added onf flow monitor reply',
  {
    type: 'multipart_reply',
    version: 4,
    xid: 0,
    flags: [],
    body: {
      type: 'flow_monitor',
      entries: [
        {
          event: 'added',
          priority: 32768,
          idleTimeoutS: 0,
          hardTimeoutS: 0,
          tableId: 0,
          cookie: 0n,
          match: [
            { field: 'eth_type', value: 2048 },
            { field: 'ip_proto', value: 17 },
          ],
          instructions: [{ type: 'apply_actions', actions: [{ type: 'output', port: 2, maxLen: 0 }] }],
        },
      ],
    },
  },
  '0413005800000000 ffff000000000000 4f4e46000000074e 0040000000008000 00000000000f0000 0000000000000000 0001000f80000a02 0800800014011100 0004001800000000 0000001000000002 0000000000000000',
)

exactly(
  'Open vSwitch 1.3 monitor own onf flow monitor reply',
  {
    type: 'multipart_reply',
    version: 4,
    xid: 0,
    flags: [],
    body: { type: 'flow_monitor', entries: [{ event: 'abbrev', xid: 19 }] },
  },
  '0413002000000000 ffff000000000000 4f4e46000000074e 0008000300000013',
)

exactly(
  'Open vSwitch 1.3 monitor cancel onf flow monitor cancel',
  { type: 'flow_monitor_cancel', version: 4, xid: 21, monitorId: 7 },
  '0404001400000015 4f4e46000000074e 00000007',
)

exactly(
  'Open vSwitch 1.3 monitor paused onf flow monitor paused',
  { type: 'flow_monitor_paused', version: 4, xid: 0 },
  '0404001000000000 4f4e46000000074f',
)

exactly(
  'Open vSwitch 1.3 monitor paused onf flow monitor resumed',
  { type: 'flow_monitor_resumed', version: 4, xid: 0 },
  '0404001000000000 4f4e460000000750',
)

const request = { type: 'multipart_request', version: 4, xid: 1 } as const

const monitoring = (monitor: object): object => ({
  ...request,
  body: { type: 'flow_monitor', entries: [{ monitorId: 1, ...monitor }] },
})

const entry = 'multipart_request.body.flow_monitor.entries[0]'

refused('only_own on 1.3', monitoring({ flags: ['only_own'] }), `${entry}.flags`)

refused('a group on 1.3', monitoring({ outGroup: 1 }), `${entry}.outGroup`)

refused('a change of a monitor on 1.3', monitoring({ command: 'modify' }), `${entry}.command`)

refused('the end of a monitor on 1.3', monitoring({ command: 'delete' }), `${entry}.command`)

refused(
  'initial on 1.3',
  {
    type: 'multipart_reply',
    version: 4,
    xid: 1,
    body: { type: 'flow_monitor', entries: [{ event: 'initial', tableId: 0, priority: 1 }] },
  },
  'multipart_reply.body.flow_monitor.entries[0].event',
)

refused('flow_monitor_cancel on 1.4', { type: 'flow_monitor_cancel', version: 5, xid: 1, monitorId: 1 }, '')

refused('flow_monitor_paused on 1.4', { type: 'flow_monitor_paused', version: 5, xid: 1 }, '')

test("match fields without a header, as the ONF's text has them", () => {
  const vector = vectors.find(({ file }) => file === 'of13/4-63-onf_flow_monitor_request.packet')
  assert.ok(vector)
  const message = decode(bytesOf(vector))
  assert.ok(message.type === 'multipart_request' && message.body.type === 'flow_monitor')
  const [first, second] = message.body.entries
  assert.deepEqual(first, {
    monitorId: 100_000_000,
    flags: ['initial', 'add', 'removed', 'modify'],
    outPort: 22,
    tableId: 33,
    command: 'add',
    match: [],
    bareMatch: true,
  })
  assert.ok(second && 'bareMatch' in second)
  assert.deepEqual(
    { ...second, match: second.match.slice(0, 3) },
    {
      monitorId: 999,
      flags: ['initial', 'instructions', 'no_abbrev'],
      outPort: 0xffff_ffff,
      tableId: 255,
      command: 'add',
      match: [
        { field: 'in_port', value: 0x5060708 },
        { field: 'in_phy_port', value: 0x1020304 },
        { field: 'metadata', value: 0x1020304050607n },
      ],
      bareMatch: true,
    },
  )
  assert.equal(hexOf(encode(message)), vector.hex)
})
