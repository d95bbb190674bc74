/**
 * One session with one switch, from its features to its end: reads description and ports, keeps the ports up to date, and
 * sorts what the switch sends by itself. The registry decides which session a datapath has.
 */
import type { Connection, Ending, Message } from 'ts-openflow'
import type { DatapathId, ObservedSwitch } from '../model/observation.ts'
import type { IncidentCode } from './incident.ts'
import { LiveSwitch } from './live-switch.ts'
import { changePort, observePorts, type PortChange, type PortRules, type PortsOutcome } from './ports.ts'
import { readDescription, readPorts } from './read.ts'

export type PacketIn = Extract<Message, { type: 'packet_in' }>
export type SwitchErrorMessage = Extract<Message, { type: 'error' }>

export interface SessionRules {
  readonly maxPorts: number
  readonly roundTimeoutMs: number
  readonly maxBundleBytes: number
}

/** What a session tells its registry. */
export interface SessionListener {
  readonly onPorts: (observed: ObservedSwitch) => void
  readonly onPacketIn: (live: LiveSwitch, message: PacketIn) => void | Promise<void>
  readonly onError: (live: LiveSwitch, error: SwitchErrorMessage) => void
  readonly onIncident: (code: IncidentCode, detail: string) => void
}

export interface SwitchSessionParts {
  readonly connection: Connection
  readonly datapathId: DatapathId
  readonly rules: SessionRules
  readonly listener: SessionListener
}

/** What an Open vSwitch says that it is. */
const openVSwitch = 'Open vSwitch'

export class SwitchSession {
  readonly connection: Connection
  readonly datapathId: DatapathId
  readonly #rules: SessionRules
  readonly #listener: SessionListener
  /** The last word on each port that came before PORT_DESC did. */
  readonly #early = new Map<number, PortChange>()
  #observed: ObservedSwitch
  #portRules: PortRules
  #live: LiveSwitch | undefined

  constructor({ connection, datapathId, rules, listener }: SwitchSessionParts) {
    this.connection = connection
    this.datapathId = datapathId
    this.#rules = rules
    this.#listener = listener
    this.#observed = { datapathId, ports: new Map() }
    this.#portRules = { maxPorts: rules.maxPorts, saysLive: false }
  }

  /** Present from the end of `setUp` on. */
  get live(): LiveSwitch | undefined {
    return this.#live
  }

  get observed(): ObservedSwitch {
    return this.#observed
  }

  /** Reads what the switch is. `before` is what was known of it: what did not change keeps its identity. */
  async setUp(before: ObservedSwitch | undefined): Promise<LiveSwitch> {
    const { connection, datapathId } = this
    // A switch that we called sends nothing by itself before this (openflow: miss_send_len of a service connection is 0).
    connection.send({ type: 'set_config', missSendLen: 0xffff })
    const [description, claims] = await Promise.all([readDescription(connection), readPorts(connection)])
    const { maxPorts, roundTimeoutMs, maxBundleBytes } = this.#rules
    const rules = { maxPorts, saysLive: description.hardware === openVSwitch }
    this.#portRules = rules
    this.#observed = this.#checked(observePorts(before, { datapathId, claims, ...rules }))
    for (const change of this.#early.values()) {
      this.#observed = this.#checked(changePort(this.#observed, change, rules))
    }
    this.#early.clear()
    this.#live = new LiveSwitch({
      connection,
      datapathId,
      description,
      options: { timeoutMs: roundTimeoutMs, maxBundleBytes },
      observed: () => this.#observed,
    })
    return this.#live
  }

  onMessage(message: Message): void | Promise<void> {
    if (message.type === 'port_status') this.#onPortStatus(message)
    const live = this.#live
    if (!live) return
    if (message.type === 'packet_in') {
      live.counters.packetIns += 1
      return this.#listener.onPacketIn(live, message)
    }
    if (message.type === 'error' && !live.takeError(message)) this.#listener.onError(live, message)
  }

  #onPortStatus({ reason, port: desc }: Extract<Message, { type: 'port_status' }>): void {
    if (typeof reason === 'number') {
      this.#listener.onIncident('port-refused', `PORT_STATUS reason ${reason}`)
      return
    }
    const change = { reason, desc }
    if (!this.#live) {
      this.#early.delete(desc.portNo)
      if (this.#early.size < this.#rules.maxPorts) this.#early.set(desc.portNo, change)
      return
    }
    const observed = this.#checked(changePort(this.#observed, change, this.#portRules))
    if (observed === this.#observed) return
    this.#observed = observed
    this.#listener.onPorts(observed)
  }

  #checked({ observed, refused }: PortsOutcome): ObservedSwitch {
    const [first] = refused
    if (first)
      this.#listener.onIncident(
        'port-refused',
        refused.length > 1 ? `${first} and ${refused.length - 1} more` : first,
      )
    return observed
  }
}

/** Datapath id as 16 lower-case hex digits. */
export const datapathText = (id: bigint): DatapathId => id.toString(16).padStart(16, '0')

/** Whether a session's end is news beyond the switch being away. */
export const isIncident = ({ code, wasUp }: Ending): boolean =>
  !wasUp || (code !== 'closed-here' && code !== 'peer-closed')
