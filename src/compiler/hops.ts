/** Queries about the way on from a switch: the hop toward each other switch, and the sets of paths that come of them. */
import type { Team } from '../model/intent.ts'
import { deepEqual } from './equal.ts'
import type { Inputs } from './inputs.ts'
import type { Memo, Read } from './memo.ts'
import { type Hop, hopOf, type PathSet } from './paths.ts'
import type { Leg, Topology } from './topology.ts'
import type { SwitchTransport, Transport } from './transport.ts'

export interface Hops {
  /** The way on from a switch toward another one, both datapath ids, for a network. */
  readonly hopToward: (datapathId: string, network: string, destination: string) => Hop | undefined
  /** The sets of paths that any network's packets take from a switch (by datapath id), sorted. */
  readonly pathSets: Read<readonly PathSet[]>
}

interface Sources {
  readonly inputs: Inputs
  /** By extent. */
  readonly topology: Read<Topology>
  /** By datapath id and network. */
  readonly legs: Read<ReadonlyMap<number, Leg>>
  readonly at: Read<SwitchTransport | undefined>
  /** By network and extent. */
  readonly planOf: Read<Transport>
  readonly networksThrough: Read<readonly string[]>
}

/** Not in any name. */
const separator = '\n'

export function hops(memo: Memo, { inputs, topology, legs, at, planOf, networksThrough }: Sources): Hops {
  // One per pair of switches and network, read by every NIC there.
  const hop = memo.query<Hop | undefined>({
    compute: (id, networkAndDestination) => {
      const [network = '', destination = ''] = networkAndDestination.split(separator)
      const live = at(id, network)?.unicast.get(destination) ?? []
      const { roles, teams } = topology('live')
      const leg = legs(id, network).get(live[0] ?? 0)
      const team = teams.get(id)?.get(live[0] ?? 0)
      if (leg?.aggregated) return aggregatedHop(inputs, { id, ports: leg.ports, team })
      if (leg) return { kind: 'failover', ports: leg.ports }
      const whole = planOf(network, 'whole').switches.get(id)?.unicast.get(destination) ?? []
      return hopOf({
        live,
        // A hypervisor uses several uplinks only where a team says so.
        whole:
          roles.get(id) === 'hypervisor'
            ? whole.filter((port) => team && teams.get(id)?.get(port) === team)
            : whole,
        isDown: (port) => topology('whole').down.get(id)?.has(port) === true,
        nameOf: (port) => inputs.portName(id, String(port)) ?? '',
        team: team && teamPorts(inputs, id, team),
      })
    },
    equal: deepEqual,
    eager: true,
  })
  const hopToward = (id: string, network: string, destination: string) =>
    hop(id, `${network}${separator}${destination}`)
  const pathSets = memo.query<readonly PathSet[]>({
    compute: (id) => {
      const name = inputs.switchNameOf(id) ?? ''
      const networks =
        inputs.switchNamed(name)?.role === 'fabric' ? networksThrough(id) : inputs.networksOn(name)
      const sets = new Map<number, PathSet>()
      for (const network of networks)
        for (const destination of at(id, network)?.unicast.keys() ?? []) {
          const found = hopToward(id, network, destination)
          if (found?.kind === 'spread') sets.set(found.set.id, found.set)
        }
      return [...sets.values()].toSorted((a, b) => a.id - b.id)
    },
    equal: deepEqual,
  })
  return { hopToward, pathSets }
}

interface Aggregated {
  readonly id: string
  readonly ports: readonly number[]
  readonly team: Team | undefined
}

/** Any port of the team leads there. */
function aggregatedHop(inputs: Inputs, { id, ports, team }: Aggregated): Hop | undefined {
  const all = ports.toSorted((a, b) => a - b)
  return hopOf({
    live: all,
    whole: all,
    isDown: () => false,
    nameOf: (port) => inputs.portName(id, String(port)) ?? '',
    team: team && teamPorts(inputs, id, team),
  })
}

function teamPorts(inputs: Inputs, id: string, { mode, hash, uplinks }: Team) {
  const ports = uplinks.flatMap(({ port, weight }) => {
    const found = inputs.port(id, port)
    return found ? [{ name: port, port: found.no, weight }] : []
  })
  const held = (inputs.unsteady(id)?.held ?? []).flatMap(
    (name) => ports.find((port) => port.name === name)?.port ?? [],
  )
  return { mode, hash, ports, held }
}
