/** The 88 bytes of a match of 1.1 as a list of fields, and the list of fields that Open vSwitch sends there. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { decode, encode, type FlowModInput, type OxmField } from 'ts-openflow'
import { hexOf } from '../support/vectors.ts'
import { bytes, framed } from '../support/wire.ts'

const noMac = 'ffffffffffff'

interface Places {
  readonly port?: string
  readonly wildcards?: string
  readonly macs?: string
  readonly vlan?: string
  readonly network?: string
  readonly addresses?: string
  readonly ports?: string
  readonly mpls?: string
  readonly metadata?: string
}

const matchHex = ({
  port = '00000000',
  wildcards = '000003ff',
  macs = `000000000000 ${noMac} 000000000000 ${noMac}`,
  vlan = '0000 00',
  network = '0000 00 00',
  addresses = '00000000 ffffffff 00000000 ffffffff',
  ports = '0000 0000',
  mpls = '00000000 00',
  metadata = '0000000000000000 ffffffffffffffff',
}: Places): string =>
  `0000 0058 ${port} ${wildcards} ${macs} ${vlan} 00 ${network} ${addresses} ${ports} ${mpls} 000000 ${metadata}`

const flowModWith = (match: string): string =>
  framed(
    2,
    14,
    `0000000000000000 0000000000000000 00 00 0000 0000 8000 ffffffff ffffffff ffffffff 0000 0000 ${match}`,
  )
const flowMod = (places: Places): string => flowModWith(matchHex(places))

const cases: readonly (readonly [string, Places, readonly OxmField[]])[] = [
  ['everything', {}, []],
  ['a port', { port: '00000001', wildcards: '000003fe' }, [{ field: 'in_port', value: 1 }]],
  [
    'part of a MAC address',
    { macs: `020000000000 0000ffffffff 010000000000 feffffffffff` },
    [
      { field: 'eth_dst', value: 0x010000000000, mask: 0x010000000000 },
      { field: 'eth_src', value: 0x020000000000, mask: 0xffff00000000 },
    ],
  ],
  ['no VLAN', { wildcards: '000003fd', vlan: 'ffff 00' }, [{ field: 'vlan_vid', value: 0 }]],
  [
    'any VLAN',
    { wildcards: '000003fd', vlan: 'fffe 00' },
    [{ field: 'vlan_vid', value: 0x1000, mask: 0x1000 }],
  ],
  [
    'a VLAN and its priority',
    { wildcards: '000003f9', vlan: '0065 05' },
    [
      { field: 'vlan_vid', value: 0x1065 },
      { field: 'vlan_pcp', value: 5 },
    ],
  ],
  [
    'SCTP over IPv4, with a mask that is no prefix',
    {
      wildcards: '00000347',
      network: '0800 b8 84',
      addresses: '0a000001 00ff00ff 00000000 ffffffff',
      ports: '0000 0009',
    },
    [
      { field: 'eth_type', value: 0x800 },
      { field: 'ip_dscp', value: 46 },
      { field: 'ip_proto', value: 132 },
      { field: 'ipv4_src', value: 0x0a000000, mask: 0xff00ff00 },
      { field: 'sctp_dst', value: 9 },
    ],
  ],
  [
    'an MPLS label',
    { wildcards: '000000f7', network: '8847 00 00', mpls: '00000064 03' },
    [
      { field: 'eth_type', value: 0x8847 },
      { field: 'mpls_label', value: 100 },
      { field: 'mpls_tc', value: 3 },
    ],
  ],
  [
    'part of the metadata',
    { metadata: '0000000000001200 ffffffffffff00ff' },
    [{ field: 'metadata', value: 0x1200n, mask: 0xff00n }],
  ],
]

for (const [what, places, match] of cases) {
  const hex = flowMod(places)
  const usual = what !== 'SCTP over IPv4, with a mask that is no prefix'
  test(`a match on ${what}`, () => {
    const message = decode(bytes(hex))
    assert.ok(message.type === 'flow_mod')
    assert.deepEqual(message.match, match)
    assert.equal('matchBytes' in message, !usual)
    assert.equal(hexOf(encode(message)), hex)
  })
}

test('a field without a place, or without what it belongs to, is refused', () => {
  const refuse = (field: string, match: readonly OxmField[]): void => {
    const value = { type: 'flow_mod', version: 2, xid: 1, command: 'add', match } as FlowModInput
    assert.throws(() => encode(value), { name: 'EncodeError', path: `flow_mod.match.${field}` })
  }
  refuse('tunnel_id', [{ field: 'tunnel_id', value: 1n }])
  refuse('ip_proto', [
    { field: 'eth_type', value: 0x86dd },
    { field: 'ip_proto', value: 6 },
  ])
})

test('a match of fields stays one', () => {
  const hex = flowModWith('0001 000a 80000a02 0800 000000000000')
  const message = decode(bytes(hex))
  assert.ok(message.type === 'flow_mod' && 'oxmMatch' in message)
  assert.deepEqual(message.match, [{ field: 'eth_type', value: 0x800, oxmClass: 0x8000 }])
  assert.equal(hexOf(encode(message)), hex)
})

test('a match of another type or length is refused', () => {
  for (const match of [`0002 0058 ${'00'.repeat(84)}`, `0000 0050 ${'00'.repeat(76)}`])
    assert.throws(() => decode(bytes(flowModWith(match))), { name: 'WireError', code: 'VALUE', at: 48 })
})
