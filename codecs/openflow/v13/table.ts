/** Configuration of tables in OpenFlow 1.3, which defines no bit of it. */
import { lacking } from '../common/lacking.ts'
import type { tableConfig } from '../common/names.ts'
import { message } from '../wire/message.ts'
import { flagsOf, pad, u32, u8, unavailable, withDefault } from '../wire/scalars.ts'
import type { tableProperties } from '../v14/table.ts'

/** The two lowest bits were used before 1.3. */
export const unnamedConfig = lacking<ReturnType<typeof tableConfig.read>>(flagsOf(u32, {}), [
  'eviction',
  'vacancy_events',
])

/** OF 1.3.5 7.3.3. */
export const tableMod = message('table_mod', 17, {
  tableId: u8,
  _: pad(3),
  config: withDefault(unnamedConfig, []),
  properties: unavailable<typeof tableProperties>(),
})
