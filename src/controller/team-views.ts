/** What REST and the command line show of teams: which uplinks work, what each carries and what last happened. Pure. */
import type { TeamView } from '../api/controller.ts'
import { heldLast } from '../compiler/paths.ts'
import type { Intent, Team } from '../model/intent.ts'
import type { DatapathId, Observation, ObservedSwitch, Port, SlotTable } from '../model/observation.ts'
import { deal } from '../pipeline/deal.ts'
import { fnv1a32 } from '../pipeline/hash.ts'
import { slotCount, slotOrders, type WeightedPort } from '../pipeline/slots.ts'
import type { PortRate } from '../teaming/port-rates.ts'

/** What was measured and what happened since the controller started. */
export interface TeamsTold {
  readonly rate: (id: DatapathId, port: string) => PortRate | undefined
  readonly lastFailover: (id: DatapathId, team: string) => TeamView['lastFailover']
  /** Of these ports together. */
  readonly lastRebalancing: (id: DatapathId, ports: readonly string[]) => TeamView['lastRebalancing']
}

export function teamViews({ switches }: Intent, observation: Observation, told: TeamsTold): TeamView[] {
  return [...switches.values()].flatMap(({ name, datapathId, teams }) => {
    const observed = observation.switches.get(datapathId)
    const deals = (ports: readonly WeightedPort[]) =>
      deal(ports, fnv1a32(datapathId), observation.slots?.get(datapathId))
    const held = observation.unsteady?.get(datapathId)?.held ?? []
    return teams.map((team) => {
      const { uplinks, ...view } = teamView(team, observed, { deals, held })
      return {
        switch: name,
        datapathId,
        ...view,
        uplinks: uplinks.map((one) => ({ ...one, ...rounded(told.rate(datapathId, one.port)) })),
        ...lastOf(team, datapathId, told),
      }
    })
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
  const spreads = mode !== 'active-backup'
  const members = uplinks.map(({ port, weight }) => ({ port, weight, found: observed?.ports.get(port) }))
  const up = members.filter(({ found }) => found?.up === true)
  const present = members.flatMap(({ port, weight, found }) => (found ? [{ name: port, weight }] : []))
  const taken =
    spreads && present.length > 0
      ? slotsTaken(at.deals(present), { up: new Set(up.map(({ port }) => port)), held: at.held })
      : new Map<string, number>()
  const first = heldLast(
    up.map(({ port }) => port),
    at.held,
  )[0]
  return {
    name,
    mode,
    ...(spreads ? { hash } : {}),
    state: up.length === members.length ? 'up' : up.length > 0 ? 'degraded' : 'down',
    uplinks: members.map((member) => ({
      port: member.port,
      weight: member.weight,
      state: stateOf(mode, member.found, at.held),
      slots: spreads ? (taken.get(member.port) ?? 0) : member.port === first ? slotCount : 0,
    })),
  }
}

function lastOf(
  { name, uplinks }: Team,
  id: DatapathId,
  told: TeamsTold,
): Pick<TeamView, 'lastFailover' | 'lastRebalancing'> {
  const failover = told.lastFailover(id, name)
  const ports = uplinks.map(({ port }) => port)
  const rebalancing = told.lastRebalancing(id, ports)
  return {
    ...(failover && { lastFailover: { time: failover.time, from: failover.from, to: failover.to } }),
    ...(rebalancing && {
      lastRebalancing: {
        time: rebalancing.time,
        slots: rebalancing.slots,
        before: rebalancing.before,
        after: rebalancing.after,
      },
    }),
  }
}

const rounded = (rate: PortRate | undefined): Partial<PortRate> =>
  rate ? { outBps: Math.round(rate.outBps), inBps: Math.round(rate.inBps) } : {}

type Uplink = TeamView['uplinks'][number]

function stateOf(mode: Team['mode'], found: Port | undefined, held: readonly string[]): Uplink['state'] {
  if (!found) return 'absent'
  if (!found.up) return !found.silent ? 'down' : mode === 'lacp' ? 'detached' : 'silent'
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
