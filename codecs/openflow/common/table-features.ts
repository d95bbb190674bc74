/** Table features: what a flow table can do, told by the switch, or asked of it by the controller. */
import { oxmFields } from '../fields/match.ts'
import type { Codec } from '../wire/codec.ts'
import { ownLength, sized, untilEnd } from '../wire/lists.ts'
import { part } from '../wire/multipart.ts'
import { enumOf, flagsOf, pad, rest, text, u32, u64, u8, unavailable, withDefault } from '../wire/scalars.ts'
import { struct } from '../wire/struct.ts'
import { propertyRules, type TlvIn, type TlvOut, variant } from '../wire/tlv.ts'
import { tlvUnion } from '../wire/tlv-union.ts'
import { actionId, instructionId, oxmId } from './feature-ids.ts'
import { tableConfig } from './names.ts'

const instructions = { instructions: untilEnd(instructionId) } as const
const tables = { tableIds: untilEnd(u8) } as const
const actions = { actions: untilEnd(actionId) } as const
const fields = { fields: untilEnd(oxmId) } as const
const experimenter = { experimenter: u32, expType: u32, data: withDefault(rest, new Uint8Array(0)) } as const
const since15 = { since: 6 } as const

/** OF 1.3.5 7.3.5.5.2, OF 1.5.1 7.3.5.18.2. `_miss` is for the table-miss entry; absent, it is as for the others. */
export const tableFeatureVariants = [
  variant('instructions', 0, instructions),
  variant('instructions_miss', 1, instructions),
  variant('next_tables', 2, tables),
  variant('next_tables_miss', 3, tables),
  variant('write_actions', 4, actions),
  variant('write_actions_miss', 5, actions),
  variant('apply_actions', 6, actions),
  variant('apply_actions_miss', 7, actions),
  variant('match', 8, fields),
  variant('wildcards', 10, fields),
  variant('write_setfield', 12, fields),
  variant('write_setfield_miss', 13, fields),
  variant('apply_setfield', 14, fields),
  variant('apply_setfield_miss', 15, fields),
  variant('table_sync_from', 16, tables, { since: 5 }),
  variant('write_copyfield', 18, fields, since15),
  variant('write_copyfield_miss', 19, fields, since15),
  variant('apply_copyfield', 20, fields, since15),
  variant('apply_copyfield_miss', 21, fields, since15),
  variant('packet_types', 22, { packetTypes: oxmFields }, since15),
  variant('experimenter_feature', 0xfffe, experimenter),
  variant('experimenter_feature_miss', 0xffff, experimenter),
] as const

export type TableFeature = TlvOut<(typeof tableFeatureVariants)[number]>
export type TableFeatureInput = TlvIn<(typeof tableFeatureVariants)[number]>

const properties = untilEnd(tlvUnion(tableFeatureVariants, propertyRules))

const command = enumOf(u8, { replace: 0, modify: 1, enable: 2, disable: 3 })
const tableFlags = flagsOf(u32, { ingress_table: 0, egress_table: 1, first_egress: 4 })

const described = {
  name: withDefault(text(32), ''),
  metadataMatch: withDefault(u64, 0n),
  metadataWrite: withDefault(u64, 0n),
} as const

/** Before 1.5. `config` names the bits of `capabilities`, which 1.3 calls `config`. */
export const tableFeaturesUntil14 = (config: Codec<ReturnType<typeof tableConfig.read>>) =>
  sized(
    struct({
      length: ownLength,
      tableId: u8,
      command: unavailable<typeof command>(),
      features: unavailable<typeof tableFlags>(),
      _: pad(5),
      ...described,
      capabilities: withDefault(config, []),
      maxEntries: withDefault(u32, 0),
      properties: withDefault(properties, []),
    }),
  )

export const tableFeatures15 = sized(
  struct({
    length: ownLength,
    tableId: u8,
    command: withDefault(command, 'replace'),
    features: withDefault(tableFlags, []),
    ...described,
    capabilities: withDefault(tableConfig, []),
    maxEntries: withDefault(u32, 0),
    properties: withDefault(properties, []),
  }),
)

/** An empty request asks; one with tables asks the switch to make its tables so. */
export const tableFeaturesPart = <Out, In>(entry: Codec<Out, In>) => ({
  request: part('table_features', 12, { entries: withDefault(untilEnd(entry), []) }),
  reply: part('table_features', 12, { entries: untilEnd(entry) }),
})
