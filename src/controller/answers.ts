/** Answers what REST, the command line and scripts ask of the running parts: the `Controller` they see. */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type ApplyOptions,
  type ApplyOutcome,
  type Change,
  type Controller,
  NotStoredError,
  type PlanOutcome,
  type SwitchView,
} from '../api/controller.ts'
import { classViews } from './class-views.ts'
import { dropCounts } from './counters.ts'
import type { Discovery } from '../discovery/discovery.ts'
import type { EventLog } from './events.ts'
import { changeFlows, flows } from './flows.ts'
import type { Moves } from '../mobility/moves.ts'
import { moveAnswers } from './move-answers.ts'
import type { Applied, Loop, NotApplied } from './loop.ts'
import type { Lending } from './lending.ts'
import type { Metrics } from './metrics.ts'
import { movePlanner } from './move-planner.ts'
import { namesOf } from './names.ts'
import type { Observer } from './observer.ts'
import type { OvsdbHosts } from './ovsdb-hosts.ts'
import type { Intent } from '../model/intent.ts'
import type { SwitchAnswer } from '../reconciler/receipt.ts'
import type { HostStatus } from './ovsdb-hosts.ts'
import type { Reconciler } from '../reconciler/reconciler.ts'
import { StoreError } from '../store/store.ts'
import type { SwitchRegistry } from '../switches/registry.ts'
import {
  interfaceViews,
  linkViews,
  networkViews,
  obstaclesOf,
  planOf,
  portUse,
  receiptOf,
  switchView,
  violationsOf,
  vmViews,
} from './views.ts'
import { type TeamsTold, teamViews } from './team-views.ts'

export interface Parts {
  readonly loop: Loop
  readonly reconciler: Reconciler
  readonly observer: Observer
  readonly discovery: Discovery
  readonly registry: SwitchRegistry
  readonly hosts: OvsdbHosts
  readonly teams: TeamsTold
  readonly lending: Lending
  readonly moves: Moves
  readonly metrics: Metrics
  readonly events: EventLog
  /** The store could not be written. */
  readonly onStoreError: (error: unknown) => void
  readonly onStored: () => void
  readonly healthy: Controller['healthy']
}

const defaultApplyTimeoutMs = 10_000

export function answers(parts: Parts): Controller {
  const { loop, discovery, observer } = parts
  return {
    intent: () => ({ revision: loop.revision, spec: loop.declaration.spec }),
    apply: (change, options) => apply(parts, change, options),
    plan: (change) => plan(parts, change),
    switches: () => switches(parts),
    links: () => linkViews(discovery.linkViews(), loop.declaration.intent, observer.observation),
    teams: () => teamViews(loop.declaration.intent, observer.observation, parts.teams),
    classes: () =>
      classViews(loop.declaration.intent, loop.program, {
        ledger: (id) => parts.lending.ledger(id),
        connected: (id) => parts.reconciler.connected(id),
      }),
    hosts: () => discovery.hosts(),
    interfaces: () => interfaceViews(objects(parts), observer.observation),
    networks: () => networkViews(objects(parts)),
    vms: () => vmViews(objects(parts)),
    planMove: movePlanner(parts),
    ...moveAnswers(parts),
    flows: (name) => flows(parts, name),
    changeFlows: (name, change) => changeFlows(parts, name, change),
    drops: () => drops(parts),
    events: parts.events,
    metrics: () => metrics(parts),
    healthy: parts.healthy,
  }
}

async function apply(parts: Parts, change: Change, options: ApplyOptions = {}): Promise<ApplyOutcome> {
  const startedAtMs = performance.now()
  const { ifRevision, wait = true, timeoutMs = defaultApplyTimeoutMs } = options
  const applied = await stored(parts, change, { ifRevision, timeoutMs })
  if (applied.status !== 'applied') return applied.status === 'conflict' ? applied : refusal(parts, applied)
  const { revision, changed } = applied
  if (changed.edits.length > 0)
    parts.events.append('intent.applied', { revision, objects: changed.edits.length })
  if (!wait) return { status: 'accepted', revision }
  const told = await switchAnswers(parts, applied, { startedAtMs, timeoutMs })
  parts.metrics.applySeconds.observe((performance.now() - startedAtMs) / 1000)
  return {
    status: 'applied',
    receipt: receiptOf({
      revision,
      answers: told,
      hosts: hostStatuses(parts, changed.intent),
      intent: changed.intent,
      program: parts.loop.program,
    }),
  }
}

/**
 * What the switches answered once their hosts have answered as well. Only a change of switches, cables or classes wants
 * anything of hosts; a bridge that is given its settings then calls anew, perhaps twice, and has its word after that.
 */
async function switchAnswers(
  { hosts, reconciler }: Parts,
  { answers: first, changed }: Applied,
  { startedAtMs, timeoutMs }: { readonly startedAtMs: number; readonly timeoutMs: number },
): Promise<readonly SwitchAnswer[]> {
  const targets = targetsOf(changed.intent)
  const concerned = changed.edits.some(({ object }) => /^(switches|classes)\/|^links$/.test(object))
  if (!concerned || targets.size === 0) return first
  let [told] = await Promise.all([first, hosts.answers(targets, timeoutMs)])
  const hostOf = new Map(
    [...changed.intent.switches.values()].map((one) => [one.datapathId, one.ovsdb?.target]),
  )
  const isCalling = ({ state, datapathId }: SwitchAnswer) =>
    state === 'disconnected' && hosts.status(hostOf.get(datapathId) ?? '')?.state === 'confirmed'
  const leftMs = () => Math.max(timeoutMs - (performance.now() - startedAtMs), 0)
  const scope = told.map(({ datapathId }) => datapathId)
  // While one is waited for, another may get its settings.
  for (
    let calling = told.filter(isCalling);
    calling.length > 0 && leftMs() > 0;
    calling = told.filter(isCalling)
  ) {
    while (leftMs() > 0 && calling.some(({ datapathId }) => !reconciler.connected(datapathId)))
      await sleep(Math.min(callPollMs, leftMs()))
    told = addedUp(told, await reconciler.receipt(scope, { timeoutMs: leftMs(), startedAtMs }))
  }
  return told
}

/** How often is looked whether a switch has called again. */
const callPollMs = 20

/** The later answers, with what was confirmed before. */
function addedUp(before: readonly SwitchAnswer[], after: readonly SwitchAnswer[]): SwitchAnswer[] {
  const old = new Map(before.map((one) => [one.datapathId, one]))
  return after.map((one) => {
    const { added = 0, modified = 0, deleted = 0 } = old.get(one.datapathId) ?? {}
    return {
      ...one,
      added: one.added + added,
      modified: one.modified + modified,
      deleted: one.deleted + deleted,
    }
  })
}

const targetsOf = ({ switches }: Intent): ReadonlySet<string> =>
  new Set([...switches.values()].flatMap(({ ovsdb }) => ovsdb?.target ?? []))

function hostStatuses({ hosts }: Parts, intent: Intent): HostStatus[] {
  return [...targetsOf(intent)].flatMap((target) => hosts.status(target) ?? [])
}

async function stored(
  { loop, onStored, onStoreError }: Parts,
  change: Change,
  options: { readonly ifRevision: number | undefined; readonly timeoutMs: number },
): Promise<Applied | NotApplied> {
  try {
    const applied = await loop.apply(change, { ...options, by: 'rest' })
    onStored()
    return applied
  } catch (error) {
    onStoreError(error)
    throw error instanceof StoreError ? new NotStoredError(error.message, { cause: error }) : error
  }
}

async function plan(parts: Parts, change: Change): Promise<PlanOutcome> {
  const planned = await parts.loop.plan(change)
  if (planned.status === 'conflict') throw new Error('a plan has no revision to conflict with')
  if (planned.status !== 'planned') return refusal(parts, planned)
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

type Refusal = Exclude<NotApplied, { status: 'conflict' }>

function refusal({ loop }: Parts, outcome: Refusal): Exclude<PlanOutcome, { status: 'planned' }> {
  if (outcome.status !== 'unproved') return outcome
  return { status: 'unproved', violations: violationsOf(outcome.untypable, loop.declaration.intent) }
}

function switches({ loop, registry, observer, reconciler, hosts }: Parts): SwitchView[] {
  const { intent } = loop.declaration
  const { declared } = namesOf(intent)
  const ids = new Set([
    ...[...intent.switches.values()].map(({ datapathId }) => datapathId),
    ...registry.lives.map(({ datapathId }) => datapathId),
  ])
  const useOf = portUse(loop.located)
  return [...ids].map((datapathId) =>
    switchView({
      datapathId,
      declared: declared(datapathId),
      observed: observer.observation.switches.get(datapathId),
      live: registry.live(datapathId),
      status: reconciler.status(datapathId),
      host: hosts.status(declared(datapathId)?.ovsdb?.target ?? ''),
      useOf: (port) => useOf(declared(datapathId), port),
    }),
  )
}

function objects({ loop, reconciler }: Parts): Parameters<typeof vmViews>[0] {
  const { declaration, located, program } = loop
  return { declaration, located, program, unsettled: reconciler.unsettled() }
}

async function drops({ loop, registry }: Parts): ReturnType<Controller['drops']> {
  const names = namesOf(loop.declaration.intent)
  const perSwitch = registry.lives.map(async (live) => {
    const counts = dropCounts(await live.readFlows())
    return [...counts].map(([reason, packets]) => ({ switch: names.of(live.datapathId), reason, packets }))
  })
  // A switch that goes away while it is asked does not spoil the answer about the others.
  const settled = await Promise.allSettled(perSwitch)
  return settled.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
}

function metrics({ metrics: all, loop, registry, observer, reconciler }: Parts): Promise<string> {
  const names = namesOf(loop.declaration.intent)
  all.switches.set(registry.lives.length)
  all.links.set(observer.observation.links.length)
  for (const gauge of [all.rules, all.foreignRules, all.operatorRules, all.refusedRules]) gauge.reset()
  for (const { datapathId } of registry.lives) {
    const status = reconciler.status(datapathId)
    const labels = { switch: names.of(datapathId) }
    all.rules.set(labels, status.rules)
    all.foreignRules.set(labels, status.foreignRules)
    all.operatorRules.set(labels, status.operatorRules)
    all.refusedRules.set(labels, status.refusals.length)
  }
  return all.text()
}
