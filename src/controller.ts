/**
 * Wires the loop: the one file that knows everyone. Sessions feed the observation, the loop compiles and proves,
 * the reconciler sends, and `answers.ts` tells REST, the command line and scripts about it.
 */
import type { Logger } from 'pino'
import { type FlowEntry, noBuffer, reservedPort } from 'ts-openflow'
import { answers } from './answers.ts'
import type { Controller } from './api/controller.ts'
import { dropCounts, NicCounters } from './counters.ts'
import { Discovery, type DiscoveryOptions } from './discovery/discovery.ts'
import { declaredFrom } from './discovery/declared.ts'
import { EventLog } from './events.ts'
import { Loop } from './loop.ts'
import { makeMetrics, type Metrics } from './metrics.ts'
import { emptyIntent } from './model/intent.ts'
import type { DatapathId } from './model/observation.ts'
import { type Names, namesOf } from './names.ts'
import { Observer } from './observer.ts'
import { Reconciler } from './reconciler/reconciler.ts'
import type { Store } from './store/store.ts'
import type { LiveSwitch } from './switches/live-switch.ts'
import { type RegistryOptions, SwitchRegistry } from './switches/registry.ts'
import { Timers } from './timers.ts'
import { violationsOf } from './views.ts'

export interface ThrowbarOptions {
  readonly store: Store
  readonly log: Logger
  /** Signs link probes; random, new at every start. */
  readonly probeKey: Uint8Array
  readonly session?: RegistryOptions['session']
  readonly discovery?: Pick<DiscoveryOptions, 'intervalMs' | 'timeoutMs' | 'graceMs' | 'burstMs'>
  /** How often each switch's table is read for counters, and healed if somebody changed it. */
  readonly auditIntervalMs?: number
  /** How long switches that carry our rules are left alone when the world they were made for is not known. */
  readonly settleMs?: number
}

const defaultAuditIntervalMs = 10_000
const defaultSettleMs = 5_000
/** Link probes leave at once when a switch comes up, and have answered by then. */
const linksSettleMs = 700

export class Throwbar {
  /** What REST, the command line and scripts see of it. */
  readonly controller: Controller
  readonly registry: SwitchRegistry
  readonly #options: ThrowbarOptions
  readonly #events = new EventLog({ now: () => new Date(), firstId: Date.now() * 1000 })
  readonly #metrics: Metrics = makeMetrics()
  readonly #counters = new NicCounters()
  readonly #timers = new Timers()
  readonly #reconciler: Reconciler
  readonly #observer: Observer
  readonly #discovery: Discovery
  readonly #loop: Loop
  #storeError: string | undefined
  #held = true

  private constructor(options: ThrowbarOptions, observer: Observer) {
    this.#options = options
    this.#observer = observer
    this.#reconciler = this.#makeReconciler()
    this.#loop = this.#makeLoop()
    this.#discovery = this.#makeDiscovery()
    this.registry = this.#makeRegistry()
    this.controller = this.#makeController()
  }

  /** Takes up what is stored. Rejects with `StoreError`. */
  static async open(options: ThrowbarOptions): Promise<Throwbar> {
    const observer = await Observer.open(options.store)
    const throwbar = new Throwbar(options, observer)
    observer.listen({
      onChange: () => throwbar.#loop.observed(),
      onStoreError: (error) => throwbar.#storeFailed(error),
    })
    await throwbar.#start()
    return throwbar
  }

  /** Ends sessions and timers; rules stay on the switches. The store is the caller's to close. */
  async close(): Promise<void> {
    this.#timers.close()
    this.#discovery.stop()
    await this.registry.close()
    await this.#loop.idle()
    this.#reconciler.close()
    await this.#observer.close()
  }

  async #start(): Promise<void> {
    const { auditIntervalMs = defaultAuditIntervalMs, settleMs = defaultSettleMs } = this.#options
    this.#reconciler.hold(true)
    await this.#loop.open()
    this.#discovery.setDeclared(declaredFrom(this.#loop.declaration.intent))
    this.#metrics.revision.set(this.#loop.revision)
    this.#timers.every(auditIntervalMs, () => {
      for (const { datapathId } of this.registry.lives) this.#reconciler.audit(datapathId)
    })
    this.#timers.after(settleMs, () => this.#letGo('some switches are still missing'))
    this.#release()
  }

  #makeController(): Controller {
    return answers({
      loop: this.#loop,
      reconciler: this.#reconciler,
      observer: this.#observer,
      discovery: this.#discovery,
      registry: this.registry,
      metrics: this.#metrics,
      events: this.#events,
      onStored: () => {
        this.#storeError = undefined
      },
      onStoreError: (error) => this.#storeFailed(error),
      healthy: () => ({ ok: this.#storeError === undefined, detail: this.#storeError ?? 'ok' }),
    })
  }

  #makeLoop(): Loop {
    return new Loop({
      store: this.#options.store,
      reconciler: this.#reconciler,
      observation: () => this.#observer.observation,
      clockMs: () => performance.now(),
      now: () => new Date(),
      onProgram: ({ obstacles }, compileMs) => {
        this.#metrics.compileSeconds.observe(compileMs / 1000)
        this.#metrics.obstacles.set(obstacles.length)
        this.#release()
      },
      onUnproved: (untypable) => {
        const violations = violationsOf(untypable, this.#loop.declaration.intent)
        this.#incident('unproved', {
          violations,
          detail: 'rules for what was observed; those before it stay',
        })
      },
    })
  }

  #makeReconciler(): Reconciler {
    return new Reconciler({
      clockMs: () => performance.now(),
      setTimer: (callback, delayMs) => this.#timers.after(delayMs, callback),
      onConfirmed: (id, operations) => {
        const label = this.#names.of(id)
        for (const { op } of operations) this.#metrics.operations.inc({ switch: label, op })
      },
      onRefused: (id, { rule, error }) => {
        const detail = { switch: this.#names.of(id), owner: rule.owner, table: rule.table, error }
        this.#options.log.warn(detail, 'a switch refused a rule')
        this.#events.append('rule.refused', detail)
      },
      onRead: (id, entries) => this.#tableRead(id, entries),
      onBroken: (id, error) => {
        if (this.registry.live(id))
          this.#incident('round-broken', { switch: this.#names.of(id), error: String(error) })
      },
    })
  }

  #makeDiscovery(): Discovery {
    return new Discovery({
      ...this.#options.discovery,
      key: this.#options.probeKey,
      declared: declaredFrom(emptyIntent),
      remembered: this.#observer.observation.links,
      sendPacketOut: (id, portNo, frame) => {
        const actions = [{ type: 'output', port: portNo, maxLen: 0 }] as const
        const inPort = reservedPort.controller
        this.registry.live(id)?.send({ type: 'packet_out', bufferId: noBuffer, inPort, actions, data: frame })
      },
      onLinks: (links, changes) => {
        this.#observer.linksSeen(links)
        for (const change of changes) this.#events.append(`link.${change.type}`, this.#named(change))
      },
      onIncident: (code, detail) => {
        this.#incident(`lldp-${code}`, { ...detail, switch: this.#names.of(detail.datapathId) })
      },
      onHost: (host) => this.#events.append('host.seen', { ...host }),
    })
  }

  #makeRegistry(): SwitchRegistry {
    return new SwitchRegistry({
      ...(this.#options.session && { session: this.#options.session }),
      onPorts: (observed) => {
        this.#observer.switchSeen(observed)
        this.#discovery.portsChanged(observed)
      },
      onUp: (live) => this.#switchUp(live),
      onDown: (live, { code }) => this.#switchDown(live, code),
      onPacketIn: ({ datapathId }, { match, data }) => {
        this.#metrics.packetIns.inc({ switch: this.#names.of(datapathId) })
        const inPort = match.find(({ field }) => field === 'in_port')
        if (inPort) this.#discovery.packetIn({ datapathId, portNo: Number(inPort.value), frame: data })
      },
      onError: ({ datapathId }, { errorType, code }) => {
        this.#incident('unexpected-error', {
          switch: this.#names.of(datapathId),
          error: `${errorType} ${code}`,
        })
      },
      onIncident: ({ code, detail, remote, datapathId }) => {
        // Probes may be among what was shed: their absence is no sign of a lost link.
        if (code === 'packet-in-shed' && datapathId !== undefined) this.#discovery.packetInsShed(datapathId)
        const name = datapathId === undefined ? {} : { switch: this.#names.of(datapathId) }
        this.#incident(code, { detail, remote, ...name })
      },
    })
  }

  #switchUp(live: LiveSwitch): void {
    const { datapathId, address, version } = live
    const detail = { switch: this.#names.of(datapathId), address, version }
    this.#options.log.info(detail, 'switch up')
    this.#events.append('switch.up', detail)
    this.#reconciler.switchUp(live)
    const observed = this.registry.observed.get(datapathId)
    if (observed) this.#discovery.switchUp(observed)
    this.#release()
  }

  #switchDown(live: LiveSwitch, reason: string): void {
    const { datapathId, address } = live
    const detail = { switch: this.#names.of(datapathId), address, reason }
    this.#options.log.info(detail, 'switch down')
    this.#events.append('switch.down', detail)
    this.#counters.forget(datapathId)
    this.#reconciler.switchDown(datapathId, live)
    this.#discovery.switchDown(datapathId)
    this.#observer.keepOnly(
      (id) => this.registry.live(id) !== undefined || this.#names.declared(id) !== undefined,
    )
  }

  #tableRead(id: DatapathId, entries: readonly FlowEntry[]): void {
    const label = this.#names.of(id)
    for (const [reason, packets] of dropCounts(entries))
      this.#metrics.drops.set({ switch: label, reason }, packets)
    this.#discovery.heard(this.#counters.grown(id, entries, (key) => this.#reconciler.ownerOf(id, key)))
  }

  /**
   * Lets go of switches that carry our rules as soon as the world they were programmed for is known again:
   * every declared switch was seen, now or before the restart, and links have had their time.
   */
  #release(): void {
    if (!this.#held) return
    const { switches, links } = this.#observer.observation
    const declared = [...this.#loop.declaration.intent.switches.values()]
    if (!declared.every(({ datapathId }) => switches.has(datapathId))) return
    if (links.length > 0 || declared.length < 2) this.#letGo()
    else this.#timers.after(linksSettleMs, () => this.#letGo())
  }

  #letGo(although?: string): void {
    if (!this.#held) return
    this.#held = false
    if (although !== undefined) this.#options.log.info(`going on although ${although}`)
    this.#reconciler.hold(false)
  }

  get #names(): Names {
    return namesOf(this.#loop.declaration.intent)
  }

  /** The value with switches called by their names. */
  #named(value: object): Record<string, unknown> {
    return JSON.parse(
      JSON.stringify(value, (key, part: unknown) =>
        key === 'datapathId' ? this.#names.of(String(part)) : part,
      ),
    ) as Record<string, unknown>
  }

  /** Counted, logged and told to whoever listens. */
  #incident(code: string, detail: Readonly<Record<string, unknown>>): void {
    this.#metrics.incidents.inc({ code })
    this.#options.log.warn({ code, ...detail }, 'incident')
    this.#events.append('incident', { code, ...detail })
  }

  #storeFailed(error: unknown): void {
    this.#storeError = error instanceof Error ? error.message : String(error)
    this.#incident('store', { error: this.#storeError })
  }
}
