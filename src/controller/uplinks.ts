/**
 * Uplinks beside the loop: which failed a short while ago, what they carry, who must hear that another one is used, and
 * what classes of traffic lend to each other there.
 */
import type { Logger } from 'pino'
import { noBuffer, reservedPort } from 'ts-openflow'
import { Announcer } from './announcer.ts'
import type { EventLog } from './events.ts'
import type { Adopted } from './loop.ts'
import { Lending } from './lending.ts'
import { countUses, type Metrics } from './metrics.ts'
import type { Observer } from './observer.ts'
import { type Endpoint, emptyIntent, type Intent } from '../model/intent.ts'
import { namesOf } from './names.ts'
import type { DatapathId, ObservedSwitch } from '../model/observation.ts'
import type { Reconciler } from '../reconciler/reconciler.ts'
import { Steadiness } from './steadiness.ts'
import type { LiveSwitch } from '../switches/live-switch.ts'
import { type TeamChange, TeamFailovers } from './team-failovers.ts'
import { type Rebalanced, TeamLoads } from './team-loads.ts'
import type { TeamsTold } from './team-views.ts'
import type { Timers } from './timers.ts'

export interface UplinksOptions {
  readonly timers: Timers
  readonly observer: Observer
  readonly reconciler: Reconciler
  readonly live: (id: DatapathId) => LiveSwitch | undefined
  readonly events: EventLog
  readonly metrics: Metrics
  /** Of a switch in metrics. */
  readonly label: (id: DatapathId) => string
  readonly log: Logger
}

/** With when it happened, RFC 3339. */
type Told<T> = T & { readonly time: string; readonly datapathId: DatapathId }

/** For a switch to confirm that it uses another uplink. */
const confirmTimeoutMs = 5_000

export class Uplinks implements TeamsTold {
  readonly #observer: Observer
  readonly #events: EventLog
  readonly #log: Logger
  readonly #loads: TeamLoads
  readonly #failovers: TeamFailovers
  /** By datapath id and team; and by datapath id and ports. */
  readonly #lastFailovers = new Map<string, Told<TeamChange>>()
  readonly #lastRebalancings = new Map<string, Told<Rebalanced>>()
  #intent: Intent = emptyIntent
  readonly #steadiness: Steadiness
  readonly #announcer: Announcer
  readonly lending: Lending

  constructor({ timers, observer, reconciler, live, events, metrics, label, log }: UplinksOptions) {
    this.#observer = observer
    this.#events = events
    this.#log = log
    this.#failovers = new TeamFailovers((change) => this.#changed(change))
    this.#loads = new TeamLoads({
      timers,
      clockMs: () => performance.now(),
      live,
      observation: () => observer.observation,
      move: (id, table) => observer.slotsMoved(id, table),
      onRebalanced: (id, rebalanced) => this.#rebalanced(id, rebalanced),
    })
    this.#steadiness = new Steadiness({
      timers,
      onChange: (unsteady) => {
        observer.unsteadySeen(unsteady)
        this.#failovers.look(this.#intent, observer.observation)
      },
    })
    this.#steadiness.restore(observer.observation)
    this.#announcer = new Announcer({
      timers,
      send: (id, inPort, data) => {
        const actions = [{ type: 'output', port: reservedPort.table, maxLen: 0 }] as const
        return live(id)?.send({ type: 'packet_out', bufferId: noBuffer, inPort, actions, data }) !== undefined
      },
      confirmed: (id) =>
        reconciler.receipt([id], { timeoutMs: confirmTimeoutMs, startedAtMs: performance.now() }),
      onChange: (change) => {
        log.info(change, 'another uplink is used')
        events.append('uplink.changed', { ...change })
      },
    })
    this.lending = new Lending({
      timers,
      reconciler,
      live,
      clockMs: () => performance.now(),
      onUse: (id, uses) => countUses(metrics, label(id), uses),
    })
  }

  /** Takes up another intent. */
  follow(intent: Intent): void {
    this.#intent = intent
    this.#steadiness.follow(intent, this.#observer.observation)
    this.#failovers.look(intent, this.#observer.observation)
    const { declared } = namesOf(intent)
    for (const last of [this.#lastFailovers, this.#lastRebalancings])
      for (const [key, { datapathId }] of last) if (!declared(datapathId)) last.delete(key)
  }

  portsChanged(observed: ObservedSwitch): void {
    this.#steadiness.seen(observed)
    this.#failovers.look(this.#intent, this.#observer.observation)
  }

  /** A program is on its way. */
  adopted({ program, located }: Adopted): void {
    const teamed = [...located.switches.values()].filter(({ teams }) => teams.length > 0)
    this.#loads.follow(program, new Set(teamed.map(({ datapathId }) => datapathId)))
    this.#announcer.adopted({ program, located, observation: this.#observer.observation })
    this.lending.adopted(program)
  }

  /** Tells peers and the physical network where these NICs of a switch are. */
  announce(id: DatapathId, nics: readonly Endpoint[]): void {
    this.#announcer.announce(id, nics)
  }

  readonly rate: TeamsTold['rate'] = (id, port) => this.#loads.rate(id, port)

  readonly lastFailover: TeamsTold['lastFailover'] = (id, team) => this.#lastFailovers.get(`${id} ${team}`)

  readonly lastRebalancing: TeamsTold['lastRebalancing'] = (id, ports) =>
    this.#lastRebalancings.get(`${id} ${ports.toSorted().join(' ')}`)

  #changed(change: TeamChange): void {
    const { kind, datapathId, team, from, to } = change
    const detail = { switch: change.switch, datapathId, team, from, to }
    if (kind === 'failover')
      this.#lastFailovers.set(`${datapathId} ${team}`, { ...change, time: new Date().toISOString() })
    this.#log.info(detail, kind === 'failover' ? 'a team has lost an uplink' : 'a team has its uplink again')
    this.#events.append(`team.${kind}`, detail)
  }

  #rebalanced(datapathId: DatapathId, rebalanced: Rebalanced): void {
    const detail = { switch: namesOf(this.#intent).of(datapathId), datapathId, ...rebalanced }
    const key = `${datapathId} ${rebalanced.ports.toSorted().join(' ')}`
    this.#lastRebalancings.set(key, { ...rebalanced, datapathId, time: new Date().toISOString() })
    this.#log.info(detail, 'slots of flows moved because of load')
    this.#events.append('team.rebalanced', detail)
  }
}
