/** Which uplink carries a network into its segments at the moment, as the installed rules and the ports have it. Pure. */
import type { SwitchProgram } from '../compiler/program.ts'
import type { Switch } from '../model/intent.ts'
import type { ObservedSwitch } from '../model/observation.ts'
import type { RuleAction } from '../pipeline/rule.ts'

/** By network name and segment, as `network/segment`: the uplink's interface name. None where no uplink works. */
export type UplinksInUse = ReadonlyMap<string, string>

/** The ports, in order of preference, of each way out that a network's broadcasts take from a switch. */
type WaysOut = ReadonlyMap<string, readonly (readonly number[])[]>

/** Programs of switches are values that keep their identity while nothing changed. */
const remembered = new WeakMap<SwitchProgram, WaysOut>()

const prefix = 'network/'

function waysOut(program: SwitchProgram): WaysOut {
  let ways = remembered.get(program)
  if (ways) return ways
  const found = new Map<string, (readonly number[])[]>()
  for (const { key, chunks } of program.groups) {
    if (!key.startsWith(prefix)) continue
    const rules = chunks.flatMap((chunk) => chunk.rules)
    const broadcasts = rules.filter(({ table, match }) => table === 'remote' && match.length > 1)
    found.set(
      key.slice(prefix.length),
      broadcasts.flatMap(({ actions }) => actions.flatMap(portsOf)),
    )
  }
  ways = found
  remembered.set(program, ways)
  return ways
}

function portsOf(action: RuleAction): (readonly number[])[] {
  if (action.type === 'output') return [[action.port]]
  // Where classes of traffic share the uplinks, a port is chosen first.
  if (action.type === 'set_field') return action.field.field === 'reg11' ? [[Number(action.field.value)]] : []
  return action.type === 'failover' || action.type === 'first_up' ? [action.ports] : []
}

export function uplinksInUse(
  program: SwitchProgram,
  { uplinks, teams }: Switch,
  observed: ObservedSwitch,
): UplinksInUse {
  const inUse = new Map<string, string>()
  // What aggregates them needs not be told which one is used.
  const aggregated = new Set(
    teams.flatMap(({ mode, uplinks: own }) => (mode === 'lacp' ? own.map(({ port }) => port) : [])),
  )
  const byNo = new Map(
    uplinks.flatMap(({ port, segment }) => {
      const found = observed.ports.get(port)
      return found && segment !== undefined && !aggregated.has(port)
        ? [[found.no, { ...found, segment }] as const]
        : []
    }),
  )
  for (const [network, ways] of waysOut(program)) {
    for (const ports of ways) {
      const own = ports.flatMap((no) => byNo.get(no) ?? [])
      const first = own.find(({ up }) => up)
      if (first) inUse.set(`${network}/${first.segment}`, first.name)
    }
  }
  return inUse
}
