/** Actions that choose one of several by a hash of the packet, or by which ports are up. */
import { packedField } from '../fields/named-field.ts'
import type { Codec } from '../wire/codec.ts'
import type { Reader } from '../wire/reader.ts'
import { openEnum, pad, port16, u16, u32 } from '../wire/scalars.ts'
import { extension, keepRaw, padded } from '../wire/tlv.ts'
import type { Writer } from '../wire/writer.ts'
import { nicira } from './experimenters.ts'

/** What is hashed. */
const hashFields = openEnum(u16, {
  eth_src: 0,
  symmetric_l4: 1,
  symmetric_l3l4: 2,
  'symmetric_l3l4+udp': 3,
  nw_src: 4,
  nw_dst: 5,
  symmetric_l3: 6,
})

const multipathAlgorithm = openEnum(u16, { modulo_n: 0, hash_threshold: 1, hrw: 2, iter_hash: 3 })
const bundleAlgorithm = openEnum(u16, { active_backup: 0, hrw: 1 })

/** The header of `in_port` in NXM, the only kind of member that there is. */
const inPort = 0x0000_0002

const memberType = {
  hidden: true,
  read(r: Reader): undefined {
    if (r.u32() !== inPort) throw keepRaw
  },
  write(w: Writer): void {
    w.u32(inPort)
  },
} as const

/** How many numbers of 16 bits the list further on has. */
export const countAhead = {
  hidden: true,
  read(r: Reader): undefined {
    r.announced = r.u16()
  },
  write(w: Writer): void {
    w.announcedAt = w.take(2)
  },
} as const

/** As many as counted before; more than fill the last eight bytes are no list of ours. */
export function counted<T>(item: Codec<T>): Codec<readonly T[]> {
  return {
    read(r) {
      const count = r.announced
      if (padded(count * 2, 8) !== padded(r.end - r.pos, 8)) throw keepRaw
      return Array.from({ length: count }, () => item.read(r))
    },
    write(w, items) {
      const at = w.announcedAt
      for (const one of items) item.write(w, one)
      w.patchLength(at, items.length)
    },
  }
}

const bundleHead = {
  algorithm: bundleAlgorithm,
  fields: hashFields,
  basis: u16,
  memberType,
  count: countAhead,
} as const

export const choiceVariants = [
  extension('nx_multipath', nicira(10), {
    fields: hashFields,
    basis: u16,
    _: pad(2),
    algorithm: multipathAlgorithm,
    /** One less than the number of links. */
    maxLink: u16,
    arg: u32,
    _1: pad(2),
    dst: packedField('dst'),
  }),
  extension('nx_bundle', nicira(12), { ...bundleHead, _: pad(10), members: counted(port16) }),
  extension('nx_bundle_load', nicira(13), {
    ...bundleHead,
    dst: packedField('dst'),
    _: pad(4),
    members: counted(port16),
  }),
] as const
