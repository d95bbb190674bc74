/** What a bridge's interfaces can carry, as vswitchd writes it into the database. */
import type { SwitchChanges, SwitchTables } from './tables.ts'

/** MTU in bytes by interface name; interfaces whose MTU is not known are left out. Undefined when there is no such bridge. */
export function mtusOf(tables: SwitchTables, bridgeName: string): ReadonlyMap<string, number> | undefined {
  for (const bridge of tables.Bridge.values()) {
    if (bridge.name !== bridgeName) continue
    const mtus = new Map<string, number>()
    for (const port of bridge.ports)
      for (const uuid of tables.Port.get(port)?.interfaces ?? []) {
        const { name, mtu } = tables.Interface.get(uuid) ?? {}
        if (name !== undefined && mtu !== undefined) mtus.set(name, mtu)
      }
    return mtus
  }
  return undefined
}

/** Whether a change may be one of what `mtusOf` gives; plugs of VMs into ports that are there are not. */
export function concernsMtus({
  Bridge: bridges,
  Port: ports,
  Interface: interfaces,
}: SwitchChanges): boolean {
  if (interfaces?.modified.some(({ old, new: row }) => old.mtu !== row.mtu || old.name !== row.name))
    return true
  const cameOrWent = [bridges, ports, interfaces].some(
    (rows) => rows !== undefined && rows.inserted.length + rows.deleted.length > 0,
  )
  return cameOrWent || bridges?.modified.some(({ old, new: row }) => old.ports !== row.ports) === true
}
