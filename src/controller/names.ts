/** Names of switches by datapath id, made once per intent. */
import type { Intent, Switch } from '../model/intent.ts'
import type { DatapathId } from '../model/observation.ts'

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

/** The value as plain JSON, with the `switch` by its name beside every `datapathId`. */
export function withNames(value: object, { of }: Names): Record<string, unknown> {
  const named = (_key: string, part: unknown): unknown =>
    typeof part === 'object' && part !== null && 'datapathId' in part && !('switch' in part)
      ? { switch: of(String(part.datapathId)), ...part }
      : part
  return JSON.parse(JSON.stringify(value, named)) as Record<string, unknown>
}
