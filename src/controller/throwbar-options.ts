/** What the controller is started with. */
import type { ConnectionOptions } from 'node:tls'
import type { Logger } from 'pino'
import type { AddressParts } from './addresses.ts'
import type { DiscoveryOptions } from '../discovery/discovery.ts'
import type { Store } from '../store/store.ts'
import type { RegistryOptions } from '../switches/registry.ts'

export interface ThrowbarOptions {
  readonly store: Store
  readonly log: Logger
  /** Signs link probes; random, new at every start. */
  readonly probeKey: Uint8Array
  readonly session?: RegistryOptions['session']
  readonly discovery?: Pick<DiscoveryOptions, 'intervalMs' | 'timeoutMs' | 'graceMs' | 'burstMs'>
  /** How databases of hosts that are declared with `ssl:` are spoken to. */
  readonly tls?: ConnectionOptions
  /** What hosts are told as this controller's addresses, instead of those that are found. */
  readonly advertised?: AddressParts['advertised']
  /** How often each switch's table is read for counters, and healed if somebody changed it. */
  readonly auditIntervalMs?: number
  /** How long switches that carry our rules are left alone when the world they were made for is not known. */
  readonly settleMs?: number
}

export const defaultAuditIntervalMs = 10_000
export const defaultSettleMs = 5_000
