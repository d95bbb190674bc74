/** The flows that are to be spread: they differ in their ports, TCP and UDP in turn, between one pair of VMs or from 250 VMs to one. */
import { checksum, pseudoHeader } from '../../../codecs/packet/checksum.ts'
import { ETHERTYPE, writeEthernet } from '../../../codecs/packet/ethernet.ts'
import { IP_PROTOCOL, writeIpv4 } from '../../../codecs/packet/ipv4.ts'
import { writeUdp } from '../../../codecs/packet/udp.ts'
import { randomOf } from '../codec/random.ts'

export interface BenchVm {
  readonly name: string
  /** 48 bits. */
  readonly mac: number
  /** IPv4, 32 bits. */
  readonly address: number
}

export const subnet = '10.0.0.0/16'
const mostVms = 250

const vmAt = (name: string, number: number): BenchVm => ({
  name,
  mac: 0x02_00_00_00_00_00 + number,
  address: 0x0a_00_00_00 + number,
})

const senders: readonly BenchVm[] = Array.from({ length: mostVms }, (_, index) =>
  vmAt(`vm-${index}`, 0x100 + index),
)
/** Who is sent to, on the second switch. */
export const receiver = vmAt('receiver', 0xff01)

/** `pair`: all of one sender; `many`: of all senders alike. */
export type Pattern = 'pair' | 'many'
export const patterns: readonly Pattern[] = ['pair', 'many']

/** On the first switch. */
export const sendersOf = (pattern: Pattern): readonly BenchVm[] =>
  pattern === 'pair' ? senders.slice(0, 1) : senders

export interface Flow {
  readonly number: number
  readonly sender: BenchVm
  readonly frame: Uint8Array
}

/** No two have the same addresses, protocol and ports. The same seed gives the same flows. */
export function flowsOf(pattern: Pattern, count: number, seed: number): Flow[] {
  return makeFlows(pattern, { count, seed, fillerBytes: () => 0 })
}

/** A flow that sends its frame so often in each round. */
export interface Load {
  readonly flow: Flow
  readonly frames: number
}

const mostFillerBytes = 1_300

/**
 * Flows whose rates differ a thousandfold: bounded Pareto with exponent 1, as sizes of flows on the Internet roughly
 * have it, so that a few of them carry much of all bytes.
 */
export function loadsOf(pattern: Pattern, count: number, seed: number): Load[] {
  const random = randomOf(seed ^ 0x5eed)
  const bytes = Array.from({ length: count }, () => Math.round(64 / (0.001 + 0.999 * (random(1e6) / 1e6))))
  const fillerBytes = (number: number) => Math.min(bytes[number] ?? 0, mostFillerBytes)
  return makeFlows(pattern, { count, seed, fillerBytes }).map((flow) => ({
    flow,
    frames: Math.ceil((bytes[flow.number] ?? 0) / mostFillerBytes),
  }))
}

interface Making {
  readonly count: number
  readonly seed: number
  /** By flow number: how much longer its frames are than they need be. */
  readonly fillerBytes: (number: number) => number
}

function makeFlows(pattern: Pattern, { count, seed, fillerBytes }: Making): Flow[] {
  const random = randomOf(seed)
  const run = random(0x1_0000_0000)
  const from = sendersOf(pattern)
  const taken = new Set<string>()
  const flows: Flow[] = []
  while (flows.length < count) {
    const number = flows.length
    const sender = from[number % from.length]
    const ports = [1024 + random(64_512), 1024 + random(64_512)] as const
    const key = `${sender?.name} ${number % 2} ${ports.join()}`
    if (!sender || taken.has(key)) continue
    taken.add(key)
    flows.push({
      number,
      sender,
      frame: frameOf(sender, ports, {
        isTcp: number % 2 === 0,
        payload: markerBytes({ run, number }, fillerBytes(number)),
      }),
    })
  }
  return flows
}

function frameOf(
  from: BenchVm,
  ports: readonly [number, number],
  { isTcp, payload }: { isTcp: boolean; payload: Uint8Array },
): Uint8Array {
  const ends = { family: 4, src: from.address, dst: receiver.address } as const
  const transport = isTcp
    ? tcpSegment(ports, payload, ends)
    : writeUdp({ srcPort: ports[0], dstPort: ports[1], payload }, ends)
  const ip = writeIpv4({
    dscp: 0,
    ecn: 0,
    id: 0,
    dontFragment: true,
    moreFragments: false,
    fragmentOffset: 0,
    ttl: 64,
    protocol: isTcp ? IP_PROTOCOL.tcp : IP_PROTOCOL.udp,
    src: ends.src,
    dst: ends.dst,
    options: new Uint8Array(0),
    payload: transport,
  })
  return writeEthernet({
    dst: receiver.mac,
    src: from.mac,
    vlans: [],
    ethertype: ETHERTYPE.ipv4,
    payload: ip,
  })
}

/** In the middle of a session: acknowledgement and push. */
function tcpSegment(
  [srcPort, dstPort]: readonly [number, number],
  payload: Uint8Array,
  ends: Parameters<typeof pseudoHeader>[0],
): Uint8Array {
  const segment = Buffer.alloc(20 + payload.length)
  segment.writeUInt16BE(srcPort, 0)
  segment.writeUInt16BE(dstPort, 2)
  segment.writeUInt32BE(1, 4)
  segment.writeUInt32BE(1, 8)
  segment.writeUInt16BE(0x5018, 12)
  segment.writeUInt16BE(0xffff, 14)
  segment.set(payload, 20)
  segment.writeUInt16BE(checksum(pseudoHeader(ends, IP_PROTOCOL.tcp, segment.length), segment), 16)
  return segment
}

interface Marker {
  readonly run: number
  readonly number: number
}

const magic = Buffer.from('throwbar flow ')

function markerBytes({ run, number }: Marker, fillerBytes: number): Uint8Array {
  const bytes = Buffer.alloc(magic.length + 8 + fillerBytes)
  magic.copy(bytes)
  bytes.writeUInt32BE(run, magic.length)
  bytes.writeUInt32BE(number, magic.length + 4)
  return bytes
}

/** Which of these flows a frame belongs to, whatever tags it has got under way; undefined for any other frame. */
export function flowNumberOf(frame: Uint8Array): number | undefined {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength)
  const at = bytes.indexOf(magic)
  return at < 0 || at + magic.length + 8 > bytes.length
    ? undefined
    : bytes.readUInt32BE(at + magic.length + 4)
}

/** A broadcast by which a learning switch comes to know the receiver. */
export function announcement(): Uint8Array {
  return writeEthernet({
    dst: 0xffff_ffff_ffff,
    src: receiver.mac,
    vlans: [],
    ethertype: 0x88b5,
    payload: new Uint8Array(46),
  })
}
