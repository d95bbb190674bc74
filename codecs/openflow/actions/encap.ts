/** Actions that put a header of another packet type around the packet, and take it off (a draft of OpenFlow 1.6's). */
import { untilEnd } from '../wire/lists.ts'
import type { Codec } from '../wire/codec.ts'
import { EncodeError } from '../wire/errors.ts'
import type { Reader } from '../wire/reader.ts'
import { pad, u16, u32, withDefault } from '../wire/scalars.ts'
import { extension, keepRaw, padded } from '../wire/tlv.ts'
import type { Writer } from '../wire/writer.ts'
import { nicira } from './experimenters.ts'

/** What the new header says. */
export type EncapProperty =
  | { readonly type: 'nsh_md_type'; readonly mdType: number }
  | {
      readonly type: 'nsh_tlv'
      readonly tlvClass: number
      readonly tlvType: number
      readonly value: Uint8Array
    }
  | {
      readonly type: 'unknown'
      readonly propClass: number
      readonly propType: number
      readonly body: Uint8Array
    }

const nshClass = 4
const mdType = 1
const tlv = 2

function readKnown(r: Reader, propClass: number, propType: number): EncapProperty | undefined {
  const size = r.end - r.pos
  if (propClass !== nshClass) return undefined
  if (propType === mdType && size === 1) return { type: 'nsh_md_type', mdType: r.u8() }
  if (propType !== tlv || size < 4) return undefined
  const length = r.view.getUint8(r.pos + 3)
  if (size !== 4 + padded(length, 8)) return undefined
  const tlvClass = r.u16()
  const tlvType = r.u8()
  r.take(1)
  return { type: 'nsh_tlv', tlvClass, tlvType, value: r.view8(length) }
}

function writeHead(w: Writer, propClass: number, propType: number, length: number): void {
  if (length > 0xff) throw new EncodeError('TOO_LONG', `${length} bytes are more than a property can have`)
  w.u16(propClass)
  w.u8(propType)
  w.u8(length)
}

/** Padded to a multiple of eight, which the length leaves out. */
const encapProperty: Codec<EncapProperty> = {
  read(r) {
    const start = r.pos
    const outer = r.end
    const propClass = r.u16()
    const propType = r.u8()
    const length = r.u8()
    const next = start + padded(length, 8)
    if (length < 4 || next > outer)
      throw r.fail('LENGTH', `a property's length of ${length} is impossible here`, start)
    r.end = start + length
    const value = readKnown(r, propClass, propType) ?? {
      type: 'unknown' as const,
      propClass,
      propType,
      body: r.rest(),
    }
    r.pos = next
    r.end = outer
    return value
  },
  write(w, value) {
    const start = w.pos
    if (value.type === 'nsh_md_type') {
      writeHead(w, nshClass, mdType, 5)
      w.u8(value.mdType)
    } else if (value.type === 'nsh_tlv') {
      const { length } = value.value
      writeHead(w, nshClass, tlv, 8 + padded(length, 8))
      w.u16(value.tlvClass)
      w.u8(value.tlvType)
      w.u8(length)
      w.raw(value.value)
    } else {
      writeHead(w, value.propClass, value.propType, 4 + value.body.length)
      w.raw(value.body)
    }
    w.align(start, 8)
  },
}

/** Properties of `decap` have no meaning anywhere. */
const noProperties = {
  hidden: true,
  read(r: Reader): undefined {
    if (r.pos < r.end) throw keepRaw
  },
  write: () => undefined,
} as const

const fromEncap = { since: 4 } as const

export const encapVariants = [
  extension('nx_encap', nicira(46, fromEncap), {
    /** Bytes of the new header; 0: as many as it needs. */
    headerSize: withDefault(u16, 0),
    /** As in the field `packet_type`. */
    newPacketType: u32,
    properties: withDefault(untilEnd(encapProperty), []),
  }),
  extension('nx_decap', nicira(47, fromEncap), {
    _: pad(2),
    /** As in the field `packet_type`; 0xfffe: what the header that comes off says. */
    newPacketType: u32,
    noProperties,
  }),
] as const
