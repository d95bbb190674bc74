/** Uplinks of teams and segments beside the loop: which failed a short while ago, and who must hear that another one is used. */
import type { Logger } from 'pino'
import { noBuffer, reservedPort } from 'ts-openflow'
import { Announcer } from './announcer.ts'
import type { EventLog } from './events.ts'
import type { Adopted } from './loop.ts'
import type { Observer } from './observer.ts'
import type { Intent } from '../model/intent.ts'
import type { DatapathId, ObservedSwitch } from '../model/observation.ts'
import type { Reconciler } from '../reconciler/reconciler.ts'
import { Steadiness } from './steadiness.ts'
import type { LiveSwitch } from '../switches/live-switch.ts'
import type { Timers } from './timers.ts'

export interface UplinksOptions {
  readonly timers: Timers
  readonly observer: Observer
  readonly reconciler: Reconciler
  readonly live: (id: DatapathId) => LiveSwitch | undefined
  readonly events: EventLog
  readonly log: Logger
}

/** For a switch to confirm that it uses another uplink. */
const confirmTimeoutMs = 5_000

export class Uplinks {
  readonly #observer: Observer
  readonly #steadiness: Steadiness
  readonly #announcer: Announcer

  constructor({ timers, observer, reconciler, live, events, log }: UplinksOptions) {
    this.#observer = observer
    this.#steadiness = new Steadiness({
      timers,
      onChange: (unsteady) => {
        observer.unsteadySeen(unsteady)
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
  }

  /** Takes up another intent. */
  follow(intent: Intent): void {
    this.#steadiness.follow(intent, this.#observer.observation)
  }

  portsChanged(observed: ObservedSwitch): void {
    this.#steadiness.seen(observed)
  }

  /** A program is on its way. */
  adopted({ program, located }: Adopted): void {
    this.#announcer.adopted({ program, located, observation: this.#observer.observation })
  }
}
