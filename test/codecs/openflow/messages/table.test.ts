/** Tables: their configuration, set and described, and the event of a table that fills up. */
import { exactly, experimenters, hex, refused } from './exact.ts'

exactly('of13/4-23-ofp_table_mod.packet', { type: 'table_mod', version: 4, xid: 0, tableId: 255, config: [] })
exactly('of13/libofproto-OFP13-table_mod.packet', {
  type: 'table_mod',
  version: 4,
  xid: 0,
  tableId: 255,
  config: [],
})
exactly('of14/5-23-ofp_table_mod.packet', {
  type: 'table_mod',
  version: 5,
  xid: 0,
  tableId: 255,
  config: [],
  properties: [
    { type: 'eviction', flags: [] },
    { type: 'vacancy', vacancyDown: 0, vacancyUp: 0, vacancy: 0 },
    ...experimenters,
  ],
})
exactly('of15/libofproto-OFP15-table_mod.packet', {
  type: 'table_mod',
  version: 6,
  xid: 0,
  tableId: 255,
  config: ['eviction'],
  properties: [{ type: 'eviction', flags: ['importance'] }],
})
exactly(
  'Open vSwitch 1.5 table vacancy table mod',
  {
    type: 'table_mod',
    version: 6,
    xid: 3,
    tableId: 0,
    config: ['eviction', 'vacancy_events'],
    properties: [
      { type: 'eviction', flags: ['other', 'importance', 'lifetime'] },
      { type: 'vacancy', vacancyDown: 20, vacancyUp: 80, vacancy: 0 },
    ],
  },
  '0611002000000003 000000000000000c 0002000800000007 0003000814500000',
)
exactly('of14/5-61-ofp_table_desc_request.packet', {
  type: 'multipart_request',
  version: 5,
  xid: 0,
  flags: [],
  body: { type: 'table_desc' },
})
exactly('of14/5-62-ofp_table_desc_reply.packet', {
  type: 'multipart_reply',
  version: 5,
  xid: 0,
  flags: [],
  body: {
    type: 'table_desc',
    entries: [
      {
        tableId: 7,
        config: [],
        properties: [{ type: 'experimenter', experimenter: 101, body: hex('00000000') }],
      },
      {
        tableId: 8,
        config: [],
        properties: [
          { type: 'eviction', flags: [] },
          { type: 'vacancy', vacancyDown: 0, vacancyUp: 0, vacancy: 0 },
          ...experimenters,
        ],
      },
    ],
  },
})
exactly('of15/libofproto-OFP15-table_desc_request.packet', {
  type: 'multipart_request',
  version: 6,
  xid: 0,
  flags: [],
  body: { type: 'table_desc' },
})
exactly('of15/libofproto-OFP15-table_desc_reply.packet', {
  type: 'multipart_reply',
  version: 6,
  xid: 0,
  flags: [],
  body: {
    type: 'table_desc',
    entries: [
      {
        tableId: 7,
        config: [],
        properties: [{ type: 'experimenter', experimenter: 101, body: hex('00000000') }],
      },
      {
        tableId: 8,
        config: [],
        properties: [
          { type: 'eviction', flags: [] },
          { type: 'vacancy', vacancyDown: 0, vacancyUp: 0, vacancy: 0 },
          ...experimenters,
        ],
      },
    ],
  },
})
exactly(
  'Open vSwitch 1.5 table vacancy table desc reply',
  {
    type: 'multipart_reply',
    version: 6,
    xid: 2,
    flags: [],
    body: {
      type: 'table_desc',
      entries: [
        {
          tableId: 0,
          config: ['eviction'],
          properties: [{ type: 'eviction', flags: ['other', 'importance', 'lifetime'] }],
        },
        {
          tableId: 1,
          config: [],
          properties: [{ type: 'eviction', flags: ['other', 'importance', 'lifetime'] }],
        },
      ],
    },
  },
  '0613003000000002 000e000000000000 0010000000000004 0002000800000007 0010010000000000 0002000800000007',
)
exactly('of14/5-68-ofp_table_status.packet', {
  type: 'table_status',
  version: 5,
  xid: 0,
  reason: 'vacancy_down',
  table: {
    tableId: 8,
    config: [],
    properties: [
      { type: 'eviction', flags: [] },
      { type: 'vacancy', vacancyDown: 0, vacancyUp: 0, vacancy: 0 },
      ...experimenters,
    ],
  },
})
exactly('of15/libofproto-OFP15-table_status.packet', {
  type: 'table_status',
  version: 6,
  xid: 0,
  reason: 'vacancy_down',
  table: {
    tableId: 8,
    config: [],
    properties: [
      { type: 'eviction', flags: [] },
      { type: 'vacancy', vacancyDown: 0, vacancyUp: 0, vacancy: 0 },
      ...experimenters,
    ],
  },
})
exactly(
  'Open vSwitch 1.5 vacancy down table status',
  {
    type: 'table_status',
    version: 6,
    xid: 0,
    reason: 'vacancy_down',
    table: {
      tableId: 1,
      config: ['vacancy_events'],
      properties: [
        { type: 'eviction', flags: ['other', 'importance', 'lifetime'] },
        { type: 'vacancy', vacancyDown: 20, vacancyUp: 80, vacancy: 10 },
      ],
    },
  },
  '061f002800000000 0300000000000000 0018010000000008 0002000800000007 0003000814500a00',
)

const tableMod = { type: 'table_mod', version: 4, xid: 1, tableId: 0 } as const

exactly(
  'bits that have no name in 1.3',
  { ...tableMod, config: ['bit_0', 'bit_2'] },
  '04110010000000010000000000000005',
)

refused('eviction on 1.3', { ...tableMod, config: ['eviction'] }, 'table_mod.config')
refused('vacancy events on 1.3', { ...tableMod, config: ['vacancy_events'] }, 'table_mod.config')
refused(
  'properties on 1.3',
  { ...tableMod, properties: [{ type: 'eviction', flags: [] }] },
  'table_mod.properties',
)
refused(
  'table_status on 1.3',
  { type: 'table_status', version: 4, xid: 1, reason: 'vacancy_up', table: { tableId: 1 } },
  '',
)
refused(
  'table_desc on 1.3',
  { type: 'multipart_request', version: 4, xid: 1, body: { type: 'table_desc' } },
  'multipart_request',
)
