/** Hello: the versions that a peer speaks. Elements that are not version bitmaps are kept as bytes. */
import { message } from '../wire/message.ts'
import { untilEnd } from '../wire/lists.ts'
import { u32, withDefault } from '../wire/scalars.ts'
import { type TlvOut, variant } from '../wire/tlv.ts'
import { tlvUnion } from '../wire/tlv-union.ts'

const elementVariants = [
  /** Bit `n` of word `w` stands for wire version `32 w + n`. */
  variant('version_bitmap', 1, { bitmaps: untilEnd(u32) }),
] as const

export type HelloElement = TlvOut<(typeof elementVariants)[number]>

const element = tlvUnion(elementVariants, { align: 8, lengthCountsPadding: false, subtypeBits: 32 })

/** OF 1.3.5 7.5.1. */
export const hello = message('hello', 0, { elements: withDefault(untilEnd(element), []) })

/** The bitmap element that announces these wire versions. */
export function versionBitmap(versions: readonly number[]): HelloElement {
  const bitmaps = new Array<number>((Math.max(0, ...versions) >>> 5) + 1).fill(0)
  for (const version of versions) {
    bitmaps[version >>> 5] = ((bitmaps[version >>> 5] ?? 0) | (1 << (version & 31))) >>> 0
  }
  return { type: 'version_bitmap', bitmaps }
}

/** The wire versions of all bitmaps, ascending; none if there is no bitmap, and then the header's version counts. */
export function announcedVersions(elements: readonly HelloElement[]): readonly number[] {
  const versions = new Set<number>()
  for (const one of elements) {
    if (one.type !== 'version_bitmap') continue
    one.bitmaps.forEach((word, index) => {
      for (let bit = 0; bit < 32; bit++) if (((word >>> bit) & 1) === 1) versions.add(index * 32 + bit)
    })
  }
  return [...versions].sort((a, b) => a - b)
}
