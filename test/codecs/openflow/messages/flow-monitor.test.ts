/** Flow monitors of 1.4 and later: requests and updates. */
import { type MessageInputOf } from 'ts-openflow'
import { exactly, hex } from './exact.ts'

exactly('of14/5-66-ofp_flow_monitor_request.packet', {
  type: 'multipart_request',
  version: 5,
  xid: 0,
  flags: [],
  body: {
    type: 'flow_monitor',
    entries: [
      {
        monitorId: 0x5f5e100,
        outPort: 22,
        outGroup: 0xffff_ffff,
        flags: ['initial', 'add', 'removed', 'modify'],
        tableId: 33,
        command: 'add',
        match: [{ field: 'eth_dst', value: 0xf20ba47df8ea }],
      },
    ],
  },
})

exactly('of14/5-67-ofp_flow_monitor_reply.packet', {
  type: 'multipart_reply',
  version: 5,
  xid: 0,
  flags: [],
  body: {
    type: 'flow_monitor',
    entries: [
      {
        event: 'initial',
        tableId: 0,
        idleTimeoutS: 600,
        hardTimeoutS: 700,
        priority: 3,
        cookie: 0n,
        match: [{ field: 'eth_type', value: 2054 }],
        instructions: [{ type: 'apply_actions', actions: [{ type: 'output', port: 0xfffffffa, maxLen: 0 }] }],
      },
      { event: 'abbrev', xid: 1234 },
      { event: 'paused' },
    ],
  },
})

exactly('of15/libofproto-OFP15-flow_monitor_request.packet', {
  type: 'multipart_request',
  version: 6,
  xid: 0,
  flags: [],
  body: {
    type: 'flow_monitor',
    entries: [
      {
        monitorId: 0x5f5e100,
        outPort: 22,
        outGroup: 0xffff_ffff,
        flags: ['initial', 'add', 'removed', 'modify'],
        tableId: 33,
        command: 'add',
        match: [{ field: 'eth_dst', value: 0xf20ba47df8ea }],
      },
    ],
  },
})

exactly('of15/libofproto-OFP15-flow_monitor_reply.packet', {
  type: 'multipart_reply',
  version: 6,
  xid: 0,
  flags: [],
  body: {
    type: 'flow_monitor',
    entries: [
      {
        event: 'initial',
        tableId: 0,
        idleTimeoutS: 600,
        hardTimeoutS: 700,
        priority: 3,
        cookie: 0n,
        match: [{ field: 'eth_type', value: 2054 }],
        instructions: [{ type: 'apply_actions', actions: [{ type: 'output', port: 0xfffffffa, maxLen: 0 }] }],
      },
      { event: 'abbrev', xid: 1234 },
      { event: 'paused' },
    ],
  },
})

exactly(
  'Open vSwitch 1.5 monitor cancel flow monitor request',
  {
    type: 'multipart_request',
    version: 6,
    xid: 21,
    flags: [],
    body: {
      type: 'flow_monitor',
      entries: [
        {
          monitorId: 7,
          outPort: 0xffff_ffff,
          outGroup: 0xffff_ffff,
          flags: [],
          tableId: 255,
          command: 'delete',
          match: [],
        },
      ],
    },
  },
  '0612002800000015 0010000000000000 00000007ffffffff ffffffff0000ff02 0001000400000000',
)

exactly(
  'Open vSwitch 1.5 monitor timeout flow monitor reply',
  {
    type: 'multipart_reply',
    version: 6,
    xid: 0,
    flags: [],
    body: {
      type: 'flow_monitor',
      entries: [
        {
          event: 'removed',
          tableId: 0,
          idleTimeoutS: 60,
          hardTimeoutS: 90,
          priority: 32768,
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
  '0613006000000000 0010000000000000 005000020000003c 005a800000000000 0000000000000000 0001000c80000004 0000000100000000 0004002800000000 0019001080000806 0200000000090000 0000001000000003 0000000000000000',
)

exactly(
  'Open vSwitch 1.5 monitor paused flow monitor reply',
  {
    type: 'multipart_reply',
    version: 6,
    xid: 0,
    flags: [],
    body: { type: 'flow_monitor', entries: [{ event: 'paused' }] },
  },
  '0613001800000000 0010000000000000 0008000500000000',
)

const update = {
  tableId: 0,
  idleTimeoutS: 0,
  hardTimeoutS: 0,
  priority: 1,
  cookie: 0n,
  match: [],
  instructions: [],
} as const

const updates = (
  ...entries: Extract<MessageInputOf<'multipart_reply'>['body'], { type: 'flow_monitor' }>['entries']
) =>
  ({
    type: 'multipart_reply',
    version: 6,
    xid: 0,
    flags: [],
    body: { type: 'flow_monitor', entries },
  }) as const

exactly(
  'a reason against the rules is kept, and so is an event that nobody knows',
  updates({ event: 'modified', ...update, reason: 'delete' }, { event: 9, body: hex('01020304') }),
  '061300380000000000100000000000000020000300020000000000010000000000000000000000000001000400000000 0008000901020304',
)
