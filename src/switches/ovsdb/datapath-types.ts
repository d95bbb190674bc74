/** What kind of datapath a bridge has, on which depends what it can do to traffic. */
import type { SwitchChanges, SwitchTables } from './tables.ts'

/** `system` is the kernel's, which an empty column means as well. Undefined when there is no such bridge. */
export function datapathTypeOf(tables: SwitchTables, bridgeName: string): string | undefined {
  for (const { name, datapath_type } of tables.Bridge.values())
    if (name === bridgeName) return datapath_type === '' ? 'system' : datapath_type
  return undefined
}

/** Whether a change may be one of what `datapathTypeOf` gives. */
export function concernsDatapathTypes({ Bridge: bridges }: SwitchChanges): boolean {
  if (!bridges) return false
  const { inserted, deleted, modified } = bridges
  return (
    inserted.length + deleted.length > 0 ||
    modified.some(({ old, new: row }) => old.datapath_type !== row.datapath_type || old.name !== row.name)
  )
}
