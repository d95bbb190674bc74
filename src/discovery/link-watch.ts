/**
 * The links' half of discovery: sends probes when they are due, judges every LLDP frame that comes back, and keeps the
 * state of links (`links.ts`) up to date. It has no timer; `discovery.ts` gives it the time.
 */
import type { DatapathId, Link, ObservedSwitch, Port } from '../model/observation.ts'
import type { Declared } from './declared.ts'
import { type Flight, Flights } from './flights.ts'
import type { LinkChange, LinkEvent, LinkLimits, LinkState } from './links.ts'
import { linkViews, noLinks, stepLinks } from './links.ts'
import type { ProbeRefusal } from './probe.ts'
import { checkProbe, makeProbe, ReplayMemory } from './probe.ts'
import { type DueProbe, Prober } from './prober.ts'
import { endKey, type LinkEnd } from './relink.ts'

/** Why an LLDP frame was refused. */
export type IncidentCode =
  | ProbeRefusal
  /** On the port of a declared NIC. */
  | 'nic-port'
  /** On a port of a hypervisor that is no uplink. */
  | 'not-allowed'
  /** On a port that the switch has not told of. */
  | 'unknown-port'
  | 'too-many-links'

export interface IncidentDetail {
  readonly datapathId: DatapathId
  readonly portNo: number
  readonly port?: string
}

export interface LinkWatchOptions {
  readonly key: Uint8Array
  readonly intervalMs: number
  readonly burstMs: readonly number[]
  readonly limits: LinkLimits
  readonly sendPacketOut: (datapathId: DatapathId, portNo: number, frame: Uint8Array) => void
  readonly onLinks: (links: readonly Link[], changes: readonly LinkChange[]) => void
  readonly onIncident: (code: IncidentCode, detail: IncidentDetail) => void
}

export interface LldpIn extends IncidentDetail {
  readonly frame: Uint8Array
  readonly nowMs: number
}

/** At most so many probes leave in one turn, and turns are so far apart: 3,200 a second. */
const PROBES_PER_TURN = 32
const TURN_MS = 10
/** OpenFlow reserves the port numbers from here on for itself; the switch's own local port is among them. */
const MAX_PORT = 0xffffff00

export class LinkWatch {
  readonly #options: LinkWatchOptions
  readonly #prober: Prober
  readonly #seen = new ReplayMemory()
  readonly #flights = new Flights()
  #state: LinkState = noLinks
  #lastTurnMs = -Infinity

  constructor(options: LinkWatchOptions, remembered: readonly Link[], nowMs: number) {
    this.#options = options
    this.#prober = new Prober(options)
    this.#state = stepLinks(noLinks, { type: 'remember', links: remembered, nowMs }, options.limits).state
  }

  get links(): readonly Link[] {
    return this.#state.links
  }

  views(): ReturnType<typeof linkViews> {
    return linkViews(this.#state)
  }

  /** True for a port that leads to another switch: what comes in by it was sent by some host elsewhere. */
  isLinkPort(datapathId: DatapathId, port: string): boolean {
    return this.#state.switches.get(datapathId)?.heard.has(port) === true
  }

  portName(datapathId: DatapathId, portNo: number): string | undefined {
    return this.#prober.portAt(datapathId, portNo)?.end.port
  }

  observe(observed: ObservedSwitch, { type, declared, nowMs }: Observed): void {
    const { datapathId } = observed
    const mayLink = (port: Port) => port.up && port.no < MAX_PORT && declared.mayLink(datapathId, port.name)
    const ports = [...observed.ports.values()].filter(mayLink)
    this.#step({ type, datapathId, up: new Set(ports.map((port) => port.name)), nowMs })
    this.#prober.cover(datapathId, ports, nowMs)
  }

  switchDown(datapathId: DatapathId): void {
    this.#prober.uncover(datapathId)
    this.#step({ type: 'switch_down', datapathId })
  }

  /** Drops links that may no longer be, after the intent changed. */
  allow({ mayLink }: Declared): void {
    this.#step({ type: 'allow', allowed: (end) => mayLink(end.datapathId, end.port) })
  }

  /** True when the frame proved a neighbour that was not proved before. */
  lldpIn(lldp: LldpIn, declared: Declared): boolean {
    const verdict = this.#judge(lldp, declared)
    if (typeof verdict === 'boolean') return verdict
    const { datapathId, portNo, port } = lldp
    this.#options.onIncident(verdict, { datapathId, portNo, ...(port === undefined ? {} : { port }) })
    return false
  }

  /** The port is judged first: a VM's frame is not worth a signature check, and may not use up a probe's one acceptance. */
  #judge({ datapathId, portNo, port, frame, nowMs }: LldpIn, declared: Declared): boolean | IncidentCode {
    if (port === undefined) return 'unknown-port'
    if (declared.nicAt(datapathId, port) !== undefined) return 'nic-port'
    if (!declared.mayLink(datapathId, port)) return 'not-allowed'
    const { key, intervalMs } = this.#options
    const at = { datapathId, portNo }
    const verdict = checkProbe(frame, { key, at, nowMs, maxAgeMs: intervalMs, seen: this.#seen })
    if (!verdict.ok) return verdict.reason
    const sender = this.#prober.portAt(verdict.from.datapathId, verdict.from.portNo)
    // Genuine, but its port has gone down, or its switch away, while it travelled: it proves nothing and accuses nobody.
    if (sender === undefined || verdict.sequence < sender.firstSequence) return false
    const to = { datapathId, port }
    this.#flights.heard(verdict.sequence, to, nowMs)
    const before = this.#state.switches.get(datapathId)?.heard.get(port)
    const refused = this.#step({ type: 'proved', from: sender.end, to, nowMs })
    if (refused === 'port-down') return false
    if (refused !== undefined) return refused
    const isNew = before?.proved !== true || endKey(before.from) !== endKey(sender.end)
    // The other side waits for an answer; do not let it wait for this port's next turn.
    if (isNew) this.#prober.hasten(to, nowMs)
    return isNew
  }

  /** Nobody looked for a while, at all or at one switch, so silence proves nothing. */
  resumed(nowMs: number, datapathId?: DatapathId): void {
    this.#step({ type: 'resumed', nowMs, ...(datapathId === undefined ? {} : { datapathId }) })
  }

  expire(nowMs: number, declared: Declared): void {
    this.#step({ type: 'tick', nowMs, declared: (id) => declared.switchOf(id) !== undefined })
  }

  #step(event: LinkEvent): LinkRefusal | undefined {
    const before = this.#state.links
    const { state, changes, refused } = stepLinks(this.#state, event, this.#options.limits)
    this.#state = state
    if (state.links !== before) this.#options.onLinks(state.links, changes)
    return refused
  }

  /** When the next probe should leave. */
  nextProbeMs(): number {
    return Math.max(this.#prober.next() ?? Infinity, this.#lastTurnMs + TURN_MS)
  }

  sendProbes(nowMs: number): void {
    if (nowMs < this.#lastTurnMs + TURN_MS) return
    const due = this.#prober.due(nowMs, PROBES_PER_TURN)
    if (due.length > 0) this.#lastTurnMs = nowMs
    for (const probe of due) this.#send(probe, nowMs)
  }

  /** Sends one more probe by a port and times it; what is returned gives it up. `arrived` is called once. */
  time(end: LinkEnd, nowMs: number, arrived: (flight: Flight | undefined) => void): () => void {
    const probe = this.#prober.extra(end)
    if (!probe) {
      arrived(undefined)
      return () => undefined
    }
    const { sequence } = probe
    this.#flights.sent(sequence, { sentMs: nowMs, arrived })
    this.#send(probe, nowMs)
    return () => this.#flights.giveUp(sequence)
  }

  /** Gives up every flight that is timed. */
  stop(): void {
    this.#flights.stop()
  }

  #send({ port, sequence }: DueProbe, nowMs: number): void {
    const { key, sendPacketOut, limits } = this.#options
    const from = { datapathId: port.end.datapathId, portNo: port.portNo }
    const ttlS = Math.ceil(limits.timeoutMs / 1000)
    const frame = makeProbe({ key, from, mac: port.mac, timeMs: nowMs, sequence, ttlS })
    sendPacketOut(from.datapathId, from.portNo, frame)
  }
}

type LinkRefusal = 'port-down' | 'too-many-links'

interface Observed {
  readonly type: 'switch_up' | 'ports'
  readonly declared: Declared
  readonly nowMs: number
}
