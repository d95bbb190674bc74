/**
 * Groups of OpenFlow 1.5: buckets are numbered and can be inserted and removed; what 1.3 had in fixed fields are
 * properties. The Netronome property chooses how a select group picks its bucket; Open vSwitch knows it.
 */
import { actionList } from '../actions/actions.ts'
import { oxmField } from '../fields/oxm.ts'
import { groupType } from '../common/names.ts'
import type { Codec } from '../wire/codec.ts'
import { announced, lengthAhead, ownLength, sized, untilEnd } from '../wire/lists.ts'
import { message } from '../wire/message.ts'
import { part } from '../wire/multipart.ts'
import { liftedProperties } from '../wire/properties.ts'
import { enumOf, pad, text, u16, u32, u64, withDefault } from '../wire/scalars.ts'
import { struct } from '../wire/struct.ts'
import { extension, propertyRules, type TlvIn, type TlvOut } from '../wire/tlv.ts'
import { tlvUnion } from '../wire/tlv-union.ts'

const netronomeId = 0x0000_154d

/** The buckets of a bucket command: the first, the last, or all of the group's. */
export const firstBucket = 0xffff_fffd
export const lastBucket = 0xffff_fffe
export const allBuckets = 0xffff_ffff

const groupVariants = [
  /** `fields` says by its values which bits of each field are hashed. */
  extension(
    'selection_method',
    { experimenter: netronomeId, subtype: 1 },
    {
      _: pad(4),
      method: text(16),
      param: withDefault(u64, 0n),
      fields: withDefault(untilEnd(oxmField), []),
    },
  ),
] as const

export type GroupProperty = TlvOut<(typeof groupVariants)[number]>
export type GroupPropertyInput = TlvIn<(typeof groupVariants)[number]>
export const groupProperties = untilEnd(tlvUnion(groupVariants, propertyRules))

/** The property's two bytes of value and two of padding, as a plain number. */
const paddedU16: Codec<number> = {
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

const bucket = sized(
  struct({
    length: ownLength,
    actionsLength: lengthAhead,
    bucketId: u32,
    actions: announced(actionList),
    properties: liftedProperties(
      {
        weight: { code: 0, length: 8, codec: paddedU16 },
        watchPort: { code: 1, length: 8, codec: u32 },
        watchGroup: { code: 2, length: 8, codec: u32 },
      },
      tlvUnion([], propertyRules),
    ),
  }),
)

export const groupCommand = enumOf(u16, {
  add: 0,
  modify: 1,
  delete: 2,
  insert_bucket: 3,
  remove_bucket: 5,
  add_or_modify: 0x8000,
})

/** OF 1.5.1 7.3.4.2. `add_or_modify` is Open vSwitch's. */
export const groupMod = message('group_mod', 15, {
  command: groupCommand,
  groupType: withDefault(groupType, 'all'),
  _: pad(1),
  groupId: u32,
  bucketsLength: lengthAhead,
  _1: pad(2),
  commandBucketId: withDefault(u32, allBuckets),
  buckets: withDefault(announced(untilEnd(bucket)), []),
  properties: withDefault(groupProperties, []),
})

export const groupDesc = part('group_desc', 7, {
  entries: untilEnd(
    sized(
      struct({
        length: ownLength,
        groupType,
        _: pad(1),
        groupId: u32,
        bucketsLength: lengthAhead,
        _1: pad(6),
        buckets: announced(untilEnd(bucket)),
        properties: groupProperties,
      }),
    ),
  ),
})
