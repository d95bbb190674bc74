/** Plans moves: gathers the figures, measured where that is possible, and has them judged. */
import type { Discovery } from '../discovery/discovery.ts'
import type { Loop } from './loop.ts'
import type { Figure, Figures } from '../mobility/plan/figures.ts'
import { linuxWindowBytes, qemuDefaultBps } from '../mobility/plan/figures.ts'
import { type MovePlanOutcome, planOf, type PlanRequest, subjectOf } from '../mobility/plan/plan.ts'
import { roundTrip, type Stopwatch } from '../mobility/plan/round-trip.ts'
import { bandwidthOf, nameOf, type Way, wayBetween } from '../mobility/plan/way.ts'
import { bitRateText, msText } from '../mobility/plan/words.ts'
import type { GuestMeasure } from '../mobility/driver.ts'
import { measureGuest } from '../mobility/qemu/measure.ts'
import { trafficClass } from '../model/classes.ts'
import type { Switch } from '../model/intent.ts'
import type { Link } from '../model/observation.ts'
import type { Observer } from './observer.ts'
import type { SwitchRegistry } from '../switches/registry.ts'

export interface PlannerParts {
  readonly loop: Pick<Loop, 'declaration' | 'located'>
  readonly observer: Pick<Observer, 'observation'>
  readonly discovery: Pick<Discovery, 'time'>
  readonly registry: Pick<SwitchRegistry, 'live'>
}

/** Asks the guest's QEMU at an address. */
export type Measure = (address: string) => Promise<GuestMeasure>

const echoTimeoutMs = 1_000

export function movePlanner(
  parts: PlannerParts,
): (request: PlanRequest, measure?: Measure) => Promise<MovePlanOutcome> {
  return async (request, measure = measureGuest) => {
    const intent = parts.loop.declaration.intent
    const subject = subjectOf(request, { intent, located: parts.loop.located })
    if ('problems' in subject) return { status: 'invalid', problems: subject.problems }
    const world = { intent, observation: parts.observer.observation }
    const way = wayBetween(world, subject.from, subject.to)
    const guest = await guestFigures(request, subject.vms.length, measure)
    if ('problem' in guest)
      return { status: 'invalid', problems: [{ pointer: '/qmp', message: guest.problem }] }
    const figures: Figures = {
      ...guest,
      rttMs: await rttFigure(request, way, [subject.from, subject.to], stopwatch(parts)),
      bandwidthBps: limited(bandwidthFigure(request, way, world), request, world),
      windowBytes: windowFigure(request),
    }
    const surveyed = { figures, ...(way && { way }), nameOf: (end: Link['from']) => nameOf(intent, end) }
    return { status: 'planned', plan: planOf(subject, surveyed) }
  }
}

function stopwatch({ discovery, registry }: PlannerParts): Stopwatch {
  return {
    flightMs: async ({ from, to }: Link) => {
      const flight = await discovery.time(from)
      return flight?.to.datapathId === to.datapathId && flight.to.port === to.port ? flight.ms : undefined
    },
    echoMs: async (datapathId) => {
      const startedMs = performance.now()
      return registry
        .live(datapathId)
        ?.ping(echoTimeoutMs)
        .then(
          () => performance.now() - startedMs,
          () => undefined,
        )
    },
  }
}

const given = (value: number): Figure => ({ value, source: 'given', detail: 'given with the request' })

async function rttFigure(
  { rttMs }: PlanRequest,
  way: Way | undefined,
  ends: readonly Switch[],
  watch: Stopwatch,
): Promise<Figure> {
  if (rttMs !== undefined) return given(rttMs)
  const measured = way && way.links.length > 0 ? await roundTrip(way.links, watch) : undefined
  if (measured) {
    const { ms, errorMs } = measured
    const detail = `by probes over ${way?.links.length === 1 ? 'the link' : `${way?.links.length ?? 0} links`} between them`
    return { value: ms, source: 'measured', detail, error: errorMs }
  }
  const echoes = await Promise.all(ends.map(({ datapathId }) => watch.echoMs(datapathId)))
  const [first, second] = echoes
  const why =
    way?.segment === undefined
      ? 'their links could not be timed'
      : `probes do not pass segment ${way.segment}`
  if (first === undefined || second === undefined)
    return { source: 'unknown', detail: `${why}, and they do not both answer: give --rtt` }
  const detail = `${why}: as far as by this controller, ${msText(first)} and ${msText(second)} away from them`
  return { value: first + second, source: 'assumed', detail }
}

function bandwidthFigure(
  { bandwidthBps }: PlanRequest,
  way: Way | undefined,
  world: Parameters<typeof bandwidthOf>[1],
): Figure {
  if (bandwidthBps !== undefined) return given(bandwidthBps)
  return way ? bandwidthOf(way, world) : { source: 'unknown', detail: 'no way is known: give --bandwidth' }
}

/** A QEMU that no class of traffic tells what it may use keeps to a limit of its own. */
function limited(
  figure: Figure,
  { qmp }: PlanRequest,
  { intent: { classes } }: Parameters<typeof bandwidthOf>[1],
): Figure {
  const { reservationBps, limitBps } = trafficClass(classes, 'migration')
  const isTold = classes.size > 0 && (reservationBps > 0 || limitBps !== undefined)
  const { value, source, detail } = figure
  if (qmp === undefined || source === 'given' || isTold || value === undefined || value <= qemuDefaultBps)
    return figure
  return {
    value: qemuDefaultBps,
    source: 'assumed',
    detail: `QEMU's own limit, where no class of traffic says what migration may use; ${detail}, has ${bitRateText(value)}`,
  }
}

function windowFigure({ windowBytes }: PlanRequest): Figure {
  if (windowBytes !== undefined) return given(windowBytes)
  return { value: linuxWindowBytes, source: 'assumed', detail: 'what Linux allows unless told' }
}

type GuestFigures = Pick<Figures, 'memoryBytes' | 'dirtyBytesPerS'>

async function guestFigures(
  { qmp, memoryBytes, dirtyBytesPerS }: PlanRequest,
  vms: number,
  measure: Measure,
): Promise<GuestFigures | { readonly problem: string }> {
  const all = (value: number) => given(value * vms)
  const unknown = (how: string): Figure => ({
    source: 'unknown',
    detail: `give ${how}, or the guest's --qmp`,
  })
  const told = {
    memoryBytes: memoryBytes === undefined ? unknown('--memory') : all(memoryBytes),
    dirtyBytesPerS: dirtyBytesPerS === undefined ? unknown('--dirty') : all(dirtyBytesPerS),
  }
  if (qmp === undefined || (memoryBytes !== undefined && dirtyBytesPerS !== undefined)) return told
  try {
    const found = await measure(qmp)
    const measured = (value: number, detail: string): Figure => ({ value, source: 'measured', detail })
    return {
      memoryBytes:
        memoryBytes === undefined ? measured(found.memoryBytes, 'its QEMU says so') : told.memoryBytes,
      dirtyBytesPerS:
        dirtyBytesPerS !== undefined
          ? told.dirtyBytesPerS
          : found.dirtyBytesPerS === undefined
            ? { source: 'unknown', detail: 'QEMU does not count so small a guest: give --dirty' }
            : measured(found.dirtyBytesPerS, 'counted by its QEMU for a second'),
    }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}
