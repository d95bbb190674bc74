/** Statistics of 1.5 (OXS): lists as counters, and lists that are not the usual ones. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { encode } from 'ts-openflow'
import { exactly, hex, refused } from './exact.ts'

exactly('of15/libofproto-OFP15-flow_stats_request.packet', {
  type: 'multipart_request',
  version: 6,
  xid: 0,
  flags: [],
  body: {
    type: 'flow_stats',
    tableId: 0,
    outPort: 0xffff_ffff,
    outGroup: 0xffff_ffff,
    cookie: 0n,
    cookieMask: 0n,
    match: [],
  },
})
exactly('of15/libofproto-OFP15-flow_stats_reply.packet', {
  type: 'multipart_reply',
  version: 6,
  xid: 0,
  flags: [],
  body: {
    type: 'flow_stats',
    entries: [
      {
        tableId: 1,
        reason: 'stats_request',
        priority: 1,
        match: [{ field: 'in_port', value: 1 }],
        durationS: 0,
        durationNs: 0,
        packetCount: 0n,
        byteCount: 0n,
        stats: [{ field: 'flow_count', value: 1 }],
      },
    ],
  },
})
exactly('of15/libofproto-OFP15-aggregate_stats_reply.packet', {
  type: 'multipart_reply',
  version: 6,
  xid: 0,
  flags: [],
  body: {
    type: 'aggregate',
    packetCount: 0n,
    byteCount: 0n,
    flowCount: 1,
    stats: [{ field: 'flow_count', value: 1 }],
  },
})
exactly(
  'Open vSwitch 1.5 aggregate aggregate reply',
  {
    type: 'multipart_reply',
    version: 6,
    xid: 2,
    flags: [],
    body: { type: 'aggregate', packetCount: 0n, byteCount: 0n, flowCount: 5 },
  },
  '0613003800000002 0002000000000000 0000002480020808 0000000000000000 80020a0800000000 0000000080020604 0000000500000000',
)
exactly('of15/libofproto-OFP15-flow_removed.packet', {
  type: 'flow_removed',
  version: 6,
  xid: 0,
  tableId: 1,
  reason: 'idle_timeout',
  priority: 1,
  idleTimeoutS: 255,
  hardTimeoutS: 255,
  cookie: 0x1122_3344_5566_7788n,
  match: [{ field: 'in_port', value: 1 }],
  durationS: 0,
  durationNs: 0,
  packetCount: 0n,
  byteCount: 0n,
  stats: [{ field: 'flow_count', value: 1 }],
})
exactly(
  'a list that is not the usual one',
  {
    type: 'multipart_reply',
    version: 6,
    xid: 0,
    flags: [],
    body: {
      type: 'flow_stats',
      entries: [
        {
          tableId: 1,
          reason: 'stat_trigger',
          priority: 3,
          match: [],
          durationS: 1,
          durationNs: 2,
          packetCount: 255n,
          byteCount: 7n,
          idleS: 3,
          idleNs: 4,
          stats: [
            { field: 'packet_count', value: 255n },
            { field: 'duration', seconds: 1, nanoseconds: 2 },
            { field: 'idle_time', seconds: 3, nanoseconds: 4 },
            { field: 'idle_time', seconds: 5, nanoseconds: 6 },
            { field: 'byte_count', value: 7n },
            {
              field: 'unknown',
              oxsClass: 32770,
              oxsField: 1,
              reserved: true,
              bytes: hex('0000000800000009'),
            },
            { field: 'unknown', oxsClass: 65535, oxsField: 2, experimenter: 101, bytes: hex('0000000a') },
            { field: 'unknown', oxsClass: 32770, oxsField: 10, bytes: hex('aabb') },
          ],
        },
      ],
    },
  },
  '0613008000000000 0011000000000000 0070000001010003 0001000400000000 0000005e80020808 00000000000000ff 8002000800000001 0000000280020208 0000000300000004 8002020800000005 0000000680020a08 0000000000000007 8002030800000008 00000009ffff0408 000000650000000a 80021402aabb0000',
)

const aggregate = { type: 'multipart_reply', xid: 1, flags: [] } as const

test('what the fields say is written in the order of Open vSwitch', () => {
  const body = { type: 'aggregate', packetCount: 1n, byteCount: 2n, flowCount: 3 } as const
  const bytes = encode({ ...aggregate, version: 6, body })
  assert.equal(
    Buffer.from(bytes.subarray(16)).toString('hex'),
    '0000002480020808000000000000000180020a0800000000000000028002060400000003' + '00000000',
  )
})

test('a statistic that is refused is named with its place', () => {
  const stats = [
    { field: 'packet_count', value: 1n },
    { field: 'flow_count', value: 2 ** 32 },
  ] as const
  const body = { type: 'aggregate', packetCount: 0n, byteCount: 0n, flowCount: 0, stats } as const
  assert.throws(() => encode({ ...aggregate, version: 6, body }), {
    code: 'RANGE',
    path: 'multipart_reply.body.aggregate.stats[1].flow_count',
  })
})

test('a counter that is refused is named as the field that it is', () => {
  const body = { type: 'aggregate', packetCount: 1n, byteCount: 1n << 64n, flowCount: 3 } as const
  assert.throws(() => encode({ ...aggregate, version: 6, body }), {
    code: 'RANGE',
    path: 'multipart_reply.body.aggregate.byteCount',
  })
  assert.throws(
    () => encode({ ...aggregate, version: 6, body: { ...body, byteCount: undefined as never } }),
    {
      code: 'MISSING',
      path: 'multipart_reply.body.aggregate.byteCount',
    },
  )
})

refused(
  'flow_stats on 1.4',
  { type: 'multipart_request', version: 5, xid: 1, body: { type: 'flow_stats' } },
  'multipart_request',
)
