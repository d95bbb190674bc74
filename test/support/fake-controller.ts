/** A controller that keeps its intent in memory and answers what a test tells it to, for the API and the command line. */
import type {
  ApplyOptions,
  ApplyOutcome,
  Change,
  ClassView,
  Controller,
  ControllerEvent,
  FlowChange,
  FlowOutcome,
  HostView,
  InterfaceView,
  LinkView,
  MoveChange,
  MoveView,
  MoveWait,
  NetworkView,
  PlanOutcome,
  SwitchView,
  TeamView,
  VmView,
} from '../../src/api/controller.ts'
import type { MovePlanOutcome, PlanRequest } from '../../src/mobility/plan/plan.ts'
import { isOver, type MoveRequest } from '../../src/mobility/move.ts'
import type { MoveOutcome } from '../../src/mobility/moves.ts'
import type { IntentSpec } from '../../src/model/schema.ts'
import {
  sampleIntent,
  hv1,
  seen,
  forth,
  main,
  storageClass,
  web1Host,
  storA,
  blue,
  vmView,
  web1Plan,
  web1Move,
  confirmed,
  flowReceipt,
} from './samples.ts'

export interface FakeController extends Controller {
  /** What was asked for, in order. */
  readonly changes: { readonly change: Change; readonly options: ApplyOptions }[]
  /** Answers the next change, instead of confirming it. */
  nextOutcome: ApplyOutcome | undefined
  nextPlan: PlanOutcome | undefined
  /** What was asked for by hand, in order, and what answers the next: without it, that it was done. */
  readonly flowChanges: FlowChange[]
  nextFlows: FlowOutcome | undefined
  /** What was to be planned, in order, and what answers the next: without it, the sample's plan. */
  readonly planRequests: PlanRequest[]
  nextMovePlan: MovePlanOutcome | undefined
  health: { ok: boolean; detail: string }
  /** Views that the lists answer with, in place of those of the sample. */
  views: {
    switches: readonly SwitchView[]
    links: readonly LinkView[]
    teams: readonly TeamView[]
    classes: readonly ClassView[]
    hosts: readonly HostView[]
    interfaces: readonly InterfaceView[]
    networks: readonly NetworkView[]
    vms: readonly VmView[]
    moves: readonly MoveView[]
  }
  readonly moveRequests: { readonly request: MoveRequest; readonly wait: MoveWait | undefined }[]
  /** The answer to the next moves, if not that of web1. */
  nextMove: MoveOutcome | undefined
  readonly emit: (type: string, data?: Readonly<Record<string, unknown>>) => void
  /** Forgets all kept events but the last `count`. */
  readonly keepEvents: (count: number) => void
  readonly subscribers: () => number
}

function changeOf(moves: readonly MoveView[], id: string): MoveChange {
  const move = moves.find((one) => one.id === id)
  if (!move) return { status: 'absent' }
  return { status: isOver(move) ? 'over' : 'done', move }
}

export function fakeController(): FakeController {
  let revision = 7
  let spec = sampleIntent
  let events: ControllerEvent[] = []
  let lastEvent = 0
  const listeners = new Set<(event: ControllerEvent) => void>()
  const fake: FakeController = {
    changes: [],
    nextOutcome: undefined,
    nextPlan: undefined,
    flowChanges: [],
    nextFlows: undefined,
    planRequests: [],
    nextMovePlan: undefined,
    health: { ok: true, detail: 'running' },
    views: {
      switches: [seen, hv1],
      links: [forth],
      teams: [main],
      classes: [storageClass],
      hosts: [web1Host],
      interfaces: [storA],
      networks: [blue],
      vms: [vmView('web1')],
      moves: [web1Move],
    },
    moveRequests: [],
    nextMove: undefined,
    emit: (type, data = {}) => {
      lastEvent += 1
      const event = { id: lastEvent, time: '2026-01-01T00:00:00.000Z', type, data }
      events.push(event)
      for (const listener of listeners) listener(event)
    },
    keepEvents: (count) => {
      events = events.slice(-count)
    },
    subscribers: () => listeners.size,
    intent: () => ({ revision, spec }),
    apply: (change, options = {}) => {
      fake.changes.push({ change, options })
      if (options.ifRevision !== undefined && options.ifRevision !== revision)
        return Promise.resolve({ status: 'conflict', revision })
      const told = fake.nextOutcome
      fake.nextOutcome = undefined
      if (told !== undefined) return Promise.resolve(told)
      revision += 1
      spec = changed(spec, change)
      if (options.wait === false) return Promise.resolve({ status: 'accepted', revision })
      return Promise.resolve({ status: 'applied', receipt: confirmed(revision) })
    },
    planMove: (request) => {
      fake.planRequests.push(request)
      return Promise.resolve(fake.nextMovePlan ?? { status: 'planned', plan: web1Plan })
    },
    moves: () => fake.views.moves,
    move: (request, wait) => {
      fake.moveRequests.push({ request, wait })
      return Promise.resolve(fake.nextMove ?? { status: 'accepted', created: true, move: web1Move })
    },
    switchMove: (id) => changeOf(fake.views.moves, id),
    abortMove: (id) => Promise.resolve(changeOf(fake.views.moves, id)),
    plan: () =>
      Promise.resolve(
        fake.nextPlan ?? { status: 'planned', plan: { revision, objects: [], switches: [], obstacles: [] } },
      ),
    switches: () => fake.views.switches,
    links: () => fake.views.links,
    teams: () => fake.views.teams,
    classes: () => fake.views.classes,
    hosts: () => fake.views.hosts,
    interfaces: () => fake.views.interfaces,
    networks: () => fake.views.networks,
    vms: () => fake.views.vms,
    flows: (name) =>
      Promise.resolve(
        name !== 'hv1'
          ? undefined
          : [
              {
                text: 'table=classify,priority=100,in_port=2 actions=drop',
                owner: 'nic/web1/0',
                foreign: false,
                packets: 5,
                bytes: 320,
              },
              {
                text: 'table=deliver,priority=1 actions=drop',
                owner: 'network/blue',
                foreign: false,
                packets: 0,
                bytes: 0,
              },
              {
                text: 'table=classify,priority=9 actions=NORMAL',
                owner: '',
                foreign: true,
                packets: 1,
                bytes: 60,
              },
            ],
      ),
    changeFlows: (name, change) => {
      if (name !== 'hv1') return Promise.resolve(undefined)
      fake.flowChanges.push(change)
      const told = fake.nextFlows
      fake.nextFlows = undefined
      return Promise.resolve(told ?? { status: 'confirmed', receipt: flowReceipt(change) })
    },
    drops: () => Promise.resolve([{ switch: 'hv1', reason: 'spoofed-mac', packets: 3 }]),
    events: {
      since: (id) => {
        const kept = events.filter((event) => event.id > id)
        return { events: kept, gap: (kept[0]?.id ?? lastEvent + 1) > id + 1 }
      },
      subscribe: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    metrics: () => Promise.resolve('# TYPE throwbar_rules gauge\nthrowbar_rules 12\n'),
    healthy: () => fake.health,
  }
  return fake
}

function changed(spec: IntentSpec, change: Change): IntentSpec {
  if (change.kind === 'replace') return change.spec
  const section: Record<string, unknown> = { ...spec[change.resource] }
  if (change.kind === 'put') section[change.name] = change.spec
  else Reflect.deleteProperty(section, change.name)
  return { ...spec, [change.resource]: section }
}
