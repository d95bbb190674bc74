/** Packets beside what ovs-ofctl shows of them, the fields as values, and any bytes at all. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import fc from 'fast-check'
import { readPacket, showPacket } from 'ts-openflow'
import { namedFrames } from '../capture/packet-frames.ts'

interface Vector {
  readonly name: string
  readonly hex: string
  readonly print: string
}

const vectors = readFileSync(new URL('../vectors/packets.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Vector)

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))

test('the vectors have every named frame as it is', () => {
  const recorded = new Map(vectors.map(({ name, hex }) => [name, hex]))
  assert.deepEqual(
    namedFrames.filter(([name, hex]) => recorded.get(name) !== hex),
    [],
  )
})

for (const { name, hex, print } of vectors) {
  test(`ovs-ofctl's words: ${name}`, () => assert.equal(showPacket(bytesOf(hex)), print))
}

test('a packet that begins with its network layer', () => {
  const arp = bytesOf('0001080006040001 020000000001 0a000001 000000000000 0a000002'.replaceAll(' ', ''))
  assert.equal(
    showPacket(arp, 0x1_0806),
    'packet_type=(1,0x806),arp_spa=10.0.0.1,arp_tpa=10.0.0.2,arp_op=1,arp_sha=02:00:00:00:00:01,arp_tha=00:00:00:00:00:00',
  )
  assert.equal(showPacket(arp, 0x1_ffff), 'packet_type=(1,0xffff)')
  assert.equal(showPacket(arp, 0x2_0009), 'packet_type=(2,9)')
  assert.deepEqual(readPacket(arp, 0x1_88cc), { ethType: 0x88cc, vlans: [] })
})

const frames = new Map(namedFrames)
const read = (name: string) => readPacket(bytesOf(frames.get(name) ?? ''))
const ethernet = { dst: 0x02_00_00_00_00_02, src: 0x02_00_00_00_00_01 }

test('the fields of a tagged TCP segment', () => {
  const { ipPayload, ...fields } = read('one tag')
  assert.deepEqual(fields, {
    ethernet,
    ethType: 0x0800,
    vlans: [{ tpid: 0x8100, vid: 0x065, pcp: 5 }],
    ipv4: { src: 0x0a000001, dst: 0x0a0000fe, proto: 6, dscp: 0, ecn: 0, ttl: 64, fragment: 'no' },
    tcp: { src: 1000, dst: 80, flags: 2 },
  })
  assert.equal(ipPayload?.length, 20)
})

test('the fields of a neighbour advertisement', () => {
  const { ipPayload, ...fields } = read('neighbour advertisement')
  assert.deepEqual(fields, {
    ethernet,
    ethType: 0x86dd,
    vlans: [],
    ipv6: {
      src: 0x20010db8_00000000_00000000_00000001n,
      dst: 0x20010db8_00000000_00000000_00000002n,
      label: 0,
      proto: 58,
      dscp: 0,
      ecn: 0,
      ttl: 255,
      fragment: 'no',
    },
    icmpv6: {
      type: 136,
      code: 0,
      nd: {
        reserved: 0x6000_0000,
        target: 0x20010db8_00000000_00000000_00000002n,
        sll: 0,
        tll: 0x02_00_00_00_00_02,
        optionsType: 2,
      },
    },
  })
  assert.equal(ipPayload?.length, 32)
})

test('which option of neighbour discovery comes first, and that it stays known if an address comes twice', () => {
  assert.equal(read('neighbour discovery, both addresses').icmpv6?.nd?.optionsType, 2)
  assert.deepEqual(read('neighbour discovery, source twice').icmpv6?.nd, {
    reserved: 0x6000_0000,
    target: 0n,
    sll: 0,
    tll: 0,
    optionsType: 1,
  })
})

test('the fields of smaller layers', () => {
  const { src, dst } = ethernet
  assert.deepEqual(read('arp reply, padded').arp, {
    op: 2,
    sha: src,
    spa: 0x0a000001,
    tha: dst,
    tpa: 0x0a000002,
  })
  assert.deepEqual(read('mpls, two labels').mpls, [
    { label: 100, tc: 0, bos: false, ttl: 64 },
    { label: 0xfffff, tc: 7, bos: true, ttl: 255 },
  ])
  assert.equal(read('mpls, five labels').mpls?.length, 3)
  assert.deepEqual(read('nsh, type 1').nsh, {
    flags: 2,
    ttl: 63,
    mdType: 1,
    np: 3,
    spi: 0x1234,
    si: 255,
    context: [1, 0xabcd, 0, 0xffff_ffff],
  })
  assert.deepEqual(read('igmp').igmp, { type: 0x16, code: 0, group: 0xefff0001 })
  assert.deepEqual(read('two tags').vlans, [
    { tpid: 0x88a8, vid: 0x064, pcp: 1 },
    { tpid: 0x8100, vid: 0x0c8, pcp: 7 },
  ])
  assert.equal(read('llc without snap').ethType, 0x05ff)
})

test('a layer that is not whole is missing, with all inside it', () => {
  assert.deepEqual(read('thirteen bytes'), { ethType: 0, vlans: [] })
  assert.deepEqual(read('ipv4 that says it is longer'), { ethernet, ethType: 0x0800, vlans: [] })
  const { ipv6, ipPayload, udp } = read('an extension that runs beyond')
  assert.deepEqual([ipv6?.proto, ipv6?.ttl, ipv6?.label, ipPayload, udp], [0, 0, 0, undefined, undefined])
  const later = read('later fragment of udp')
  assert.deepEqual([later.ipv4?.fragment, later.ipPayload?.length, later.udp], ['later', 8, undefined])
})

test('any bytes give one line and are not changed', () => {
  const ethTypes = [0x0800, 0x0806, 0x8035, 0x8100, 0x86dd, 0x8847, 0x894f]
  const bytes = fc
    .tuple(
      fc.uint8Array({ maxLength: 12, minLength: 12 }),
      fc.constantFrom(...ethTypes),
      fc.uint8Array({ maxLength: 120 }),
      fc.nat(134),
    )
    .map(([addresses, ethType, payload, size]) =>
      Uint8Array.from([...addresses, ethType >>> 8, ethType & 0xff, ...payload].slice(0, size)),
    )
  const packetType = fc.constantFrom(0, ...ethTypes.map((ethType) => 0x1_0000 + ethType), 0xffff_ffff)
  fc.assert(
    fc.property(bytes, packetType, (data, type) => {
      const before = data.slice()
      assert.match(showPacket(data, type), /^[\w.:,=|()[\]]+( \w+_csum:[0-9a-f]+)?$/)
      assert.deepEqual(data, before)
    }),
    { numRuns: 500 },
  )
})

test('bytes beyond what a message can hold are no packet', () => {
  const huge = new Uint8Array(0x2_0000)
  huge.set(bytesOf(frames.get('udp') ?? ''))
  assert.equal(readPacket(huge).ipv4, undefined)
  huge.set(bytesOf(frames.get('udp over ipv6, flow label, traffic class') ?? ''))
  assert.equal(readPacket(huge).ipv6, undefined)
})
