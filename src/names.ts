/** Names of switches by datapath id, made once per intent. */
import type { Intent, Switch } from './model/intent.ts'
import type { DatapathId } from './model/observation.ts'

export interface Names {
  readonly declared: (id: DatapathId) => Switch | undefined
  /** A switch nobody declared is called by its id. */
  readonly of: (id: DatapathId) => string
}

const made = new WeakMap<Intent['switches'], Names>()

export function namesOf({ switches }: Intent): Names {
  let names = made.get(switches)
  if (!names) {
    const byId = new Map([...switches.values()].map((each) => [each.datapathId, each]))
    names = { declared: (id) => byId.get(id), of: (id) => byId.get(id)?.name ?? id }
    made.set(switches, names)
  }
  return names
}

/** The value as plain JSON, with switches called by their names wherever it has a `datapathId`. */
export function withNames(value: object, { of }: Names): Record<string, unknown> {
  return JSON.parse(
    JSON.stringify(value, (key, part: unknown) => (key === 'datapathId' ? of(String(part)) : part)),
  ) as Record<string, unknown>
}
