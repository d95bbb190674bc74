/** Queues: configuration in 1.3, description from 1.4 on, and counters. */
import { exactly, experimenters, hex, refused } from './exact.ts'

exactly('of13/4-35-ofp_queue_get_config_request.packet', {
  type: 'queue_get_config_request',
  version: 4,
  xid: 0,
  portNo: 0xffff_ffff,
})
exactly('of13/4-36-ofp_queue_get_config_reply.packet', {
  type: 'queue_get_config_reply',
  version: 4,
  xid: 0,
  portNo: 0xffff_ffff,
  queues: [
    {
      queueId: 99,
      portNo: 77,
      properties: [
        { type: 'min_rate', rate: 10 },
        { type: 'max_rate', rate: 900 },
        { type: 'experimenter_queue', experimenter: 0x3e7, data: hex('') },
      ],
    },
    {
      queueId: 88,
      portNo: 77,
      properties: [
        { type: 'min_rate', rate: 100 },
        { type: 'max_rate', rate: 200 },
        { type: 'experimenter_queue', experimenter: 0x3e7, data: hex('01') },
      ],
    },
    {
      queueId: 77,
      portNo: 77,
      properties: [
        { type: 'min_rate', rate: 200 },
        { type: 'max_rate', rate: 400 },
        { type: 'experimenter_queue', experimenter: 0x3e7, data: hex('0102') },
      ],
    },
  ],
})
exactly(
  'Open vSwitch 1.3 queue config any queue get config reply',
  {
    type: 'queue_get_config_reply',
    version: 4,
    xid: 2,
    portNo: 0xffff_ffff,
    queues: [
      { queueId: 0, portNo: 0xffff_fffe, properties: [] },
      { queueId: 0, portNo: 1, properties: [] },
      { queueId: 0, portNo: 2, properties: [] },
      { queueId: 0, portNo: 3, properties: [] },
    ],
  },
  '0417005000000002 ffffffff00000000 00000000fffffffe 0010000000000000 0000000000000001 0010000000000000 0000000000000002 0010000000000000 0000000000000003 0010000000000000',
)
exactly('of13/4-37-ofp_queue_stats_request.packet', {
  type: 'multipart_request',
  version: 4,
  xid: 0,
  flags: [],
  body: { type: 'queue', portNo: 0xffff_ffff, queueId: 0xffff_ffff },
})
exactly('of13/4-38-ofp_queue_stats_reply.packet', {
  type: 'multipart_reply',
  version: 4,
  xid: 0,
  flags: [],
  body: {
    type: 'queue',
    entries: [
      { portNo: 7, queueId: 1, txBytes: 0n, txPackets: 0n, txErrors: 0n, durationS: 0, durationNs: 0 },
      { portNo: 6, queueId: 1, txBytes: 0n, txPackets: 0n, txErrors: 0n, durationS: 0, durationNs: 0 },
      { portNo: 7, queueId: 2, txBytes: 0n, txPackets: 0n, txErrors: 0n, durationS: 0, durationNs: 0 },
    ],
  },
})
exactly('of14/5-35-ofp_queue_stats_request.packet', {
  type: 'multipart_request',
  version: 5,
  xid: 0,
  flags: [],
  body: { type: 'queue', portNo: 0xffff_ffff, queueId: 0xffff_ffff },
})
exactly('of14/5-36-ofp_queue_stats_reply.packet', {
  type: 'multipart_reply',
  version: 5,
  xid: 0,
  flags: [],
  body: {
    type: 'queue',
    entries: [
      {
        portNo: 7,
        queueId: 1,
        txBytes: 0n,
        txPackets: 0n,
        txErrors: 0n,
        durationS: 0,
        durationNs: 0,
        properties: experimenters,
      },
      {
        portNo: 6,
        queueId: 1,
        txBytes: 0n,
        txPackets: 0n,
        txErrors: 0n,
        durationS: 0,
        durationNs: 0,
        properties: [],
      },
      {
        portNo: 7,
        queueId: 2,
        txBytes: 0n,
        txPackets: 0n,
        txErrors: 0n,
        durationS: 0,
        durationNs: 0,
        properties: [],
      },
    ],
  },
})
exactly('of15/libofproto-OFP15-queue_stats_request.packet', {
  type: 'multipart_request',
  version: 6,
  xid: 0,
  flags: [],
  body: { type: 'queue', portNo: 43981, queueId: 0xffff_ffff },
})
exactly('of15/libofproto-OFP15-queue_stats_reply.packet', {
  type: 'multipart_reply',
  version: 6,
  xid: 0,
  flags: [],
  body: {
    type: 'queue',
    entries: [
      {
        portNo: 7,
        queueId: 1,
        txBytes: 0n,
        txPackets: 0n,
        txErrors: 0n,
        durationS: 0,
        durationNs: 0,
        properties: experimenters,
      },
      {
        portNo: 6,
        queueId: 1,
        txBytes: 0n,
        txPackets: 0n,
        txErrors: 0n,
        durationS: 0,
        durationNs: 0,
        properties: [],
      },
      {
        portNo: 7,
        queueId: 2,
        txBytes: 0n,
        txPackets: 0n,
        txErrors: 0n,
        durationS: 0,
        durationNs: 0,
        properties: [],
      },
    ],
  },
})
exactly('of14/5-63-ofp_queue_desc_request.packet', {
  type: 'multipart_request',
  version: 5,
  xid: 0,
  flags: [],
  body: { type: 'queue_desc', portNo: 7, queueId: 0xffff_ffff },
})
exactly('of14/5-64-ofp_queue_desc_reply.packet', {
  type: 'multipart_reply',
  version: 5,
  xid: 0,
  flags: [],
  body: {
    type: 'queue_desc',
    entries: [
      {
        portNo: 7,
        queueId: 0,
        properties: [{ type: 'experimenter', experimenter: 101, body: hex('00000000') }],
      },
      {
        portNo: 8,
        queueId: 1,
        properties: [{ type: 'min_rate', rate: 300 }, { type: 'max_rate', rate: 900 }, ...experimenters],
      },
    ],
  },
})
exactly('of15/libofproto-OFP15-queue_desc_request.packet', {
  type: 'multipart_request',
  version: 6,
  xid: 0,
  flags: [],
  body: { type: 'queue_desc', portNo: 52651, queueId: 57020 },
})
exactly('of15/libofproto-OFP15-queue_desc_reply.packet', {
  type: 'multipart_reply',
  version: 6,
  xid: 0,
  flags: [],
  body: {
    type: 'queue_desc',
    entries: [
      {
        portNo: 7,
        queueId: 0,
        properties: [{ type: 'experimenter', experimenter: 101, body: hex('00000000') }],
      },
      {
        portNo: 8,
        queueId: 1,
        properties: [{ type: 'min_rate', rate: 300 }, { type: 'max_rate', rate: 900 }, ...experimenters],
      },
    ],
  },
})

refused(
  'queue_desc on 1.3',
  { type: 'multipart_request', version: 4, xid: 1, body: { type: 'queue_desc' } },
  'multipart_request',
)
refused('queue_get_config_request on 1.4', { type: 'queue_get_config_request', version: 5, xid: 1 }, '')
refused(
  'properties of counters on 1.3',
  {
    type: 'multipart_reply',
    version: 4,
    xid: 1,
    body: {
      type: 'queue',
      entries: [
        {
          portNo: 1,
          queueId: 1,
          txBytes: 0n,
          txPackets: 0n,
          txErrors: 0n,
          durationS: 0,
          durationNs: 0,
          properties: [{ type: 'experimenter', experimenter: 1, body: hex('') }],
        },
      ],
    },
  },
  'multipart_reply.body.queue.entries[0].properties',
)
