/** Changes of ports: in 1.3 with features in a fixed place, from 1.4 on with properties. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { encode } from 'ts-openflow'
import { exactly, experimenters, refused } from './exact.ts'

exactly('of13/4-22-ofp_port_mod.packet', {
  type: 'port_mod',
  version: 4,
  xid: 0,
  portNo: 1,
  hwAddr: 0x1100001111,
  config: [],
  mask: [],
  properties: [{ type: 'ethernet', advertise: ['fiber'] }],
})
exactly('of13/libofproto-OFP13-port_mod.packet', {
  type: 'port_mod',
  version: 4,
  xid: 0,
  portNo: 1,
  hwAddr: 0xaabbcc998877,
  config: ['port_down'],
  mask: ['port_down'],
  properties: [{ type: 'ethernet', advertise: ['100mb_fd', 'copper', 'autoneg'] }],
})
exactly('of14/5-22-ofp_port_mod.packet', {
  type: 'port_mod',
  version: 5,
  xid: 0,
  portNo: 1,
  hwAddr: 0x1100001111,
  config: [],
  mask: [],
  properties: [
    { type: 'ethernet', advertise: ['fiber'] },
    {
      type: 'optical',
      configure: ['rx_tune', 'tx_tune'],
      freqLmda: 1500,
      flOffset: 2000,
      gridSpan: 3000,
      txPwr: 300,
    },
    ...experimenters,
  ],
})
exactly('of15/libofproto-OFP15-port_mod.packet', {
  type: 'port_mod',
  version: 6,
  xid: 0,
  portNo: 1,
  hwAddr: 0x1100001111,
  config: [],
  mask: [],
  properties: [
    { type: 'ethernet', advertise: ['fiber'] },
    {
      type: 'optical',
      configure: ['rx_tune', 'tx_tune'],
      freqLmda: 1500,
      flOffset: 2000,
      gridSpan: 3000,
      txPwr: 300,
    },
    ...experimenters,
  ],
})
exactly(
  'Open vSwitch 1.3 port down port mod',
  {
    type: 'port_mod',
    version: 4,
    xid: 4,
    portNo: 1,
    hwAddr: 0xaa55aa550003,
    config: ['port_down'],
    mask: ['port_down'],
    properties: [{ type: 'ethernet', advertise: [] }],
  },
  '0410002800000004 0000000100000000 aa55aa5500030000 0000000100000001 0000000000000000',
)
exactly(
  'Open vSwitch 1.5 port no receive port mod',
  {
    type: 'port_mod',
    version: 6,
    xid: 4,
    portNo: 1,
    hwAddr: 0xaa55aa550003,
    config: ['no_recv'],
    mask: ['no_recv'],
    properties: [],
  },
  '0610002000000004 0000000100000000 aa55aa5500030000 0000000400000004',
)

const portMod = { type: 'port_mod', xid: 1, portNo: 1, hwAddr: 1 } as const
const optical = { type: 'optical', configure: [], freqLmda: 1, flOffset: -7, gridSpan: 2, txPwr: 3 } as const

exactly(
  'a negative offset',
  { ...portMod, version: 5, config: [], mask: [], properties: [optical] },
  '051000380000000100000001000000000000000000010000000000000000000000010018000000000000 0001fffffff90000000200000003',
)

test('no features to advertise are written as none', () => {
  const written = encode({ ...portMod, version: 4 })
  assert.deepEqual(
    written,
    encode({ ...portMod, version: 4, properties: [{ type: 'ethernet', advertise: [] }] }),
  )
})

test('an offset of more than 32 bits is refused', () => {
  const message = { ...portMod, version: 5, properties: [{ ...optical, flOffset: 2 ** 31 }] }
  assert.throws(() => encode(message), { code: 'RANGE', path: 'port_mod.properties[0].optical.flOffset' })
})

refused('an optical port on 1.3', { ...portMod, version: 4, properties: [optical] }, 'port_mod.properties')
refused(
  'two properties on 1.3',
  { ...portMod, version: 4, properties: Array(2).fill({ type: 'ethernet', advertise: [] }) },
  'port_mod.properties',
)
