/**
 * Whether a change can make a plan that was empty say something: VM NICs come and go all the time, and looking through all
 * rows for each would delay what they are waiting for.
 */
import { ownerKey } from './present.ts'
import type { SwitchChanges, SwitchTables } from './tables.ts'
import type { WantedHost } from './wanted.ts'

interface NamedRow {
  readonly name: string
  readonly external_ids: ReadonlyMap<string, string>
}

export interface Settled {
  readonly wanted: WantedHost
  /** As they are after the change. */
  readonly tables: SwitchTables
  /** Bridges of ours that stay only because others have ports in them. */
  readonly kept: readonly string[]
}

export function concerns(changes: SwitchChanges, { wanted, tables, kept }: Settled): boolean {
  const names = namesOf(wanted)
  const isOurs = ({ name, external_ids: ids }: NamedRow) =>
    ids.get(ownerKey) === wanted.owner || names.has(name)
  const { Port: ports, Interface: interfaces } = changes
  return (
    changes.Controller !== undefined ||
    changes.QoS !== undefined ||
    changes.Queue !== undefined ||
    bridgesConcern(changes, tables) ||
    (kept.length > 0 && (ports?.deleted.length ?? 0) > 0) ||
    [ports, interfaces].some((rows) => rows !== undefined && rowsOf(rows).some(isOurs))
  )
}

function namesOf({ bridges }: WantedHost): ReadonlySet<string> {
  const names = bridges.flatMap(({ name, ports = [] }) => [
    name,
    ...ports.flatMap((port) => [port.name, ...(port.interfaces ?? []).map((one) => one.name)]),
  ])
  return new Set(names)
}

interface NamedChanges {
  readonly inserted: readonly NamedRow[]
  readonly modified: readonly { readonly old: NamedRow; readonly new: NamedRow }[]
  readonly deleted: readonly NamedRow[]
}

const rowsOf = ({ inserted, modified, deleted }: NamedChanges): readonly NamedRow[] => [
  ...inserted,
  ...modified.flatMap((change) => [change.old, change.new]),
  ...deleted,
]

const settings = [
  'datapath_type',
  'fail_mode',
  'protocols',
  'controller',
  'other_config',
  'external_ids',
] as const

function bridgesConcern({ Bridge: changes }: SwitchChanges, tables: SwitchTables): boolean {
  if (!changes) return false
  if (changes.inserted.length > 0 || changes.deleted.length > 0) return true
  return changes.modified.some(({ old, new: row }) => {
    if (settings.some((column) => old[column] !== row[column])) return true
    // A port that has left a bridge and is still there has moved.
    return [...old.ports].some((uuid) => !row.ports.has(uuid) && tables.Port.has(uuid))
  })
}
