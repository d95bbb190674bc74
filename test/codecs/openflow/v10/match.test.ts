/** The 40 bytes of a match of 1.0 as a list of fields: which fields, what is kept, and what has no place. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { decode, encode, type OxmField } from 'ts-openflow'
import { bytes, framed } from '../support/wire.ts'
import { hexOf } from '../support/vectors.ts'

/** A flow-mod that adds nothing but its match. */
const flowMod = (match: string): string =>
  framed(1, 14, `${match} 0000000000000000 0000 0000 0000 8000 ffffffff ffff 0000`)

/** Wildcards, port, addresses, VLAN, type, TOS and protocol, addresses, ports. */
const cases: readonly (readonly [string, string, readonly OxmField[]])[] = [
  [
    'everything',
    '003820ff 0000 000000000000 000000000000 0000 00 00 0000 00 00 0000 00000000 00000000 0000 0000',
    [],
  ],
  [
    'port and MAC addresses',
    '003820f2 0001 020000000001 020000000002 0000 00 00 0000 00 00 0000 00000000 00000000 0000 0000',
    [
      { field: 'in_port', value: 1 },
      { field: 'eth_dst', value: 0x020000000002 },
      { field: 'eth_src', value: 0x020000000001 },
    ],
  ],
  [
    'a reserved port',
    '003820fe fffe 000000000000 000000000000 0000 00 00 0000 00 00 0000 00000000 00000000 0000 0000',
    [{ field: 'in_port', value: 0xffff_fffe }],
  ],
  [
    'no VLAN',
    '002820fd 0000 000000000000 000000000000 ffff 00 00 0000 00 00 0000 00000000 00000000 0000 0000',
    [{ field: 'vlan_vid', value: 0 }],
  ],
  [
    'a VLAN with priority',
    '002820fd 0000 000000000000 000000000000 0065 05 00 0000 00 00 0000 00000000 00000000 0000 0000',
    [
      { field: 'vlan_vid', value: 0x1065 },
      { field: 'vlan_pcp', value: 5 },
    ],
  ],
  [
    'a priority in any VLAN',
    '002820ff 0000 000000000000 000000000000 0000 03 00 0000 00 00 0000 00000000 00000000 0000 0000',
    [
      { field: 'vlan_vid', value: 0x1000, mask: 0x1000 },
      { field: 'vlan_pcp', value: 3 },
    ],
  ],
  [
    'TCP over IPv4',
    '0010180f 0000 000000000000 000000000000 0000 00 00 0800 b8 06 0000 0a000000 c0a80001 03e8 0050',
    [
      { field: 'eth_type', value: 0x800 },
      { field: 'ip_dscp', value: 46 },
      { field: 'ip_proto', value: 6 },
      { field: 'ipv4_src', value: 0x0a000000, mask: 0xff000000 },
      { field: 'ipv4_dst', value: 0xc0a80001 },
      { field: 'tcp_src', value: 1000 },
      { field: 'tcp_dst', value: 80 },
    ],
  ],
  [
    'UDP over IPv6, without addresses',
    '0038204f 0000 000000000000 000000000000 0000 00 00 86dd 00 11 0000 00000000 00000000 0000 0035',
    [
      { field: 'eth_type', value: 0x86dd },
      { field: 'ip_proto', value: 17 },
      { field: 'udp_dst', value: 53 },
    ],
  ],
  [
    'an ICMP type and code',
    '0038200f 0000 000000000000 000000000000 0000 00 00 0800 00 01 0000 00000000 00000000 0008 0000',
    [
      { field: 'eth_type', value: 0x800 },
      { field: 'ip_proto', value: 1 },
      { field: 'icmpv4_type', value: 8 },
      { field: 'icmpv4_code', value: 0 },
    ],
  ],
  [
    'an ARP request',
    '003000cf 0000 000000000000 000000000000 0000 00 00 0806 00 01 0000 0a000001 0a000002 0000 0000',
    [
      { field: 'eth_type', value: 0x806 },
      { field: 'arp_op', value: 1 },
      { field: 'arp_spa', value: 0x0a000001 },
      { field: 'arp_tpa', value: 0x0a000002 },
    ],
  ],
]

for (const [what, hex, match] of cases) {
  test(`a match on ${what}`, () => {
    const message = decode(bytes(flowMod(hex)))
    assert.ok(message.type === 'flow_mod')
    assert.deepEqual(message.match, match)
    assert.ok(!('matchBytes' in message))
    assert.equal(hexOf(encode(message)), flowMod(hex))
    // The order of the fields is nobody's business.
    assert.equal(hexOf(encode({ ...message, match: [...match].reverse() })), flowMod(hex))
  })
}

/** What is not compared, and what would be written in another way. */
const unusual: readonly (readonly [string, string, readonly OxmField[]])[] = [
  [
    'more wildcard bits than there are',
    'ffffffff 0000 000000000000 000000000000 0000 00 00 0000 00 00 0000 00000000 00000000 0000 0000',
    [],
  ],
  [
    'addresses of which 63 bits are ignored',
    '003fffff 0000 000000000000 000000000000 0000 00 00 0000 00 00 0000 00000000 00000000 0000 0000',
    [],
  ],
  [
    'a value where none is compared',
    '003820ff 0007 000000000000 000000000000 0000 00 00 0000 00 00 0000 00000000 00000000 0000 0000',
    [],
  ],
  [
    'address bits below the mask',
    '003808ef 0000 000000000000 000000000000 0000 00 00 0800 00 00 0000 0a0000ff 00000000 0000 0000',
    [
      { field: 'eth_type', value: 0x800 },
      { field: 'ipv4_src', value: 0x0a000000, mask: 0xffffff00 },
    ],
  ],
  [
    'ports without a protocol',
    '0038203f 0000 000000000000 000000000000 0000 00 00 0000 00 00 0000 00000000 00000000 0050 0050',
    [],
  ],
  [
    'an ICMP type of nine bits',
    '0038208f 0000 000000000000 000000000000 0000 00 00 0800 00 01 0000 00000000 00000000 0108 0000',
    [
      { field: 'eth_type', value: 0x800 },
      { field: 'ip_proto', value: 1 },
    ],
  ],
  [
    'the two ECN bits in the TOS',
    '001820ef 0000 000000000000 000000000000 0000 00 00 0800 b9 00 0000 00000000 00000000 0000 0000',
    [
      { field: 'eth_type', value: 0x800 },
      { field: 'ip_dscp', value: 46 },
    ],
  ],
  [
    'no VLAN, written the other way',
    '003820fd 0000 000000000000 000000000000 ffff 00 00 0000 00 00 0000 00000000 00000000 0000 0000',
    [{ field: 'vlan_vid', value: 0 }],
  ],
  [
    'a VLAN number of thirteen bits',
    '003820fd 0000 000000000000 000000000000 1005 00 00 0000 00 00 0000 00000000 00000000 0000 0000',
    [{ field: 'vlan_vid', value: 0x1005 }],
  ],
]

for (const [what, hex, match] of unusual) {
  test(`a match with ${what} keeps its bytes`, () => {
    const message = decode(bytes(flowMod(hex)))
    assert.ok(message.type === 'flow_mod' && 'matchBytes' in message)
    assert.deepEqual(message.match, match)
    assert.deepEqual(message.matchBytes, bytes(hex))
    assert.equal(hexOf(encode(message)), flowMod(hex))
  })
}

const head = { type: 'flow_mod', version: 1, xid: 1, command: 'add' } as const
const encoded = (match: readonly OxmField[]): Uint8Array => encode({ ...head, match })

test('a match with nothing but padding set does not keep its bytes', () => {
  const hex = flowMod(
    '003820ff 0000 000000000000 000000000000 0000 00 ff 0000 00 00 ffff 00000000 00000000 0000 0000',
  )
  assert.ok(!('matchBytes' in decode(bytes(hex))))
})

const refused: readonly (readonly [string, string, RegExp, readonly OxmField[]])[] = [
  ['ipv6_src', 'VERSION', /nx_flow_mod/, [{ field: 'ipv6_src', value: 1n }]],
  ['reg0', 'VERSION', /nx_flow_mod/, [{ field: 'reg0', value: 1 }]],
  ['eth_dst', 'VERSION', /nx_flow_mod/, [{ field: 'eth_dst', value: 0, mask: 0x010000000000 }]],
  [
    'ipv4_src',
    'VERSION',
    /nx_flow_mod/,
    [
      { field: 'eth_type', value: 0x800 },
      { field: 'ipv4_src', value: 0, mask: 0xff00ff00 },
    ],
  ],
  ['vlan_vid', 'VERSION', /any VLAN/, [{ field: 'vlan_vid', value: 0x1000, mask: 0x1000 }]],
  ['vlan_vid', 'VERSION', /mask/, [{ field: 'vlan_vid', value: 0x1000, mask: 0x1800 }]],
  ['vlan_vid', 'INVALID', /0x1000/, [{ field: 'vlan_vid', value: 5 }]],
  ['vlan_pcp', 'RANGE', /7/, [{ field: 'vlan_pcp', value: 8 }]],
  ['ipv4_src', 'INVALID', /Ethernet type/, [{ field: 'ipv4_src', value: 1 }]],
  [
    'tcp_dst',
    'INVALID',
    /protocol/,
    [
      { field: 'eth_type', value: 0x800 },
      { field: 'ip_proto', value: 17 },
      { field: 'tcp_dst', value: 1 },
    ],
  ],
  [
    'arp_op',
    'VERSION',
    /255/,
    [
      { field: 'eth_type', value: 0x806 },
      { field: 'arp_op', value: 256 },
    ],
  ],
  [
    'in_port',
    'INVALID',
    /place/,
    [
      { field: 'in_port', value: 1 },
      { field: 'in_port', value: 1 },
    ],
  ],
]

for (const [field, code, message, match] of refused) {
  test(`refused: ${match.map((one) => one.field).join(', ')}: ${code}`, () => {
    assert.throws(() => encoded(match), {
      name: 'EncodeError',
      code,
      path: `flow_mod.match.${field}`,
      message,
    })
  })
}

test('Nicira’s VLAN field is taken where it has a place', () => {
  const vlan = (value: number, mask?: number): unknown => {
    const message = decode(encoded([{ field: 'vlan_tci', value, ...(mask === undefined ? {} : { mask }) }]))
    return message.type === 'flow_mod' && message.match
  }
  assert.deepEqual(vlan(0), [{ field: 'vlan_vid', value: 0 }])
  assert.deepEqual(vlan(0x1005, 0x1fff), [{ field: 'vlan_vid', value: 0x1005 }])
  assert.deepEqual(vlan(0x7005), [
    { field: 'vlan_vid', value: 0x1005 },
    { field: 'vlan_pcp', value: 3 },
  ])
  assert.throws(() => vlan(0x0005, 0x0fff), { code: 'VERSION' })
})

test('bytes that are no match of 1.0 are refused', () => {
  const matchBytes = new Uint8Array(39)
  assert.throws(() => encode({ ...head, matchBytes }), {
    code: 'INVALID',
    path: 'flow_mod.match',
  })
})
