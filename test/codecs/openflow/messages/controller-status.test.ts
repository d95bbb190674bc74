/** What 1.5 tells of other controllers. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { encode } from 'ts-openflow'
import { exactly, hex, refused } from './exact.ts'

exactly('of15/libofproto-OFP15-controller_status.packet', {
  type: 'controller_status',
  version: 6,
  xid: 0,
  status: {
    shortId: 65535,
    role: 'equal',
    reason: 'channel_status',
    channelStatus: 'down',
    properties: [{ type: 'uri', uri: 'tls:192.168.34.23:6653' }],
  },
})
exactly('of15/libofproto-OFP15-controller_status_request.packet', {
  type: 'multipart_request',
  version: 6,
  xid: 0,
  flags: [],
  body: { type: 'controller_status' },
})
exactly('of15/libofproto-OFP15-controller_status_reply.packet', {
  type: 'multipart_reply',
  version: 6,
  xid: 0,
  flags: [],
  body: {
    type: 'controller_status',
    entries: [
      {
        shortId: 65535,
        role: 'equal',
        reason: 'channel_status',
        channelStatus: 'down',
        properties: [{ type: 'uri', uri: 'tls:192.168.34.23:6653' }],
      },
    ],
  },
})
exactly(
  'a property of an experimenter',
  {
    type: 'controller_status',
    version: 6,
    xid: 0,
    status: {
      shortId: 7,
      role: 'slave',
      reason: 'role',
      channelStatus: 'down',
      properties: [{ type: 'experimenter', experimenter: 101, body: hex('00000001') }],
    },
  },
  '0623002800000000 0020000700000003 0201000000000000 ffff000c00000065 0000000100000000',
)
exactly(
  'an address that is not UTF-8',
  {
    type: 'controller_status',
    version: 6,
    xid: 0,
    status: {
      shortId: 7,
      role: 'master',
      reason: 9,
      channelStatus: 'down',
      properties: [{ type: 'unknown', code: 0, body: hex('ff41') }],
    },
  },
  '0623002000000000 0018000700000002 0901000000000000 00000006ff410000',
)

const status = { shortId: 1, role: 'equal', reason: 'role', channelStatus: 'up' } as const

test('half a character is no address', () => {
  const properties = [{ type: 'uri', uri: 'tcp:\ud800' }] as const
  assert.throws(
    () => encode({ type: 'controller_status', version: 6, xid: 1, status: { ...status, properties } }),
    {
      code: 'INVALID',
      path: 'controller_status.status.properties[0].uri.uri',
    },
  )
})

refused('controller_status on 1.4', { type: 'controller_status', version: 5, xid: 1, status }, '')
refused(
  'a request for it on 1.4',
  { type: 'multipart_request', version: 5, xid: 1, body: { type: 'controller_status' } },
  'multipart_request',
)
