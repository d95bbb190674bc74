import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writeEthernet } from '../../../codecs/packet/ethernet.ts'
import { writeIpv4 } from '../../../codecs/packet/ipv4.ts'
import { writeIpv6 } from '../../../codecs/packet/ipv6.ts'
import { sourceOf } from '../../../src/discovery/source.ts'
import { captured } from '../../codecs/packet/captured.ts'
import { arpFrom } from './fixtures.ts'

const MAC = 0x02000000000a
const frame = (ethertype: number, payload: Uint8Array) =>
  writeEthernet({ dst: 1, src: MAC, vlans: [], ethertype, payload })
const none = new Uint8Array()
const fromIpv4 = (src: number) =>
  frame(
    0x0800,
    writeIpv4({
      dscp: 0,
      ecn: 0,
      id: 0,
      dontFragment: false,
      moreFragments: false,
      fragmentOffset: 0,
      ttl: 1,
      protocol: 0,
      src,
      dst: 1,
      options: none,
      payload: none,
    }),
  )
const fromIpv6 = (src: bigint) =>
  frame(
    0x86dd,
    writeIpv6({ trafficClass: 0, flowLabel: 0, nextHeader: 59, hopLimit: 1, src, dst: 1n, payload: none }),
  )

for (const [name, bytes, ips] of [
  ['ARP', captured.arpRequest, ['10.0.0.1']],
  ['IPv4', captured.icmpEcho, ['10.0.0.1']],
  ['IPv6', captured.echoOverIpv6, ['fd00::1']],
  ['an ARP probe, which claims nothing', arpFrom(MAC, 0), []],
  ['duplicate address detection, which claims nothing', captured.duplicateAddressDetection, []],
  ['a DHCP client without address', fromIpv4(0), []],
  ['an IPv4 group as source', fromIpv4(0xe0000001), []],
  ['an IPv6 group as source', fromIpv6(0xffn << 120n), []],
  ['a protocol that we do not know', frame(0x8870, none), []],
  ['a broken IPv4 packet', frame(0x0800, none), []],
] as const) {
  test(`the addresses that a frame claims: ${name}`, () => {
    assert.deepEqual(sourceOf(bytes), { mac: MAC, ips })
  })
}

test('a frame without a whole Ethernet header has no source', () => {
  assert.equal(sourceOf(new Uint8Array(13)), undefined)
})
