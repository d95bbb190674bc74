/**
 * The physical topology as a graph: managed switches and unmanaged segments, joined by cables. Only fabric switches and
 * segments are transit; a hypervisor is always an end.
 */
import type { Switch, SwitchRole, Team } from '../model/intent.ts'
import type { Port, Unsteady } from '../model/observation.ts'
import type { Inputs } from './inputs.ts'
import { heldLast } from './paths.ts'

/** A datapath id, or `segment/NAME`. */
export type NodeId = string

/** A cable as seen from one of its ends. */
export interface Edge {
  readonly from: NodeId
  /** Port number at `from`; 0 at a segment. */
  readonly port: number
  readonly to: NodeId
  readonly toPort: number
}

/**
 * A hypervisor's way into a segment by a team: of `active-backup` one uplink is in use at a time, of `lacp` all are that
 * the segment has taken in. A cable of the graph is its first.
 */
export interface Leg {
  /** In order of preference at the moment, down or not: the switch takes the first that is up. */
  readonly ports: readonly number[]
  /** The segment sees the ports as one: it sends each frame by one of them, whichever, and gets each by any. */
  readonly aggregated?: true
  /** After a change of uplink the one that was in use, while the segment may still send there. */
  readonly lately: number | undefined
}

export interface Topology {
  readonly roles: ReadonlyMap<NodeId, SwitchRole | 'segment'>
  /** Edges of every node, sorted. */
  readonly edges: ReadonlyMap<NodeId, readonly Edge[]>
  /** Names of switches, for people. */
  readonly names: ReadonlyMap<NodeId, string>
  /** Of hypervisors: the team that a port is in. */
  readonly teams: ReadonlyMap<NodeId, ReadonlyMap<number, Team>>
  /** Of hypervisors: their legs by the port of the edge. Only those of teams. */
  readonly legs: ReadonlyMap<NodeId, ReadonlyMap<number, Leg>>
  /** Ports with an edge that are down. */
  readonly down: ReadonlyMap<NodeId, ReadonlySet<number>>
}

/** `live`: the cables that can carry frames now. `whole`: also the declared ones that are down or not proved. */
export type Extent = 'live' | 'whole'

interface End {
  readonly node: NodeId
  readonly port: number
}

/** A query's computation: reads declared switches, their link ports, and cables proved and declared. */
export function readTopology(inputs: Inputs, extent: Extent): Topology {
  const roles = new Map<NodeId, SwitchRole | 'segment'>()
  const names = new Map<NodeId, string>()
  const edges = new Map<NodeId, Edge[]>()
  const teams = new Map<NodeId, ReadonlyMap<number, Team>>()
  const legs = new Map<NodeId, ReadonlyMap<number, Leg>>()
  const down = new Map<NodeId, Set<number>>()
  /** Ports that already lead somewhere: a port is an end of one cable only. */
  const taken = new Set<string>()
  const join = (a: End, b: End) => {
    for (const { node } of [a, b]) if (!edges.has(node)) edges.set(node, [])
    edges.get(a.node)?.push({ from: a.node, port: a.port, to: b.node, toPort: b.port })
    edges.get(b.node)?.push({ from: b.node, port: b.port, to: a.node, toPort: a.port })
  }
  const isCablePort = new Map<NodeId, (port: string) => boolean>()
  for (const name of inputs.switchNames('')) {
    const declared = inputs.switchNamed(name)
    if (!declared || inputs.switchNameOf(declared.datapathId) !== name) continue
    const node = declared.datapathId
    roles.set(node, declared.role)
    names.set(node, name)
    teams.set(node, teamsByPort(inputs, node, declared.teams))
    const toSegments = new Set(
      declared.uplinks.flatMap(({ port, segment }) => (segment === undefined ? [] : [port])),
    )
    const uplinks = new Set(declared.uplinks.map(({ port }) => port))
    isCablePort.set(
      node,
      (port) => !toSegments.has(port) && (declared.role === 'fabric' || uplinks.has(port)),
    )
    const attached = segmentLegs(inputs, declared)
    for (const { segment, port } of attached) {
      roles.set(segment, 'segment')
      join({ node, port }, { node: segment, port: 0 })
    }
    const several = attached.filter(({ leg }) => leg.ports.length > 1 || leg.aggregated)
    if (several.length > 0) legs.set(node, new Map(several.map(({ port, leg }) => [port, leg])))
  }
  const cables =
    extent === 'whole' ? [...provedCables(inputs), ...declaredCables(inputs)] : provedCables(inputs)
  for (const [a, b] of cables) {
    if (isCablePort.get(a.node)?.(a.port) !== true || isCablePort.get(b.node)?.(b.port) !== true) continue
    const keys = [`${a.node} ${a.port}`, `${b.node} ${b.port}`]
    if (keys.some((key) => taken.has(key))) continue
    const [portA, portB] = [inputs.port(a.node, a.port), inputs.port(b.node, b.port)]
    if (!portA || !portB || a.node === b.node) continue
    if (extent === 'live' && !(portA.up && portB.up)) continue
    for (const key of keys) taken.add(key)
    join({ node: a.node, port: portA.no }, { node: b.node, port: portB.no })
    for (const [node, port] of [
      [a.node, portA],
      [b.node, portB],
    ] as const)
      if (!port.up) down.set(node, (down.get(node) ?? new Set()).add(port.no))
  }
  for (const list of edges.values()) list.sort(compareEdges)
  return { roles, edges, names, teams, legs, down }
}

function teamsByPort(inputs: Inputs, node: NodeId, teams: readonly Team[]): ReadonlyMap<number, Team> {
  const members = teams.flatMap((team) =>
    team.uplinks.map(({ port }) => [inputs.port(node, port)?.no, team] as const),
  )
  return new Map(members.filter((one): one is readonly [number, Team] => one[0] !== undefined))
}

interface Attached {
  readonly segment: NodeId
  readonly port: number
  readonly leg: Leg
}

/**
 * One leg per segment, the first in declared order that has a live port: a segment learns where a MAC is, so two ports of
 * one switch in it would make that jump, and would give every broadcast twice. A leg is a port, or the ports that a
 * team has there.
 */
function segmentLegs(inputs: Inputs, { datapathId, uplinks, teams }: Switch): Attached[] {
  const found = new Map<NodeId, Attached>()
  const segmentOf = new Map(uplinks.map(({ port, segment }) => [port, segment]))
  for (const { port: name, segment } of uplinks) {
    const node = `segment/${segment ?? ''}`
    if (segment === undefined || found.has(node)) continue
    const team = teams.find(
      ({ mode, uplinks: own }) => mode !== 'hash' && own.some(({ port }) => port === name),
    )
    const names = team?.uplinks.map(({ port }) => port).filter((port) => segmentOf.get(port) === segment)
    const ports = (names ?? [name]).flatMap((one) => inputs.port(datapathId, one) ?? [])
    const [first] = ports
    if (first === undefined || !ports.some(({ up }) => up)) continue
    const leg = legOf(ports, inputs.unsteady(datapathId))
    const aggregated = { ports: leg.ports, lately: undefined, aggregated: true } as const
    found.set(node, { segment: node, port: first.no, leg: team?.mode === 'lacp' ? aggregated : leg })
  }
  return [...found.values()]
}

function legOf(ports: readonly Port[], unsteady: Unsteady | undefined): Leg {
  const { held = [], settling = [] } = unsteady ?? {}
  const isSteady = ({ name }: Port) => !held.includes(name) && !settling.includes(name)
  const lately = ports.every(isSteady) ? undefined : ports.find((port) => port.up && isSteady(port))
  const last = held.flatMap((name) => ports.find((port) => port.name === name)?.no ?? [])
  return {
    ports: heldLast(
      ports.map(({ no }) => no),
      last,
    ),
    lately: lately?.no,
  }
}

type PortName = { readonly node: NodeId; readonly port: string }

/** Each cable once, both of whose directions were proved. */
function provedCables(inputs: Inputs): (readonly [PortName, PortName])[] {
  const links = inputs.links('') ?? []
  const proved = new Set(links.map(({ from, to }) => linkKey(from, to)))
  return links
    .filter(({ from, to }) => compareEnds(from, to) < 0 && proved.has(linkKey(to, from)))
    .toSorted((a, b) => compareEnds(a.from, b.from) || compareEnds(a.to, b.to))
    .map(({ from, to }) => [
      { node: from.datapathId, port: from.port },
      { node: to.datapathId, port: to.port },
    ])
}

function declaredCables(inputs: Inputs): (readonly [PortName, PortName])[] {
  const nodeOf = (name: string) => inputs.switchNamed(name)?.datapathId ?? ''
  return (inputs.cables('') ?? []).map(({ ends: [a, b] }) => [
    { node: nodeOf(a.switch), port: a.port },
    { node: nodeOf(b.switch), port: b.port },
  ])
}

type LinkSide = { readonly datapathId: string; readonly port: string }

const linkKey = (from: LinkSide, to: LinkSide) =>
  JSON.stringify([from.datapathId, from.port, to.datapathId, to.port])

function compareEnds(a: LinkSide, b: LinkSide): number {
  return compareText(a.datapathId, b.datapathId) || compareText(a.port, b.port)
}

function compareEdges(a: Edge, b: Edge): number {
  return compareText(a.to, b.to) || a.port - b.port || a.toPort - b.toPort
}

/** By code unit: the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

const noEdges: readonly Edge[] = []

export function edgesOf(topology: Pick<Topology, 'edges'>, node: NodeId): readonly Edge[] {
  return topology.edges.get(node) ?? noEdges
}

export function isTransit(topology: Topology, node: NodeId): boolean {
  const role = topology.roles.get(node)
  return role === 'fabric' || role === 'segment'
}

/** Sets of transit nodes that are connected without passing a hypervisor, in a stable order. */
export function transitComponents(topology: Topology): readonly (readonly NodeId[])[] {
  const seen = new Set<NodeId>()
  const components: NodeId[][] = []
  for (const start of [...topology.roles.keys()].toSorted()) {
    if (seen.has(start) || !isTransit(topology, start)) continue
    const component = [start]
    seen.add(start)
    for (const node of component) {
      for (const { to } of edgesOf(topology, node)) {
        if (seen.has(to) || !isTransit(topology, to)) continue
        seen.add(to)
        component.push(to)
      }
    }
    components.push(component.toSorted())
  }
  return components
}
