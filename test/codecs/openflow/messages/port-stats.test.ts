/** Counters of ports: Ethernet's, optical ones, and those that Open vSwitch adds. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { decode, encode } from 'ts-openflow'
import { exactly, experimenters, hex } from './exact.ts'

const ethernetCounters = {
  type: 'ethernet',
  rxFrameErr: 0n,
  rxOverErr: 0n,
  rxCrcErr: 0n,
  collisions: 0n,
} as const

const opticalCounters = {
  type: 'optical',
  flags: ['rx_tune', 'tx_tune'],
  txFreqLmda: 1500,
  txOffset: 700,
  txGridSpan: 500,
  rxFreqLmda: 1500,
  rxOffset: 700,
  rxGridSpan: 500,
  txPwr: 2000,
  rxPwr: 2000,
  biasCurrent: 300,
  temperature: 273,
} as const

exactly('of13/4-30-ofp_port_stats_reply.packet', {
  type: 'multipart_reply',
  version: 4,
  xid: 0,
  flags: [],
  body: {
    type: 'port',
    entries: [
      {
        portNo: 7,
        rxPackets: 0n,
        txPackets: 4n,
        rxBytes: 0n,
        txBytes: 336n,
        rxDropped: 0n,
        txDropped: 0n,
        rxErrors: 0n,
        txErrors: 0n,
        properties: [ethernetCounters],
        durationS: 0,
        durationNs: 0,
      },
      {
        portNo: 6,
        rxPackets: 4n,
        txPackets: 4n,
        rxBytes: 336n,
        txBytes: 336n,
        rxDropped: 0n,
        txDropped: 0n,
        rxErrors: 0n,
        txErrors: 0n,
        properties: [ethernetCounters],
        durationS: 0,
        durationNs: 0,
      },
    ],
  },
})

exactly('of14/5-30-ofp_port_stats_reply.packet', {
  type: 'multipart_reply',
  version: 5,
  xid: 0,
  flags: [],
  body: {
    type: 'port',
    entries: [
      {
        portNo: 7,
        durationS: 0,
        durationNs: 0,
        rxPackets: 0n,
        txPackets: 4n,
        rxBytes: 0n,
        txBytes: 336n,
        rxDropped: 0n,
        txDropped: 0n,
        rxErrors: 0n,
        txErrors: 0n,
        properties: [ethernetCounters, opticalCounters, ...experimenters],
      },
      {
        portNo: 6,
        durationS: 0,
        durationNs: 0,
        rxPackets: 4n,
        txPackets: 4n,
        rxBytes: 336n,
        txBytes: 336n,
        rxDropped: 0n,
        txDropped: 0n,
        rxErrors: 0n,
        txErrors: 0n,
        properties: [ethernetCounters],
      },
    ],
  },
})

exactly('of15/libofproto-OFP15-port_stats_reply.packet', {
  type: 'multipart_reply',
  version: 6,
  xid: 0,
  flags: [],
  body: {
    type: 'port',
    entries: [
      {
        portNo: 7,
        durationS: 0,
        durationNs: 0,
        rxPackets: 0n,
        txPackets: 4n,
        rxBytes: 0n,
        txBytes: 336n,
        rxDropped: 0n,
        txDropped: 0n,
        rxErrors: 0n,
        txErrors: 0n,
        properties: [ethernetCounters, opticalCounters, ...experimenters],
      },
      {
        portNo: 6,
        durationS: 0,
        durationNs: 0,
        rxPackets: 4n,
        txPackets: 4n,
        rxBytes: 336n,
        txBytes: 336n,
        rxDropped: 0n,
        txDropped: 0n,
        rxErrors: 0n,
        txErrors: 0n,
        properties: [ethernetCounters],
      },
    ],
  },
})

exactly(
  'Open vSwitch 1.5 ports one port reply',
  {
    type: 'multipart_reply',
    version: 6,
    xid: 2,
    flags: [],
    body: {
      type: 'port',
      entries: [
        {
          portNo: 1,
          durationS: 0,
          durationNs: 12000000,
          rxPackets: 1n,
          txPackets: 0n,
          rxBytes: 54n,
          txBytes: 0n,
          rxDropped: 0xffff_ffff_ffff_ffffn,
          txDropped: 0xffff_ffff_ffff_ffffn,
          rxErrors: 0xffff_ffff_ffff_ffffn,
          txErrors: 0xffff_ffff_ffff_ffffn,
          properties: [
            {
              type: 'ethernet',
              rxFrameErr: 0xffff_ffff_ffff_ffffn,
              rxOverErr: 0xffff_ffff_ffff_ffffn,
              rxCrcErr: 0xffff_ffff_ffff_ffffn,
              collisions: 0xffff_ffff_ffff_ffffn,
            },
            {
              type: 'intel_rfc2819',
              rx1To64Packets: 0xffff_ffff_ffff_ffffn,
              rx65To127Packets: 0xffff_ffff_ffff_ffffn,
              rx128To255Packets: 0xffff_ffff_ffff_ffffn,
              rx256To511Packets: 0xffff_ffff_ffff_ffffn,
              rx512To1023Packets: 0xffff_ffff_ffff_ffffn,
              rx1024To1522Packets: 0xffff_ffff_ffff_ffffn,
              rx1523ToMaxPackets: 0xffff_ffff_ffff_ffffn,
              tx1To64Packets: 0xffff_ffff_ffff_ffffn,
              tx65To127Packets: 0xffff_ffff_ffff_ffffn,
              tx128To255Packets: 0xffff_ffff_ffff_ffffn,
              tx256To511Packets: 0xffff_ffff_ffff_ffffn,
              tx512To1023Packets: 0xffff_ffff_ffff_ffffn,
              tx1024To1522Packets: 0xffff_ffff_ffff_ffffn,
              tx1523ToMaxPackets: 0xffff_ffff_ffff_ffffn,
              txMulticastPackets: 0xffff_ffff_ffff_ffffn,
              rxBroadcastPackets: 0xffff_ffff_ffff_ffffn,
              txBroadcastPackets: 0xffff_ffff_ffff_ffffn,
              rxUndersizedErrors: 0xffff_ffff_ffff_ffffn,
              rxOversizeErrors: 0xffff_ffff_ffff_ffffn,
              rxFragmentedErrors: 0xffff_ffff_ffff_ffffn,
              rxJabberErrors: 0xffff_ffff_ffff_ffffn,
            },
            {
              type: 'intel_custom',
              counters: [
                { name: 'rx_custom_packets_1', value: 1n },
                { name: 'rx_custom_packets_2', value: 1n },
                { name: 'rx_q0_bytes', value: 54n },
                { name: 'rx_q0_packets', value: 1n },
                { name: 'tx_q0_bytes', value: 0n },
                { name: 'tx_q0_packets', value: 0n },
              ],
            },
          ],
        },
      ],
    },
  },
  '061301e000000002 0004000000000000 01d0000000000001 0000000000b71b00 0000000000000001 0000000000000000 0000000000000036 0000000000000000 ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff 0000002800000000 ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff ffff00b80000aa01 0000000100000000 ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff ffff009c0000aa01 0000000200000006 1372785f63757374 6f6d5f7061636b65 74735f3100000000 000000011372785f 637573746f6d5f70 61636b6574735f32 0000000000000001 0b72785f71305f62 7974657300000000 000000360d72785f 71305f7061636b65 7473000000000000 00010b74785f7130 5f62797465730000 0000000000000d74 785f71305f706163 6b65747300000000 0000000000000000',
)

const reply = (counters: string): Uint8Array => {
  const property = `ffff${(counters.length / 2 + 14).toString(16).padStart(4, '0')}0000aa01000000020000${counters}`
  const padded = property.padEnd(Math.ceil(property.length / 16) * 16, '0')
  const entry = `${(80 + padded.length / 2).toString(16).padStart(4, '0')}0000${'00'.repeat(76)}${padded}`
  return hex(`0513${(16 + entry.length / 2).toString(16).padStart(4, '0')}00000000 0004000000000000 ${entry}`)
}

test('a counter whose name is not UTF-8 leaves all counters as bytes', () => {
  const bytes = reply('000101ff0000000000000007')
  const message = decode(bytes)
  assert.ok(message.type === 'multipart_reply' && message.body.type === 'port')
  assert.deepEqual(message.body.entries[0]?.properties, [
    { type: 'experimenter', experimenter: 0xaa01, body: hex('00000002 0000 0001 01ff 0000000000000007') },
  ])
  assert.deepEqual(new Uint8Array(encode(message)), bytes)
})

test('a counter that the property has no room for is refused', () => {
  assert.throws(() => decode(reply('0002016100000000 00000007'.replaceAll(' ', ''))), {
    name: 'WireError',
    code: 'SHORT',
  })
})
