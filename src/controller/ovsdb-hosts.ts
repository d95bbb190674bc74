/**
 * The databases of declared hosts: one session for each, which keeps the bridges what the intent wants and tells where
 * VMs' NICs are plugged in.
 */
import type { ConnectionOptions } from 'node:tls'
import { deepEqual } from '../compiler/equal.ts'
import { emptyIntent, type Switch } from '../model/intent.ts'
import type { DatapathId, Observation } from '../model/observation.ts'
import { parseTarget } from '../model/ovsdb-target.ts'
import type { Attachment } from '../switches/ovsdb/attachments.ts'
import type { OvsdbIncident } from '../switches/ovsdb/client-options.ts'
import { concernsDatapathTypes, datapathTypeOf } from '../switches/ovsdb/datapath-types.ts'
import { type HostOptions, OvsdbHost } from '../switches/ovsdb/host.ts'
import type { ReceiptItem } from '../switches/ovsdb/host-receipt.ts'
import { concernsMtus, mtusOf } from '../switches/ovsdb/mtus.ts'
import { intendedHosts, owner, type Wishes } from '../switches/ovsdb/intended.ts'
import type { WantedController, WantedHost } from '../switches/ovsdb/wanted.ts'
import type { Plug, PlugChanges } from './observer.ts'

/** Where a host stands with what is wanted of it. */
export interface HostStatus {
  readonly target: string
  readonly connected: boolean
  /** `pending`: it has not answered to what is wanted now. */
  readonly state: 'confirmed' | 'refused' | 'pending' | 'disconnected'
  readonly refused: readonly { readonly subject: string; readonly error: string }[]
}

export interface OvsdbHostsOptions {
  readonly tls?: ConnectionOptions
  readonly dial?: HostOptions['dial']
  /** What a host is told of this controller; `localAddress` is this machine's, as the host sees it. */
  readonly controllersFor: (target: string, localAddress: string | undefined) => readonly WantedController[]
  readonly onPlugged: (host: string, plugs: readonly Plug[]) => void
  readonly onPlugChanges: (changes: PlugChanges) => void
  /** Those of every declared bridge that was found, whenever one of them changed. */
  readonly onMtus: (mtus: NonNullable<Observation['mtus']>) => void
  /** The same of the kinds of their datapaths. */
  readonly onDatapathTypes: (types: NonNullable<Observation['datapathTypes']>) => void
  readonly onForgotten: (host: string) => void
  readonly onState: (target: string, state: 'up' | 'down', detail: string) => void
  readonly onRepair: (target: string, items: readonly ReceiptItem[]) => void
  readonly onIncident: (incident: OvsdbIncident) => void
}

interface Followed {
  readonly host: OvsdbHost
  /** Of the address that the host sees; undefined until it was reached. */
  controllers: readonly WantedController[] | undefined
  wanted: WantedHost | undefined
  answered: { readonly refused: HostStatus['refused'] } | undefined
  /** Settles when it has answered to what was wanted last; at first, when it was reached or could not be. */
  answer: Promise<void>
  /** It was reached, or could not be. */
  readonly tried: () => void
}

/** What of an intent hosts are told. */
const parts = ['switches', 'cables', 'networks', 'classes'] as const

/** For a host that is no longer declared to take its leave. */
const farewellMs = 5_000

export class OvsdbHosts {
  readonly #options: OvsdbHostsOptions
  readonly #followed = new Map<string, Followed>()
  #intent: Wishes = emptyIntent
  #mtus: NonNullable<Observation['mtus']> = new Map()
  #datapathTypes: NonNullable<Observation['datapathTypes']> = new Map()

  constructor(options: OvsdbHostsOptions) {
    this.#options = options
  }

  /** Takes up another intent: hosts come and go, and each gets what is wanted of it now. */
  follow(intent: Wishes): void {
    if (parts.every((part) => intent[part] === this.#intent[part])) return
    this.#intent = intent
    const targets = new Set([...intent.switches.values()].flatMap(({ ovsdb }) => ovsdb?.target ?? []))
    for (const [target, { host }] of this.#followed) if (!targets.has(target)) this.#dismiss(target, host)
    for (const target of targets) if (!this.#followed.has(target)) this.#meet(target)
    this.#compareMtus()
    this.#compareDatapathTypes()
    this.#wish()
  }

  /** Call when the addresses of this controller have changed. */
  readdress(): void {
    for (const [target, followed] of this.#followed)
      if (followed.host.isUp)
        followed.controllers = this.#options.controllersFor(target, followed.host.localAddress)
    this.#wish()
  }

  status(target: string): HostStatus | undefined {
    const followed = this.#followed.get(target)
    if (!followed) return undefined
    const { host, answered } = followed
    const refused = answered?.refused ?? []
    const settled = refused.length > 0 ? 'refused' : 'confirmed'
    const state = !host.isUp ? 'disconnected' : answered === undefined ? 'pending' : settled
    return { target, connected: host.isUp, state, refused }
  }

  /** Resolves when every host of these that can be reached has answered to what is wanted, or after that time. */
  async answers(targets: Iterable<string>, timeoutMs: number): Promise<void> {
    const waiting = [...targets].map(async (target) => {
      await this.#followed.get(target)?.answer
      // What it is to answer may have been asked only once it was reached.
      const followed = this.#followed.get(target)
      if (followed?.host.isUp === true) await followed.answer
    })
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)))
    await Promise.race([Promise.all(waiting), late])
    clearTimeout(timer)
  }

  /** Ends the sessions; hosts stay as they are. */
  close(): void {
    for (const { host } of this.#followed.values()) host.close()
    this.#followed.clear()
  }

  #meet(address: string): void {
    const parsed = parseTarget(address)
    // The intent has been checked.
    if (!parsed.ok) return
    const { target } = parsed
    const options = this.#options
    let tried: () => void = () => undefined
    const first = new Promise<void>((resolve) => (tried = resolve))
    const host: OvsdbHost = new OvsdbHost({
      target,
      ...(options.tls && { tls: options.tls }),
      ...(options.dial && { dial: options.dial }),
      onAttachments: ({ added, changed, removed }) => {
        if (!host.isUp) return
        const plugs = (list: readonly Attachment[]) => list.map((one) => plugOf(address, one))
        options.onPlugChanges({
          added: plugs([...added, ...changed.map((change) => change.new)]),
          removed: plugs([...removed, ...changed.map((change) => change.old)]),
        })
      },
      onRows: (changes) => {
        if (concernsMtus(changes)) this.#compareMtus()
        if (concernsDatapathTypes(changes) && this.#compareDatapathTypes()) this.#wish()
      },
      onUp: () => this.#up(address, host),
      onDown: ({ code, detail }) =>
        options.onState(address, 'down', [code, detail].filter(Boolean).join(': ')),
      onRepair: (items) => options.onRepair(address, items),
      onIncident: (incident) => {
        tried()
        options.onIncident(incident)
      },
    })
    this.#followed.set(address, {
      host,
      tried,
      controllers: undefined,
      wanted: undefined,
      answered: undefined,
      answer: first,
    })
  }

  #up(address: string, host: OvsdbHost): void {
    const followed = this.#followed.get(address)
    if (!followed) return
    this.#options.onState(address, 'up', host.systemId ?? '')
    this.#options.onPlugged(
      address,
      Array.from(host.attachments, (one) => plugOf(address, one)),
    )
    followed.controllers = this.#options.controllersFor(address, host.localAddress)
    this.#wish()
    followed.tried()
  }

  /** Only what a bridge's own database says of it counts. A host that is away keeps what it said. */
  #said<T>(read: (tables: OvsdbHost['tables'], bridge: string) => T | undefined): Map<DatapathId, T> {
    const said = new Map<DatapathId, T>()
    for (const { datapathId, ovsdb } of this.#intent.switches.values()) {
      const host = ovsdb && this.#followed.get(ovsdb.target)?.host
      const found = host && read(host.tables, ovsdb.bridge)
      if (found !== undefined) said.set(datapathId, found)
    }
    return said
  }

  #compareMtus(): void {
    const mtus = this.#said(mtusOf)
    for (const [datapathId, found] of mtus) {
      const before = this.#mtus.get(datapathId)
      if (before && deepEqual(before, found)) mtus.set(datapathId, before)
    }
    if (deepEqual(this.#mtus, mtus)) return
    this.#mtus = mtus
    this.#options.onMtus(mtus)
  }

  /** True when one of them changed. */
  #compareDatapathTypes(): boolean {
    const types = this.#said(datapathTypeOf)
    if (deepEqual(this.#datapathTypes, types)) return false
    this.#datapathTypes = types
    this.#options.onDatapathTypes(types)
    return true
  }

  /** Tells each host that was reached what is wanted of it, where that is not what it was told. */
  #wish(): void {
    const controllersOf = (target: string) => this.#followed.get(target)?.controllers ?? []
    const typeOf = ({ datapathId, ovsdb }: Switch) =>
      this.#datapathTypes.get(datapathId) ?? ovsdb?.datapathType
    for (const [target, wanted] of intendedHosts(this.#intent, controllersOf, typeOf)) {
      const followed = this.#followed.get(target)
      if (followed?.controllers === undefined || deepEqual(followed.wanted, wanted)) continue
      followed.wanted = wanted
      followed.answered = undefined
      followed.answer = followed.host.want(wanted).then(({ state, items }) => {
        if (followed.wanted !== wanted || (state !== 'done' && state !== 'refused')) return
        const refused = items.flatMap(({ subject, error, state: one }) =>
          one === 'refused' ? { subject, error: error ?? '' } : [],
        )
        followed.answered = { refused }
      })
    }
  }

  /** What we made there goes, as far as nobody else uses it. */
  #dismiss(target: string, host: OvsdbHost): void {
    this.#followed.delete(target)
    this.#options.onForgotten(target)
    if (!host.isUp) {
      host.close()
      return
    }
    const timer = setTimeout(() => host.close(), farewellMs)
    void host.want({ owner, bridges: [] }).then(() => {
      clearTimeout(timer)
      host.close()
    })
  }
}

function plugOf(host: string, { ifaceId, datapathId, port, mac }: Attachment): Plug {
  return { ifaceId, host, datapathId, port, ...(mac !== undefined && { mac }) }
}
