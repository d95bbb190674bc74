/** Seeded packets of every kind that Open vSwitch reads, mostly well formed, then damaged: layers of bytes put together. */
import { namedFrames, withTrueLength } from '../capture/packet-frames.ts'
import { seededRandom } from './mutations.ts'
import type { Packet } from './packet-oracle.ts'

type Bytes = readonly number[]

const u16 = (value: number): Bytes => [(value >>> 8) & 0xff, value & 0xff]
const u32 = (value: number): Bytes => [...u16(value >>> 16), ...u16(value)]
const hexOf = (bytes: Bytes): string => Buffer.from(bytes).toString('hex')

/** Choices from one seed. */
class Dice {
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }

  chance(probability: number): boolean {
    return this.#random() < probability
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0]
  }

  bytes(size: number): Bytes {
    return Array.from({ length: size }, () => this.below(256))
  }
}

const protocols = [1, 2, 6, 17, 58, 132] as const
const extensions = [0, 43, 44, 51, 60] as const

const ndOption = (dice: Dice): Bytes => {
  const size = dice.pick([0, 1, 1, 1, 1, 2, 3])
  return [dice.pick([1, 2, 1, 2, 3, 14]), size, ...dice.bytes(Math.max(6, 8 * size - 2))]
}

const options = (dice: Dice): Bytes => Array.from({ length: dice.below(4) }, () => ndOption(dice)).flat()

/** A transport header, or bytes of no meaning; the size is often one at which something ends. */
function transport(dice: Dice, proto: number): Bytes {
  const data = dice.bytes(dice.below(24))
  if (dice.chance(0.15)) return data
  if (proto === 6) {
    const words = dice.chance(0.8) ? 5 + dice.below(3) : dice.below(16)
    return [...dice.bytes(12), words * 16 + dice.below(16), ...dice.bytes(7 + 4 * dice.below(4)), ...data]
  }
  if (proto === 58 && dice.chance(0.8)) {
    const head = [dice.pick([135, 136, 128, 134]), dice.chance(0.9) ? 0 : 1, ...dice.bytes(6)]
    return [...head, ...address6(dice), ...options(dice)]
  }
  return [...dice.bytes(dice.pick([8, 12, 16])), ...data]
}

/** One time in ten another value than the true one. */
const length = (dice: Dice, value: number): number => {
  if (dice.chance(0.9)) return value
  return dice.chance(0.5) ? Math.max(0, value + dice.below(17) - 8) : dice.below(0x10000)
}

function ipv4(dice: Dice): Bytes {
  const proto = dice.chance(0.9) ? dice.pick(protocols) : dice.below(256)
  const words = dice.chance(0.7) ? 0 : dice.below(11)
  const payload = transport(dice, proto)
  const size = length(dice, 20 + 4 * words + payload.length)
  const ihl = dice.chance(0.95) ? 5 + words : dice.below(16)
  const part = dice.chance(0.8) ? dice.pick([0, 0x4000]) : dice.below(0x10000)
  const head = [
    0x40 + ihl,
    dice.below(256),
    ...u16(size),
    ...dice.bytes(2),
    ...u16(part),
    dice.below(256),
    proto,
  ]
  const padding = dice.bytes(dice.chance(0.3) ? dice.below(20) : 0)
  return [...head, ...dice.bytes(10 + 4 * words), ...payload, ...padding]
}

/** Addresses with runs of zeros, and such as end in an IPv4 address. */
function address6(dice: Dice): Bytes {
  const groups = Array.from({ length: 8 }, () => (dice.chance(0.6) ? 0 : dice.below(0x10000)))
  const low = [dice.below(2) * dice.below(0x10000), dice.below(0x10000)]
  if (dice.chance(0.2)) return [0, 0, 0, 0, 0, dice.pick([0, 0xffff, 1]), ...low].flatMap(u16)
  return groups.flatMap(u16)
}

function extension(dice: Dice, kind: number, next: number): Bytes {
  if (kind === 44) {
    const part = dice.pick([0, 1, 0x0006, 0x0008, 0xfff9, dice.below(0x10000)])
    return [next, dice.below(256), ...u16(part), ...dice.bytes(4)]
  }
  const units = dice.below(3)
  const size = kind === 51 ? 4 * (units + 2) : 8 * (units + 1)
  return [next, length(dice, units) & 0xff, ...dice.bytes(size - 2)]
}

function ipv6(dice: Dice): Bytes {
  const proto = dice.chance(0.9) ? dice.pick(protocols) : dice.below(256)
  const kinds = dice.chance(0.6) ? [] : Array.from({ length: 1 + dice.below(4) }, () => dice.pick(extensions))
  const chain = kinds.flatMap((kind, index) => extension(dice, kind, kinds[index + 1] ?? proto))
  const payload = [...chain, ...transport(dice, proto)]
  const padding = dice.bytes(dice.chance(0.3) ? dice.below(20) : 0)
  const head = [...u32(0x6000_0000 + dice.below(0x1000_0000)), ...u16(length(dice, payload.length))]
  const end = [kinds[0] ?? proto, dice.below(256), ...address6(dice), ...address6(dice)]
  return [...head, ...end, ...payload, ...padding]
}

function arp(dice: Dice): Bytes {
  const head = [0, 1, 8, 0, 6, 4]
  if (dice.chance(0.1)) head[dice.below(6)] = dice.below(256)
  return [...head, ...u16(dice.chance(0.8) ? dice.below(256) : dice.below(0x10000)), ...dice.bytes(20)]
}

const mpls = (dice: Dice): Bytes =>
  Array.from({ length: dice.below(6) }, () => {
    const bos = dice.chance(0.3) ? 1 : 0
    return [...dice.bytes(2), (dice.below(256) & 0xfe) | bos, dice.below(256)]
  }).flat()

function nsh(dice: Dice): Bytes {
  const mdType = dice.pick([1, 1, 2, 3, dice.below(256)])
  const words = dice.chance(0.7) ? 6 : dice.below(10)
  const head = ((dice.chance(0.9) ? 0 : 1) << 14) + (dice.below(0x100) << 6) + words
  return [...u16(head), mdType, ...dice.bytes(5 + 16 + dice.below(16))]
}

const networks: readonly [[number, (dice: Dice) => Bytes], ...[number, (dice: Dice) => Bytes][]] = [
  [0x0800, ipv4],
  [0x0800, ipv4],
  [0x86dd, ipv6],
  [0x86dd, ipv6],
  [0x0806, arp],
  [0x8035, arp],
  [0x8847, mpls],
  [0x8848, mpls],
  [0x894f, nsh],
  [0x88cc, (dice) => dice.bytes(dice.below(30))],
]

const snap = [0xaa, 0xaa, 3, 0, 0, 0]

function frame(dice: Dice): string {
  const [ethType, make] = dice.pick(networks)
  const tags = Array.from({ length: dice.chance(0.6) ? 0 : 1 + dice.below(3) }, () => [
    ...u16(dice.pick([0x8100, 0x88a8])),
    ...dice.bytes(2),
  ])
  const type = dice.chance(0.95) ? ethType : dice.below(0x10000)
  const llc = dice.chance(0.9) ? [] : [...u16(dice.below(0x600)), ...snap]
  return hexOf([...dice.bytes(12), ...tags.flat(), ...llc, ...u16(type), ...make(dice)])
}

const cut = (hex: string, dice: Dice): string => hex.slice(0, 2 * dice.below(hex.length / 2 + 1))

const setByte = (hex: string, dice: Dice): string => {
  const at = 2 * dice.below(hex.length / 2)
  return hex.slice(0, at) + hexOf([dice.below(256)]) + hex.slice(at + 2)
}

const insert = (hex: string, dice: Dice): string => {
  const at = 2 * dice.below(hex.length / 2 + 1)
  return hex.slice(0, at) + hexOf(dice.bytes(1 + dice.below(8))) + hex.slice(at)
}

const damages: readonly [(hex: string, dice: Dice) => string, ...((hex: string, dice: Dice) => string)[]] = [
  cut,
  (hex, dice) => withTrueLength(cut(hex, dice)),
  setByte,
  (hex, dice) => setByte(setByte(setByte(hex, dice), dice), dice),
  insert,
  (hex, dice) => withTrueLength(insert(hex, dice)),
]

/** A packet that begins with its network layer, or one of a namespace that has no ethertypes. */
function typedPacket(dice: Dice): Packet {
  const [ethType, make] = dice.pick(networks)
  const type = dice.chance(0.9) ? 0x1_0000 + ethType : dice.pick([0x0001, 0x2_0011, 0x3_0050, 0xffff_ffff])
  const hex = hexOf(make(dice))
  return { hex: dice.chance(0.5) ? hex : cut(hex, dice), packetType: type }
}

const first = namedFrames[0]
if (first === undefined) throw new Error('no frames')
const named = [first, ...namedFrames.slice(1)] as const

export function randomPackets(count: number, seed: number): readonly Packet[] {
  const dice = new Dice(seed)
  return Array.from({ length: count }, () => {
    if (dice.chance(0.1)) return typedPacket(dice)
    const whole = dice.chance(0.3) ? dice.pick(named)[1] : frame(dice)
    return { hex: dice.chance(0.4) || whole === '' ? whole : dice.pick(damages)(whole, dice) }
  })
}
