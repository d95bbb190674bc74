/** Groups: what a switch can do with them, and their counters. */
import { exactly, refused } from './exact.ts'

const ryuActions = [
  'output',
  'copy_ttl_out',
  'copy_ttl_in',
  'set_mpls_ttl',
  'dec_mpls_ttl',
  'push_vlan',
  'pop_vlan',
  'push_mpls',
  'pop_mpls',
  'set_queue',
  'group',
  'set_nw_ttl',
  'dec_nw_ttl',
  'set_field',
] as const

const ovsActions = [
  'output',
  'set_mpls_ttl',
  'dec_mpls_ttl',
  'push_vlan',
  'pop_vlan',
  'push_mpls',
  'pop_mpls',
  'set_queue',
  'group',
  'set_nw_ttl',
  'dec_nw_ttl',
  'set_field',
] as const

exactly('of13/4-31-ofp_group_features_request.packet', {
  type: 'multipart_request',
  version: 4,
  xid: 0,
  flags: [],
  body: { type: 'group_features' },
})

exactly('of13/4-32-ofp_group_features_reply.packet', {
  type: 'multipart_reply',
  version: 4,
  xid: 0,
  flags: [],
  body: {
    type: 'group_features',
    types: ['all', 'select', 'indirect', 'ff'],
    capabilities: ['select_weight', 'chaining'],
    maxGroups: { all: 0x1000000, select: 0x1000000, indirect: 0x1000000, ff: 0x1000000 },
    actions: {
      all: ryuActions,
      select: ryuActions,
      indirect: ryuActions,
      ff: ryuActions,
    },
  },
})

exactly('of14/5-32-ofp_group_features_reply.packet', {
  type: 'multipart_reply',
  version: 5,
  xid: 0,
  flags: [],
  body: {
    type: 'group_features',
    types: ['all', 'select', 'indirect', 'ff'],
    capabilities: ['select_weight', 'chaining'],
    maxGroups: { all: 0x1000000, select: 0x1000000, indirect: 0x1000000, ff: 0x1000000 },
    actions: {
      all: ryuActions,
      select: ryuActions,
      indirect: ryuActions,
      ff: ryuActions,
    },
  },
})

exactly('of15/libofproto-OFP15-group_features_reply.packet', {
  type: 'multipart_reply',
  version: 6,
  xid: 0,
  flags: [],
  body: {
    type: 'group_features',
    types: ['all', 'select', 'indirect', 'ff'],
    capabilities: ['select_weight', 'chaining'],
    maxGroups: { all: 0x1000000, select: 0x1000000, indirect: 0x1000000, ff: 0x1000000 },
    actions: {
      all: ryuActions,
      select: ryuActions,
      indirect: ryuActions,
      ff: ryuActions,
    },
  },
})

exactly(
  'Open vSwitch 1.5 group features group features reply',
  {
    type: 'multipart_reply',
    version: 6,
    xid: 2,
    flags: [],
    body: {
      type: 'group_features',
      types: ['all', 'select', 'indirect', 'ff'],
      capabilities: ['select_weight', 'select_liveness', 'chaining'],
      maxGroups: { all: 0xffffff00, select: 0xffffff00, indirect: 0xffffff00, ff: 0xffffff00 },
      actions: {
        all: ovsActions,
        select: ovsActions,
        indirect: ovsActions,
        ff: ovsActions,
      },
    },
  },
  '0613003800000002 0008000000000000 0000000f00000007 ffffff00ffffff00 ffffff00ffffff00 03ff800103ff8001 03ff800103ff8001',
)

exactly('of13/4-57-ofp_group_stats_request.packet', {
  type: 'multipart_request',
  version: 4,
  xid: 0,
  flags: [],
  body: { type: 'group', groupId: 0xfffffffc },
})

exactly('of13/4-58-ofp_group_stats_reply.packet', {
  type: 'multipart_reply',
  version: 4,
  xid: 0,
  flags: [],
  body: {
    type: 'group',
    entries: [
      {
        groupId: 1,
        refCount: 2,
        packetCount: 123n,
        byteCount: 12345n,
        durationS: 9,
        durationNs: 0x244d26e0,
        buckets: [{ packetCount: 234n, byteCount: 2345n }],
      },
    ],
  },
})

exactly('of15/libofproto-OFP15-group_stats_reply.packet', {
  type: 'multipart_reply',
  version: 6,
  xid: 0,
  flags: [],
  body: {
    type: 'group',
    entries: [
      {
        groupId: 1,
        refCount: 2,
        packetCount: 123n,
        byteCount: 12345n,
        durationS: 9,
        durationNs: 0x244d26e0,
        buckets: [{ packetCount: 234n, byteCount: 2345n }],
      },
    ],
  },
})

const reply = { type: 'multipart_reply', xid: 1 } as const

const maxGroups = { all: 1, select: 1, indirect: 1, ff: 1 } as const

for (const version of [4, 5]) {
  for (const action of ['copy_field', 'meter']) {
    const actions = { all: ['output'], select: [], indirect: [action], ff: [] }
    refused(
      `${action} in groups on 1.${version - 1}`,
      {
        ...reply,
        version,
        body: { type: 'group_features', types: [], capabilities: [], maxGroups, actions },
      },
      'multipart_reply.body.group_features.actions.indirect',
    )
  }
  refused(
    `inserting a bucket on 1.${version - 1}`,
    { type: 'group_mod', version, xid: 1, command: 'insert_bucket', groupId: 1 },
    'group_mod.command',
  )
}

exactly(
  'actions that have no name in groups of 1.3',
  {
    ...reply,
    version: 4,
    flags: [],
    body: {
      type: 'group_features',
      types: ['all'],
      capabilities: [],
      maxGroups,
      actions: { all: ['bit_28', 'bit_29'], select: [], indirect: [], ff: [] },
    },
  },
  '0413003800000001 0008000000000000 0000000100000000 0000000100000001 0000000100000001 3000000000000000 0000000000000000',
)
