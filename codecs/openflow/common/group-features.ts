/** Group features: what groups of each type a switch can have. */
import type { Codec } from '../wire/codec.ts'
import { part } from '../wire/multipart.ts'
import { flagsOf, u32 } from '../wire/scalars.ts'
import { struct } from '../wire/struct.ts'
import { actionCodes } from './feature-ids.ts'
import { lacking } from './lacking.ts'

/** Actions by number as bits. */
const actionFlags = flagsOf(u32, { ...actionCodes, copy_field: 28, meter: 29 })
type ActionFlags = ReturnType<typeof actionFlags.read>
const earlierActionFlags = lacking<ActionFlags>(flagsOf(u32, actionCodes), ['copy_field', 'meter'])

const reply = (actions: Codec<ActionFlags>) =>
  part('group_features', 8, {
    types: flagsOf(u32, { all: 0, select: 1, indirect: 2, ff: 3 }),
    capabilities: flagsOf(u32, { select_weight: 0, select_liveness: 1, chaining: 2, chaining_checks: 3 }),
    maxGroups: struct({ all: u32, select: u32, indirect: u32, ff: u32 }),
    actions: struct({ all: actions, select: actions, indirect: actions, ff: actions }),
  })

/** OF 1.3.5 7.3.5.11. */
export const groupFeaturesRequest = part('group_features', 8, {})
export const groupFeaturesReply = reply(earlierActionFlags)
export const groupFeaturesReply15 = reply(actionFlags)
