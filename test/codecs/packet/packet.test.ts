import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { writeArp } from '../../../codecs/packet/arp.ts'
import { PacketError } from '../../../codecs/packet/bytes.ts'
import { writeEthernet } from '../../../codecs/packet/ethernet.ts'
import { writeIcmp } from '../../../codecs/packet/icmp.ts'
import { writeIcmpv6 } from '../../../codecs/packet/icmpv6.ts'
import { writeIpv4 } from '../../../codecs/packet/ipv4.ts'
import { writeIpv6 } from '../../../codecs/packet/ipv6.ts'
import { writeLldp } from '../../../codecs/packet/lldp.ts'
import type { Content, Packet, Transport } from '../../../codecs/packet/packet.ts'
import { readPacket } from '../../../codecs/packet/packet.ts'
import { writeUdp } from '../../../codecs/packet/udp.ts'
import { captured } from './captured.ts'

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const text = (value: Uint8Array) => Buffer.from(value).toString()

function writeTransport(content: Extract<Content, { ip: unknown }>, transport: Transport): Uint8Array {
  switch (transport.type) {
    case 'udp':
      return content.type === 'ipv4'
        ? writeUdp(transport.udp, { family: 4, src: content.ip.src, dst: content.ip.dst })
        : writeUdp(transport.udp, { family: 6, src: content.ip.src, dst: content.ip.dst })
    case 'icmp':
      return writeIcmp(transport.icmp)
    case 'icmpv6':
      return content.type === 'ipv6' ? writeIcmpv6(transport.icmpv6, content.ip) : assert.fail()
    case 'tcp':
      return content.ip.payload
    case 'opaque':
      return transport.bytes
  }
}

/** Every layer written anew from its value; TCP, which we only read, from its bytes. */
function rewrite({ ethernet, content }: Packet): Uint8Array {
  switch (content.type) {
    case 'arp':
    case 'rarp':
      return writeEthernet({ ...ethernet, payload: writeArp(content.arp) })
    case 'ipv4':
      return writeEthernet({
        ...ethernet,
        payload: writeIpv4({ ...content.ip, payload: writeTransport(content, content.transport) }),
      })
    case 'ipv6':
      return writeEthernet({
        ...ethernet,
        payload: writeIpv6({ ...content.ip, payload: writeTransport(content, content.transport) }),
      })
    case 'lldp':
      return writeEthernet({ ...ethernet, payload: writeLldp(content.lldp) })
    case 'opaque':
      return writeEthernet(ethernet)
  }
}

for (const [name, frame] of Object.entries(captured)) {
  test(`${name}: read into values and written from them, byte for byte`, () => {
    const packet = readPacket(frame)
    assert.notEqual(packet.content.type, 'opaque')
    // Open vSwitch ends its LLDP with the end TLV, and so do we.
    assert.deepEqual(rewrite(packet), frame)
  })
}

test('an ARP request', () => {
  const { ethernet, content } = readPacket(captured.arpRequest)
  assert.equal(ethernet.dst, 0xffffffffffff)
  assert.deepEqual(content, {
    type: 'arp',
    arp: { op: 1, sha: 0x02000000000a, spa: 0x0a000001, tha: 0, tpa: 0x0a000002 },
  })
})

test('a RARP announcement, as QEMU sends it after a migration, is the same format with another ethertype', () => {
  const arp = { op: 3, sha: 0x525400123456, spa: 0, tha: 0x525400123456, tpa: 0 }
  const frame = writeEthernet({
    dst: 0xffffffffffff,
    src: arp.sha,
    vlans: [],
    ethertype: 0x8035,
    payload: writeArp(arp),
  })
  assert.deepEqual(readPacket(frame).content, { type: 'rarp', arp })
})

test('an echo request over IPv4', () => {
  const { content } = readPacket(captured.icmpEcho)
  assert(content.type === 'ipv4' && content.transport.type === 'icmp')
  assert.equal(content.ip.dontFragment, true)
  assert.equal(content.ip.ttl, 64)
  assert.deepEqual(content.transport.icmp, {
    type: 'echo_request',
    id: 7569,
    seq: 1,
    data: bytes('0001 0203 0405 0607'),
  })
})

test('an ICMP error stays bytes, with its DSCP read', () => {
  const { content } = readPacket(captured.icmpUnreachable)
  assert(
    content.type === 'ipv4' && content.transport.type === 'icmp' && content.transport.icmp.type === 'opaque',
  )
  assert.equal(content.ip.dscp, 48)
  assert.deepEqual([content.transport.icmp.icmpType, content.transport.icmp.code], [3, 3])
})

test('UDP over IPv4 and IPv6', () => {
  for (const frame of [captured.udpOverIpv4, captured.udpOverIpv6]) {
    const { content } = readPacket(frame)
    assert((content.type === 'ipv4' || content.type === 'ipv6') && content.transport.type === 'udp')
    const { srcPort, dstPort, payload } = content.transport.udp
    assert.deepEqual([srcPort, dstPort, text(payload)], [1000, 2000, 'hello'])
  }
})

test('a TCP SYN and the reset that answers it', () => {
  const syn = readPacket(captured.tcpSyn).content
  assert(syn.type === 'ipv4' && syn.transport.type === 'tcp')
  assert.deepEqual(syn.transport.tcp.flags, ['syn'])
  assert.equal(syn.transport.tcp.seq, 3893375578)
  assert.equal(syn.transport.tcp.options.length, 20)
  const reset = readPacket(captured.tcpReset).content
  assert(reset.type === 'ipv4' && reset.transport.type === 'tcp')
  assert.deepEqual(reset.transport.tcp.flags, ['rst', 'ack'])
  assert.equal(reset.transport.tcp.ack, 3893375579)
})

test('neighbour discovery', () => {
  const fd002 = 0xfd000000000000000000000000000002n
  const asked = readPacket(captured.neighbourSolicitation).content
  assert(asked.type === 'ipv6' && asked.transport.type === 'icmpv6')
  assert.deepEqual(asked.transport.icmpv6, {
    type: 'neighbour_solicitation',
    target: fd002,
    options: [{ type: 'source_link_layer', mac: 0x02000000000a }],
  })
  const told = readPacket(captured.neighbourAdvertisement).content
  assert(told.type === 'ipv6' && told.transport.type === 'icmpv6')
  assert.deepEqual(told.transport.icmpv6, {
    type: 'neighbour_advertisement',
    router: false,
    solicited: true,
    override: true,
    target: fd002,
    options: [{ type: 'target_link_layer', mac: 0x02000000000b }],
  })
  const detected = readPacket(captured.duplicateAddressDetection).content
  assert(detected.type === 'ipv6' && detected.transport.type === 'icmpv6')
  assert.deepEqual(detected.transport.icmpv6, {
    type: 'neighbour_solicitation',
    target: 0xfe80000000000000000000fffe00000an,
    options: [{ type: 'opaque', optionType: 14, body: bytes('286a 68c5 630e') }],
  })
})

test('VLAN tags, outermost first', () => {
  const tagged = bytes('0200 0000 000b 0200 0000 000a 88a8 6064 8100 1fff 0800')
  const { ethernet } = readPacket(tagged)
  assert.deepEqual(ethernet.vlans, [
    { tpid: 0x88a8, pcp: 3, dei: false, vid: 100 },
    { tpid: 0x8100, pcp: 0, dei: true, vid: 4095 },
  ])
  assert.equal(ethernet.ethertype, 0x0800)
  assert.deepEqual(writeEthernet(ethernet), tagged)
})

test('an ethertype we do not know is opaque and no problem (0x8870 once crashed a controller)', () => {
  const { content } = readPacket(bytes('0200 0000 000b 0200 0000 000a 8870 0102'))
  assert.deepEqual(content, { type: 'opaque', bytes: bytes('0102') })
})

test('padding after ARP and IP is not payload', () => {
  const padded = new Uint8Array(60)
  padded.set(captured.udpOverIpv4)
  const { content } = readPacket(padded)
  assert(content.type === 'ipv4' && content.transport.type === 'udp')
  assert.equal(content.ip.payload.length, 13)
  assert.equal(text(content.transport.udp.payload), 'hello')
})

test('a fragment is no transport packet', () => {
  const { content, ethernet } = readPacket(captured.udpOverIpv4)
  assert(content.type === 'ipv4')
  for (const change of [{ moreFragments: true }, { fragmentOffset: 185 }]) {
    const payload = writeIpv4({ ...content.ip, ...change })
    const read = readPacket(writeEthernet({ ...ethernet, payload })).content
    assert(read.type === 'ipv4')
    assert.equal(read.transport.type, 'opaque')
  }
})

/** Offsets are into the frame; 14 bytes of Ethernet come first. */
const damage = [
  { name: 'IPv4 of version 5', frame: 'udpOverIpv4', at: 14, to: 0x55, code: 'value', field: 'ipv4.version' },
  {
    name: 'header length 16',
    frame: 'udpOverIpv4',
    at: 14,
    to: 0x44,
    code: 'length',
    field: 'ipv4.header_length',
  },
  { name: 'total length 4', frame: 'udpOverIpv4', at: 17, to: 4, code: 'length', field: 'ipv4.total_length' },
  {
    name: 'total length beyond',
    frame: 'udpOverIpv4',
    at: 17,
    to: 99,
    code: 'short',
    field: 'ipv4.total_length',
  },
  { name: 'ttl changed', frame: 'udpOverIpv4', at: 22, to: 1, code: 'checksum', field: 'ipv4.checksum' },
  { name: 'UDP length 7', frame: 'udpOverIpv4', at: 39, to: 7, code: 'length', field: 'udp.length' },
  { name: 'UDP length beyond', frame: 'udpOverIpv4', at: 39, to: 14, code: 'short', field: 'udp.payload' },
  { name: 'echo data changed', frame: 'icmpEcho', at: 49, to: 0, code: 'checksum', field: 'icmp.checksum' },
  { name: 'data offset 4', frame: 'tcpSyn', at: 46, to: 0x40, code: 'length', field: 'tcp.data_offset' },
  { name: 'data offset beyond', frame: 'tcpReset', at: 46, to: 0x60, code: 'short', field: 'tcp.options' },
  { name: 'IPv6 of version 4', frame: 'udpOverIpv6', at: 14, to: 0x40, code: 'value', field: 'ipv6.version' },
  {
    name: 'payload length beyond',
    frame: 'udpOverIpv6',
    at: 19,
    to: 99,
    code: 'short',
    field: 'ipv6.payload',
  },
  {
    name: 'ND target changed',
    frame: 'neighbourSolicitation',
    at: 70,
    to: 9,
    code: 'checksum',
    field: 'icmpv6.checksum',
  },
  {
    name: 'ARP on another medium',
    frame: 'arpRequest',
    at: 15,
    to: 6,
    code: 'value',
    field: 'arp.hardware_type',
  },
  {
    name: 'ARP with MACs of 8',
    frame: 'arpRequest',
    at: 18,
    to: 8,
    code: 'length',
    field: 'arp.hardware_length',
  },
] as const

for (const { name, frame, at, to, code, field } of damage) {
  test(`damaged: ${name}`, () => {
    const broken = captured[frame].slice()
    broken[at] = to
    const { content } = readPacket(broken)
    const layer = content.type === 'ipv4' || content.type === 'ipv6' ? content.transport : content
    assert(layer.type === 'opaque')
    assert.deepEqual([layer.problem?.code, layer.problem?.field], [code, field])
  })
}

test('every frame cut at every byte is read without another error than PacketError', () => {
  for (const frame of Object.values(captured)) {
    for (let length = 0; length < frame.length; length++) {
      const cut = frame.slice(0, length)
      if (length < 14) assert.throws(() => readPacket(cut), PacketError)
      else assert.notDeepEqual(readPacket(cut), readPacket(frame))
    }
  }
})

test('any bytes at all, and any damage to real ones, are read, but for a tag that is cut off', () => {
  const noise = fc.uint8Array({ minLength: 14, maxLength: 200 })
  const frames = fc.constantFrom(...Object.values(captured))
  const flips = fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { minLength: 1, maxLength: 4 })
  const damaged = fc.tuple(frames, flips).map(([frame, changes]) => {
    const copy = frame.slice()
    for (const [at, value] of changes) copy[14 + (at % (copy.length - 14))] = value
    return copy
  })
  fc.assert(
    fc.property(fc.oneof(noise, damaged), (frame) => {
      try {
        readPacket(frame)
      } catch (error) {
        assert(error instanceof PacketError && error.code === 'short')
        assert.match(Buffer.from(frame.subarray(12, 14)).toString('hex'), /^(8100|88a8)$/)
      }
    }),
    { numRuns: 3000 },
  )
})

test('what is read lies inside the frame, not in the buffer around it', () => {
  const around = new Uint8Array(200).fill(0xee)
  around.set(captured.udpOverIpv4, 50)
  const { content } = readPacket(around.subarray(50, 50 + captured.udpOverIpv4.length))
  assert(content.type === 'ipv4' && content.transport.type === 'udp')
  assert.equal(text(content.transport.udp.payload), 'hello')
})
