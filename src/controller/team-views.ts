/** What REST and the command line show of teams: which uplinks work, and how many slots of flows each has. Pure. */
import type { TeamView } from '../api/controller.ts'
import type { Intent, Team } from '../model/intent.ts'
import type { Observation, ObservedSwitch, SlotTable } from '../model/observation.ts'
import { deal } from '../pipeline/deal.ts'
import { fnv1a32 } from '../pipeline/hash.ts'
import { slotCount, slotOrders, type WeightedPort } from '../pipeline/slots.ts'

export function teamViews({ switches }: Intent, observation: Observation): TeamView[] {
  return [...switches.values()].flatMap(({ name, datapathId, teams }) => {
    const observed = observation.switches.get(datapathId)
    const deals = (ports: readonly WeightedPort[]) =>
      deal(ports, fnv1a32(datapathId), observation.slots?.get(datapathId))
    return teams.map((team) => ({ switch: name, datapathId, ...teamView(team, observed, deals) }))
  })
}

function teamView(
  { name, mode, hash, uplinks }: Team,
  observed: ObservedSwitch | undefined,
  deals: (ports: readonly WeightedPort[]) => SlotTable,
): Omit<TeamView, 'switch' | 'datapathId'> {
  const members = uplinks.map(({ port, weight }) => ({ port, weight, found: observed?.ports.get(port) }))
  const up = members.filter(({ found }) => found?.up === true)
  const present = members.flatMap(({ port, weight, found }) => (found ? [{ name: port, weight }] : []))
  const taken =
    mode === 'hash' && present.length > 0
      ? slotsTaken(deals(present), new Set(up.map(({ port }) => port)))
      : new Map<string, number>()
  return {
    name,
    mode,
    ...(mode === 'hash' ? { hash } : {}),
    state: up.length === members.length ? 'up' : up.length > 0 ? 'degraded' : 'down',
    uplinks: members.map((member) => ({
      port: member.port,
      weight: member.weight,
      state: member.found === undefined ? 'absent' : member.found.up ? 'up' : 'down',
      slots: mode === 'hash' ? (taken.get(member.port) ?? 0) : member === up[0] ? slotCount : 0,
    })),
  }
}

/** How many slots each port has while those ports are up. */
function slotsTaken(table: SlotTable, up: ReadonlySet<string>): ReadonlyMap<string, number> {
  const taken = new Map<string, number>()
  for (const order of slotOrders(table)) {
    const port = order.find((one) => up.has(one))
    if (port !== undefined) taken.set(port, (taken.get(port) ?? 0) + 1)
  }
  return taken
}
