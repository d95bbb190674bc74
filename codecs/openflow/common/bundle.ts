/**
 * Bundles: OpenFlow's own messages from 1.4 on, and the ONF's extension of 1.3, which has the same bodies inside
 * experimenter messages. Both read as `bundle_control` and `bundle_add`.
 */
import type { Codec, Inline } from '../wire/codec.ts'
import { embedded } from '../wire/dialect.ts'
import { within } from '../wire/errors.ts'
import { untilEnd } from '../wire/lists.ts'
import { type AnyMessageDef, message, renumbered } from '../wire/message.ts'
import type { Reader } from '../wire/reader.ts'
import { enumOf, flagsOf, pad, u16, u32, u64, withDefault } from '../wire/scalars.ts'
import { struct } from '../wire/struct.ts'
import { propertyRules, type TlvIn, type TlvOut, variant } from '../wire/tlv.ts'
import { tlvUnion } from '../wire/tlv-union.ts'
import type { Writer } from '../wire/writer.ts'
import { onfId } from './error-names.ts'
import { lacking } from './lacking.ts'

const control = enumOf(u16, {
  open_request: 0,
  open_reply: 1,
  close_request: 2,
  close_reply: 3,
  commit_request: 4,
  commit_reply: 5,
  discard_request: 6,
  discard_reply: 7,
})

export const bundleFlags = flagsOf(u16, { atomic: 0, ordered: 1, time: 2 })
type BundleFlags = ReturnType<typeof bundleFlags.read>

/** `time`, a commit at a given time, came with 1.5. */
const earlierFlags = lacking<BundleFlags>(flagsOf(u16, { atomic: 0, ordered: 1 }), ['time'])

/** OF 1.5.1 7.3.9.8: since 1970, or a span. */
export const time = struct({ seconds: u64, nanoseconds: u32, _: pad(4) })

const propertyVariants = [variant('time', 1, { _: pad(4), scheduledTime: time }, { since: 6 })] as const
const properties = untilEnd(tlvUnion(propertyVariants, propertyRules))

const bundleControlWith = (flags: Codec<BundleFlags>) =>
  message('bundle_control', 33, {
    bundleId: u32,
    control,
    flags: withDefault(flags, []),
    properties: withDefault(properties, []),
  })

/** OF 1.4.1 7.3.9.2. */
export const bundleControl = bundleControlWith(earlierFlags)
export const bundleControl15 = bundleControlWith(bundleFlags)

type Property = TlvOut<(typeof propertyVariants)[number]>
type PropertyInput = TlvIn<(typeof propertyVariants)[number]>

/** Only if there are properties, or a list without any, is the inner message padded to a multiple of 8. */
const trailing: Inline<
  { readonly properties?: readonly Property[] },
  { readonly properties?: readonly PropertyInput[] }
> = {
  inline: true,
  readInto(r: Reader, out) {
    if (r.pos === r.end) return
    try {
      r.take((8 - ((r.pos - r.origin) % 8)) % 8)
      out['properties'] = properties.read(r)
    } catch (error) {
      throw within(error, 'properties')
    }
  },
  writeFrom(w: Writer, value) {
    if (value.properties === undefined) return
    w.align(w.origin, 8)
    try {
      properties.write(w, value.properties)
    } catch (error) {
      throw within(error, 'properties')
    }
  },
}

/**
 * OF 1.4.1 7.3.9.6. `messages` are those that a bundle may hold; its version and xid must be those of the bundle
 * message.
 */
export function bundleAdd<const D extends readonly AnyMessageDef[]>(messages: D, flags = earlierFlags) {
  return message('bundle_add', 34, {
    bundleId: u32,
    _: pad(2),
    flags: withDefault(flags, []),
    message: embedded(messages),
    trailing,
  })
}

/** The same message as an ONF experimenter message, for OpenFlow 1.3. */
export const asOnfExtension = <D extends AnyMessageDef>(definition: D, subtype: number): D =>
  renumbered(definition, { code: 4, experimenter: onfId, subtype })
