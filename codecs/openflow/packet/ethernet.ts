/**
 * Reads a packet into the fields that Open vSwitch matches on: Ethernet II and 802.3 frames with VLAN tags here, the
 * layers inside in the files beside. Any bytes give a value; what cannot be read is missing from it.
 */
import { u16, u48 } from './bytes.ts'
import { noEthType, type PacketFields, type VlanTag } from './fields.ts'
import { readNetwork } from './network.ts'

export type * from './fields.ts'
export { noEthType } from './fields.ts'

/** A namespace and a type within it, as in the field packet_type (OpenFlow 1.5.1, section 7.2.3.11). */
export const ethernetPacket = 0
/** The namespace whose types are ethertypes. */
const ethTypes = 1

const addressesSize = 12
const headerSize = 14
const tagSize = 4
const maxTags = 2
/** Below, the field is the length of an 802.3 frame. */
const lowestEthType = 0x0600
/** An LLC header for SNAP with organisation zero, which is Ethernet's (RFC 1042); the ethertype follows. */
const snap = [0xaa, 0xaa, 0x03, 0x00, 0x00, 0x00]

/**
 * A frame, or with a packet type of the ethertypes' namespace a packet that begins with its network layer. Of packets of
 * other types nothing is read; Open vSwitch takes their types for ethertypes.
 */
export function readPacket(data: Uint8Array, packetType = ethernetPacket): PacketFields {
  if (packetType !== ethernetPacket) {
    const ethType = packetType >>> 16 === ethTypes ? packetType & 0xffff : 0
    return { ethType, vlans: [], ...readNetwork(ethType, data) }
  }
  if (data.length < headerSize) return { ethType: 0, vlans: [] }
  const vlans = readTags(data)
  const typeAt = addressesSize + tagSize * vlans.length
  const { ethType, payloadAt } = readEthType(data, typeAt)
  return {
    ethernet: { dst: u48(data, 0), src: u48(data, 6) },
    ethType,
    vlans,
    ...readNetwork(ethType, data.subarray(payloadAt)),
  }
}

/** A tag counts only if an ethertype follows it. */
function readTags(data: Uint8Array): readonly VlanTag[] {
  const tags: VlanTag[] = []
  for (let at = addressesSize; tags.length < maxTags; at += tagSize) {
    const tpid = u16(data, at)
    const isTag = tpid === 0x8100 || tpid === 0x88a8
    if (!isTag || data.length < at + tagSize + 2) break
    const tci = u16(data, at + 2)
    tags.push({ tpid, vid: tci & 0xfff, pcp: tci >>> 13 })
  }
  return tags
}

function readEthType(data: Uint8Array, at: number): { readonly ethType: number; readonly payloadAt: number } {
  const direct = u16(data, at)
  const payloadAt = at + 2
  if (direct >= lowestEthType) return { ethType: direct, payloadAt }
  const behindSnap = payloadAt + snap.length
  const inside = u16(data, behindSnap)
  const isSnap =
    data.length >= behindSnap + 2 && snap.every((byte, index) => data[payloadAt + index] === byte)
  if (isSnap && inside >= lowestEthType) return { ethType: inside, payloadAt: behindSnap + 2 }
  return { ethType: noEthType, payloadAt }
}
