/**
 * Wires the loop: the one file that knows everyone. Sessions feed the observation, the loop compiles and proves,
 * the reconciler sends, and `answers.ts` tells REST, the command line and scripts about it.
 */
import type { FlowEntry, Listener } from 'ts-openflow'
import { answers } from './answers.ts'
import type { Controller } from '../api/controller.ts'
import { dropCounts, NicCounters } from './counters.ts'
import { discovering } from './discovering.ts'
import type { Discovery } from '../discovery/discovery.ts'
import { declaredFrom } from '../discovery/declared.ts'
import { EventLog } from './events.ts'
import { Hypervisors } from './hypervisors.ts'
import { Loop } from './loop.ts'
import { countOperations, makeMetrics, type Metrics } from './metrics.ts'
import { emptyIntent, type Intent } from '../model/intent.ts'
import type { DatapathId } from '../model/observation.ts'
import { type Names, namesOf } from './names.ts'
import { heldFrame, mobility } from './mobility.ts'
import { movePlanner } from './move-planner.ts'
import type { Moves } from '../mobility/moves.ts'
import { Observer } from './observer.ts'
import { Reconciler } from '../reconciler/reconciler.ts'
import { Settling } from './settling.ts'
import type { LiveSwitch } from '../switches/live-switch.ts'
import { SwitchRegistry } from '../switches/registry.ts'
import { defaultAuditIntervalMs, defaultSettleMs, type ThrowbarOptions } from './throwbar-options.ts'
import { Timers } from './timers.ts'
import { unproved } from './unproved.ts'
import { Uplinks } from './uplinks.ts'

export class Throwbar {
  /** What REST, the command line and scripts see of it. */
  readonly controller: Controller
  readonly registry: SwitchRegistry
  readonly #options: ThrowbarOptions
  readonly #events = new EventLog({ now: () => new Date(), firstId: Date.now() * 1000 })
  readonly #metrics: Metrics = makeMetrics()
  readonly #counters = new NicCounters()
  readonly #timers = new Timers()
  readonly #settling: Settling
  readonly #reconciler: Reconciler
  readonly #observer: Observer
  readonly #discovery: Discovery
  readonly #loop: Loop
  #storeError: string | undefined
  readonly #hypervisors: Hypervisors
  readonly #uplinks: Uplinks
  readonly #moves: Moves
  #followed: Intent = emptyIntent
  #located: Intent = emptyIntent

  private constructor(options: ThrowbarOptions, observer: Observer) {
    this.#options = options
    this.#observer = observer
    this.#settling = new Settling({
      timers: this.#timers,
      settleMs: options.settleMs ?? defaultSettleMs,
      onSettled: (although) => {
        if (although !== undefined) options.log.info(`going on although ${although}`)
        this.#reconciler.hold(false)
      },
    })
    this.#reconciler = this.#makeReconciler()
    this.#hypervisors = new Hypervisors({
      observer,
      reconciler: this.#reconciler,
      events: this.#events,
      metrics: this.#metrics,
      log: options.log,
      tls: options.tls,
      advertised: options.advertised ?? [],
      onIncident: (code, detail) => this.#incident(code, detail),
    })
    this.#uplinks = new Uplinks({
      observer,
      reconciler: this.#reconciler,
      timers: this.#timers,
      live: (id) => this.registry.live(id),
      events: this.#events,
      metrics: this.#metrics,
      label: (id) => this.#label(id),
      log: options.log,
    })
    this.#loop = this.#makeLoop()
    this.#discovery = discovering({
      options,
      observer,
      events: this.#events,
      live: (id) => this.registry.live(id),
      names: () => this.#names,
      onIncident: (code, detail) => this.#incident(code, detail),
    })
    this.registry = this.#makeRegistry()
    this.#moves = mobility({
      loop: this.#loop,
      observer,
      reconciler: this.#reconciler,
      uplinks: this.#uplinks,
      store: options.store,
      timers: this.#timers,
      events: this.#events,
      live: (id) => this.registry.live(id),
      plan: movePlanner({ loop: this.#loop, observer, discovery: this.#discovery, registry: this.registry }),
      onIncident: (code, detail) => this.#incident(code, detail),
    })
    this.controller = this.#makeController()
  }

  /** Takes up what is stored. Rejects with `StoreError`. */
  static async open(options: ThrowbarOptions): Promise<Throwbar> {
    const observer = await Observer.open(options.store)
    const throwbar = new Throwbar(options, observer)
    observer.listen({
      onChange: () => {
        throwbar.#loop.observed()
        throwbar.#moves.look()
      },
      onStoreError: (error) => throwbar.#storeFailed(error),
    })
    await throwbar.#start()
    return throwbar
  }

  /** Waits for switches that connect to us; hosts whose database is declared are told where. Rejects as `net` does. */
  async listen(options: Parameters<SwitchRegistry['listen']>[0]): Promise<Listener> {
    const listener = await this.registry.listen(options)
    const { host = '0.0.0.0', tls } = options
    this.#hypervisors.listens({ host, port: listener.address.port, isTls: tls !== undefined })
    return listener
  }

  /** Ends sessions and timers; rules stay on the switches. The store is the caller's to close. */
  async close(): Promise<void> {
    await this.#moves.close()
    this.#timers.close()
    this.#discovery.stop()
    this.#hypervisors.close()
    await this.registry.close()
    await this.#loop.idle()
    this.#reconciler.close()
    await this.#observer.close()
  }

  async #start(): Promise<void> {
    this.#reconciler.hold(true)
    await this.#moves.open()
    await this.#loop.open()
    this.#timers.every(this.#options.auditIntervalMs ?? defaultAuditIntervalMs, () => {
      for (const { datapathId } of this.registry.lives) this.#reconciler.audit(datapathId)
    })
    this.#settling.start()
    this.#look()
    this.#moves.resume()
  }

  #makeController(): Controller {
    return answers({
      loop: this.#loop,
      reconciler: this.#reconciler,
      observer: this.#observer,
      discovery: this.#discovery,
      registry: this.registry,
      hosts: this.#hypervisors.hosts,
      teams: this.#uplinks,
      lending: this.#uplinks.lending,
      moves: this.#moves,
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
      onProgram: (adopted) => {
        this.#metrics.compileSeconds.observe(adopted.compileMs / 1000)
        this.#metrics.obstacles.set(adopted.program.obstacles.length)
        this.#observer.slotsDealt(adopted.program.switches.values())
        void this.#hypervisors.tell(adopted)
        this.#uplinks.adopted(adopted)
        this.#follow()
        this.#look()
      },
      onUnproved: (untypable) =>
        this.#incident('unproved', unproved(untypable, this.#loop.declaration.intent)),
      onFailed: (error) => this.#incident('compile-failed', { error: String(error) }),
    })
  }

  #makeReconciler(): Reconciler {
    return new Reconciler({
      clockMs: () => performance.now(),
      setTimer: (callback, delayMs) => this.#timers.after(delayMs, callback),
      onConfirmed: (id, operations) => countOperations(this.#metrics, this.#label(id), operations),
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

  #makeRegistry(): SwitchRegistry {
    return new SwitchRegistry({
      ...(this.#options.session && { session: this.#options.session }),
      onPorts: (observed) => {
        this.#observer.switchSeen(observed)
        this.#uplinks.portsChanged(observed)
        this.#discovery.portsChanged(observed)
      },
      onUp: (live) => this.#switchUp(live),
      onDown: (live, { code }) => this.#switchDown(live, code),
      onPacketIn: ({ datapathId }, { match, data }) => {
        this.#metrics.packetIns.inc({ switch: this.#label(datapathId) })
        const inPort = match.find(({ field }) => field === 'in_port')
        if (!inPort) return
        const shown = { datapathId, portNo: Number(inPort.value), frame: data }
        this.#discovery.packetIn(shown)
        const held = heldFrame(this.#loop, this.#observer.observation, shown)
        if (held) this.#moves.frameShown(held)
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
    const observed = this.registry.observed.get(datapathId)
    if (observed) {
      // It may have been forgotten while it was away, and have come back unchanged.
      this.#observer.switchSeen(observed)
      this.#discovery.switchUp(observed)
    }
    // Its ports may have other numbers than before: nothing is sent until the program is made for them.
    void this.#loop.idle().then(() => {
      if (this.registry.live(datapathId) !== live) return
      this.#reconciler.switchUp(live)
      this.#look()
    })
  }

  #switchDown(live: LiveSwitch, reason: string): void {
    const { datapathId, address } = live
    const detail = { switch: this.#names.of(datapathId), address, reason }
    this.#options.log.info(detail, 'switch down')
    this.#events.append('switch.down', detail)
    this.#counters.forget(datapathId)
    this.#reconciler.switchDown(datapathId, live)
    this.#discovery.switchDown(datapathId)
    this.#forgetStrangers()
  }

  #forgetStrangers(): void {
    this.#observer.keepOnly((id) => (this.registry.live(id) ?? this.#names.declared(id)) !== undefined)
  }

  /** Tells the parts beside the loop when another intent is in force. */
  #follow(): void {
    const { declaration, located, revision } = this.#loop
    if (located !== this.#located) {
      this.#located = located
      this.#discovery.setDeclared(declaredFrom(located))
    }
    if (declaration.intent === this.#followed) return
    this.#followed = declaration.intent
    this.#moves.look()
    this.#metrics.revision.set(revision)
    this.#hypervisors.follow(declaration.intent)
    this.#uplinks.follow(declaration.intent)
    this.#forgetStrangers()
  }

  #tableRead(id: DatapathId, entries: readonly FlowEntry[]): void {
    const label = this.#label(id)
    for (const [reason, packets] of dropCounts(entries))
      this.#metrics.drops.set({ switch: label, reason }, packets)
    this.#discovery.heard(this.#counters.grown(id, entries, (key) => this.#reconciler.ownerOf(id, key)))
  }

  #look(): void {
    this.#settling.look(this.#loop.declaration.intent, this.#observer.observation)
  }

  get #names(): Names {
    return namesOf(this.#loop.declaration.intent)
  }

  /** For metrics that stay: datapath ids that anybody may make up are not told apart. */
  #label(id: DatapathId): string {
    return this.#names.declared(id)?.name ?? 'undeclared'
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
