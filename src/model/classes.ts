/** Classes of traffic: from their specs to entities, which class a network is in, and whether reservations fit an uplink. */
import type { Resolved } from './entities.ts'
import {
  type ClassName,
  classNames,
  type Intent,
  type Network,
  type Switch,
  type TrafficClass,
} from './intent.ts'
import { rateText, readRate } from './rates.ts'
import { pointerOf, type Report } from './report.ts'
import type { ClassSpec } from './schema.ts'

const defaultShares = 10

export function resolveClass(name: string, spec: ClassSpec, report: Report): Resolved<TrafficClass> {
  const rate = (key: 'reservation' | 'limit') => {
    const text = spec[key]
    return text === undefined ? undefined : readRate(text, pointerOf('classes', name, key), report)
  }
  const [reservationBps = 0, limitBps] = [rate('reservation'), rate('limit')]
  if (limitBps !== undefined && limitBps < reservationBps)
    report(
      pointerOf('classes', name, 'limit'),
      `the limit ${rateText(limitBps)} of class ${name} is below its reservation ${rateText(reservationBps)}`,
      'raise `limit`, or lower `reservation`',
    )
  const entity: TrafficClass = {
    name: name as ClassName,
    shares: spec.shares ?? defaultShares,
    reservationBps,
    ...(limitBps !== undefined && { limitBps }),
    ...(spec.dscp !== undefined && { dscp: spec.dscp }),
    ...(spec.pcp !== undefined && { pcp: spec.pcp }),
  }
  return { entity, claims: [] }
}

/** Undefined for a network that never takes an uplink. */
export function classOf({ kind, class: own }: Pick<Network, 'kind' | 'class'>): ClassName | undefined {
  return kind === 'internal' ? undefined : (own ?? kind)
}

/** Where classes are declared, one that is not has shares alone. */
export function trafficClass(classes: Intent['classes'], name: ClassName): TrafficClass {
  return classes.get(name) ?? { name, shares: defaultShares, reservationBps: 0 }
}

/** In the order of their numbers, each once. */
export function inClassOrder(names: Iterable<ClassName | undefined>): readonly ClassName[] {
  const present = new Set(names)
  return classNames.filter((name) => present.has(name))
}

/** 1 and up; 0 in the pipeline means none. */
export function classNumber(name: ClassName): number {
  return classNames.indexOf(name) + 1
}

/** Why the reservations of these classes do not fit a switch's uplinks; undefined when they do, or nothing is known. */
export function overbooked(
  { name, uplinks, teams }: Pick<Switch, 'name' | 'uplinks' | 'teams'>,
  present: readonly TrafficClass[],
  bandwidthOf: (port: string) => number | undefined,
): { readonly text: string; readonly port: string } | undefined {
  const reserved = present.filter(({ reservationBps }) => reservationBps > 0)
  const sum = reserved.reduce((total, { reservationBps }) => total + reservationBps, 0)
  const known = uplinks.flatMap(({ port }) => {
    const bps = bandwidthOf(port)
    return bps === undefined ? [] : [{ port, bps }]
  })
  const slowest = known.toSorted((a, b) => a.bps - b.bps)[0]
  if (!slowest || sum <= slowest.bps) return undefined
  const { port, bps } = slowest
  const addends = reserved.map((one) => `${one.name} ${rateText(one.reservationBps)}`).join(' + ')
  const total = reserved.length > 1 ? ` = ${rateText(sum)} exceed` : ' exceeds'
  const team = teams.find((one) => one.uplinks.length > 1 && one.uplinks.some((each) => each.port === port))
  const among = team ? `, the slowest of team ${team.name}` : ''
  return { text: `${addends}${total} ${rateText(bps)} of uplink ${port} of ${name}${among}`, port }
}
