/**
 * The switches that are connected now, and the last known ports of those that were: lets sessions in, settles who owns a
 * datapath id, and tells the rest of the controller what comes and goes.
 */
import {
  type Connection,
  connect,
  type ConnectOptions,
  type Ending,
  listen,
  type Listener,
  type ListenOptions,
  type SessionHandlers,
  type SessionLimits,
  type SessionOptions,
} from 'ts-openflow'
import type { DatapathId, ObservedSwitch } from '../model/observation.ts'
import type { IncidentCode, SwitchIncident } from './incident.ts'
import type { LiveSwitch } from './live-switch.ts'
import {
  datapathText,
  isIncident,
  type PacketIn,
  type SessionRules,
  type SwitchErrorMessage,
  SwitchSession,
} from './switch-session.ts'

/** All are called synchronously, in the order things happened; what they throw is an incident. */
export interface RegistryHandlers {
  /** The switch has told its ports (`onPorts` came first) and can be worked with. */
  readonly onUp?: (live: LiveSwitch) => void
  readonly onDown?: (live: LiveSwitch, ending: Ending) => void
  /** Ports were told for the first time, or changed. */
  readonly onPorts?: (observed: ObservedSwitch) => void
  /** While too many returned promises wait, the switch's further packet-ins are shed. */
  readonly onPacketIn?: (live: LiveSwitch, message: PacketIn) => void | Promise<void>
  /** An ERROR that belongs to no request and no round. */
  readonly onError?: (live: LiveSwitch, error: SwitchErrorMessage) => void
  readonly onIncident?: (incident: SwitchIncident) => void
}

export interface RegistryLimits extends SessionRules {
  /** Datapath ids that are known, connected or not. */
  readonly maxSwitches: number
  /** Time that a switch has to prove it is there when another peer claims its datapath id. */
  readonly challengeMs: number
}

/** What a switch may punt: probes come by few ports, and a flood by one of them leaves room for the others. */
const defaultPunts: Partial<SessionLimits> = {
  packetInsPerSecond: 1000,
  portPacketInsPerSecond: 500,
  packetInBurstS: 2,
}

export const defaultRegistryLimits: RegistryLimits = {
  maxSwitches: 2048,
  maxPorts: 4096,
  challengeMs: 3000,
  roundTimeoutMs: 30_000,
  maxBundleBytes: 32 * 1024 * 1024,
}

export interface RegistryOptions extends RegistryHandlers {
  readonly limits?: Partial<RegistryLimits>
  /** Of the OpenFlow sessions: timers and buffers. */
  readonly session?: Pick<SessionOptions, 'limits' | 'clock'>
}

export type SwitchListenOptions = Pick<
  ListenOptions,
  'host' | 'port' | 'tls' | 'maxHalfOpen' | 'maxHalfOpenPerAddress'
>

export class SwitchRegistry {
  readonly #options: RegistryOptions
  readonly #limits: RegistryLimits
  readonly #sessions = new Map<DatapathId, SwitchSession>()
  readonly #observed = new Map<DatapathId, ObservedSwitch>()
  readonly #listeners: Listener[] = []

  constructor(options: RegistryOptions) {
    this.#options = options
    this.#limits = { ...defaultRegistryLimits, ...options.limits }
  }

  /** The switch with this datapath id, if it is connected and set up. */
  live(datapathId: DatapathId): LiveSwitch | undefined {
    return this.#sessions.get(datapathId)?.live
  }

  get lives(): readonly LiveSwitch[] {
    return [...this.#sessions.values()].flatMap(({ live }) => live ?? [])
  }

  /** Every switch that has been seen, with its ports as last known. */
  get observed(): ReadonlyMap<DatapathId, ObservedSwitch> {
    return this.#observed
  }

  /** Waits for switches that connect to us. */
  async listen(options: SwitchListenOptions): Promise<Listener> {
    const { challengeMs } = this.#limits
    const listener = await listen({ ...options, ...this.#sessionOptions(), challengeMs })
    this.#listeners.push(listener)
    return listener
  }

  /**
   * Calls a switch that listens itself. Rejects with `SessionClosed` when it does not come up. It is refused when its
   * datapath id has a session.
   */
  async connect(options: Pick<ConnectOptions, 'host' | 'port' | 'tls'>): Promise<void> {
    await connect({ ...options, ...this.#sessionOptions() })
  }

  /** Ends every session and stops listening. */
  async close(): Promise<void> {
    await Promise.all(this.#listeners.splice(0).map((listener) => listener.close('the controller stops')))
    const left = [...this.#sessions.values()]
    await Promise.all(left.map(({ connection }) => connection.close('the controller stops')))
  }

  #sessionOptions(): SessionOptions {
    return {
      ...this.#options.session,
      limits: { ...defaultPunts, ...this.#options.session?.limits },
      onUp: (connection) => this.#accept(connection),
      onEnd: (ending) => {
        if (isIncident(ending)) this.#incident(ending)
      },
      onIncident: ({ datapathId, ...incident }) =>
        this.#incident({
          ...incident,
          ...(datapathId !== undefined && { datapathId: datapathText(datapathId) }),
        }),
    }
  }

  #incident(incident: SwitchIncident): void {
    this.#options.onIncident?.(incident)
  }

  #accept(connection: Connection): SessionHandlers {
    const datapathId = datapathText(connection.features.datapathId)
    const report = (code: IncidentCode, detail: string) =>
      this.#incident({ code, detail, remote: connection.remote, datapathId })
    const refuse = (code: IncidentCode, detail: string): SessionHandlers => {
      report(code, detail)
      void connection.close(detail)
      return {}
    }
    if (connection.features.auxiliaryId !== 0) {
      return refuse('auxiliary-connection', `auxiliary connection ${connection.features.auxiliaryId}`)
    }
    // Of peers that called us only one has got here; of those that we called any may.
    if (this.#sessions.has(datapathId)) return refuse('duplicate-refused', 'the datapath id has a session')
    if (!this.#makeRoom(datapathId)) {
      return refuse('too-many-switches', `${this.#limits.maxSwitches} switches are connected`)
    }
    const session = this.#newSession(connection, datapathId, report)
    void this.#install(session, report)
    return {
      onMessage: (message) => session.onMessage(message),
      onClose: (ending) => this.#onClose(session, ending),
    }
  }

  #newSession(
    connection: Connection,
    datapathId: DatapathId,
    report: (code: IncidentCode, detail: string) => void,
  ): SwitchSession {
    return new SwitchSession({
      connection,
      datapathId,
      rules: this.#limits,
      listener: {
        onPorts: (observed) => this.#setObserved(observed),
        onPacketIn: (live, message) => this.#options.onPacketIn?.(live, message),
        onError: (live, error) => this.#options.onError?.(live, error),
        onIncident: report,
      },
    })
  }

  /** True when this datapath id is known or can be remembered; forgets one that is away if need be. */
  #makeRoom(datapathId: DatapathId): boolean {
    if (this.#observed.has(datapathId) || this.#sessions.has(datapathId)) return true
    if (this.#sessions.size >= this.#limits.maxSwitches) return false
    if (this.#observed.size < this.#limits.maxSwitches) return true
    for (const known of this.#observed.keys()) {
      if (this.#sessions.has(known)) continue
      this.#observed.delete(known)
      return true
    }
    return false
  }

  async #install(
    session: SwitchSession,
    report: (code: IncidentCode, detail: string) => void,
  ): Promise<void> {
    const { datapathId, connection } = session
    this.#sessions.set(datapathId, session)
    let live: LiveSwitch
    try {
      live = await session.setUp(this.#observed.get(datapathId))
    } catch (error) {
      if (!connection.isUp) return
      report('setup-failed', String(error))
      void connection.close('no description or ports')
      return
    }
    if (!connection.isUp) return
    this.#guard(report, () => {
      this.#setObserved(session.observed)
      this.#options.onUp?.(live)
    })
  }

  #setObserved(observed: ObservedSwitch): void {
    if (this.#observed.get(observed.datapathId) === observed) return
    this.#observed.set(observed.datapathId, observed)
    this.#options.onPorts?.(observed)
  }

  #onClose(session: SwitchSession, ending: Ending): void {
    if (this.#sessions.get(session.datapathId) !== session) return
    this.#sessions.delete(session.datapathId)
    if (session.live) this.#options.onDown?.(session.live, ending)
  }

  #guard(report: (code: IncidentCode, detail: string) => void, run: () => void): void {
    try {
      run()
    } catch (error) {
      report('handler-failed', String(error))
    }
  }
}
