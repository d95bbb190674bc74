/** Roles: asked for and told; requests of other controllers passed on. */
import { exactly, experimenters, refused } from './exact.ts'

exactly('of13/4-19-ofp_role_request.packet', {
  type: 'role_request',
  version: 4,
  xid: 0,
  role: 'master',
  generationId: 0xf000_f000_f000_f000n,
})
exactly('of13/4-20-ofp_role_reply.packet', {
  type: 'role_reply',
  version: 4,
  xid: 0,
  role: 'slave',
  generationId: 0xf000_f000_f000_f000n,
})
exactly('of14/5-19-ofp_role_request.packet', {
  type: 'role_request',
  version: 5,
  xid: 0,
  role: 'master',
  generationId: 0xf000_f000_f000_f000n,
})
exactly('of14/5-20-ofp_role_reply.packet', {
  type: 'role_reply',
  version: 5,
  xid: 0,
  role: 'slave',
  generationId: 0xf000_f000_f000_f000n,
})
exactly('of15/libofproto-OFP15-role_request.packet', {
  type: 'role_request',
  version: 6,
  xid: 0,
  role: 'equal',
  shortId: 43690,
  generationId: 0x1122_3344_5566_7788n,
})
exactly('of15/libofproto-OFP15-role_reply.packet', {
  type: 'role_reply',
  version: 6,
  xid: 0,
  role: 'equal',
  shortId: 43690,
  generationId: 0x1122_3344_5566_7788n,
})
exactly('of14/5-65-ofp_role_status.packet', {
  type: 'role_status',
  version: 5,
  xid: 0,
  role: 'master',
  reason: 'master_request',
  generationId: 7n,
  properties: experimenters,
})
exactly('of15/libofproto-OFP15-role_status.packet', {
  type: 'role_status',
  version: 6,
  xid: 0,
  role: 'slave',
  reason: 'master_request',
  generationId: 0xf0de_bc9a_7856_3412n,
  properties: [],
})
exactly(
  'Open vSwitch 1.3 role master too onf role status',
  {
    type: 'role_status',
    version: 4,
    xid: 0,
    role: 'slave',
    reason: 'master_request',
    generationId: 22n,
    properties: [],
  },
  '0404002000000000 4f4e460000000777 0000000300000000 0000000000000016',
)
exactly('of14/5-71-ofp_requestforward.packet', {
  type: 'requestforward',
  version: 5,
  xid: 0,
  request: {
    type: 'group_mod',
    version: 5,
    xid: 0,
    command: 'add',
    groupType: 'all',
    groupId: 1,
    buckets: [
      { weight: 1, watchPort: 1, watchGroup: 1, actions: [{ type: 'output', port: 2, maxLen: 65535 }] },
    ],
  },
})
exactly('of15/libofproto-OFP15-requestforward.packet', {
  type: 'requestforward',
  version: 6,
  xid: 0,
  request: {
    type: 'group_mod',
    version: 6,
    xid: 0,
    command: 'insert_bucket',
    groupType: 'select',
    groupId: 0xaaaaaaaa,
    commandBucketId: 0xbbbbbbbb,
    buckets: [
      {
        bucketId: 0x12345678,
        actions: [
          { type: 'pop_vlan' },
          { type: 'set_field', field: { field: 'ipv4_dst', value: 0xc0a80209 } },
        ],
        weight: 52428,
        watchPort: 56797,
        watchGroup: 0xeeeeeeee,
      },
    ],
    properties: [],
  },
})
exactly(
  'Open vSwitch 1.3 forwarded meter add onf requestforward',
  {
    type: 'requestforward',
    version: 4,
    xid: 0,
    request: {
      type: 'meter_mod',
      version: 4,
      xid: 2,
      command: 'add',
      flags: ['kbps', 'burst'],
      meterId: 1,
      bands: [{ type: 'drop', rate: 1000, burstSize: 100 }],
    },
  },
  '0404003000000000 4f4e46000000092e 041d002000000002 0000000500000001 00010010000003e8 0000006400000000',
)
exactly(
  'Open vSwitch 1.3 forwarded delete onf requestforward',
  {
    type: 'requestforward',
    version: 4,
    xid: 0,
    request: {
      type: 'group_mod',
      version: 4,
      xid: 2,
      command: 'delete',
      groupType: 'all',
      groupId: 1,
      buckets: [],
    },
  },
  '0404002000000000 4f4e46000000092e 040f001000000002 0002000000000001',
)

for (const version of [4, 5]) {
  const role = { version, xid: 1, role: 'equal', shortId: 1 } as const
  refused(
    `shortId of a request on 1.${version - 1}`,
    { type: 'role_request', ...role },
    'role_request.shortId',
  )
  refused(`shortId of a reply on 1.${version - 1}`, { type: 'role_reply', ...role }, 'role_reply.shortId')
}
refused(
  'role_status on 1.2',
  { type: 'role_status', version: 3, xid: 1, role: 'equal', reason: 'config' },
  '',
)
refused(
  "a request of 1.3 in a message of 1.4's",
  {
    type: 'requestforward',
    version: 5,
    xid: 1,
    request: { type: 'flow_mod', version: 5, xid: 2, command: 'add' },
  },
  'requestforward.request',
)
