/** What an owner wants of a host's Open vSwitch, as a value: bridges, their controllers, ports, tunnels, bonds and queues. */

import type { Tunnel } from '../../model/intent.ts'

export interface WantedHost {
  /** Whose rows they are: the value of `external_ids:throwbar` of every row that is made here. */
  readonly owner: string
  readonly bridges: readonly WantedBridge[]
}

export type StringMap = Readonly<Record<string, string>>

export interface WantedBridge {
  readonly name: string
  /** 16 hex digits. */
  readonly datapathId: string
  /** `netdev`, `system`, ...; Open vSwitch's default unless said. */
  readonly datapathType?: string
  /** Such as `OpenFlow15`. */
  readonly protocols: readonly string[]
  readonly controllers: readonly WantedController[]
  /** Beside `datapath-id` and `disable-in-band`; keys that are not named are left as they are. */
  readonly otherConfig?: StringMap
  readonly ports?: readonly WantedPort[]
}

export interface WantedController {
  /** `tcp:HOST:PORT` or `ssl:HOST:PORT`. */
  readonly target: string
  /** Only where nobody else has given the bridge a controller. */
  readonly onlyIfNone?: true
  /** Not below 1,000. */
  readonly maxBackoffMs?: number
  readonly inactivityProbeMs?: number
}

/** What is not named is left as it is; what is named of a row that is ours is exactly so. */
export interface WantedPort {
  readonly name: string
  /** One of the port's name unless said; more are a bond. */
  readonly interfaces?: readonly WantedInterface[]
  readonly tag?: number
  readonly trunks?: readonly number[]
  readonly vlanMode?: string
  readonly bond?: WantedBond
  readonly otherConfig?: StringMap
  readonly qos?: WantedQos
}

export interface WantedBond {
  /** `active-backup`, `balance-slb` or `balance-tcp`. */
  readonly mode: string
  readonly lacp?: 'active' | 'passive' | 'off'
  readonly upDelayMs?: number
  readonly downDelayMs?: number
}

export interface WantedInterface {
  readonly name: string
  /** `internal`, `patch`, `geneve`, ...; a network device of the host unless said. */
  readonly type?: string
  readonly options?: StringMap
  readonly ofportRequest?: number
  /** Such as `02:00:00:03:01:01`. */
  readonly mac?: string
  readonly mtuRequest?: number
  readonly bfd?: StringMap
  readonly otherConfig?: StringMap
  /** Keys that are not named are left as they are. */
  readonly externalIds?: StringMap
}

export interface WantedQos {
  /** `linux-htb`, ... */
  readonly type: string
  readonly otherConfig?: StringMap
  /** By queue number. */
  readonly queues?: ReadonlyMap<number, WantedQueue>
}

export interface WantedQueue {
  readonly dscp?: number
  readonly otherConfig?: StringMap
}

/** One end of a cable between two bridges; the other names this one as its peer. */
export function patchPort(name: string, peer: string): WantedPort {
  return { name, interfaces: [{ name, type: 'patch', options: { peer } }] }
}

export function tunnelPort(
  name: string,
  { type, remote, key }: Tunnel,
  bfd: StringMap | undefined,
): WantedPort {
  const options = { remote_ip: remote, ...(key !== undefined && { key: String(key) }) }
  return { name, interfaces: [{ name, type, options, ...(bfd && { bfd }) }] }
}
