import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readArp, writeArp } from '../../../codecs/packet/arp.ts'
import { PacketError } from '../../../codecs/packet/bytes.ts'
import { checksum, pseudoHeader } from '../../../codecs/packet/checksum.ts'
import { readEthernet, writeEthernet } from '../../../codecs/packet/ethernet.ts'
import { readIcmp, writeIcmp } from '../../../codecs/packet/icmp.ts'
import type { Icmpv6 } from '../../../codecs/packet/icmpv6.ts'
import { readIcmpv6, writeIcmpv6 } from '../../../codecs/packet/icmpv6.ts'
import { readIpv4, writeIpv4 } from '../../../codecs/packet/ipv4.ts'
import { readIpv6, writeIpv6 } from '../../../codecs/packet/ipv6.ts'
import type { NdOption } from '../../../codecs/packet/nd-options.ts'
import { readUdp, writeUdp } from '../../../codecs/packet/udp.ts'

/** Plain objects, as the readers make them. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(model, { noNullPrototype: true })
const bits = (count: number) => fc.integer({ min: 0, max: 2 ** count - 1 })
const u8 = bits(8)
const u16 = bits(16)
const u32 = bits(32)
const mac = bits(48)
const u128 = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n })
const data = fc.uint8Array({ maxLength: 64 })
const words = (maxWords: number) =>
  fc.nat(maxWords).chain((n) => fc.uint8Array({ minLength: n * 4, maxLength: n * 4 }))

function roundTrip<T>(
  name: string,
  values: fc.Arbitrary<T>,
  write: (value: T) => Uint8Array,
  read: (b: Uint8Array) => T,
) {
  test(`${name}: what was written is read back`, () => {
    fc.assert(fc.property(values, (value) => assert.deepEqual(read(write(value)), value)))
  })
}

const vlan = record({
  tpid: fc.constantFrom(0x8100, 0x88a8),
  pcp: bits(3),
  dei: fc.boolean(),
  vid: bits(12),
})
const ethertype = u16.filter((value) => value !== 0x8100 && value !== 0x88a8)
const vlans = fc.array(vlan, { maxLength: 3 })
roundTrip(
  'Ethernet',
  record({ dst: mac, src: mac, vlans, ethertype, payload: data }),
  writeEthernet,
  readEthernet,
)

roundTrip('ARP', record({ op: u16, sha: mac, spa: u32, tha: mac, tpa: u32 }), writeArp, readArp)

const ipv4 = record({
  dscp: bits(6),
  ecn: bits(2),
  id: u16,
  dontFragment: fc.boolean(),
  moreFragments: fc.boolean(),
  fragmentOffset: bits(13),
  ttl: u8,
  protocol: u8,
  src: u32,
  dst: u32,
  options: words(10),
  payload: data,
})
roundTrip('IPv4', ipv4, writeIpv4, readIpv4)

const ipv6 = record({
  trafficClass: u8,
  flowLabel: bits(20),
  nextHeader: u8,
  hopLimit: u8,
  src: u128,
  dst: u128,
  payload: data,
})
roundTrip('IPv6', ipv6, writeIpv6, readIpv6)

const udp = record({ srcPort: u16, dstPort: u16, payload: data })
const ends4 = { family: 4, src: 0x0a000001, dst: 0x0a000002 } as const
roundTrip('UDP', udp, (value) => writeUdp(value, ends4), readUdp)

const echo = record({
  type: fc.constantFrom('echo_request' as const, 'echo_reply' as const),
  id: u16,
  seq: u16,
  data,
})
roundTrip('ICMP echo', echo, writeIcmp, (frame) => {
  const icmp = readIcmp(frame)
  return icmp.type === 'opaque' ? assert.fail() : icmp
})

const ndOption: fc.Arbitrary<NdOption> = fc.oneof(
  record({ type: fc.constantFrom('source_link_layer' as const, 'target_link_layer' as const), mac }),
  record({ type: fc.constant('mtu' as const), mtu: u32 }),
  record({
    type: fc.constant('prefix' as const),
    prefixLength: u8,
    onLink: fc.boolean(),
    autonomous: fc.boolean(),
    validS: u32,
    preferredS: u32,
    prefix: u128,
  }),
  record({
    type: fc.constant('opaque' as const),
    optionType: fc.integer({ min: 6, max: 255 }),
    body: fc.constantFrom(6, 14).chain((n) => fc.uint8Array({ minLength: n, maxLength: n })),
  }),
)
const options = fc.array(ndOption, { maxLength: 4 })
const icmpv6: fc.Arbitrary<Icmpv6> = fc.oneof(
  echo,
  record({ type: fc.constant('neighbour_solicitation' as const), target: u128, options }),
  record({
    type: fc.constant('neighbour_advertisement' as const),
    router: fc.boolean(),
    solicited: fc.boolean(),
    override: fc.boolean(),
    target: u128,
    options,
  }),
  record({
    type: fc.constant('router_advertisement' as const),
    hopLimit: u8,
    managed: fc.boolean(),
    otherConfig: fc.boolean(),
    lifetimeS: u16,
    reachableMs: u32,
    retransmitMs: u32,
    options,
  }),
  record({
    type: fc.constant('opaque' as const),
    icmpType: fc.integer({ min: 140, max: 255 }),
    code: u8,
    body: data,
  }),
)
const ends6 = { src: 1n << 127n, dst: 2n }
roundTrip(
  'ICMPv6',
  icmpv6,
  (value) => writeIcmpv6(value, ends6),
  (frame) => readIcmpv6(frame, ends6),
)

test('ICMPv6 is refused when it comes with other addresses than it was summed with', () => {
  const frame = writeIcmpv6({ type: 'echo_request', id: 1, seq: 1, data: new Uint8Array() }, ends6)
  assert.throws(() => readIcmpv6(frame, { ...ends6, dst: 3n }), { name: 'PacketError', code: 'checksum' })
})

test('a neighbour option of length zero ends the reading instead of looping', () => {
  const body = new Uint8Array(28) // flags, target, and an option of type 0 and length 0
  const frame = writeIcmpv6({ type: 'opaque', icmpType: 135, code: 0, body }, ends6)
  assert.throws(() => readIcmpv6(frame, ends6), {
    name: 'PacketError',
    code: 'length',
    field: 'nd_option.length',
  })
})

test('the checksum is that of RFC 1071 section 3, and a message with its own checksum sums to zero', () => {
  // The RFC sums these to ddf2; the checksum is the complement.
  assert.equal(checksum(new Uint8Array([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7])), 0x220d)
  fc.assert(
    fc.property(data, (payload) => {
      const datagram = writeUdp({ srcPort: 1, dstPort: 2, payload }, ends4)
      assert.equal(checksum(pseudoHeader(ends4, 17, datagram.length), datagram), 0)
    }),
  )
})

test('a UDP checksum that comes out as zero is sent as all ones', () => {
  const first = writeUdp({ srcPort: 1, dstPort: 2, payload: new Uint8Array(2) }, ends4)
  // Putting the checksum into the payload makes the sum all ones, its complement zero.
  const second = writeUdp({ srcPort: 1, dstPort: 2, payload: first.slice(6, 8) }, ends4)
  assert.deepEqual([...second.slice(6, 8)], [0xff, 0xff])
})

const tooBig: [string, () => Uint8Array][] = [
  [
    'a MAC of 49 bits',
    () => writeEthernet({ dst: 2 ** 48, src: 0, vlans: [], ethertype: 0, payload: new Uint8Array() }),
  ],
  [
    'a VLAN of 13 bits',
    () =>
      writeEthernet({
        dst: 0,
        src: 0,
        vlans: [{ tpid: 0x8100, pcp: 0, dei: false, vid: 4096 }],
        ethertype: 0,
        payload: new Uint8Array(),
      }),
  ],
  ['a negative address', () => writeArp({ op: 1, sha: 0, spa: -1, tha: 0, tpa: 0 })],
  ['a fraction', () => writeArp({ op: 1.5, sha: 0, spa: 0, tha: 0, tpa: 0 })],
  [
    'a payload of 65,536 bytes',
    () => writeUdp({ srcPort: 1, dstPort: 1, payload: new Uint8Array(65_536) }, ends4),
  ],
  [
    'an option that is no multiple of 8',
    () =>
      writeIcmpv6(
        {
          type: 'neighbour_solicitation',
          target: 0n,
          options: [{ type: 'opaque', optionType: 9, body: new Uint8Array(5) }],
        },
        ends6,
      ),
  ],
]
for (const [name, write] of tooBig) {
  test(`not written: ${name}`, () => {
    assert.throws(write, PacketError)
  })
}
