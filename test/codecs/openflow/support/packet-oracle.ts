/** What the installed ovs-ofctl shows of packets: each is put into a message of its own, written by hand. */
import { message, u32 } from '../capture/hex.ts'
import { printOracle } from './ofctl.ts'

export interface Packet {
  readonly hex: string
  /** The namespace and type of OpenFlow 1.5; without it the packet is an Ethernet frame. */
  readonly packetType?: number
}

const fromController = 'fffffffd'

/** OpenFlow 1.3: a packet-out without actions. */
const packetOut = (hex: string): string => `ffffffff ${fromController} 0000 000000000000 ${hex}`

/** OpenFlow 1.5: in_port and packet_type stand in a match. */
const typedMatch = (packetType: number): string =>
  `0001 0014 80000004 ${fromController} 80005804 ${u32(packetType)} 00000000`
const typedPacketOut = (hex: string, packetType: number): string =>
  `ffffffff 0000 0000 ${typedMatch(packetType)} ${hex}`

/** A packet-out without data has no packet to show, a packet-in has; in both versions it begins and ends alike. */
const emptyPacketIn = (match: string): string => `ffffffff 0000 00 00 0000000000000000 ${match} 0000`

function wrapped({ hex, packetType }: Packet): Buffer {
  if (packetType === undefined) {
    return hex === ''
      ? message(3, 10, 0, emptyPacketIn('0001 0004 00000000'))
      : message(3, 13, 0, packetOut(hex))
  }
  const match = typedMatch(packetType)
  return hex === ''
    ? message(5, 10, 0, emptyPacketIn(match))
    : message(5, 13, 0, typedPacketOut(hex, packetType))
}

/** One line for each packet. */
export async function packetTexts(packets: readonly Packet[]): Promise<readonly string[]> {
  const prints = await printOracle(packets.map((packet) => wrapped(packet).toString('hex')))
  return prints.map((print, index) => {
    const lines = print.split('\n')
    if (lines.length !== 2) throw new Error(`no packet is shown for ${packets[index]?.hex ?? ''}: ${print}`)
    return lines[1] ?? ''
  })
}
