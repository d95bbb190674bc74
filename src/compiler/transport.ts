/**
 * How a network's frames travel between its switches: for each switch the ports that carry its broadcasts, the port
 * toward each other switch, and what it may take in.
 *
 * Broadcasts take one tree per connected part of the transit graph; a pair of hypervisors that no tree joins uses its
 * direct cable. No pair is ever joined twice, so nothing arrives twice. Unicast takes shortest paths, except in a part
 * with an unmanaged segment: a segment learns where each MAC is, so there unicast takes the tree, the same both ways.
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
  /** By the datapath id of the switch that has the destination. */
  readonly unicast: ReadonlyMap<NodeId, number>
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
  readonly unicast: Map<NodeId, number>
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
        unicast: new Map([...unicast].toSorted(([a], [b]) => (a < b ? -1 : 1))),
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
      this.#addHop(cable, destination)
      return true
    }
    const ways = towards.flatMap(({ next }) => next.from(source))
    if (ways.length === 0) return false
    const least = Math.min(...ways.map(({ distance }) => distance))
    const nearest = ways.filter(({ distance }) => distance === least)
    const label = `${this.#input.networkKey} ${destination} ${source}`
    const { edge: first, next } = pick(nearest, (way) => `${label} ${way.edge.port}`)
    for (let edge = first; ; ) {
      this.#addHop(edge, destination)
      if (edge.to === destination) return true
      edge = next.at(edge.to)
    }
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
    if (!this.#isSegment(from)) this.#draft(from).unicast.set(destination, port)
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

  /** The hop from a transit node, one step nearer to the destination. */
  at(node: NodeId): Edge {
    const { networkKey, destination } = this.#input
    const nearer = (this.#distance.get(node) ?? 0) - 1
    const edges = this.#edges(node).filter(({ to }) => this.#distance.get(to) === nearer)
    return pick(edges, ({ port, to }) => `${networkKey} ${destination} ${node} ${port} ${to}`)
  }

  #edges(node: NodeId): readonly Edge[] {
    const { part, topology } = this.#input
    return part.hasSegment ? (part.tree.edges.get(node) ?? []) : edgesOf(topology, node)
  }
}

const pair = (a: NodeId, b: NodeId) => `${a} ${b}`
