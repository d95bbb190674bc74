/**
 * A switch whose session is up: what it is, and the few things this project does with it. One round of changes is in
 * flight at a time; reading goes on beside it.
 */
import type {
  Connection,
  ErrorMessage,
  FlowEntry,
  GroupEntry,
  MeterEntry,
  PortStats,
  Unsent,
} from 'ts-openflow'
import type { DatapathId, ObservedSwitch, Port } from '../model/observation.ts'
import {
  type FlowSelection,
  type MeterStats,
  readFlows,
  readGroups,
  readMeterCounters,
  readMeters,
  readPortCounters,
} from './read.ts'
import {
  type CommitOutcome,
  type CommitScope,
  commitRound,
  type FlowMod,
  type GroupMod,
  type MeterMod,
  type Refusal,
  Round,
  type RoundOptions,
  sendRound,
} from './round.ts'

export interface SwitchDescription {
  readonly manufacturer: string
  readonly hardware: string
  readonly software: string
  readonly serial: string
  readonly datapath: string
}

/** Counters of one session. */
export interface SwitchCounters {
  /** Those that were handed over. */
  packetIns: number
  flowMods: number
  rounds: number
}

export type PacketOut = Extract<Unsent, { type: 'packet_out' }>

export interface LiveSwitchParts {
  readonly connection: Connection
  readonly datapathId: DatapathId
  readonly description: SwitchDescription
  readonly options: RoundOptions
  /** Asked anew each time: ports change. */
  readonly observed: () => ObservedSwitch
}

export class LiveSwitch {
  /** 16 lower-case hex digits. */
  readonly datapathId: DatapathId
  readonly description: SwitchDescription
  readonly counters: SwitchCounters = { packetIns: 0, flowMods: 0, rounds: 0 }
  readonly #connection: Connection
  readonly #options: RoundOptions
  readonly #observed: () => ObservedSwitch
  #round: Round | undefined
  #bundleId = 0

  constructor({ connection, datapathId, description, options, observed }: LiveSwitchParts) {
    this.datapathId = datapathId
    this.description = description
    this.#connection = connection
    this.#options = options
    this.#observed = observed
  }

  /** Wire number: 4 is OpenFlow 1.3, 6 is 1.5. */
  get version(): number {
    return this.#connection.version
  }

  /** `address:port` of the session. */
  get address(): string {
    return this.#connection.remote
  }

  /** Packet-ins that were dropped because they came faster than the limits. */
  get packetInsShed(): number {
    return this.#connection.packetInsShed
  }

  get ports(): ReadonlyMap<string, Port> {
    return this.#observed().ports
  }

  /**
   * Applies flow-mods in order, all or none, and resolves when the switch has done it. One alone goes by itself, more go
   * in one bundle; only a list longer than the limit on a bundle's bytes is split, and `applied` then tells how far it
   * got. Rejects when the session ends or does not answer; what is installed is then unknown and the session is closed.
   */
  async commit(mods: readonly FlowMod[]): Promise<CommitOutcome> {
    return this.#commit(mods, 'all')
  }

  /** As `commit`, but what the switch refuses to add is left out and the rest is applied; for one answer of the switch instead of two. */
  async commitAccepted(mods: readonly FlowMod[]): Promise<CommitOutcome> {
    return this.#commit(mods, 'accepted')
  }

  /** Applies flow-mods in order, each by itself, and resolves after a barrier; gives those that were refused. */
  async commitEach(mods: readonly FlowMod[]): Promise<readonly Refusal[]> {
    this.counters.flowMods += mods.length
    return this.#inRound((round) =>
      sendRound(mods, { connection: this.#connection, round, options: this.#options }),
    )
  }

  /** Applies meter-mods and group-mods in order, each by itself, since no bundle carries meters; gives those that were refused. */
  async sendFixtures(mods: readonly (MeterMod | GroupMod)[]): Promise<readonly Refusal[]> {
    return this.#inRound((round) =>
      sendRound(mods, { connection: this.#connection, round, options: this.#options }),
    )
  }

  /** Flows that are installed, with their counters: whoever installed them, unless the selection says which. */
  async readFlows(only?: FlowSelection): Promise<readonly FlowEntry[]> {
    return readFlows(this.#connection, this.#options.timeoutMs, only)
  }

  async readPortCounters(): Promise<readonly PortStats[]> {
    return readPortCounters(this.#connection, this.#options.timeoutMs)
  }

  async readMeters(): Promise<readonly MeterEntry[]> {
    return readMeters(this.#connection, this.#options.timeoutMs)
  }

  async readMeterCounters(): Promise<readonly MeterStats[]> {
    return readMeterCounters(this.#connection, this.#options.timeoutMs)
  }

  async readGroups(): Promise<readonly GroupEntry[]> {
    return readGroups(this.#connection, this.#options.timeoutMs)
  }

  /** Resolves when the switch has answered an echo. */
  async ping(timeoutMs: number): Promise<void> {
    return this.#connection.ping({ timeoutMs })
  }

  /** Sends a packet-out; an ERROR in answer to it is told to the registry's `onError` with the xid given here. */
  send(message: PacketOut): number {
    return this.#connection.send(message)
  }

  async close(detail?: string): Promise<void> {
    await this.#connection.close(detail)
  }

  /** True when the error belongs to the round in flight. For the registry, which sees every message first. */
  takeError(error: ErrorMessage): boolean {
    return this.#round?.take(error) ?? false
  }

  async #commit(mods: readonly FlowMod[], scope: CommitScope): Promise<CommitOutcome> {
    this.counters.flowMods += mods.length
    return this.#inRound((round) =>
      commitRound(mods, {
        connection: this.#connection,
        round,
        options: this.#options,
        scope,
        newBundleId: () => {
          this.#bundleId = (this.#bundleId + 1) >>> 0
          return this.#bundleId
        },
      }),
    )
  }

  async #inRound<T>(run: (round: Round) => Promise<T>): Promise<T> {
    if (this.#round) throw new Error(`a round is in flight on ${this.datapathId}`)
    const round = new Round()
    this.#round = round
    this.counters.rounds += 1
    try {
      return await run(round)
    } catch (error) {
      void this.#connection.close('a round was not answered')
      throw error
    } finally {
      this.#round = undefined
    }
  }
}
