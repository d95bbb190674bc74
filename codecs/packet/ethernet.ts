/** Ethernet II frames with any number of VLAN tags (IEEE 802.3, 802.1Q); without preamble, padding and FCS. */
import { ByteReader, ByteWriter, fits } from './bytes.ts'

export const ETHERTYPE = {
  ipv4: 0x0800,
  arp: 0x0806,
  rarp: 0x8035,
  vlan: 0x8100,
  ipv6: 0x86dd,
  serviceVlan: 0x88a8,
  lldp: 0x88cc,
} as const

export interface VlanTag {
  /** Tag protocol: 0x8100 or 0x88a8. */
  readonly tpid: number
  /** Priority, 3 bits. */
  readonly pcp: number
  /** Drop eligible. */
  readonly dei: boolean
  /** 12 bits. */
  readonly vid: number
}

export interface EthernetFrame {
  /** 48 bits. */
  readonly dst: number
  /** 48 bits. */
  readonly src: number
  /** Outermost first. */
  readonly vlans: readonly VlanTag[]
  /** Of the payload, after the tags; below 0x0600 it is an IEEE 802.3 length. */
  readonly ethertype: number
  /** May end in padding to the 60 bytes of the shortest frame. */
  readonly payload: Uint8Array
}

const isVlanTpid = (ethertype: number) => ethertype === ETHERTYPE.vlan || ethertype === ETHERTYPE.serviceVlan

/** @throws PacketError `short`: fewer than 14 bytes, or a tag that is cut off. */
export function readEthernet(bytes: Uint8Array): EthernetFrame {
  const reader = new ByteReader(bytes)
  const dst = reader.u48('ethernet.dst')
  const src = reader.u48('ethernet.src')
  const vlans: VlanTag[] = []
  let ethertype = reader.u16('ethernet.ethertype')
  while (isVlanTpid(ethertype)) {
    const control = reader.u16('ethernet.vlan')
    vlans.push({ tpid: ethertype, pcp: control >> 13, dei: (control & 0x1000) !== 0, vid: control & 0xfff })
    ethertype = reader.u16('ethernet.ethertype')
  }
  return { dst, src, vlans, ethertype, payload: reader.rest() }
}

export function writeEthernet(frame: EthernetFrame): Uint8Array {
  const writer = new ByteWriter(14 + 4 * frame.vlans.length + frame.payload.length)
  writer.u48(frame.dst, 'ethernet.dst').u48(frame.src, 'ethernet.src')
  for (const tag of frame.vlans) {
    const vid = fits(tag.vid, 12, 'ethernet.vid')
    const control = (fits(tag.pcp, 3, 'ethernet.pcp') << 13) | (tag.dei ? 0x1000 : 0) | vid
    writer.u16(tag.tpid, 'ethernet.tpid').u16(control, 'ethernet.vlan')
  }
  return writer.u16(frame.ethertype, 'ethernet.ethertype').raw(frame.payload).bytes
}
