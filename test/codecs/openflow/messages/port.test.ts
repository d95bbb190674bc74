/** Ports: their description and changes, with optical ones and pipeline fields. */
import { exactly, experimenters, hex, refused } from './exact.ts'

const ethernet = {
  type: 'ethernet',
  curr: ['100mb_fd', 'copper', 'autoneg'],
  advertised: ['copper', 'autoneg'],
  supported: ['100mb_fd', 'copper', 'autoneg'],
  peer: ['100mb_fd', 'copper', 'autoneg'],
  currSpeedKbps: 5000,
  maxSpeedKbps: 5000,
} as const

const optical = {
  type: 'optical',
  supported: ['rx_tune'],
  txMinFreqLmda: 1000,
  txMaxFreqLmda: 2000,
  txGridFreqLmda: 1500,
  rxMinFreqLmda: 1000,
  rxMaxFreqLmda: 2000,
  rxGridFreqLmda: 1500,
  txPwrMin: 1000,
  txPwrMax: 2000,
} as const

exactly('of13/4-54-ofp_port_desc_reply.packet', {
  type: 'multipart_reply',
  version: 4,
  xid: 0,
  flags: [],
  body: {
    type: 'port_desc',
    entries: [
      {
        portNo: 7,
        hwAddr: 0xf20ba4d03f70,
        name: 'Port7',
        config: [],
        state: ['live'],
        properties: [ethernet],
      },
      {
        portNo: 6,
        hwAddr: 0xf20ba47df8ea,
        name: 'Port6',
        config: [],
        state: ['live'],
        properties: [ethernet],
      },
    ],
  },
})

exactly('of14/5-52-ofp_port_desc_reply.packet', {
  type: 'multipart_reply',
  version: 5,
  xid: 0,
  flags: [],
  body: {
    type: 'port_desc',
    entries: [
      {
        portNo: 7,
        hwAddr: 0xf20ba4d03f70,
        name: 'Port7',
        config: [],
        state: ['live'],
        properties: [ethernet, optical, ...experimenters],
      },
      {
        portNo: 6,
        hwAddr: 0xf20ba47df8ea,
        name: 'Port6',
        config: [],
        state: ['live'],
        properties: [ethernet],
      },
    ],
  },
})

exactly('of14/5-37-ofp_port_status.packet', {
  type: 'port_status',
  version: 5,
  xid: 0,
  reason: 'add',
  port: {
    portNo: 7,
    hwAddr: 0xf20ba4d03f70,
    name: '私のポート',
    config: [],
    state: ['live'],
    properties: [ethernet, optical, ...experimenters],
  },
})

exactly('of15/libofproto-OFP15-port_desc_reply.packet', {
  type: 'multipart_reply',
  version: 6,
  xid: 0,
  flags: [],
  body: {
    type: 'port_desc',
    entries: [
      {
        portNo: 7,
        hwAddr: 0xf20ba4d03f70,
        name: 'Port7',
        config: [],
        state: ['live'],
        properties: [ethernet, optical, ...experimenters],
      },
      {
        portNo: 6,
        hwAddr: 0xf20ba47df8ea,
        name: 'Port6',
        config: [],
        state: ['live'],
        properties: [ethernet],
      },
    ],
  },
})

exactly('of15/libofproto-OFP15-port_desc_request.packet', {
  type: 'multipart_request',
  version: 6,
  xid: 0,
  flags: [],
  body: { type: 'port_desc', portNo: 48346 },
})

exactly('of15/libofproto-OFP15-port_status.packet', {
  type: 'port_status',
  version: 6,
  xid: 0,
  reason: 'add',
  port: {
    portNo: 7,
    hwAddr: 0xf20ba4d03f70,
    name: '私のポート',
    config: [],
    state: ['live'],
    properties: [ethernet, optical, ...experimenters],
  },
})

exactly(
  '1.4 keeps the same properties as bytes',
  {
    type: 'port_status',
    version: 5,
    xid: 0,
    reason: 'add',
    port: {
      portNo: 1,
      hwAddr: 0x10200,
      name: 'p1',
      config: [],
      state: ['live'],
      properties: [
        { type: 'unknown', code: 2, body: hex('80000004') },
        { type: 'unknown', code: 4, body: hex('00000002') },
      ],
    },
  },
  '050c004800000000 0000000000000000 0000000100380000 0000000102000000 7031000000000000 0000000000000000 0000000000000004 0002000880000004 0004000800000002',
)

exactly(
  'pipeline fields and recirculation',
  {
    type: 'port_status',
    version: 6,
    xid: 0,
    reason: 'add',
    port: {
      portNo: 1,
      hwAddr: 0x10200,
      name: 'p1',
      config: [],
      state: ['live'],
      properties: [
        { type: 'pipeline_input', fields: ['in_port'] },
        { type: 'pipeline_output', fields: [{ field: 'metadata', maskable: true }, 'tunnel_id'] },
        { type: 'recirculate', ports: [2, 0xfffffffa] },
      ],
    },
  },
  '060c006000000000 0000000000000000 0000000100500000 0000000102000000 7031000000000000 0000000000000000 0000000000000004 0002000880000004 0003000c80000510 80004c0800000000 0004000c00000002 fffffffa00000000',
)

const port = { portNo: 1, hwAddr: 1, name: 'p1', config: [], state: [] } as const

const status = { type: 'port_status', xid: 1, reason: 'add' } as const

for (const property of [
  { type: 'pipeline_input', fields: [] },
  { type: 'pipeline_output', fields: [] },
  { type: 'recirculate', ports: [] },
] as const)
  refused(
    `${property.type} on 1.4`,
    { ...status, version: 5, port: { ...port, properties: [property] } },
    'port_status.port.properties[0]',
  )

refused(
  'an optical port on 1.3',
  { ...status, version: 4, port: { ...port, properties: [{ type: 'optical' }] } },
  'port_status.port.properties',
)

refused(
  'one port of all on 1.4',
  { type: 'multipart_request', version: 5, xid: 1, body: { type: 'port_desc', portNo: 1 } },
  'multipart_request.body.port_desc.portNo',
)
