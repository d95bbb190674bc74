/** Which uplinks of each team carry its traffic, and when that last changed because one failed. The switch changes by itself; this is to tell. */
import { heldLast } from '../compiler/paths.ts'
import type { Intent, Team } from '../model/intent.ts'
import type { DatapathId, Observation, Port } from '../model/observation.ts'

export interface TeamChange {
  readonly kind: 'failover' | 'restored'
  readonly switch: string
  readonly datapathId: DatapathId
  readonly team: string
  /** Uplinks that carry traffic no more; none where one was only added. */
  readonly from: readonly string[]
  /** Those that carry it now; of one that is restored, those that are in use again. */
  readonly to: readonly string[]
}

interface Carrying {
  readonly ports: readonly string[]
  /** Left because they failed, and not in use again. */
  readonly failed: ReadonlySet<string>
}

export class TeamFailovers {
  readonly #onChange: (change: TeamChange) => void
  /** By datapath id and name of the team. */
  #teams: ReadonlyMap<string, Carrying> = new Map()

  constructor(onChange: (change: TeamChange) => void) {
    this.#onChange = onChange
  }

  /** What is seen for the first time is no change. */
  look({ switches }: Intent, observation: Observation): void {
    const now = new Map<string, Carrying>()
    const changes: TeamChange[] = []
    for (const { name, datapathId, teams } of switches.values()) {
      const observed = observation.switches.get(datapathId)
      const held = observation.unsteady?.get(datapathId)?.held ?? []
      if (!observed) continue
      for (const team of teams) {
        const key = `${datapathId} ${team.name}`
        const ports = carriers(team, observed.ports, held)
        const before = this.#teams.get(key) ?? { ports, failed: new Set() }
        const { change, failed } = changeOf(before, ports, observed.ports)
        now.set(key, { ports, failed })
        if (change) changes.push({ ...change, switch: name, datapathId, team: team.name })
      }
    }
    this.#teams = now
    for (const change of changes) this.#onChange(change)
  }
}

/** Those that carry traffic: of `active-backup` one. */
export function carriers(
  { mode, uplinks }: Team,
  ports: ReadonlyMap<string, Port>,
  held: readonly string[],
): readonly string[] {
  const up = uplinks.map(({ port }) => port).filter((port) => ports.get(port)?.up === true)
  const inOrder = heldLast(up, held)
  if (mode === 'active-backup') return inOrder.slice(0, 1)
  const steady = up.filter((port) => !held.includes(port))
  return steady.length > 0 ? steady : inOrder.slice(0, 1)
}

function changeOf(
  before: Carrying,
  now: readonly string[],
  ports: ReadonlyMap<string, Port>,
): { change?: Pick<TeamChange, 'kind' | 'from' | 'to'>; failed: ReadonlySet<string> } {
  const lost = before.ports.filter((port) => !now.includes(port))
  const down = lost.filter((port) => ports.get(port)?.up !== true)
  const back = now.filter((port) => before.failed.has(port))
  const failed = new Set([...before.failed, ...down].filter((port) => !now.includes(port)))
  if (down.length > 0) return { change: { kind: 'failover', from: down, to: now }, failed }
  if (back.length > 0) return { change: { kind: 'restored', from: lost, to: back }, failed }
  return { failed }
}
