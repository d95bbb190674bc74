/** Meters: changes, configuration, counters and features. */
import { exactly, hex, refused } from './exact.ts'

exactly('of13/4-45-ofp_meter_mod.packet', {
  type: 'meter_mod',
  version: 4,
  xid: 0,
  command: 'add',
  flags: ['pktps', 'burst', 'stats'],
  meterId: 100,
  bands: [
    { type: 'drop', rate: 1000, burstSize: 10 },
    { type: 'dscp_remark', rate: 1000, burstSize: 10, precLevel: 1 },
    { type: 'experimenter_band', rate: 1000, burstSize: 10, experimenter: 0x3e7, body: hex('') },
  ],
})

exactly('of15/libofproto-OFP15-meter_mod.packet', {
  type: 'meter_mod',
  version: 6,
  xid: 0,
  command: 'add',
  flags: ['pktps', 'burst', 'stats'],
  meterId: 100,
  bands: [
    { type: 'drop', rate: 1000, burstSize: 10 },
    { type: 'dscp_remark', rate: 1000, burstSize: 10, precLevel: 1 },
  ],
})

exactly('of13/4-47-ofp_meter_config_request.packet', {
  type: 'multipart_request',
  version: 4,
  xid: 0,
  flags: [],
  body: { type: 'meter_config', meterId: 0xffff_ffff },
})

exactly('of13/4-48-ofp_meter_config_reply.packet', {
  type: 'multipart_reply',
  version: 4,
  xid: 0,
  flags: [],
  body: {
    type: 'meter_config',
    entries: [
      {
        flags: ['pktps', 'burst', 'stats'],
        meterId: 100,
        bands: [{ type: 'drop', rate: 1000, burstSize: 10 }],
      },
    ],
  },
})

exactly('of15/libofproto-OFP15-meter_desc_request.packet', {
  type: 'multipart_request',
  version: 6,
  xid: 0,
  flags: [],
  body: { type: 'meter_config', meterId: 0xffff_ffff },
})

exactly('of15/libofproto-OFP15-meter_desc_reply.packet', {
  type: 'multipart_reply',
  version: 6,
  xid: 0,
  flags: [],
  body: {
    type: 'meter_config',
    entries: [
      {
        flags: ['pktps', 'burst', 'stats'],
        meterId: 100,
        bands: [{ type: 'drop', rate: 1000, burstSize: 10 }],
      },
    ],
  },
})

exactly('of13/4-49-ofp_meter_stats_request.packet', {
  type: 'multipart_request',
  version: 4,
  xid: 0,
  flags: [],
  body: { type: 'meter', meterId: 0xffff_ffff },
})

exactly('of13/4-50-ofp_meter_stats_reply.packet', {
  type: 'multipart_reply',
  version: 4,
  xid: 0,
  flags: [],
  body: {
    type: 'meter',
    entries: [
      {
        meterId: 100,
        flowCount: 0,
        packetInCount: 0n,
        byteInCount: 0n,
        durationS: 0,
        durationNs: 480000,
        bands: [{ packetBandCount: 0n, byteBandCount: 0n }],
      },
    ],
  },
})

exactly('of15/libofproto-OFP15-meter_stats_reply.packet', {
  type: 'multipart_reply',
  version: 6,
  xid: 0,
  flags: [],
  body: {
    type: 'meter',
    entries: [
      {
        meterId: 100,
        flowCount: 0,
        packetInCount: 0n,
        byteInCount: 0n,
        durationS: 0,
        durationNs: 480000,
        bands: [{ packetBandCount: 0n, byteBandCount: 0n }],
      },
    ],
  },
})

exactly('of13/4-51-ofp_meter_features_request.packet', {
  type: 'multipart_request',
  version: 4,
  xid: 0,
  flags: [],
  body: { type: 'meter_features' },
})

exactly('of13/4-52-ofp_meter_features_reply.packet', {
  type: 'multipart_reply',
  version: 4,
  xid: 0,
  flags: [],
  body: {
    type: 'meter_features',
    maxMeter: 0x1000000,
    bandTypes: ['drop', 'dscp_remark', 'bit_31'],
    capabilities: ['kbps', 'pktps', 'burst', 'stats'],
    maxBands: 255,
    maxColor: 0,
  },
})

exactly('of14/5-50-ofp_meter_features_reply.packet', {
  type: 'multipart_reply',
  version: 5,
  xid: 0,
  flags: [],
  body: {
    type: 'meter_features',
    maxMeter: 0x1000000,
    bandTypes: ['drop', 'dscp_remark', 'bit_31'],
    capabilities: ['kbps', 'pktps', 'burst', 'stats'],
    maxBands: 255,
    maxColor: 0,
  },
})

exactly(
  'Open vSwitch 1.5 meter features meter features reply',
  {
    type: 'multipart_reply',
    version: 6,
    xid: 2,
    flags: [],
    body: {
      type: 'meter_features',
      maxMeter: 262144,
      bandTypes: ['drop'],
      capabilities: ['kbps', 'pktps', 'burst', 'stats'],
      maxBands: 8,
      maxColor: 0,
    },
  },
  '0613002000000002 000b000000000000 0004000000000002 0000000f08000000',
)

exactly(
  'the meter features of Ryu’s 1.5 message with the length it should have',
  {
    type: 'multipart_reply',
    version: 6,
    xid: 0,
    flags: [],
    body: {
      type: 'meter_features',
      maxMeter: 0x1000000,
      bandTypes: ['drop', 'dscp_remark', 'bit_31'],
      capabilities: ['kbps', 'pktps', 'burst', 'stats'],
      maxBands: 255,
      maxColor: 0,
      features: ['action_set', 'any_position'],
    },
  },
  '0613002800000000 000b000000000000 0100000080000006 0000000fff000000 0000000300000000',
)

const reply = { type: 'multipart_reply', xid: 1 } as const

for (const version of [4, 5]) {
  refused(
    `places of meters on 1.${version - 1}`,
    {
      ...reply,
      version,
      body: {
        type: 'meter_features',
        maxMeter: 1,
        bandTypes: [],
        capabilities: [],
        maxBands: 1,
        maxColor: 1,
        features: ['action_set'],
      },
    },
    'multipart_reply.body.meter_features.features',
  )
}
