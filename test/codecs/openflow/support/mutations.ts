/** Seeded damage to messages: what a broken, old or hostile peer might send. */

/** A small generator of equal numbers for equal seeds (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export interface Mutation {
  readonly what: string
  readonly bytes: Uint8Array
}

/** With the length in the header made true, so that the damage gets past the frame. */
export function withTrueLength(bytes: Uint8Array): Uint8Array {
  if (bytes.length >= 4) new DataView(bytes.buffer, bytes.byteOffset).setUint16(2, bytes.length)
  return bytes
}

type Damage = (bytes: Uint8Array, random: () => number) => Mutation

const pick = (random: () => number, below: number): number => Math.floor(random() * below)

const damages: readonly Damage[] = [
  (bytes, random) => {
    const bit = pick(random, bytes.length * 8)
    const copy = bytes.slice()
    copy[bit >>> 3] = (copy[bit >>> 3] ?? 0) ^ (1 << (bit & 7))
    return { what: `bit ${bit} flipped`, bytes: copy }
  },
  (bytes, random) => {
    const cut = 8 + pick(random, Math.max(1, bytes.length - 8))
    return { what: `cut to ${cut}`, bytes: withTrueLength(bytes.slice(0, cut)) }
  },
  (bytes, random) => {
    const at = 8 + 2 * pick(random, Math.max(1, (bytes.length - 8) >>> 1))
    const value = [0, 1, 3, 4, 7, 8, 0x7fff, 0xffff][pick(random, 8)] ?? 0
    const copy = bytes.slice()
    if (at + 2 <= copy.length) new DataView(copy.buffer).setUint16(at, value)
    return { what: `word at ${at} is ${value}`, bytes: copy }
  },
  (bytes, random) => {
    const at = 8 + 2 * pick(random, Math.max(1, (bytes.length - 8) >>> 1))
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    const change = pick(random, 33) - 16
    const copy = bytes.slice()
    if (at + 2 <= copy.length) new DataView(copy.buffer).setUint16(at, (view.getUint16(at) + change) & 0xffff)
    return { what: `word at ${at} changed by ${change}`, bytes: copy }
  },
  (bytes, random) => {
    const at = 8 + pick(random, Math.max(1, bytes.length - 8))
    const length = 1 + pick(random, 16)
    const copy = new Uint8Array(bytes.length + length)
    copy.set(bytes.subarray(0, at))
    copy.set(bytes.subarray(at), at + length)
    return { what: `${length} zeros put in at ${at}`, bytes: withTrueLength(copy) }
  },
  (bytes, random) => {
    const at = 8 + 4 * pick(random, Math.max(1, (bytes.length - 8) >>> 2))
    const length = 4 * (1 + pick(random, 8))
    const copy = bytes.slice()
    copy.copyWithin(Math.min(at + length, copy.length), at, at + length)
    return { what: `${length} bytes at ${at} repeated over what follows`, bytes: copy }
  },
  (bytes, random) => {
    const version = pick(random, 8)
    const copy = bytes.slice()
    copy[0] = version
    return { what: `said to be of version ${version}`, bytes: copy }
  },
  (bytes, random) => {
    const type = pick(random, 40)
    const copy = bytes.slice()
    copy[1] = type
    return { what: `said to be of type ${type}`, bytes: copy }
  },
]

/** One random damage, sometimes two on top of each other. */
export function mutate(bytes: Uint8Array, random: () => number): Mutation {
  const once = (damages[pick(random, damages.length)] as Damage)(bytes, random)
  if (random() < 0.7) return once
  const twice = (damages[pick(random, damages.length)] as Damage)(once.bytes, random)
  return { what: `${once.what}, ${twice.what}`, bytes: twice.bytes }
}
