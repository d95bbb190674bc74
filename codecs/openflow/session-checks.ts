/**
 * What the protocol does not let a switch report, although it can be read: packet-ins that contradict themselves and
 * ports that cannot exist. A session drops these and tells it.
 */
import type { OxmField } from './fields/oxm.ts'
import type { Message, MessageOf, PortStatus } from './message.ts'
import { noBuffer, reservedPort } from './common/names.ts'

/** In the version's own form, or in one of Nicira's that a controller can ask for. */
export type AnyPacketIn = MessageOf<'packet_in' | 'nx_packet_in' | 'nx_packet_in2'>

export function isPacketIn(message: Message): message is AnyPacketIn {
  return message.type === 'packet_in' || message.type === 'nx_packet_in' || message.type === 'nx_packet_in2'
}

/** The port that a packet came in by; 0, which is no port, where that is not said. */
export function ingressPort({ match = [] }: AnyPacketIn): number {
  return Number(match.find(({ field }) => field === 'in_port')?.value ?? 0)
}

export interface Fault {
  readonly why: 'packet-in-refused' | 'port-refused'
  readonly detail: string
}

/** OFPP_MAX of 1.1 and later, and of 1.0. */
const MAX_PORT = 0xffff_ff00
const MAX_PORT_10 = 0xff00

const noBytes = new Uint8Array(0)

const keyOf = (one: OxmField): string =>
  one.field === 'unknown' ? `${one.oxmClass} ${one.oxmField} ${one.experimenter ?? ''}` : one.field

const isEthernet = (match: readonly OxmField[]): boolean =>
  match.every(({ field, value }) => field !== 'packet_type' || Number(value) === 0)

/** OF 1.3.5 7.4.1, 1.5.1 7.4.1. `totalLen` above what came is normal: the switch has cut the packet off. */
function packetInFault(message: AnyPacketIn, minFrameBytes: number): string | undefined {
  const { type, match = [], data = noBytes, totalLen = data.length, bufferId = noBuffer } = message
  if (totalLen < data.length) return `${data.length} bytes of a packet of ${totalLen}`
  if (match.length > 1 && new Set(match.map(keyOf)).size < match.length) return 'a match field comes twice'
  // The second form of Nicira's may leave out what it likes.
  if (type !== 'nx_packet_in2' && !match.some(({ field }) => field === 'in_port'))
    return 'a packet from no port'
  // What the switch has kept it may tell little of.
  if (data.length >= minFrameBytes || (bufferId !== noBuffer && totalLen >= minFrameBytes)) return undefined
  return isEthernet(match) ? `a frame of ${data.length} bytes` : undefined
}

function portFault({ version, port: { portNo } }: PortStatus): string | undefined {
  const max = version === 1 ? MAX_PORT_10 : MAX_PORT
  if ((portNo >= 1 && portNo <= max) || portNo === reservedPort.local) return undefined
  return `port number 0x${portNo.toString(16)} does not exist`
}

/** What is wrong with a message that could be read; undefined when nothing is. */
export function faultOf(message: Message, minFrameBytes: number): Fault | undefined {
  if (isPacketIn(message)) return fault('packet-in-refused', packetInFault(message, minFrameBytes))
  if (message.type === 'port_status') return fault('port-refused', portFault(message))
  return undefined
}

const fault = (why: Fault['why'], detail: string | undefined): Fault | undefined =>
  detail === undefined ? undefined : { why, detail }
