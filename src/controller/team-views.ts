/** What REST and the command line show of teams: which uplinks work, and how many slots of flows each has. Pure. */
import type { TeamView } from '../api/controller.ts'
import type { Intent, Team } from '../model/intent.ts'
import type { Observation, ObservedSwitch } from '../model/observation.ts'
import { slotCount, slotOrders, type WeightedPort } from '../pipeline/slots.ts'

export function teamViews({ switches }: Intent, observation: Observation): TeamView[] {
  return [...switches.values()].flatMap(({ name, datapathId, teams }) => {
    const observed = observation.switches.get(datapathId)
    return teams.map((team) => ({ switch: name, datapathId, ...teamView(team, observed) }))
  })
}

function teamView(
  { name, mode, hash, uplinks }: Team,
  observed: ObservedSwitch | undefined,
): Omit<TeamView, 'switch' | 'datapathId'> {
  const members = uplinks.map(({ port, weight }) => ({ port, weight, found: observed?.ports.get(port) }))
  const up = members.filter(({ found }) => found?.up === true)
  const present = members.flatMap(({ weight, found }) => (found ? [{ port: found.no, weight }] : []))
  const taken =
    mode === 'hash'
      ? slotsTaken(present, new Set(up.map(({ found }) => found?.no)))
      : new Map<number | undefined, number>()
  return {
    name,
    mode,
    ...(mode === 'hash' ? { hash } : {}),
    state: up.length === members.length ? 'up' : up.length > 0 ? 'degraded' : 'down',
    uplinks: members.map((member) => ({
      port: member.port,
      weight: member.weight,
      state: member.found === undefined ? 'absent' : member.found.up ? 'up' : 'down',
      slots: mode === 'hash' ? (taken.get(member.found?.no) ?? 0) : member === up[0] ? slotCount : 0,
    })),
  }
}

/** How many slots each port has, by number, while those ports are up. Which slots they are makes no difference. */
function slotsTaken(
  ports: readonly WeightedPort[],
  up: ReadonlySet<number | undefined>,
): ReadonlyMap<number | undefined, number> {
  const taken = new Map<number | undefined, number>()
  for (const order of slotOrders(
    ports.toSorted((a, b) => a.port - b.port),
    0,
  )) {
    const port = order.find((one) => up.has(one))
    if (port !== undefined) taken.set(port, (taken.get(port) ?? 0) + 1)
  }
  return taken
}
