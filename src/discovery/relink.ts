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
  const kept: Link[] = []
  const dropped = new Map<string, Link>()
  for (const link of before) {
    if (touched.has(endKey(link.from)) || touched.has(endKey(link.to))) dropped.set(linkKey(link), link)
    else kept.push(link)
  }
  const made = new Map<string, Link>()
  for (const end of touched.values()) {
    const other = heardFrom(end)
    const heardThere = other && heardFrom(other)
    if (other === undefined || heardThere === undefined || endKey(heardThere) !== endKey(end)) continue
    for (const link of [
      { from: end, to: other },
      { from: other, to: end },
    ]) {
      made.set(linkKey(link), dropped.get(linkKey(link)) ?? link)
    }
  }
  const gone = [...dropped.values()].filter((link) => !made.has(linkKey(link)))
  const come = [...made.values()].filter((link) => !dropped.has(linkKey(link)))
  if (gone.length === 0 && come.length === 0) return { links: before, gone, come }
  const links = [...kept, ...made.values()].sort(byEnds)
  return {
    links,
    gone: gone.filter(isByLesserEnd).sort(byEnds),
    come: come.filter(isByLesserEnd).sort(byEnds),
  }
}

function linkKey({ from, to }: Link): string {
  return `${endKey(from)} ${endKey(to)}`
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
