/**
 * Wires the loop: the one file that knows everyone. Sessions feed the observation, the loop compiles and proves,
 * the reconciler sends, and this class answers what REST, the command line and scripts ask.
 */
import type { Logger } from 'pino'
import { noBuffer, printFlow, reservedPort } from 'ts-openflow'
import type {
  ApplyOptions,
  ApplyOutcome,
  Change,
  Controller,
  FlowView,
  PlanOutcome,
  SwitchView,
} from './api/controller.ts'
import { dropCounts, NicCounters } from './counters.ts'
import { Discovery, type DiscoveryOptions } from './discovery/discovery.ts'
import { declaredFrom } from './discovery/declared.ts'
import { EventLog } from './events.ts'
import { Loop, type NotApplied } from './loop.ts'
import { makeMetrics, type Metrics } from './metrics.ts'
import { emptyIntent, type Switch } from './model/intent.ts'
import type { DatapathId } from './model/observation.ts'
import { Observer } from './observer.ts'
import { isOurs } from './pipeline/cookies.ts'
import { fromFlow, ruleKey } from './pipeline/openflow.ts'
import { tableNames, tables } from './pipeline/tables.ts'
import { Reconciler } from './reconciler/reconciler.ts'
import type { Store } from './store/store.ts'
import type { LiveSwitch } from './switches/live-switch.ts'
import { type RegistryOptions, SwitchRegistry } from './switches/registry.ts'
import {
  linkViews,
  networkViews,
  obstaclesOf,
  planOf,
  portUse,
  receiptOf,
  switchNames,
  switchView,
  violationsOf,
  vmViews,
} from './views.ts'

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
const defaultApplyTimeoutMs = 10_000
/** Link probes leave at once when a switch comes up, and have answered by then. */
const linksSettleMs = 700

const namesById = new Map(tableNames.map((name) => [tables[name].id, name]))

export class Throwbar implements Controller {
  readonly registry: SwitchRegistry
  readonly events: EventLog
  readonly #options: ThrowbarOptions
  readonly #metrics: Metrics = makeMetrics()
  readonly #counters = new NicCounters()
  readonly #reconciler: Reconciler
  readonly #observer: Observer
  readonly #discovery: Discovery
  readonly #loop: Loop
  readonly #timers = new Set<NodeJS.Timeout>()
  #storeError: string | undefined
  #held = true

  private constructor(options: ThrowbarOptions, observer: (onChange: () => void) => Observer) {
    const { log } = options
    this.#options = options
    this.events = new EventLog({ now: () => new Date(), firstId: Date.now() * 1000 })
    this.#observer = observer(() => this.#loop.observed())
    this.#reconciler = this.#makeReconciler()
    this.#loop = new Loop({
      store: options.store,
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
        log.error({ violations }, 'what was observed would break isolation; the rules before it stay')
        this.#incident('unproved', { violations })
      },
    })
    this.#discovery = this.#makeDiscovery()
    this.registry = this.#makeRegistry()
  }

  /** Takes up what is stored. Rejects with `StoreError`. */
  static async open(options: ThrowbarOptions): Promise<Throwbar> {
    let onChange = (): void => undefined
    let onStoreError: (error: unknown) => void = () => undefined
    const observer = await Observer.open({
      store: options.store,
      onChange: () => onChange(),
      onStoreError: (error) => onStoreError(error),
    })
    const throwbar = new Throwbar(options, (listener) => {
      onChange = listener
      return observer
    })
    onStoreError = (error) => throwbar.#storeFailed(error)
    throwbar.#reconciler.hold(true)
    await throwbar.#loop.open()
    throwbar.#discovery.setDeclared(declaredFrom(throwbar.#loop.declaration.intent))
    throwbar.#metrics.revision.set(throwbar.#loop.revision)
    throwbar.#every(options.auditIntervalMs ?? defaultAuditIntervalMs, () => throwbar.#audit())
    throwbar.#after(options.settleMs ?? defaultSettleMs, () =>
      throwbar.#letGo('some switches are still missing'),
    )
    throwbar.#release()
    return throwbar
  }

  /** Ends sessions and timers; rules stay on the switches. The store is the caller's to close. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#discovery.stop()
    await this.registry.close()
    await this.#loop.idle()
    this.#reconciler.close()
    await this.#observer.close()
  }

  // What REST, the command line and scripts ask.

  readonly intent: Controller['intent'] = () => ({
    revision: this.#loop.revision,
    spec: this.#loop.declaration.spec,
  })

  readonly apply = async (change: Change, options: ApplyOptions = {}): Promise<ApplyOutcome> => {
    const startedAtMs = performance.now()
    const { ifRevision, wait = true, timeoutMs = defaultApplyTimeoutMs } = options
    const applied = await this.#apply(change, { ifRevision, timeoutMs })
    if (applied.status !== 'applied') return this.#refusal(applied)
    const { revision, changed, answers } = applied
    this.#discovery.setDeclared(declaredFrom(changed.intent))
    this.#metrics.revision.set(revision)
    if (changed.edits.length > 0)
      this.events.append('intent.applied', { revision, objects: changed.edits.length })
    if (!wait) return { status: 'accepted', revision }
    const receipt = receiptOf({
      revision,
      answers: await answers,
      intent: changed.intent,
      program: this.#loop.program,
    })
    this.#metrics.applySeconds.observe((performance.now() - startedAtMs) / 1000)
    return { status: 'applied', receipt }
  }

  readonly plan = async (change: Change): Promise<PlanOutcome> => {
    const planned = await this.#loop.plan(change)
    if (planned.status !== 'planned') return this.#planRefusal(planned)
    const { revision, changed, before, after } = planned
    return {
      status: 'planned',
      plan: {
        revision,
        objects: changed.edits.map((edit) => ({ change: edit.change, object: edit.object })),
        switches: planOf(before, after, changed.intent),
        obstacles: obstaclesOf(after),
      },
    }
  }

  readonly switches: Controller['switches'] = () => {
    const { intent } = this.#loop.declaration
    const { switches: observed } = this.#observer.observation
    const declared = new Map([...intent.switches.values()].map((each) => [each.datapathId, each]))
    const ids = new Set([...declared.keys(), ...this.registry.lives.map(({ datapathId }) => datapathId)])
    const useOf = portUse(intent)
    return [...ids].map((datapathId): SwitchView => {
      const own = declared.get(datapathId)
      return switchView({
        datapathId,
        declared: own,
        observed: observed.get(datapathId),
        live: this.registry.live(datapathId),
        status: this.#reconciler.status(datapathId),
        useOf: (port) => useOf(own, port),
      })
    })
  }

  readonly links: Controller['links'] = () =>
    linkViews(this.#discovery.linkViews(), this.#loop.declaration.intent, this.#observer.observation)

  readonly hosts: Controller['hosts'] = () => this.#discovery.hosts()

  readonly networks: Controller['networks'] = () => networkViews(this.#objects())

  readonly vms: Controller['vms'] = () => vmViews(this.#objects())

  readonly flows: Controller['flows'] = async (switchName) => {
    const live = this.#liveNamed(switchName)
    if (!live) return undefined
    const entries = await live.readFlows()
    return entries.map((entry): FlowView => {
      const foreign = !isOurs(entry.cookie)
      const owner = foreign ? undefined : this.#reconciler.ownerOf(live.datapathId, ruleKey(fromFlow(entry)))
      return {
        text: printFlow(entry, { tableNames: namesById }),
        owner: foreign ? 'foreign' : (owner ?? 'withdrawn'),
        foreign,
        packets: Number(entry.packetCount ?? 0n),
        bytes: Number(entry.byteCount ?? 0n),
      }
    })
  }

  readonly drops: Controller['drops'] = async () => {
    const nameOf = switchNames(this.#loop.declaration.intent)
    const perSwitch = this.registry.lives.map(async (live) => {
      const counts = dropCounts(await live.readFlows())
      return [...counts].map(([reason, packets]) => ({ switch: nameOf(live.datapathId), reason, packets }))
    })
    // A switch that goes away while it is asked does not spoil the answer about the others.
    const settled = await Promise.allSettled(perSwitch)
    return settled.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
  }

  readonly metrics: Controller['metrics'] = () => {
    const { switches, links, rules, foreignRules, refusedRules } = this.#metrics
    const nameOf = switchNames(this.#loop.declaration.intent)
    const { lives } = this.registry
    switches.set(lives.length)
    links.set(this.#observer.observation.links.length)
    for (const gauge of [rules, foreignRules, refusedRules]) gauge.reset()
    for (const { datapathId } of lives) {
      const status = this.#reconciler.status(datapathId)
      const labels = { switch: nameOf(datapathId) }
      rules.set(labels, status.rules)
      foreignRules.set(labels, status.foreignRules)
      refusedRules.set(labels, status.refusals.length)
    }
    return this.#metrics.text()
  }

  readonly healthy: Controller['healthy'] = () =>
    this.#storeError === undefined ? { ok: true, detail: 'ok' } : { ok: false, detail: this.#storeError }

  // How the parts are put together.

  #makeReconciler(): Reconciler {
    return new Reconciler({
      clockMs: () => performance.now(),
      setTimer: (callback, delayMs) => {
        const timer = this.#after(delayMs, callback)
        return () => this.#cancel(timer)
      },
      onConfirmed: (id, operations) => {
        const label = this.#nameOf(id)
        for (const { op } of operations) this.#metrics.operations.inc({ switch: label, op })
      },
      onRefused: (id, { rule, error }) => {
        const detail = { switch: this.#nameOf(id), owner: rule.owner, table: rule.table, error }
        this.#options.log.warn(detail, 'a switch refused a rule')
        this.events.append('rule.refused', detail)
      },
      onRead: (id, entries) => {
        const label = this.#nameOf(id)
        for (const [reason, packets] of dropCounts(entries))
          this.#metrics.drops.set({ switch: label, reason }, packets)
        this.#discovery.heard(this.#counters.grown(id, entries, (key) => this.#reconciler.ownerOf(id, key)))
      },
      onBroken: (id, error) => {
        if (this.registry.live(id))
          this.#incident('round-broken', { switch: this.#nameOf(id), error: String(error) })
      },
    })
  }

  #makeDiscovery(): Discovery {
    return new Discovery({
      ...this.#options.discovery,
      key: this.#options.probeKey,
      clock: () => performance.timeOrigin + performance.now(),
      declared: declaredFrom(emptyIntent),
      remembered: this.#observer.observation.links,
      sendPacketOut: (id, portNo, frame) => this.#packetOut(id, portNo, frame),
      onLinks: (links, changes) => {
        this.#observer.linksSeen(links)
        for (const change of changes) this.events.append(`link.${change.type}`, this.#named(change))
      },
      onIncident: (code, detail) =>
        this.#incident(`lldp-${code}`, { ...detail, switch: this.#nameOf(detail.datapathId) }),
      onHost: (host) => this.events.append('host.seen', { ...host }),
    })
  }

  #makeRegistry(): SwitchRegistry {
    const { log } = this.#options
    return new SwitchRegistry({
      ...(this.#options.session && { session: this.#options.session }),
      onPorts: (observed) => {
        this.#observer.switchSeen(observed)
        this.#discovery.portsChanged(observed)
      },
      onUp: (live) => this.#switchUp(live),
      onDown: (live, ending) => {
        const detail = { switch: this.#nameOf(live.datapathId), address: live.address, reason: ending.code }
        log.info(detail, 'switch down')
        this.events.append('switch.down', detail)
        this.#counters.forget(live.datapathId)
        this.#reconciler.switchDown(live.datapathId, live)
        this.#discovery.switchDown(live.datapathId)
        this.#observer.keepOnly((id) => this.#isKnown(id))
      },
      onPacketIn: (live, { match, data }) => {
        this.#metrics.packetIns.inc({ switch: this.#nameOf(live.datapathId) })
        const inPort = match.find(({ field }) => field === 'in_port')
        if (inPort?.field !== 'in_port') return
        this.#discovery.packetIn({ datapathId: live.datapathId, portNo: Number(inPort.value), frame: data })
      },
      onError: (live, error) => {
        this.#incident('unexpected-error', { switch: this.#nameOf(live.datapathId), error: error.errorType })
      },
      onIncident: ({ code, detail, remote, datapathId }) => {
        this.#incident(code, {
          detail,
          remote,
          ...(datapathId !== undefined && { switch: this.#nameOf(datapathId) }),
        })
      },
    })
  }

  #switchUp(live: LiveSwitch): void {
    const detail = { switch: this.#nameOf(live.datapathId), address: live.address, version: live.version }
    this.#options.log.info(detail, 'switch up')
    this.events.append('switch.up', detail)
    this.#reconciler.switchUp(live)
    const observed = this.registry.observed.get(live.datapathId)
    if (observed) this.#discovery.switchUp(observed)
    this.#release()
  }

  #packetOut(id: DatapathId, portNo: number, frame: Uint8Array): void {
    const live = this.registry.live(id)
    if (!live) return
    const output = { type: 'output', port: portNo, maxLen: 0 } as const
    const inPort = reservedPort.controller
    const common = { type: 'packet_out', bufferId: noBuffer, actions: [output], data: frame } as const
    // OpenFlow 1.5 names the port in a match.
    live.send({
      ...common,
      ...(live.version >= 6 ? { match: [{ field: 'in_port', value: inPort }] } : { inPort }),
    })
  }

  async #apply(change: Change, options: { ifRevision: number | undefined; timeoutMs: number }) {
    try {
      const applied = await this.#loop.apply(change, { ...options, by: 'rest' })
      this.#storeError = undefined
      return applied
    } catch (error) {
      this.#storeFailed(error)
      throw error
    }
  }

  #refusal(outcome: NotApplied): ApplyOutcome {
    return outcome.status === 'conflict' ? outcome : this.#planRefusal(outcome)
  }

  #planRefusal(outcome: NotApplied): Exclude<PlanOutcome, { status: 'planned' }> {
    if (outcome.status === 'conflict') return { status: 'absent' }
    if (outcome.status !== 'unproved') return outcome
    return { status: 'unproved', violations: violationsOf(outcome.untypable, this.#loop.declaration.intent) }
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
    else this.#after(linksSettleMs, () => this.#letGo())
  }

  #letGo(because?: string): void {
    if (!this.#held) return
    this.#held = false
    if (because !== undefined) this.#options.log.info(`going on although ${because}`)
    this.#reconciler.hold(false)
  }

  #audit(): void {
    for (const { datapathId } of this.registry.lives) this.#reconciler.audit(datapathId)
  }

  #objects(): Parameters<typeof vmViews>[0] {
    return {
      declaration: this.#loop.declaration,
      program: this.#loop.program,
      unsettled: this.#reconciler.unsettled(),
    }
  }

  #declaredSwitch(id: DatapathId): Switch | undefined {
    for (const each of this.#loop.declaration.intent.switches.values())
      if (each.datapathId === id) return each
    return undefined
  }

  #isKnown(id: DatapathId): boolean {
    return this.registry.live(id) !== undefined || this.#declaredSwitch(id) !== undefined
  }

  #nameOf(id: DatapathId): string {
    return this.#declaredSwitch(id)?.name ?? id
  }

  #liveNamed(name: string): LiveSwitch | undefined {
    const declared = this.#loop.declaration.intent.switches.get(name)
    return this.registry.live(declared?.datapathId ?? name)
  }

  #named(value: object): Record<string, unknown> {
    return JSON.parse(
      JSON.stringify(value, (key, part: unknown) =>
        key === 'datapathId' ? this.#nameOf(String(part)) : part,
      ),
    ) as Record<string, unknown>
  }

  #incident(code: string, detail: Readonly<Record<string, unknown>>): void {
    this.#metrics.incidents.inc({ code })
    this.#options.log.warn({ code, ...detail }, 'incident')
    this.events.append('incident', { code, ...detail })
  }

  #storeFailed(error: unknown): void {
    this.#storeError = error instanceof Error ? error.message : String(error)
    this.#incident('store', { error: this.#storeError })
  }

  #after(delayMs: number, run: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      run()
    }, delayMs)
    this.#timers.add(timer)
    return timer
  }

  #cancel(timer: NodeJS.Timeout): void {
    clearTimeout(timer)
    this.#timers.delete(timer)
  }

  #every(intervalMs: number, run: () => void): void {
    this.#after(intervalMs, () => {
      run()
      this.#every(intervalMs, run)
    })
  }
}
