/** Queries about how networks travel: the topology, each network's transport, and the part of it that one switch needs. */
import { deepEqual } from './equal.ts'
import type { Inputs } from './inputs.ts'
import type { Switch } from '../model/intent.ts'
import type { Memo, Read } from './memo.ts'
import type { Placements } from './placement.ts'
import type { Obstacle } from './program.ts'
import { type Hops, hops } from './hops.ts'
import { type Pin, pinned } from './pinned.ts'
import { edgesOf, type Extent, type Leg, readTopology } from './topology.ts'
import { type AcceptedPort, planTransport, type SwitchTransport, type Transport } from './transport.ts'

export interface Transports extends Hops {
  /** By datapath id and network; undefined where the network does not pass. */
  readonly at: Read<SwitchTransport | undefined>
  /**
   * By datapath id and, unless it is any, network: its legs into segments that are of teams, by the port that
   * stands for them elsewhere.
   */
  readonly legs: Read<ReadonlyMap<number, Leg>>
  /** Sorted numbers of the ports of a switch that lead to another switch or a segment, or would if it worked. */
  readonly cablePorts: Read<readonly number[]>
  /** Names of the networks that pass a fabric switch (by datapath id). */
  readonly networksThrough: Read<readonly string[]>
  /** By network name. */
  readonly obstacles: Read<readonly Obstacle[]>
}

const noTransport: Transport = { switches: new Map(), unreachable: [] }
const noLegs: ReadonlyMap<number, Leg> = new Map()
const namedPairs = 5

export function transports(memo: Memo, inputs: Inputs, placements: Placements): Transports {
  const topology = memo.query({
    compute: (extent) => readTopology(inputs, extent as Extent),
    equal: deepEqual,
  })
  const pinsOf = memo.query<readonly Pin[]>({
    compute: (network) =>
      inputs.switchesOf(network).flatMap((name) => {
        const uplinks = inputs.pins(name, network)
        const host = inputs.switchNamed(name)
        return uplinks && host ? [{ node: host.datapathId, ports: pinPorts(inputs, host, uplinks) }] : []
      }),
    equal: deepEqual,
  })
  const planOf = memo.query<Transport>({
    compute: (name, extent) => {
      const network = inputs.network(name)
      if (network?.vlan === undefined || network.kind === 'internal') return noTransport
      const members = placements.membersOf(name)
      if (members.length < 2) return noTransport
      const ways = pinned(topology(extent), pinsOf(name))
      return planTransport({ topology: ways, members, networkKey: network.key })
    },
    equal: deepEqual,
  })
  const plan = (network: string) => planOf(network, 'live')
  const at = memo.query<SwitchTransport | undefined>({
    compute: (id, network) => {
      const live = plan(network).switches.get(id)
      const whole = planOf(network, 'whole').switches.get(id)
      return live && whole ? { ...live, accepts: withUnicast(live.accepts, whole.accepts) } : live
    },
    equal: deepEqual,
  })
  const legs = memo.query<ReadonlyMap<number, Leg>>({
    compute: (id, network) =>
      inputs.pins(inputs.switchNameOf(id) ?? '', network)
        ? noLegs
        : (topology('live').legs.get(id) ?? noLegs),
    equal: deepEqual,
  })
  const cablePorts = memo.query<readonly number[]>({
    compute: (id) => {
      const edges = edgesOf(topology('whole'), id).flatMap(({ port }) => legs(id).get(port)?.ports ?? port)
      const { interfaces = [] } = inputs.switchNamed(inputs.switchNameOf(id) ?? '') ?? {}
      const pins = interfaces.flatMap(({ uplink = '' }) => inputs.port(id, uplink)?.no ?? [])
      return [...new Set([...edges, ...pins])].toSorted((a, b) => a - b)
    },
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
      const { names } = topology('live')
      const pairs = unreachable.map(([a, b]) => `${names.get(a) ?? a} and ${names.get(b) ?? b}`)
      const more = pairs.length > namedPairs ? ` and ${pairs.length - namedPairs} more pairs` : ''
      const text = `no path joins ${pairs.slice(0, namedPairs).join(', ')}${more}`
      return [{ owner: `network/${network}`, code: 'unreachable', text }]
    },
    equal: deepEqual,
  })
  const { hopToward, pathSets } = hops(memo, { inputs, topology, legs, at, planOf, networksThrough })
  return { at, legs, hopToward, pathSets, cablePorts, networksThrough, obstacles }
}

function pinPorts(inputs: Inputs, host: Switch, uplinks: readonly string[]): Pin['ports'] {
  return uplinks.flatMap((name) => {
    const port = inputs.port(host.datapathId, name)
    const segment = host.uplinks.find((uplink) => uplink.port === name)?.segment
    if (!port) return []
    return [{ no: port.no, ...(segment !== undefined && port.up && { segment: `segment/${segment}` }) }]
  })
}

/** What comes in by a cable that is down now is taken in as soon as it is up: the other end will not wait for us. */
function withUnicast(live: readonly AcceptedPort[], whole: readonly AcceptedPort[]): readonly AcceptedPort[] {
  const known = new Set(live.map(({ port }) => port))
  const more = whole.filter(({ port }) => !known.has(port)).map(({ port }) => ({ port, broadcast: false }))
  return more.length === 0 ? live : [...live, ...more].toSorted((a, b) => a.port - b.port)
}
