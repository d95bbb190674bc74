/** The sorted list of links, brought up to date where what ports hear has changed; everything else keeps its identity. */
import type { Link } from '../model/observation.ts'

export type LinkEnd = Link['from']

export function endKey({ datapathId, port }: LinkEnd): string {
  return `${datapathId}/${port}`
}

interface Relinked {
  readonly links: readonly Link[]
  /** Each once, by its lesser end. */
  readonly gone: readonly Link[]
  readonly come: readonly Link[]
}

/** `touched` holds the ports that now hear another neighbour, or none, by key; `heardFrom` tells whom a port hears. */
export function relink(
  before: readonly Link[],
  touched: ReadonlyMap<string, LinkEnd>,
  heardFrom: (end: LinkEnd) => LinkEnd | undefined,
): Relinked {
  const isTouched = ({ from, to }: Link) => touched.has(endKey(from)) || touched.has(endKey(to))
  const gone = before.filter(isTouched)
  const come = new Map<string, Link>()
  for (const end of touched.values()) {
    const other = heardFrom(end)
    const heardThere = other && heardFrom(other)
    if (other === undefined || heardThere === undefined || endKey(heardThere) !== endKey(end)) continue
    come.set(endKey(end), { from: end, to: other }).set(endKey(other), { from: other, to: end })
  }
  if (gone.length === 0 && come.size === 0) return { links: before, gone, come: [] }
  const links = [...before.filter((link) => !isTouched(link)), ...come.values()].sort(byEnds)
  return {
    links,
    gone: gone.filter(isByLesserEnd),
    come: [...come.values()].filter(isByLesserEnd).sort(byEnds),
  }
}

function byEnds(one: Link, other: Link): number {
  return byEnd(one.from, other.from) || byEnd(one.to, other.to)
}

function byEnd(one: LinkEnd, other: LinkEnd): number {
  return order(one.datapathId, other.datapathId) || order(one.port, other.port)
}

const order = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0)

/** True for one of a link's two directions, always the same. */
export const isByLesserEnd = ({ from, to }: Link) => byEnd(from, to) < 0
