/**
 * The round trip between two hypervisors, measured link by link with probes. A probe's flight has the ways to and from the
 * controller in it; a flight forth and one back have just those of one echo to each of the two switches, so they are taken
 * off, whatever way is the slower one.
 */
import type { Link } from '../../model/observation.ts'
import type { WayEnd } from './way.ts'

export interface Stopwatch {
  /** How long a probe takes that leaves by this port and arrives at `to`; undefined when it does not. */
  readonly flightMs: (link: Link) => Promise<number | undefined>
  /** An echo to a switch and back; undefined when it does not answer. */
  readonly echoMs: (datapathId: WayEnd['datapathId']) => Promise<number | undefined>
}

export interface RoundTrip {
  readonly ms: number
  /** By how much the half of the samples that are next to the fastest differ from it, added up. */
  readonly errorMs: number
}

/** Of each the fastest counts: all that delays a probe on busy machines only adds to it. */
const samples = 12

/** Undefined when a link or a switch on the way does not answer. */
export async function roundTrip(links: readonly Link[], watch: Stopwatch): Promise<RoundTrip | undefined> {
  const both = links.flatMap((link) => [link, { from: link.to, to: link.from }])
  const switches = [...new Set(both.map(({ from }) => from.datapathId))]
  const flights: number[][] = both.map(() => [])
  const echoes = new Map<string, number[]>(switches.map((id) => [id, []]))
  for (let round = 0; round < samples; round++) {
    // One after another: what is under way at the same time would wait for each other on its way through the controller.
    for (const [at, link] of both.entries()) {
      const ms = await watch.flightMs(link)
      if (ms === undefined) return undefined
      flights[at]?.push(ms)
    }
    for (const [id, list] of echoes) {
      const ms = await watch.echoMs(id)
      if (ms === undefined) return undefined
      list.push(ms)
    }
  }
  const echo = new Map([...echoes].map(([id, list]) => [id, fastest(list)]))
  const parts = [
    ...flights.map(fastest),
    ...both.flatMap(({ from }) => {
      const { ms, errorMs } = echo.get(from.datapathId) ?? { ms: 0, errorMs: 0 }
      return [{ ms: -ms, errorMs }]
    }),
  ]
  return {
    ms: Math.max(
      0,
      parts.reduce((sum, one) => sum + one.ms, 0),
    ),
    errorMs: parts.reduce((sum, one) => sum + one.errorMs, 0),
  }
}

function fastest(list: readonly number[]): RoundTrip {
  const sorted = list.toSorted((a, b) => a - b)
  const [ms = 0] = sorted
  return { ms, errorMs: (sorted[Math.floor(sorted.length / 2)] ?? ms) - ms }
}
