/** What REST and the command line show of teams: which uplinks work, and how many slots of flows each has. Pure. */
import type { TeamView } from '../api/controller.ts'
import { heldLast } from '../compiler/paths.ts'
import type { Intent, Team } from '../model/intent.ts'
import type { Observation, ObservedSwitch, Port, SlotTable } from '../model/observation.ts'
import { deal } from '../pipeline/deal.ts'
import { fnv1a32 } from '../pipeline/hash.ts'
import { slotCount, slotOrders, type WeightedPort } from '../pipeline/slots.ts'

export function teamViews({ switches }: Intent, observation: Observation): TeamView[] {
  return [...switches.values()].flatMap(({ name, datapathId, teams }) => {
    const observed = observation.switches.get(datapathId)
    const deals = (ports: readonly WeightedPort[]) =>
      deal(ports, fnv1a32(datapathId), observation.slots?.get(datapathId))
    const held = observation.unsteady?.get(datapathId)?.held ?? []
    return teams.map((team) => ({ switch: name, datapathId, ...teamView(team, observed, { deals, held }) }))
  })
}

function teamView(
  { name, mode, hash, uplinks }: Team,
  observed: ObservedSwitch | undefined,
  at: {
    readonly deals: (ports: readonly WeightedPort[]) => SlotTable
    readonly held: readonly string[]
  },
): Omit<TeamView, 'switch' | 'datapathId'> {
  const members = uplinks.map(({ port, weight }) => ({ port, weight, found: observed?.ports.get(port) }))
  const up = members.filter(({ found }) => found?.up === true)
  const present = members.flatMap(({ port, weight, found }) => (found ? [{ name: port, weight }] : []))
  const taken =
    mode === 'hash' && present.length > 0
      ? slotsTaken(at.deals(present), { up: new Set(up.map(({ port }) => port)), held: at.held })
      : new Map<string, number>()
  const first = heldLast(
    up.map(({ port }) => port),
    at.held,
  )[0]
  return {
    name,
    mode,
    ...(mode === 'hash' ? { hash } : {}),
    state: up.length === members.length ? 'up' : up.length > 0 ? 'degraded' : 'down',
    uplinks: members.map((member) => ({
      port: member.port,
      weight: member.weight,
      state: stateOf(member.found, at.held),
      slots: mode === 'hash' ? (taken.get(member.port) ?? 0) : member.port === first ? slotCount : 0,
    })),
  }
}

type Uplink = TeamView['uplinks'][number]

function stateOf(found: Port | undefined, held: readonly string[]): Uplink['state'] {
  if (!found) return 'absent'
  if (!found.up) return found.silent ? 'silent' : 'down'
  return held.includes(found.name) ? 'held' : 'up'
}

/** How many slots each port has while those ports are up. */
function slotsTaken(
  table: SlotTable,
  { up, held }: { readonly up: ReadonlySet<string>; readonly held: readonly string[] },
): ReadonlyMap<string, number> {
  const taken = new Map<string, number>()
  for (const order of slotOrders(table)) {
    const port = heldLast(order, held).find((one) => up.has(one))
    if (port !== undefined) taken.set(port, (taken.get(port) ?? 0) + 1)
  }
  return taken
}
