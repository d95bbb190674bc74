/** Moves of VMs in the loop: what they see of it, and what they do to it. */
import { noBuffer, reservedPort } from 'ts-openflow'
import type { EventLog } from './events.ts'
import type { Measure } from './move-planner.ts'
import { forgetSessions, notedSessions } from './move-sessions.ts'
import type { Loop } from './loop.ts'
import { trafficClass } from '../model/classes.ts'
import type { DatapathId, Observation } from '../model/observation.ts'
import type { Move } from '../mobility/move.ts'
import { type MovePrediction, predictionOf } from '../mobility/prediction.ts'
import { Moves } from '../mobility/moves.ts'
import type { MovePlanOutcome, PlanRequest } from '../mobility/plan/plan.ts'
import { qemuDriver } from '../mobility/qemu/driver.ts'
import type { HeldFrame, MoveWorld } from '../mobility/world.ts'
import { namesOf } from './names.ts'
import type { Observer } from './observer.ts'
import { tableIdOf } from '../pipeline/tables.ts'
import type { Reconciler } from '../reconciler/reconciler.ts'
import type { Store } from '../store/store.ts'
import type { LiveSwitch } from '../switches/live-switch.ts'
import type { Timers } from './timers.ts'
import type { Uplinks } from './uplinks.ts'

export interface MobilityOptions {
  readonly loop: Loop
  readonly observer: Observer
  readonly reconciler: Reconciler
  readonly uplinks: Uplinks
  readonly store: Pick<Store, 'remember' | 'recall'>
  readonly timers: Timers
  readonly events: EventLog
  readonly live: (id: DatapathId) => LiveSwitch | undefined
  readonly plan: (request: PlanRequest, measure: Measure) => Promise<MovePlanOutcome>
  readonly onIncident: (code: string, detail: Readonly<Record<string, unknown>>) => void
}

const rememberedAs = 'moves'
const declareTimeoutMs = 10_000

export function mobility(options: MobilityOptions): Moves {
  const { store, events, loop } = options
  return new Moves({
    world: worldOf(options),
    remember: (kept) => store.remember(rememberedAs, kept),
    recall: () => store.recall(rememberedAs),
    onStep: (move) => {
      const { id, vms, from, to, phase, timeline, flowsReady } = move
      const detail = timeline.at(-1)?.detail
      events.append(`move.${phase}`, {
        id,
        vms,
        from,
        to,
        flowsReady,
        ...(detail !== undefined && { detail }),
      })
    },
    bandwidthBps: ({ from }) => migrationBps(loop, from),
  })
}

function worldOf(options: MobilityOptions): MoveWorld {
  const { loop, observer, reconciler, uplinks, timers, live } = options
  const switchNamed = (name: string) => loop.declaration.intent.switches.get(name)
  const idOf = (name: string) => switchNamed(name)?.datapathId ?? ''
  const send = (name: string, portName: string, data: Uint8Array) => {
    const inPort = observer.observation.switches.get(idOf(name))?.ports.get(portName)?.no
    if (inPort === undefined) return
    const actions = [{ type: 'output', port: reservedPort.table, maxLen: 0 }] as const
    live(idOf(name))?.send({ type: 'packet_out', bufferId: noBuffer, inPort, actions, data })
  }
  return {
    intent: () => loop.declaration.intent,
    located: () => loop.located,
    observation: () => observer.observation,
    setPassages: (passages) => observer.passagesSeen(passages),
    rehearse: (name, passages) => {
      loop.rehearse(name, passages && { ...observer.observation, passages }).catch(() => undefined)
    },
    receipts: async ({ nics }, timeoutMs) => {
      const startedAtMs = performance.now()
      await loop.idle()
      const { intent } = loop.declaration
      const owners = new Set(nics.map(({ nic }) => `nic/${nic}`))
      const answers = await reconciler.receipt(
        [...intent.switches.values()].map(({ datapathId }) => datapathId),
        { timeoutMs, startedAtMs, concerns: (owner) => owners.has(owner) },
      )
      const names = namesOf(intent)
      return answers.map(({ datapathId, state, refused, confirmedAfterMs }) => ({
        switch: names.of(datapathId),
        state,
        errors: refused.filter(({ rule }) => owners.has(rule.owner)).map(({ error }) => error),
        ...(confirmedAfterMs !== undefined && { confirmedAfterMs: Math.round(confirmedAfterMs * 100) / 100 }),
      }))
    },
    declare: (move, at) => declare(options, move, at),
    announce: (host, nics) => {
      const wanted = new Set(nics)
      const there = [...loop.located.vms.values()].flatMap((vm) => vm.nics.filter(({ id }) => wanted.has(id)))
      uplinks.announce(idOf(host), there)
    },
    lateFrames: (move) => lateFrames(options, move),
    sessions: (move, at) => notedSessions(options, move, at),
    forgetSessions: (move) => forgetSessions(options, move),
    reinject: (held) => send(held.switch, held.port, held.frame),
    driver: qemuDriver,
    foretell: (move, measure) => foretold(options, move, measure),
    now: () => new Date(),
    clockMs: () => performance.now(),
    after: (delayMs, run) => timers.after(delayMs, run),
    onIncident: options.onIncident,
  }
}

/** Packets of the rules that send what comes late to the source after its guest. */
async function lateFrames({ live, loop }: MobilityOptions, { from, nics }: Move): Promise<number> {
  const { switches, vms } = loop.declaration.intent
  const flows = await live(switches.get(from)?.datapathId ?? '')
    ?.readFlows()
    .catch(() => [])
  const macs = new Set(
    nics.flatMap(
      ({ nic }) => vms.get(nic.slice(0, nic.indexOf('/')))?.nics.find(({ id }) => id === nic)?.mac ?? [],
    ),
  )
  return (flows ?? [])
    .filter(
      ({ tableId, match }) =>
        tableId === tableIdOf('local') &&
        match.some(
          ({ field, value, mask }) => field === 'eth_dst' && mask === undefined && macs.has(Number(value)),
        ),
    )
    .reduce((sum, { packetCount }) => sum + Number(packetCount), 0)
}

async function foretold(
  { plan }: MobilityOptions,
  { vms, to, driver }: Move,
  measure: Measure,
): Promise<MovePrediction | undefined> {
  const request = { vms, to, ...(driver && { qmp: driver.source }) }
  const outcome = await plan(request, measure).catch(() => undefined)
  return outcome?.status === 'planned' ? predictionOf(outcome.plan) : undefined
}

/** A frame that was shown by a port of a declared switch. */
export function heldFrame(
  { declaration: { intent } }: Loop,
  { switches }: Observation,
  { datapathId, portNo, frame }: { datapathId: DatapathId; portNo: number; frame: Uint8Array },
): HeldFrame | undefined {
  const name = namesOf(intent).declared(datapathId)?.name
  const ports = [...(switches.get(datapathId)?.ports.values() ?? [])]
  const port = ports.find(({ no }) => no === portNo)?.name
  return name === undefined || port === undefined ? undefined : { switch: name, port, frame }
}

/** What is declared follows the guest; where nothing is, what its hypervisors plug in does. */
async function declare({ loop, observer }: MobilityOptions, move: Move, at: 'from' | 'to'): Promise<void> {
  const to = move[at]
  const ports = new Map(
    move.nics.flatMap((one) => {
      const { port } = one[at]
      return port === undefined ? [] : [[one.nic, port] as const]
    }),
  )
  const { vms, networks } = move
  const { switches, vms: declared } = loop.declaration.intent
  const applied = await loop.apply(
    { kind: 'move', vms, networks, to, ports },
    { timeoutMs: declareTimeoutMs, by: `move ${move.id}` },
  )
  if (applied.status !== 'applied') throw new Error(`${to} cannot be declared as its host: ${applied.status}`)
  for (const vm of vms)
    for (const { iface } of declared.get(vm)?.nics ?? [])
      if (iface !== undefined) observer.preferPlug(iface, switches.get(to)?.datapathId ?? '')
}

/** What migration may use of the uplinks of a hypervisor: what its class is promised, else what it may have at most. */
function migrationBps({ declaration: { intent } }: Loop, host: string): number | undefined {
  if (intent.classes.size === 0 || !intent.switches.has(host)) return undefined
  const { reservationBps, limitBps } = trafficClass(intent.classes, 'migration')
  return reservationBps > 0 ? reservationBps : limitBps
}
