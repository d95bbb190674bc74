/** Groups up to OpenFlow 1.4: buckets with fixed fields and no number of their own. */
import { actionList } from '../actions/actions.ts'
import { lacking } from '../common/lacking.ts'
import { anyGroup, groupType, reservedPort } from '../common/names.ts'
import { groupCommand, groupProperties } from '../v15/group.ts'
import { ownLength, sized, untilEnd } from '../wire/lists.ts'
import { message } from '../wire/message.ts'
import { part } from '../wire/multipart.ts'
import { enumOf, pad, u16, u32, unavailable, withDefault } from '../wire/scalars.ts'
import { struct } from '../wire/struct.ts'

const bucket = sized(
  struct({
    length: ownLength,
    bucketId: unavailable<typeof u32>(),
    weight: withDefault(u16, 0),
    watchPort: withDefault(u32, reservedPort.any),
    watchGroup: withDefault(u32, anyGroup),
    _: pad(4),
    actions: actionList,
  }),
)

type GroupCommand = ReturnType<typeof groupCommand.read>

/** OF 1.3.5 7.3.4.2. `add_or_modify` is Open vSwitch's. */
export const groupMod = message('group_mod', 15, {
  command: lacking<GroupCommand>(enumOf(u16, { add: 0, modify: 1, delete: 2, add_or_modify: 0x8000 }), [
    'insert_bucket',
    'remove_bucket',
  ]),
  groupType: withDefault(groupType, 'all'),
  _: pad(1),
  groupId: u32,
  commandBucketId: unavailable<typeof u32>(),
  buckets: withDefault(untilEnd(bucket), []),
  properties: unavailable<typeof groupProperties>(),
})

export const groupDesc = part('group_desc', 7, {
  entries: untilEnd(
    sized(
      struct({
        length: ownLength,
        groupType,
        _: pad(1),
        groupId: u32,
        buckets: untilEnd(bucket),
        properties: unavailable<typeof groupProperties>(),
      }),
    ),
  ),
})
