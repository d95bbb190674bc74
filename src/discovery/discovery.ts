/**
 * Discovery, alive: it is told of switches, ports and packet-ins, and tells which links are up and which hosts were
 * seen. What it knows is in two values (`links.ts`, `hosts.ts`); this class adds the clock, the one timer and the callbacks.
 */
import { ETHERTYPE } from '../../codecs/packet/ethernet.ts'
import type { DatapathId, Link, ObservedSwitch } from '../model/observation.ts'
import type { Declared } from './declared.ts'
import type { Flight } from './flights.ts'
import type { Host, HostStep } from './hosts.ts'
import {
  forgetNics,
  forgetSightings,
  hearNics,
  hostLimits,
  hostView,
  hostViews,
  noHosts,
  sight,
} from './hosts.ts'
import type { IncidentCode, IncidentDetail } from './link-watch.ts'
import { LinkWatch } from './link-watch.ts'
import type { LinkChange, linkViews } from './links.ts'
import type { LinkEnd } from './relink.ts'
import { sourceOf } from './source.ts'

/** Runs `run` once after `delayMs`; what it returns cancels it. */
export type SetTimer = (run: () => void, delayMs: number) => () => void

export interface DiscoveryOptions {
  /** Signs probes: at least 16 bytes, random, new at every start. */
  readonly key: Uint8Array
  /** Needed from the first: a port that may not be probed must never be. */
  readonly declared: Declared
  /** Links proved before a restart. */
  readonly remembered?: readonly Link[]
  /** Milliseconds since 1970; must never step back, as the default does not. */
  readonly clock?: () => number
  readonly setTimer?: SetTimer
  /** Must not throw; may drop. */
  readonly sendPacketOut: (datapathId: DatapathId, portNo: number, frame: Uint8Array) => void
  /** All links, each once per direction, sorted; called when that changed, not for those remembered at the start. */
  readonly onLinks: (links: readonly Link[], changes: readonly LinkChange[]) => void
  /** An LLDP frame was refused. */
  readonly onIncident: (code: IncidentCode, detail: IncidentDetail) => void
  /** A host not seen before. */
  readonly onHost?: (host: Host) => void
  /** From one probe of a port to the next; 5,000 unless told. */
  readonly intervalMs?: number
  /** Without proof for so long, a link is down; three intervals unless told. */
  readonly timeoutMs?: number
  /** The same for a remembered link; as `timeoutMs` unless told. */
  readonly graceMs?: number
  /** When a port that came up is probed; unless told, at 0, 100, 500, 1,000, 2,000 and 4,000. */
  readonly burstMs?: readonly number[]
  readonly maxLinks?: number
}

/** At once, and again for as long as a switch may need until the rules are in that punt the probe at the other end. */
const BURST_MS = [0, 100, 500, 1000, 2000, 4000]
const FORGET_MS = 60_000
/** How long a change of intent may wait, so that many changes are followed once. */
const REFIT_MS = 10
/** A probe that is timed is waited for so long. */
const FLIGHT_MS = 1_000

const monotonicClock = () => performance.timeOrigin + performance.now()

const nodeTimer: SetTimer = (run, delayMs) => {
  const timer = setTimeout(run, delayMs)
  timer.unref()
  return () => {
    clearTimeout(timer)
  }
}

export class Discovery {
  readonly #clock: () => number
  readonly #setTimer: SetTimer
  readonly #onHost: ((host: Host) => void) | undefined
  readonly #intervalMs: number
  readonly #links: LinkWatch
  readonly #switches = new Map<DatapathId, ObservedSwitch>()
  #hosts = noHosts
  #declared: Declared
  /** When what follows from the last change of intent is to be done. */
  #refitAtMs: number
  #lastReviewMs: number
  #cancelTimer: (() => void) | undefined
  #stopped = false

  /** @throws RangeError for a key that is too short to protect anything. */
  constructor(options: DiscoveryOptions) {
    if (options.key.length < 16) throw new RangeError('the key of link probes must have at least 16 bytes')
    const { intervalMs = 5000, burstMs = BURST_MS, maxLinks = 16_384 } = options
    const { timeoutMs = 3 * intervalMs, graceMs = timeoutMs } = options
    this.#clock = options.clock ?? monotonicClock
    this.#setTimer = options.setTimer ?? nodeTimer
    this.#onHost = options.onHost
    this.#intervalMs = intervalMs
    this.#declared = options.declared
    this.#lastReviewMs = this.#clock()
    this.#refitAtMs = this.#lastReviewMs
    const limits = { timeoutMs, graceMs, forgetMs: FORGET_MS, maxLinks }
    const remembered = options.remembered ?? []
    this.#links = new LinkWatch({ ...options, intervalMs, burstMs, limits }, remembered, this.#lastReviewMs)
    this.#arm()
  }

  /** The same array while no link changed. */
  get links(): readonly Link[] {
    return this.#links.links
  }

  linkViews(): ReturnType<typeof linkViews> {
    return this.#links.views()
  }

  hosts(): Host[] {
    return hostViews(this.#hosts, this.#declared, this.#portNoOf)
  }

  /** Cheap: links and probes are fitted to it within 10 ms. */
  setDeclared(declared: Declared): void {
    this.#declared = declared
    this.#refitAtMs = Math.min(this.#refitAtMs, this.#clock() + REFIT_MS)
    this.#arm()
  }

  /** A session began, or began anew. */
  switchUp(observed: ObservedSwitch): void {
    this.#observe(observed, 'switch_up')
  }

  portsChanged(observed: ObservedSwitch): void {
    if (this.#switches.has(observed.datapathId)) this.#observe(observed, 'ports')
  }

  /** Its links stay: a lost session is not a lost cable. */
  switchDown(datapathId: DatapathId): void {
    this.#switches.delete(datapathId)
    this.#links.switchDown(datapathId)
  }

  /** Packet-ins of the switch were dropped unseen; probes may have been among them, so its silence proves nothing. */
  packetInsShed(datapathId: DatapathId): void {
    this.#links.resumed(this.#clock(), datapathId)
  }

  #observe(observed: ObservedSwitch, type: 'switch_up' | 'ports'): void {
    if (this.#stopped) return
    const { datapathId, ports } = observed
    this.#switches.set(datapathId, observed)
    this.#links.observe(observed, { type, declared: this.#declared, nowMs: this.#clock() })
    const isGone = (port: string) => ports.get(port)?.up !== true
    this.#hosts = forgetSightings(this.#hosts, (each) => each.datapathId === datapathId && isGone(each.port))
    this.#arm()
  }

  #portNoOf = (datapathId: DatapathId, port: string): number | undefined =>
    this.#switches.get(datapathId)?.ports.get(port)?.no

  #portName(datapathId: DatapathId, portNo: number): string | undefined {
    const linkPort = this.#links.portName(datapathId, portNo)
    if (linkPort !== undefined) return linkPort
    for (const port of this.#switches.get(datapathId)?.ports.values() ?? []) {
      if (port.no === portNo) return port.name
    }
    return undefined
  }

  /** Any packet that a switch punted: our probes, other LLDP, or a host's frame. Never throws. */
  packetIn({
    datapathId,
    portNo,
    frame,
  }: {
    datapathId: DatapathId
    portNo: number
    frame: Uint8Array
  }): void {
    if (this.#stopped || !this.#switches.has(datapathId)) return
    const nowMs = this.#clock()
    const port = this.#portName(datapathId, portNo)
    if (!isLldp(frame)) {
      if (port !== undefined) this.#hostIn({ datapathId, port, frame, nowMs })
      return
    }
    const lldp = { datapathId, portNo, frame, nowMs, ...(port === undefined ? {} : { port }) }
    if (!this.#links.lldpIn(lldp, this.#declared)) return
    // Hosts seen by this port before it was known to lead to a switch are somewhere behind it.
    this.#hosts = forgetSightings(this.#hosts, (each) => each.datapathId === datapathId && each.port === port)
    this.#arm()
  }

  #hostIn({
    datapathId,
    port,
    frame,
    nowMs,
  }: {
    datapathId: DatapathId
    port: string
    frame: Uint8Array
    nowMs: number
  }): void {
    const source = sourceOf(frame)
    if (source === undefined || this.#links.isLinkPort(datapathId, port)) return
    this.#took(sight(this.#hosts, { datapathId, port, ...source, atMs: nowMs }, this.#declared))
  }

  /** NICs whose packet counters grew since they were last read. */
  heard(nicIds: Iterable<string>): void {
    this.#took(hearNics(this.#hosts, nicIds, this.#clock(), this.#declared))
  }

  #took({ state, found }: HostStep): void {
    this.#hosts = state
    if (this.#onHost === undefined) return
    const names = { declared: this.#declared, portNoOf: this.#portNoOf }
    for (const each of found) this.#onHost(hostView(each, state, names))
  }

  /** Sends a probe by this port and times it, for a second; undefined when it does not arrive, or no link may be there. */
  time(end: LinkEnd): Promise<Flight | undefined> {
    return new Promise((resolve) => {
      if (this.#stopped) {
        resolve(undefined)
        return
      }
      let cancelTimer: () => void = () => undefined
      const giveUp = this.#links.time(end, this.#clock(), (flight) => {
        cancelTimer()
        resolve(flight)
      })
      cancelTimer = this.#setTimer(giveUp, FLIGHT_MS)
    })
  }

  /** Does what is due now; the timer calls it. */
  tick(): void {
    if (this.#stopped) return
    const nowMs = this.#clock()
    if (nowMs >= this.#refitAtMs) this.#refit(nowMs)
    if (nowMs >= this.#lastReviewMs + this.#intervalMs / 4) this.#review(nowMs)
    this.#links.sendProbes(nowMs)
    this.#arm()
  }

  #review(nowMs: number): void {
    // Much later than planned, the process stood still meanwhile, and so did the probes.
    if (nowMs - this.#lastReviewMs > this.#intervalMs) this.#links.resumed(nowMs)
    this.#lastReviewMs = nowMs
    this.#links.expire(nowMs, this.#declared)
    this.#hosts = forgetSightings(this.#hosts, ({ atMs }) => nowMs - atMs > hostLimits.maxAgeMs)
  }

  #refit(nowMs: number): void {
    this.#refitAtMs = Infinity
    this.#links.allow(this.#declared)
    for (const observed of this.#switches.values()) {
      this.#links.observe(observed, { type: 'ports', declared: this.#declared, nowMs })
    }
    this.#hosts = forgetNics(this.#hosts, this.#declared)
  }

  #arm(): void {
    this.#cancelTimer?.()
    if (this.#stopped) return
    const nowMs = this.#clock()
    const reviewMs = this.#lastReviewMs + this.#intervalMs / 4
    const delayMs = Math.max(0, Math.min(reviewMs, this.#refitAtMs, this.#links.nextProbeMs()) - nowMs)
    this.#cancelTimer = this.#setTimer(() => {
      this.tick()
    }, delayMs)
  }

  stop(): void {
    this.#stopped = true
    this.#cancelTimer?.()
    this.#links.stop()
  }
}

function isLldp(frame: Uint8Array): boolean {
  let at = 12
  const ethertype = () => ((frame[at] ?? 0) << 8) | (frame[at + 1] ?? 0)
  while (ethertype() === ETHERTYPE.vlan || ethertype() === ETHERTYPE.serviceVlan) at += 4
  return ethertype() === ETHERTYPE.lldp
}
