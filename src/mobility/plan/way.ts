/** The way between two hypervisors over the fabric, and what a migration may send by it. Pure. */
import { classOf, trafficClass } from '../../model/classes.ts'
import type { Intent, Network, Switch } from '../../model/intent.ts'
import type { Link, Observation } from '../../model/observation.ts'
import { rateText } from '../../model/rates.ts'
import type { Figure } from './figures.ts'

export type WayEnd = Link['from']

export interface Way {
  /** The migration network that both hypervisors have an interface in. */
  readonly network?: Network
  /** One of the shortest ways, link by link; empty where it leads through a segment. */
  readonly links: readonly Link[]
  /** Of switches that are not Throwbar's: what is inside is not known. */
  readonly segment?: string
  /** Every port that it takes. */
  readonly ports: readonly WayEnd[]
}

interface World {
  readonly intent: Intent
  readonly observation: Observation
}

/** Undefined where none is known at the moment. */
export function wayBetween(world: World, from: Switch, to: Switch): Way | undefined {
  const network = migrationNetwork(world.intent, from, to)
  const ofNetwork = network && { network }
  const [leaves, enters] = [exits(world, from, network), exits(world, to, network)]
  const links = shortest(world, [from, leaves], [to, enters])
  if (links) return { ...ofNetwork, links, ports: links.flatMap((link) => [link.from, link.to]) }
  for (const port of leaves) {
    const segment = segmentOf(from, port)
    const other = segment === undefined ? undefined : enters.find((one) => segmentOf(to, one) === segment)
    if (segment === undefined || other === undefined) continue
    const ports = [
      { datapathId: from.datapathId, port },
      { datapathId: to.datapathId, port: other },
    ]
    return { ...ofNetwork, links: [], segment, ports }
  }
  return undefined
}

function migrationNetwork({ networks }: Intent, from: Switch, to: Switch): Network | undefined {
  const isOn = (host: Switch, name: string) => host.interfaces.some(({ network }) => network === name)
  return [...networks.values()]
    .filter(({ kind, name }) => kind === 'migration' && isOn(from, name) && isOn(to, name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))[0]
}

/** The uplinks that are up, or the one that the network's interface is pinned to. */
function exits({ observation }: World, host: Switch, network: Network | undefined): string[] {
  const pin = host.interfaces.find((one) => one.network === network?.name)?.uplink
  const ports = observation.switches.get(host.datapathId)?.ports
  return host.uplinks
    .map(({ port }) => port)
    .filter((port) => (pin === undefined || pin === port) && ports?.get(port)?.up === true)
}

const segmentOf = ({ uplinks }: Switch, port: string): string | undefined =>
  uplinks.find((one) => one.port === port)?.segment

/** Breadth first over links that were proved; only fabric switches pass on. */
function shortest(
  { intent, observation }: World,
  [from, leaves]: readonly [Switch, readonly string[]],
  [to, enters]: readonly [Switch, readonly string[]],
): readonly Link[] | undefined {
  const fabric = new Set(
    [...intent.switches.values()].filter(({ role }) => role === 'fabric').map(({ datapathId }) => datapathId),
  )
  const isUp = ({ datapathId, port }: WayEnd) =>
    observation.switches.get(datapathId)?.ports.get(port)?.up === true
  const links = observation.links.filter((link) => isUp(link.from) && isUp(link.to))
  const isEnd = ({ to: at }: Link) => at.datapathId === to.datapathId && enters.includes(at.port)
  const seen = new Set<string>()
  let ways = links
    .filter((link) => link.from.datapathId === from.datapathId && leaves.includes(link.from.port))
    .map((link) => [link])
  while (ways.length > 0) {
    const found = ways.find((way) => way.slice(-1).some(isEnd))
    if (found) return found
    ways = ways.flatMap((way) => {
      const at = way.at(-1)?.to.datapathId ?? ''
      if (!fabric.has(at) || seen.has(at)) return []
      seen.add(at)
      return links.filter((link) => link.from.datapathId === at).map((link) => [...way, link])
    })
  }
  return undefined
}

/** The slowest port of the way, less what classes of traffic keep for others. */
export function bandwidthOf(way: Way, { intent, observation }: World): Figure {
  const uplinks = new Map(
    [...intent.switches.values()].flatMap(({ name, datapathId, uplinks: own }) =>
      own.map(({ port, bandwidthBps }) => [`${datapathId}/${port}`, { host: name, bandwidthBps }] as const),
    ),
  )
  const known = way.ports.flatMap((end) => {
    const uplink = uplinks.get(`${end.datapathId}/${end.port}`)
    const speedBps = observation.switches.get(end.datapathId)?.ports.get(end.port)?.speedBps
    const bps = uplink?.bandwidthBps ?? speedBps
    if (bps === undefined) return []
    const source = uplink?.bandwidthBps === undefined ? ('reported' as const) : ('declared' as const)
    return [{ bps, source, at: `${nameOf(intent, end)}:${end.port}` }]
  })
  const slowest = known.toSorted((a, b) => a.bps - b.bps)[0]
  if (!slowest)
    return { source: 'unknown', detail: 'no port on the way says how fast it is: give --bandwidth' }
  const { bps, source, at } = slowest
  return shared(intent.classes, way.network, { value: bps, source, detail: `${at}, the slowest of the way` })
}

function shared(classes: Intent['classes'], network: Network | undefined, port: Figure): Figure {
  const name = network && classOf(network)
  if (classes.size === 0 || name === undefined) return port
  const { value: bps = 0 } = port
  const { reservationBps, limitBps = Infinity } = trafficClass(classes, name)
  if (reservationBps > 0)
    return {
      value: Math.min(reservationBps, bps),
      source: 'declared',
      detail: `reserved for class ${name}; it may have more while others leave it`,
    }
  const others = [...classes.values()].filter((one) => one.name !== name)
  const taken = others.reduce((sum, one) => sum + one.reservationBps, 0)
  if (limitBps <= bps - taken)
    return { value: limitBps, source: 'declared', detail: `the limit of class ${name}` }
  if (taken === 0) return port
  return {
    value: Math.max(0, bps - taken),
    source: port.source,
    detail: `${port.detail}, less ${rateText(taken)} that other classes have reserved`,
  }
}

export function nameOf({ switches }: Intent, { datapathId }: WayEnd): string {
  return [...switches.values()].find((one) => one.datapathId === datapathId)?.name ?? datapathId
}
