/** Queries about how networks travel: the topology, each network's transport, and the part of it that one switch needs. */
import { deepEqual } from './equal.ts'
import type { Inputs } from './inputs.ts'
import type { Memo, Read } from './memo.ts'
import type { Placements } from './placement.ts'
import type { Obstacle } from './program.ts'
import { edgesOf, readTopology } from './topology.ts'
import { planTransport, type SwitchTransport, type Transport } from './transport.ts'

export interface Transports {
  /** By datapath id and network; undefined where the network does not pass. */
  readonly at: Read<SwitchTransport | undefined>
  /** The port of a switch toward another one, both datapath ids, for a network. */
  readonly portToward: (datapathId: string, network: string, destination: string) => number | undefined
  /** Sorted numbers of the ports of a switch that lead to another switch or a segment. */
  readonly cablePorts: Read<readonly number[]>
  /** Names of the networks that pass a fabric switch (by datapath id). */
  readonly networksThrough: Read<readonly string[]>
  /** By network name. */
  readonly obstacles: Read<readonly Obstacle[]>
}

const noTransport: Transport = { switches: new Map(), unreachable: [] }
const namedPairs = 5
/** Not in any name. */
const separator = '\n'

export function transports(memo: Memo, inputs: Inputs, placements: Placements): Transports {
  const topology = memo.query({ compute: () => readTopology(inputs), equal: deepEqual })
  const plan = memo.query<Transport>({
    compute: (name) => {
      const network = inputs.network(name)
      if (network?.kind !== 'vm' || network.vlan === undefined) return noTransport
      const members = placements.membersOf(name)
      if (members.length < 2) return noTransport
      return planTransport({ topology: topology(''), members, networkKey: network.key })
    },
    equal: deepEqual,
  })
  const at = memo.query<SwitchTransport | undefined>({
    compute: (id, network) => plan(network).switches.get(id),
    equal: deepEqual,
  })
  const cablePorts = memo.query<readonly number[]>({
    compute: (id) =>
      edgesOf(topology(''), id)
        .map(({ port }) => port)
        .toSorted((a, b) => a - b),
    equal: deepEqual,
  })
  const networksThrough = memo.query<readonly string[]>({
    compute: (id) => inputs.networkNames('').filter((name) => at(id, name) !== undefined),
    equal: deepEqual,
  })
  const obstacles = memo.query<readonly Obstacle[]>({
    compute: (network) => {
      const { unreachable } = plan(network)
      if (unreachable.length === 0) return []
      const { names } = topology('')
      const pairs = unreachable.map(([a, b]) => `${names.get(a) ?? a} and ${names.get(b) ?? b}`)
      const more = pairs.length > namedPairs ? ` and ${pairs.length - namedPairs} more pairs` : ''
      const text = `no path joins ${pairs.slice(0, namedPairs).join(', ')}${more}`
      return [{ owner: `network/${network}`, code: 'unreachable', text }]
    },
    equal: deepEqual,
  })
  // One per pair of switches and network, read by every NIC there.
  const hop = memo.query<number | undefined>({
    compute: (id, networkAndDestination) => {
      const [network = '', destination = ''] = networkAndDestination.split(separator)
      return at(id, network)?.unicast.get(destination)
    },
    eager: true,
  })
  const portToward = (id: string, network: string, destination: string) =>
    hop(id, `${network}${separator}${destination}`)
  return { at, portToward, cablePorts, networksThrough, obstacles }
}
