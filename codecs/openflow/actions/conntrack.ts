/** Actions of connection tracking: through the tracker, with address translation, and what it said forgotten. */
import { type Subfield, subfieldOrNumber } from '../fields/subfield.ts'
import type { Codec, Inline } from '../wire/codec.ts'
import { within } from '../wire/errors.ts'
import type { Reader } from '../wire/reader.ts'
import { flagsOf, openEnum, pad, u16, u8, withDefault } from '../wire/scalars.ts'
import { extension, keepRaw, type Variant } from '../wire/tlv.ts'
import type { Writer } from '../wire/writer.ts'
import type { Action, ActionInput } from './actions.ts'
import { nicira } from './experimenters.ts'

/** The table for packets that do not come back from the tracker. */
export const noRecirculation = 0xff

const ctFlags = flagsOf(u16, { commit: 0, force: 1 })
type CtFlags = typeof ctFlags extends Codec<infer T> ? T : never

/** A protocol with connections of its own inside, by its port. */
const alg = openEnum(u16, { none: 0, ftp: 21, tftp: 69 })
type Alg = typeof alg extends Codec<infer T> ? T : never

export interface Conntrack {
  readonly flags: CtFlags
  /** A number, or the sixteen bits of a field that hold it. */
  readonly zone: number | Subfield
  /** Where the packet goes on with its connection's state known; 255: nowhere. */
  readonly recircTable: number
  readonly alg: Alg
  /** Performed on the connection: `nx_nat`, and set_field of `ct_mark` and `ct_label`. */
  readonly actions: readonly Action[]
}

export interface ConntrackInput extends Partial<Omit<Conntrack, 'actions'>> {
  readonly actions?: readonly ActionInput[]
}

/** Actions inside actions: `nested` reads and writes the list. */
export function conntrackAction(
  nested: Codec<readonly Action[], readonly ActionInput[]>,
): Variant<'nx_ct', Conntrack, ConntrackInput> {
  return extension('nx_ct', nicira(35), {
    flags: withDefault(ctFlags, []),
    zone: withDefault(subfieldOrNumber, 0),
    recircTable: withDefault(u8, noRecirculation),
    _: pad(3),
    alg: withDefault(alg, 'none'),
    actions: withDefault(nested, []),
  })
}

/** What addresses and ports are translated to; a lone minimum is the only one. */
export interface NatRange {
  readonly ipv4Min?: number
  readonly ipv4Max?: number
  readonly ipv6Min?: bigint
  readonly ipv6Max?: bigint
  readonly portMin?: number
  readonly portMax?: number
}

interface Limit {
  readonly name: keyof NatRange
  readonly read: (r: Reader) => number | bigint
  readonly write: (w: Writer, value: never) => void
}

const ipv4 = { read: (r: Reader) => r.u32(), write: (w: Writer, value: number) => w.u32(value) }
const ipv6 = { read: (r: Reader) => r.u128(), write: (w: Writer, value: bigint) => w.u128(value) }
const port = { read: (r: Reader) => r.u16(), write: (w: Writer, value: number) => w.u16(value) }

/** In the order of their bits, which is that on the wire. */
const limits: readonly Limit[] = [
  { name: 'ipv4Min', ...ipv4 },
  { name: 'ipv4Max', ...ipv4 },
  { name: 'ipv6Min', ...ipv6 },
  { name: 'ipv6Max', ...ipv6 },
  { name: 'portMin', ...port },
  { name: 'portMax', ...port },
]

/** One word of bits that say which limits follow. */
const natRange: Inline<NatRange> = {
  inline: true,
  readInto(r, out) {
    const present = r.u16()
    if (present >= 1 << limits.length) throw keepRaw
    limits.forEach(({ name, read }, bit) => {
      if ((present >>> bit) & 1) out[name] = read(r)
    })
  },
  writeFrom(w, value) {
    const given = limits.filter(({ name }) => value[name] !== undefined)
    w.u16(given.reduce((bits, limit) => bits | (1 << limits.indexOf(limit)), 0))
    for (const { name, write } of given) {
      try {
        write(w, value[name] as never)
      } catch (error) {
        throw within(error, name)
      }
    }
  },
}

export const connectionVariants = [
  /** Inside `nx_ct`: without src or dst, translated as the connection already is. */
  extension('nx_nat', nicira(36), {
    _: pad(2),
    flags: withDefault(
      flagsOf(u16, { src: 0, dst: 1, persistent: 2, protocol_hash: 3, protocol_random: 4 }),
      [],
    ),
    natRange,
  }),
  extension('nx_ct_clear', nicira(43), { _: pad(6) }),
] as const
