/**
 * How a network's frames travel between its switches: for each switch the ports that carry its broadcasts, the ports
 * toward each other switch, and what it may take in.
 *
 * Broadcasts take one tree per connected part of the transit graph; a pair of hypervisors that no tree joins uses its
 * direct cable. No pair is ever joined twice, so nothing arrives twice. Unicast takes shortest paths: all of them in the
 * fabric, and from a hypervisor those of one team. In a part with an unmanaged segment, which learns one place for each
 * MAC, unicast takes the tree, the same both ways.
 */
import { pick, buildTree, reversed, type Tree } from './tree.ts'
import { edgesOf, isTransit, transitComponents, type Edge, type NodeId, type Topology } from './topology.ts'

export interface AcceptedPort {
  readonly port: number
  /** False on a port that only unicast may use. */
  readonly broadcast: boolean
}

export interface SwitchTransport {
  /** Sorted ports of the network's tree. */
  readonly treePorts: readonly number[]
  /** Sorted ports by the datapath id of the switch that has the destination: every packet may take any of them. */
  readonly unicast: ReadonlyMap<NodeId, readonly number[]>
  /** Sorted by port. */
  readonly accepts: readonly AcceptedPort[]
}

export interface Transport {
  readonly switches: ReadonlyMap<NodeId, SwitchTransport>
  /** Pairs of members without a way for unicast or for broadcasts. */
  readonly unreachable: readonly (readonly [NodeId, NodeId])[]
}

interface TransportInput {
  readonly topology: Topology
  /** Sorted datapath ids of the hypervisors that have VMs of the network. */
  readonly members: readonly NodeId[]
  readonly networkKey: number
}

interface Part {
  readonly nodes: ReadonlySet<NodeId>
  readonly hasSegment: boolean
  readonly tree: Tree
}

interface Draft {
  readonly treePorts: Set<number>
  readonly unicast: Map<NodeId, Set<number>>
  readonly accepts: Map<number, boolean>
}

export function planTransport(input: TransportInput): Transport {
  const plan = new TransportPlan(input)
  plan.broadcasts()
  return plan.finish(plan.unicasts())
}

class TransportPlan {
  readonly #input: TransportInput
  readonly #parts: readonly Part[]
  readonly #drafts = new Map<NodeId, Draft>()
  readonly #joined = new Set<string>()
  readonly #followed = new Set<string>()

  constructor(input: TransportInput) {
    this.#input = input
    this.#parts = transitComponents(input.topology).flatMap((component) => this.#part(component))
  }

  /** A member joins a part's tree unless that would join it with another one a second time. */
  #part(component: readonly NodeId[]): Part[] {
    const { topology, members, networkKey } = this.#input
    const nodes = new Set(component)
    const joining: NodeId[] = []
    for (const member of members) {
      if (!edgesOf(topology, member).some(({ to }) => nodes.has(to))) continue
      if (joining.every((other) => !this.#joined.has(pair(member, other)))) joining.push(member)
    }
    if (joining.length < 2) return []
    for (const a of joining) for (const b of joining) if (a !== b) this.#joined.add(pair(a, b))
    const tree = buildTree({ topology, component, members: joining, networkKey })
    return [{ nodes, tree, hasSegment: component.some((node) => topology.roles.get(node) === 'segment') }]
  }

  broadcasts(): void {
    for (const { tree } of this.#parts) {
      for (const list of tree.edges.values()) for (const edge of list) this.#addTreePort(edge)
    }
    for (const [a, b] of this.#pairs()) {
      if (this.#joined.has(pair(a, b))) continue
      const cable = this.#direct(a, b)
      if (!cable) continue
      this.#joined.add(pair(a, b)).add(pair(b, a))
      this.#addTreePort(cable)
      this.#addTreePort(reversed(cable))
    }
  }

  /** Lays every path; returns the pairs that have none. */
  unicasts(): [NodeId, NodeId][] {
    const { members } = this.#input
    const without: [NodeId, NodeId][] = []
    for (const destination of members) {
      const towards = this.#parts.map((part) => ({ part, next: this.#nextHops(part, destination) }))
      for (const source of members) {
        if (source !== destination && !this.#lay(source, destination, towards))
          without.push([source, destination])
      }
    }
    return without
  }

  finish(without: readonly (readonly [NodeId, NodeId])[]): Transport {
    const broken = new Set(without.map(([a, b]) => pair(a, b)))
    const isBroken = (a: NodeId, b: NodeId) =>
      broken.has(pair(a, b)) || broken.has(pair(b, a)) || !this.#joined.has(pair(a, b))
    const switches = [...this.#drafts].map(([node, { treePorts, unicast, accepts }]) => {
      const transport: SwitchTransport = {
        treePorts: [...treePorts].toSorted((a, b) => a - b),
        unicast: new Map(
          [...unicast]
            .toSorted(([a], [b]) => (a < b ? -1 : 1))
            .map(([destination, ports]) => [destination, [...ports].toSorted((a, b) => a - b)]),
        ),
        accepts: [...accepts]
          .map(([port, broadcast]) => ({ port, broadcast }))
          .toSorted((a, b) => a.port - b.port),
      }
      return [node, transport] as const
    })
    return { switches: new Map(switches), unreachable: this.#pairs().filter(([a, b]) => isBroken(a, b)) }
  }

  #lay(
    source: NodeId,
    destination: NodeId,
    towards: readonly { readonly part: Part; readonly next: NextHops }[],
  ): boolean {
    const cable = this.#direct(source, destination)
    if (cable) {
      const cables = edgesOf(this.#input.topology, source).filter(({ to }) => to === destination)
      for (const edge of this.#ofTeam(cable, cables)) this.#addHop(edge, destination)
      return true
    }
    const ways = towards.flatMap(({ next }) => next.from(source))
    if (ways.length === 0) return false
    const least = Math.min(...ways.map(({ distance }) => distance))
    const nearest = ways.filter(({ distance }) => distance === least)
    const label = `${this.#input.networkKey} ${destination} ${source}`
    const chosen = pick(nearest, (way) => `${label} ${way.edge.port}`)
    const team = new Set(
      this.#ofTeam(
        chosen.edge,
        nearest.map(({ edge }) => edge),
      ),
    )
    for (const { edge, next } of nearest) if (team.has(edge)) this.#follow(edge, next, destination)
    return true
  }

  /** Every shortest way on from there; what was followed before is there already. */
  #follow(first: Edge, next: NextHops, destination: NodeId): void {
    const queue = [first]
    for (const edge of queue) {
      this.#addHop(edge, destination)
      const before = this.#followed.size
      if (edge.to !== destination && this.#followed.add(pair(edge.to, destination)).size > before)
        queue.push(...next.at(edge.to))
    }
  }

  /** Of several equal edges of a hypervisor those in the same team as the chosen one. */
  #ofTeam(chosen: Edge, equal: readonly Edge[]): readonly Edge[] {
    const teams = this.#input.topology.teams.get(chosen.from)
    const team = teams?.get(chosen.port)
    return team === undefined ? [chosen] : equal.filter(({ port }) => teams?.get(port) === team)
  }

  #nextHops(part: Part, destination: NodeId): NextHops {
    return new NextHops({ ...this.#input, part, destination })
  }

  /** The same cable whichever end asks. */
  #direct(a: NodeId, b: NodeId): Edge | undefined {
    const cables = edgesOf(this.#input.topology, a).filter(({ to }) => to === b)
    return cables.toSorted((x, y) => (a < b ? x.port - y.port : x.toPort - y.toPort))[0]
  }

  /** Each unordered pair of members once. */
  #pairs(): [NodeId, NodeId][] {
    const { members } = this.#input
    return members.flatMap((a, index) => members.slice(index + 1).map((b): [NodeId, NodeId] => [a, b]))
  }

  #addTreePort({ from, port }: Edge): void {
    if (this.#isSegment(from)) return
    const draft = this.#draft(from)
    draft.treePorts.add(port)
    draft.accepts.set(port, true)
  }

  #addHop({ from, port, to, toPort }: Edge, destination: NodeId): void {
    if (!this.#isSegment(from)) {
      const { unicast } = this.#draft(from)
      const ports = unicast.get(destination)
      if (ports) ports.add(port)
      else unicast.set(destination, new Set([port]))
    }
    if (this.#isSegment(to)) return
    const { accepts } = this.#draft(to)
    if (!accepts.has(toPort)) accepts.set(toPort, false)
  }

  #isSegment(node: NodeId): boolean {
    return this.#input.topology.roles.get(node) === 'segment'
  }

  #draft(node: NodeId): Draft {
    let draft = this.#drafts.get(node)
    if (!draft) {
      draft = { treePorts: new Set(), unicast: new Map(), accepts: new Map() }
      this.#drafts.set(node, draft)
    }
    return draft
  }
}

interface Way {
  readonly edge: Edge
  readonly distance: number
  readonly next: NextHops
}

/** The way to one destination from every node of one part. */
class NextHops {
  readonly #input: TransportInput & { readonly part: Part; readonly destination: NodeId }
  readonly #distance = new Map<NodeId, number>()

  constructor(input: TransportInput & { readonly part: Part; readonly destination: NodeId }) {
    this.#input = input
    const { destination, part, topology } = input
    this.#distance.set(destination, 0)
    const queue = [destination]
    for (const node of queue) {
      for (const { to } of this.#edges(node)) {
        if (this.#distance.has(to) || !isTransit(topology, to) || !part.nodes.has(to)) continue
        this.#distance.set(to, (this.#distance.get(node) ?? 0) + 1)
        queue.push(to)
      }
    }
  }

  /** The first hops of a hypervisor into this part. */
  from(source: NodeId): Way[] {
    return this.#edges(source).flatMap((edge) => {
      const distance = isTransit(this.#input.topology, edge.to) ? this.#distance.get(edge.to) : undefined
      return distance === undefined ? [] : [{ edge, distance, next: this }]
    })
  }

  /** The hops from a transit node, one step nearer to the destination. */
  at(node: NodeId): readonly Edge[] {
    const nearer = (this.#distance.get(node) ?? 0) - 1
    const edges = this.#edges(node).filter(({ to }) => this.#distance.get(to) === nearer)
    return this.#input.part.hasSegment ? edges.slice(0, 1) : edges
  }

  #edges(node: NodeId): readonly Edge[] {
    const { part, topology } = this.#input
    return part.hasSegment ? (part.tree.edges.get(node) ?? []) : edgesOf(topology, node)
  }
}

const pair = (a: NodeId, b: NodeId) => `${a} ${b}`
