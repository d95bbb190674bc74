/** Actions that send the packet to a controller and say more than an output to its port can. */
import type { Codec, Inline } from '../wire/codec.ts'
import { EncodeError, within } from '../wire/errors.ts'
import { pad, rest, u16, u32, u8, withDefault } from '../wire/scalars.ts'
import { extension, keepRaw, padded } from '../wire/tlv.ts'
import type { Writer } from '../wire/writer.ts'
import { nicira } from './experimenters.ts'
import { wholePacket } from './output.ts'

/** The packet-in reason "action". */
const actionReason = 1

/** What `nx_controller2` can say; whatever is absent is the default. */
export interface ControllerProperties {
  /** Absent: the whole packet. */
  readonly maxLen?: number
  /** Which of the switch's controllers; absent: those with number 0. */
  readonly controllerId?: number
  /** A packet-in reason; absent: 1, "action". */
  readonly reason?: number
  /** Comes back in the packet-in. */
  readonly userdata?: Uint8Array
  /** The packet waits until the controller resumes it. */
  readonly pause?: true
  readonly meterId?: number
}

interface Property {
  readonly name: keyof ControllerProperties
  /** Bytes after the header that the length counts; undefined: any. */
  readonly size: number | undefined
  readonly codec: Codec<never>
}

/** Its length counts the padding behind it. */
const short: Codec<number> = {
  read(r) {
    const value = r.u16()
    r.take(2)
    return value
  },
  write(w, value) {
    w.u16(value)
    w.zeros(2)
  },
}

const flag: Codec<true> = {
  read: () => true,
  write(_, value) {
    if (!(value as boolean)) throw new EncodeError('INVALID', 'only true can be said')
  },
}

/** By type, which is also the order in which they come. */
const properties: readonly Property[] = [
  { name: 'maxLen', size: 4, codec: short as unknown as Codec<never> },
  { name: 'controllerId', size: 4, codec: short as unknown as Codec<never> },
  { name: 'reason', size: 1, codec: u8 as unknown as Codec<never> },
  { name: 'userdata', size: undefined, codec: rest as unknown as Codec<never> },
  { name: 'pause', size: 0, codec: flag as unknown as Codec<never> },
  { name: 'meterId', size: 4, codec: u32 as unknown as Codec<never> },
]

function writeProperty(w: Writer, type: number, { codec, name }: Property, value: unknown): void {
  const start = w.pos
  w.u16(type)
  w.take(2)
  try {
    codec.write(w, value as never)
  } catch (error) {
    throw within(error, name)
  }
  w.patchLength(start + 2, w.pos - start)
  w.align(start, 8)
}

/** Any other order, a property unknown or twice: the action stays bytes. */
const controllerProperties: Inline<ControllerProperties> = {
  inline: true,
  readInto(r, out) {
    const outer = r.end
    let next = 0
    while (r.pos < outer) {
      const start = r.pos
      const type = r.u16()
      const length = r.u16()
      const property = type >= next ? properties[type] : undefined
      const known = property !== undefined && (property.size ?? length - 4) === length - 4
      if (!known || length < 4 || start + padded(length, 8) > outer) throw keepRaw
      r.end = start + length
      out[property.name] = property.codec.read(r)
      r.end = outer
      r.pos = start + padded(length, 8)
      next = type + 1
    }
  },
  writeFrom(w, value) {
    properties.forEach((property, type) => {
      const given = value[property.name]
      if (given !== undefined) writeProperty(w, type, property, given)
    })
  },
}

export const controllerVariants = [
  extension('nx_controller', nicira(20), {
    maxLen: withDefault(u16, wholePacket),
    controllerId: withDefault(u16, 0),
    /** A packet-in reason: 1 is "action". */
    reason: withDefault(u8, actionReason),
    _: pad(1),
  }),
  extension('nx_controller2', nicira(37), { _: pad(6), controllerProperties }),
] as const
