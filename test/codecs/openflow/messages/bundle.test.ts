/** Bundles: scheduled commits, and what a switch can do with bundles. */
import { exactly, experimenters, hex, refused } from './exact.ts'

exactly('of14/5-69-ofp_bundle_ctrl_msg.packet', {
  type: 'bundle_control',
  version: 5,
  xid: 0,
  bundleId: 1234,
  control: 'open_request',
  flags: ['atomic'],
  properties: experimenters,
})
exactly('of14/5-70-ofp_bundle_add_msg.packet', {
  type: 'bundle_add',
  version: 5,
  xid: 0,
  bundleId: 1234,
  flags: ['atomic'],
  message: { type: 'echo_request', version: 5, xid: 0, data: hex('') },
  properties: experimenters,
})
exactly('of15/libofproto-OFP15-bundle_ctrl.packet', {
  type: 'bundle_control',
  version: 6,
  xid: 0,
  bundleId: 0x5f5e0ff,
  control: 'open_reply',
  flags: ['atomic'],
  properties: [],
})
exactly(
  'a commit at a given time',
  {
    type: 'bundle_control',
    version: 6,
    xid: 0,
    bundleId: 7,
    control: 'commit_request',
    flags: ['atomic', 'time'],
    properties: [{ type: 'time', scheduledTime: { seconds: 1709482176n, nanoseconds: 0x3b9ac9ff } }],
  },
  '0621002800000000 0000000700040005 0001001800000000 0000000065e4a0c0 3b9ac9ff00000000',
)
exactly(
  'a message for a given time',
  {
    type: 'bundle_add',
    version: 6,
    xid: 1,
    bundleId: 7,
    flags: ['time'],
    message: { type: 'echo_request', version: 6, xid: 1, data: hex('') },
    properties: [{ type: 'time', scheduledTime: { seconds: 1n, nanoseconds: 2 } }],
  },
  '0622003000000001 0000000700000004 0602000800000001 0001001800000000 0000000000000001 0000000200000000',
)
exactly(
  'Open vSwitch 1.3 bundle open onf bundle control',
  {
    type: 'bundle_control',
    version: 4,
    xid: 127,
    bundleId: 5,
    control: 'open_request',
    flags: [],
    properties: [],
  },
  '040400180000007f 4f4e4600000008fc 0000000500000000',
)
exactly('of15/libofproto-OFP15-bundle_features_request.packet', {
  type: 'multipart_request',
  version: 6,
  xid: 0,
  flags: [],
  body: {
    type: 'bundle_features',
    featureRequestFlags: ['timestamp', 'time_set_sched'],
    properties: [
      {
        type: 'time',
        schedAccuracy: { seconds: 0x5555_5555_5555_5555n, nanoseconds: 0x66666666 },
        schedMaxFuture: { seconds: 0x7777_7777_7777_7777n, nanoseconds: 0x88888888 },
        schedMaxPast: { seconds: 0x9999_9999_9999_9999n, nanoseconds: 0xaaaaaaaa },
        timestamp: { seconds: 0xbbbb_bbbb_bbbb_bbbbn, nanoseconds: 0xcccccccc },
      },
    ],
  },
})
exactly('of15/libofproto-OFP15-bundle_features_reply.packet', {
  type: 'multipart_reply',
  version: 6,
  xid: 0,
  flags: [],
  body: {
    type: 'bundle_features',
    capabilities: ['atomic', 'ordered', 'time'],
    properties: [
      {
        type: 'time',
        schedAccuracy: { seconds: 0x5555_5555_5555_5555n, nanoseconds: 0x66666666 },
        schedMaxFuture: { seconds: 0x7777_7777_7777_7777n, nanoseconds: 0x88888888 },
        schedMaxPast: { seconds: 0x9999_9999_9999_9999n, nanoseconds: 0xaaaaaaaa },
        timestamp: { seconds: 0xbbbb_bbbb_bbbb_bbbbn, nanoseconds: 0xcccccccc },
      },
    ],
  },
})

const control = { type: 'bundle_control', xid: 1, bundleId: 1, control: 'commit_request' } as const
const time = { type: 'time', scheduledTime: { seconds: 1n, nanoseconds: 0 } } as const
const echo = { type: 'echo_request', xid: 1 } as const

for (const version of [4, 5]) {
  const add = { type: 'bundle_add', version, xid: 1, bundleId: 1, message: { ...echo, version } } as const
  const of = `on 1.${version - 1}`
  refused(`a time ${of}`, { ...control, version, properties: [time] }, 'bundle_control.properties[0]')
  refused(`the flag for a time ${of}`, { ...control, version, flags: ['time'] }, 'bundle_control.flags')
  refused(`a message for a time ${of}`, { ...add, properties: [time] }, 'bundle_add.properties[0]')
  refused(`a message with the flag ${of}`, { ...add, flags: ['time'] }, 'bundle_add.flags')
  refused(
    `bundle_features ${of}`,
    { type: 'multipart_request', version, xid: 1, body: { type: 'bundle_features' } },
    'multipart_request',
  )
}

exactly(
  'a bit that has no name before 1.5',
  { ...control, version: 5, flags: ['bit_2'], properties: [] },
  '05210010000000010000000100040004',
)

exactly(
  'padding without properties behind a message',
  {
    type: 'bundle_add',
    version: 5,
    xid: 1,
    bundleId: 1,
    flags: [],
    message: { type: 'set_config', version: 5, xid: 1, flags: [], missSendLen: 128 },
    properties: [],
  },
  '0522002000000001 0000000100000000 0509000c00000001 0000008000000000',
)
