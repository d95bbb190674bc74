/** Configuration of tables from OpenFlow 1.4 on: what happens when a table fills up, set, asked and reported. */
import { tableConfig } from '../common/names.ts'
import { ownLength, sized, untilEnd } from '../wire/lists.ts'
import { message } from '../wire/message.ts'
import { part } from '../wire/multipart.ts'
import { flagsOf, openEnum, pad, u32, u8, withDefault } from '../wire/scalars.ts'
import { struct } from '../wire/struct.ts'
import { propertyRules, variant } from '../wire/tlv.ts'
import { tlvUnion } from '../wire/tlv-union.ts'

/** OF 1.4.1 7.3.3. Percent of the table that is free; `vacancy` is reported, not set. */
export const tableProperties = untilEnd(
  tlvUnion(
    [
      variant('eviction', 2, { flags: flagsOf(u32, { other: 0, importance: 1, lifetime: 2 }) }),
      variant('vacancy', 3, { vacancyDown: u8, vacancyUp: u8, vacancy: withDefault(u8, 0), _: pad(1) }),
    ],
    propertyRules,
  ),
)

export const tableMod = message('table_mod', 17, {
  tableId: u8,
  _: pad(3),
  config: withDefault(tableConfig, []),
  properties: withDefault(tableProperties, []),
})

const tableDesc = sized(
  struct({
    length: ownLength,
    tableId: u8,
    _: pad(1),
    config: withDefault(tableConfig, []),
    properties: withDefault(tableProperties, []),
  }),
)

/** OF 1.4.1 7.3.5.16. */
export const tableDescRequest = part('table_desc', 14, {})
export const tableDescReply = part('table_desc', 14, { entries: untilEnd(tableDesc) })

/** OF 1.4.1 7.4.5. The table as it is after the change. */
export const tableStatus = message('table_status', 31, {
  reason: openEnum(u8, { vacancy_down: 3, vacancy_up: 4 }),
  _: pad(7),
  table: tableDesc,
})
