/** What tells a LAN where a NIC is now: RARP for its MAC, gratuitous ARP and unsolicited neighbour advertisements for its addresses. */
import { ARP_OP, writeArp } from '../../codecs/packet/arp.ts'
import { ETHERTYPE, writeEthernet } from '../../codecs/packet/ethernet.ts'
import { writeIcmpv6 } from '../../codecs/packet/icmpv6.ts'
import { IP_PROTOCOL } from '../../codecs/packet/ipv4.ts'
import { writeIpv6 } from '../../codecs/packet/ipv6.ts'
import { linkLocal } from '../compiler/placed.ts'
import type { Endpoint } from '../model/intent.ts'

const broadcast = 0xffffffffffff
/** All nodes of the link, and the group MAC that goes with it (RFC 4291 2.7.1, RFC 2464 7). */
const allNodes = (0xff02n << 112n) | 1n
const allNodesMac = 0x333300000001

/** An untagged frame that a NIC could have sent. */
export interface Announcement {
  readonly nic: Endpoint
  readonly frame: Uint8Array
}

/** First every MAC, which is what switches learn, then every address. */
export function* announcements(nics: readonly Endpoint[]): Generator<Announcement> {
  for (const nic of nics) yield { nic, frame: reverseArp(nic.mac) }
  for (const nic of nics) {
    for (const { family, value } of nic.addresses)
      yield {
        nic,
        frame: family === 4 ? gratuitousArp(nic.mac, Number(value)) : advertisement(nic.mac, value),
      }
    yield { nic, frame: advertisement(nic.mac, linkLocal(nic.mac)) }
  }
}

/** As hypervisors send it for a VM that moved (RFC 903). */
function reverseArp(mac: number): Uint8Array {
  const payload = writeArp({ op: ARP_OP.reverseRequest, sha: mac, spa: 0, tha: mac, tpa: 0 })
  return writeEthernet({ dst: broadcast, src: mac, vlans: [], ethertype: ETHERTYPE.rarp, payload })
}

/** An announcement (RFC 5227 2.3): a request for its own address. */
function gratuitousArp(mac: number, address: number): Uint8Array {
  const payload = writeArp({ op: ARP_OP.request, sha: mac, spa: address, tha: 0, tpa: address })
  return writeEthernet({ dst: broadcast, src: mac, vlans: [], ethertype: ETHERTYPE.arp, payload })
}

/** Unsolicited, to all nodes (RFC 4861 7.2.6). */
function advertisement(mac: number, address: bigint): Uint8Array {
  const ends = { src: address, dst: allNodes }
  const payload = writeIcmpv6(
    {
      type: 'neighbour_advertisement',
      router: false,
      solicited: false,
      override: true,
      target: address,
      options: [{ type: 'target_link_layer', mac }],
    },
    ends,
  )
  const packet = writeIpv6({
    ...ends,
    trafficClass: 0,
    flowLabel: 0,
    nextHeader: IP_PROTOCOL.icmpv6,
    hopLimit: 255,
    payload,
  })
  return writeEthernet({ dst: allNodesMac, src: mac, vlans: [], ethertype: ETHERTYPE.ipv6, payload: packet })
}
