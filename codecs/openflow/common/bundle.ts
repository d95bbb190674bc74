/**
 * Bundles: OpenFlow's own messages from 1.4 on, and the ONF's extension of 1.3, which has the same bodies inside
 * experimenter messages. Both read as `bundle_control` and `bundle_add`.
 */
import type { Inline } from '../wire/codec.ts'
import { embedded } from '../wire/dialect.ts'
import { untilEnd } from '../wire/lists.ts'
import { type AnyMessageDef, message, renumbered } from '../wire/message.ts'
import type { Reader } from '../wire/reader.ts'
import { enumOf, flagsOf, pad, u16, u32, withDefault } from '../wire/scalars.ts'
import { propertyRules, tlvUnion, type UnknownElement, type ExperimenterElement } from '../wire/tlv.ts'
import type { Writer } from '../wire/writer.ts'
import { onfId } from './error-names.ts'

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

const flags = flagsOf(u16, { atomic: 0, ordered: 1, time: 2 })

/** 1.5 has a property for scheduled commits, which Open vSwitch lacks; all properties stay bytes. */
const property = tlvUnion([], propertyRules)
const properties = untilEnd(property)

export const bundleControl = message('bundle_control', 33, {
  bundleId: u32,
  control,
  flags: withDefault(flags, []),
  properties: withDefault(properties, []),
})

type Property = UnknownElement | ExperimenterElement

interface TrailingProperties {
  readonly properties?: readonly Property[]
}

/** Only if there are properties is the inner message padded to a multiple of 8. */
const trailing: Inline<TrailingProperties> = {
  inline: true,
  readInto(r: Reader, out) {
    if (r.pos === r.end) return
    r.take((8 - ((r.pos - r.origin) % 8)) % 8)
    out['properties'] = properties.read(r)
  },
  writeFrom(w: Writer, value) {
    if (value.properties === undefined || value.properties.length === 0) return
    w.align(w.origin, 8)
    properties.write(w, value.properties)
  },
}

/** `messages` are those that a bundle may hold; its version and xid must be those of the bundle message. */
export function bundleAdd<const D extends readonly AnyMessageDef[]>(messages: D) {
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
