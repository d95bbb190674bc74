/**
 * Which port is probed when: a fast burst when a port comes up, so that links appear at once, then one probe per
 * interval, each port at its own phase of it, so that a thousand ports do not probe in the same moment.
 */
import type { DatapathId, Port } from '../model/observation.ts'
import { endKey, type LinkEnd } from './relink.ts'
import { Schedule } from './schedule.ts'

export interface ProberOptions {
  readonly intervalMs: number
  /** When probes leave after a port came up, ascending. */
  readonly burstMs: readonly number[]
}

/** A port that is being probed. */
export interface ProbedPort {
  readonly end: LinkEnd
  readonly portNo: number
  readonly mac: number
  /** Probes of this port with a lesser sequence were sent in an earlier life of it and prove nothing now. */
  readonly firstSequence: number
}

interface Probing extends ProbedPort {
  readonly startedMs: number
  /** How many probes of the burst were sent. */
  burst: number
}

export interface DueProbe {
  readonly port: ProbedPort
  readonly sequence: number
}

export class Prober {
  readonly #options: ProberOptions
  readonly #ports = new Map<DatapathId, Map<string, Probing>>()
  readonly #byNo = new Map<DatapathId, Map<number, Probing>>()
  readonly #schedule = new Schedule()
  /** Schedule key to port. */
  readonly #byKey = new Map<string, Probing>()
  #sequence = 0

  constructor(options: ProberOptions) {
    this.#options = options
  }

  /** Exactly these ports of the switch are probed from now on; those already probed go on undisturbed. */
  cover(datapathId: DatapathId, ports: readonly Port[], nowMs: number): void {
    const before = this.#ports.get(datapathId)
    const after = new Map<string, Probing>()
    const byNo = new Map<number, Probing>()
    for (const { name, no, mac } of ports) {
      const known = before?.get(name)
      const same = known?.portNo === no && known.mac === mac
      const probing = same ? known : this.#begin({ datapathId, port: name }, { no, mac, nowMs })
      after.set(name, probing)
      byNo.set(no, probing)
    }
    for (const [name, { end }] of before ?? []) if (!after.has(name)) this.#end(end)
    this.#ports.set(datapathId, after)
    this.#byNo.set(datapathId, byNo)
  }

  #begin(end: LinkEnd, { no, mac, nowMs }: { no: number; mac: number; nowMs: number }): Probing {
    const probing = { end, portNo: no, mac, firstSequence: this.#sequence + 1, startedMs: nowMs, burst: 0 }
    this.#byKey.set(endKey(end), probing)
    this.#schedule.set(endKey(end), nowMs + (this.#options.burstMs[0] ?? 0))
    return probing
  }

  #end(end: LinkEnd): void {
    this.#byKey.delete(endKey(end))
    this.#schedule.remove(endKey(end))
  }

  uncover(datapathId: DatapathId): void {
    this.cover(datapathId, [], 0)
    this.#ports.delete(datapathId)
    this.#byNo.delete(datapathId)
  }

  portAt(datapathId: DatapathId, portNo: number): ProbedPort | undefined {
    return this.#byNo.get(datapathId)?.get(portNo)
  }

  /** Probes a port next, such as one that just heard a new neighbour, which waits for an answer. */
  hasten(end: LinkEnd, nowMs: number): void {
    if (this.#byKey.has(endKey(end))) this.#schedule.set(endKey(end), nowMs)
  }

  /** A probe of this port besides those that are due. */
  extra(end: LinkEnd): DueProbe | undefined {
    const port = this.#byKey.get(endKey(end))
    return port && { port, sequence: ++this.#sequence }
  }

  /** When the next probe is due. */
  next(): number | undefined {
    return this.#schedule.next()
  }

  /** At most `count` probes to be sent now. */
  due(nowMs: number, count: number): DueProbe[] {
    return this.#schedule.take(nowMs, count).flatMap((key) => {
      const port = this.#byKey.get(key)
      if (port === undefined) return []
      port.burst++
      this.#schedule.set(key, this.#nextTime(port, nowMs))
      return [{ port, sequence: ++this.#sequence }]
    })
  }

  #nextTime({ end, startedMs, burst }: Probing, nowMs: number): number {
    const { intervalMs, burstMs } = this.#options
    const offset = burstMs[burst]
    if (offset !== undefined) return Math.max(startedMs + offset, nowMs + 1)
    // The next moment of this port's phase that leaves at least half an interval since the last probe.
    const phaseMs = hash(endKey(end)) % intervalMs
    const earliest = nowMs + intervalMs / 2
    return Math.ceil((earliest - phaseMs) / intervalMs) * intervalMs + phaseMs
  }
}

/** FNV-1a, 32 bits: any even spread will do. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  return value >>> 0
}
