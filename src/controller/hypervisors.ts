/**
 * The hypervisors' side of the loop: what the databases of declared hosts say of plugged-in NICs goes into the observation,
 * what the intent wants of bridges goes there, and a NIC that was plugged in is told of once switches have confirmed it.
 */
import type { ConnectionOptions } from 'node:tls'
import type { Logger } from 'pino'
import { type AddressParts, controllersFor, type Listening } from './addresses.ts'
import type { EventLog } from './events.ts'
import type { Adopted } from './loop.ts'
import type { Metrics } from './metrics.ts'
import type { Observer } from './observer.ts'
import { OvsdbHosts } from './ovsdb-hosts.ts'
import { type PlugChange, plugChanges } from './plugs.ts'
import type { Intent } from '../model/intent.ts'
import type { Reconciler } from '../reconciler/reconciler.ts'
import type { WantedController } from '../switches/ovsdb/wanted.ts'

export interface HypervisorsOptions {
  readonly observer: Observer
  readonly reconciler: Reconciler
  readonly events: EventLog
  readonly metrics: Metrics
  readonly log: Logger
  /** For databases that are declared with `ssl:`. */
  readonly tls: ConnectionOptions | undefined
  /** What hosts are told as this controller's addresses, instead of those that are found. */
  readonly advertised: AddressParts['advertised']
  readonly onIncident: (code: string, detail: Readonly<Record<string, unknown>>) => void
}

/** For switches to confirm the rules of a NIC that was plugged in. */
const plugTimeoutMs = 10_000

export class Hypervisors {
  readonly hosts: OvsdbHosts
  readonly #options: HypervisorsOptions
  readonly #listening: Listening[] = []
  /** When the first of the plugs came that no program has taken up yet. */
  #pluggedAtMs: number | undefined

  constructor(options: HypervisorsOptions) {
    this.#options = options
    this.hosts = this.#makeHosts()
  }

  /** Takes up another intent. */
  follow(intent: Intent): void {
    this.hosts.follow(intent)
  }

  /** OpenFlow listens at one more address, which hosts may be told. */
  listens(at: Listening): void {
    this.#listening.push(at)
    this.hosts.readdress()
  }

  /** A program is on its way: NICs that it has elsewhere are told of once the switches have confirmed their rules. */
  async tell({ located, locatedBefore, touched }: Adopted): Promise<void> {
    const startedAtMs = this.#pluggedAtMs ?? performance.now()
    this.#pluggedAtMs = undefined
    const changes = plugChanges(locatedBefore, located)
    if (changes.length === 0) return
    const owners = new Set(changes.map(({ nic }) => `nic/${nic}`))
    const concerns = (owner: string) => owners.has(owner)
    const { reconciler, metrics, events } = this.#options
    const answers = await reconciler.receipt(touched, { timeoutMs: plugTimeoutMs, startedAtMs, concerns })
    const ms = performance.now() - startedAtMs
    const confirmed = answers.every(({ state }) => state === 'confirmed')
    if (confirmed) metrics.plugSeconds.observe(ms / 1000)
    const timing = confirmed ? { confirmedAfterMs: Math.round(ms * 100) / 100 } : {}
    for (const change of changes) events.append(typeOf(change), { ...change, confirmed, ...timing })
  }

  close(): void {
    this.hosts.close()
  }

  #makeHosts(): OvsdbHosts {
    const { observer, events, log, tls, onIncident } = this.#options
    const plugged = (take: () => void) => {
      this.#pluggedAtMs ??= performance.now()
      take()
    }
    return new OvsdbHosts({
      ...(tls && { tls }),
      controllersFor: (target, localAddress) => this.#addressesFor(target, localAddress),
      onPlugged: (host, plugs) => plugged(() => observer.pluggedAre(host, plugs)),
      onPlugChanges: (changes) => plugged(() => observer.pluggedChanged(changes)),
      onMtus: (mtus) => observer.mtusSeen(mtus),
      onDatapathTypes: (types) => observer.datapathTypesSeen(types),
      onForgotten: (host) => observer.pluggedAre(host, []),
      onState: (target, state, detail) => {
        log.info({ target, detail }, `OVSDB ${state}`)
        events.append(`ovsdb.${state}`, { target, detail })
      },
      onRepair: (target, items) => onIncident('ovsdb-repaired', { target, items }),
      onIncident: ({ code, detail, remote }) => onIncident(`ovsdb-${code}`, { detail, target: remote }),
    })
  }

  #addressesFor(target: string, localAddress: string | undefined): readonly WantedController[] {
    const { advertised, onIncident } = this.#options
    const found = controllersFor({ listening: this.#listening, advertised, localAddress })
    if (found.length === 0 && this.#listening.length > 0) {
      const where = localAddress ?? 'any address of this machine'
      const detail = `OpenFlow does not listen on ${where}, where this host could reach it; see --listen and --advertise`
      onIncident('unreachable-from-host', { target, detail })
    }
    return found
  }
}

const typeOf = ({ at, was }: PlugChange): string =>
  at === undefined ? 'nic.unplugged' : was === undefined ? 'nic.plugged' : 'nic.moved'
