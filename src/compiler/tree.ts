/**
 * The broadcast tree of a network in one connected part of the transit graph: loop-free, so a broadcast reaches
 * every member once. Hypervisors hang on it as leaves, each by one edge; branches without members are cut off.
 */
import { fnv1a32 } from '../pipeline/hash.ts'
import { edgesOf, isTransit, type Edge, type NodeId, type Topology } from './topology.ts'

export interface Tree {
  /** Edges of every node on the tree, each cable in both directions. */
  readonly edges: ReadonlyMap<NodeId, readonly Edge[]>
  readonly members: readonly NodeId[]
}

interface TreeInput {
  readonly topology: Topology
  /** One connected part of the transit graph, sorted. */
  readonly component: readonly NodeId[]
  /** Hypervisors with an edge into the component. */
  readonly members: readonly NodeId[]
  /** Spreads networks over roots and parallel edges. */
  readonly networkKey: number
}

export function buildTree(input: TreeInput): Tree {
  const { members, networkKey, topology, component } = input
  const root = pick(component, (node) => `${networkKey} ${node}`)
  const depth = new Map<NodeId, number>([[root, 0]])
  const parent = new Map<NodeId, Edge>()
  const queue = [root]
  for (const node of queue) {
    for (const edge of edgesOf(topology, node)) {
      if (depth.has(edge.to) || !isTransit(topology, edge.to)) continue
      depth.set(edge.to, (depth.get(node) ?? 0) + 1)
      parent.set(edge.to, reversed(edge))
      queue.push(edge.to)
    }
  }
  const edges = new Map<NodeId, Edge[]>()
  for (const member of members) {
    let up: Edge | undefined = attachment(input, member, depth)
    // Climbs until it meets what is on the tree already; branches without members are never visited.
    while (up) {
      const onTree: boolean = edges.has(up.to)
      addBoth(edges, up)
      if (onTree) break
      up = parent.get(up.to)
    }
  }
  return { edges: withoutStub(edges, topology), members }
}

/** The edge by which a hypervisor hangs on the tree: as near to the root as possible. */
function attachment(
  { topology, networkKey }: TreeInput,
  member: NodeId,
  depth: ReadonlyMap<NodeId, number>,
): Edge {
  const candidates = edgesOf(topology, member).filter(({ to }) => depth.has(to))
  const least = Math.min(...candidates.map(({ to }) => depth.get(to) ?? 0))
  const nearest = candidates.filter(({ to }) => depth.get(to) === least)
  return pick(nearest, (edge) => `${networkKey} ${member} ${edge.port}`)
}

/** The path from the root down to the first branching or member serves nobody. */
function withoutStub(edges: Map<NodeId, Edge[]>, topology: Topology): Map<NodeId, Edge[]> {
  let stub = [...edges].find(([node, list]) => list.length === 1 && isTransit(topology, node))
  while (stub) {
    const [node, [edge]] = stub
    edges.delete(node)
    if (!edge) break
    const rest = (edges.get(edge.to) ?? []).filter((other) => !isSameCable(reversed(other), edge))
    edges.set(edge.to, rest)
    stub = rest.length === 1 && isTransit(topology, edge.to) ? [edge.to, rest] : undefined
  }
  return edges
}

function addBoth(edges: Map<NodeId, Edge[]>, edge: Edge): void {
  for (const one of [edge, reversed(edge)]) {
    const list = edges.get(one.from)
    if (list) list.push(one)
    else edges.set(one.from, [one])
  }
}

export function reversed({ from, port, to, toPort }: Edge): Edge {
  return { from: to, port: toPort, to: from, toPort: port }
}

function isSameCable(a: Edge, b: Edge): boolean {
  return a.from === b.from && a.port === b.port && a.to === b.to && a.toPort === b.toPort
}

/** The same choice on every machine, spread evenly over the candidates. */
export function pick<T extends object | string>(
  candidates: readonly T[],
  label: (candidate: T) => string,
): T {
  const [first] = candidates
  if (first === undefined) throw new Error('nothing to choose from')
  if (candidates.length === 1) return first
  let best = first
  let least = Infinity
  for (const candidate of candidates) {
    const hash = fnv1a32(label(candidate))
    if (hash < least) [best, least] = [candidate, hash]
  }
  return best
}
