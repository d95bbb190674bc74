/** What a host answered to what was wanted of it, and what Open vSwitch itself says of the ports that it could not make. */
import type { SwitchTables } from './tables.ts'
import type { WantedHost } from './wanted.ts'

export interface ReceiptItem {
  /** Such as `bridge br0` or `port br0/eth1`. */
  readonly subject: string
  readonly state: 'done' | 'refused'
  /** OVSDB's or vswitchd's own words. */
  readonly error?: string
}

export interface HostReceipt {
  /**
   * `done`: the database has all of it, and vswitchd has taken it. `refused`: some of it was refused, the rest is done.
   * `superseded`: something else is wanted since. `closed`: the host was closed before.
   */
  readonly state: 'done' | 'refused' | 'superseded' | 'closed'
  /** What was changed or refused; what was so already is not listed. */
  readonly items: readonly ReceiptItem[]
  /** Bridges of ours that are not wanted and stay, because others have ports in them. */
  readonly kept: readonly string[]
}

/** Wanted interfaces that vswitchd could not make, such as `could not open network device eth9 (No such device)`. */
export function interfaceErrors(wanted: WantedHost, tables: SwitchTables): readonly ReceiptItem[] {
  const subjects = new Map<string, string>()
  for (const { name: bridge, ports = [] } of wanted.bridges) {
    for (const { name, interfaces } of ports) {
      for (const one of interfaces ?? [{ name }]) subjects.set(one.name, `port ${bridge}/${name}`)
    }
  }
  return [...tables.Interface.values()].flatMap(({ name, error }): ReceiptItem[] => {
    const subject = subjects.get(name)
    return subject === undefined || error === undefined ? [] : [{ subject, state: 'refused', error }]
  })
}
