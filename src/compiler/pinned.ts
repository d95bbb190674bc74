/**
 * The topology as a network sees it that is pinned to uplinks: a hypervisor has no other way for it, so that none of
 * its paths, nor what it takes in, can move to another uplink when its own fails. Multipath storage relies on that.
 */
import { type Edge, edgesOf, type NodeId, type Topology } from './topology.ts'

export interface Pin {
  /** A hypervisor. */
  readonly node: NodeId
  /** The ports of its uplinks; `segment` of one that works and leads into a segment. */
  readonly ports: readonly { readonly no: number; readonly segment?: NodeId }[]
}

/** The very same topology where nothing is pinned. */
export function pinned(topology: Topology, pins: readonly Pin[]): Topology {
  if (pins.length === 0) return topology
  const ports = new Map(pins.map((pin) => [pin.node, new Set(pin.ports.map(({ no }) => no))]))
  const isSegment = (node: NodeId) => topology.roles.get(node) === 'segment'
  // A leg into a segment is another one for whom it is pinned: those are laid anew below.
  const may = ({ from, port, to, toPort }: Edge) =>
    (ports.get(from)?.has(port) ?? true) &&
    (ports.get(to)?.has(toPort) ?? true) &&
    !(ports.has(from) && isSegment(to)) &&
    !(ports.has(to) && isSegment(from))
  const edges = new Map([...topology.edges].map(([node, list]) => [node, list.filter(may)] as const))
  const roles = new Map(topology.roles)
  const add = (edge: Edge) => edges.set(edge.from, [...edgesOf({ edges }, edge.from), edge])
  for (const { node, ports: own } of pins)
    for (const { no, segment } of own) {
      if (segment === undefined) continue
      roles.set(segment, 'segment')
      add({ from: node, port: no, to: segment, toPort: 0 })
      add({ from: segment, port: 0, to: node, toPort: no })
    }
  return { ...topology, roles, edges }
}
