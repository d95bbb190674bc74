/** Discovery in the loop: probes go out by the switches' sessions, and what they prove is observed. */
import { noBuffer, reservedPort } from 'ts-openflow'
import { declaredFrom } from '../discovery/declared.ts'
import { Discovery } from '../discovery/discovery.ts'
import { emptyIntent } from '../model/intent.ts'
import type { DatapathId } from '../model/observation.ts'
import type { LiveSwitch } from '../switches/live-switch.ts'
import type { EventLog } from './events.ts'
import { type Names, withNames } from './names.ts'
import type { Observer } from './observer.ts'
import type { ThrowbarOptions } from './throwbar-options.ts'

export interface DiscoveringOptions {
  readonly options: Pick<ThrowbarOptions, 'discovery' | 'probeKey'>
  readonly observer: Observer
  readonly events: EventLog
  readonly live: (id: DatapathId) => LiveSwitch | undefined
  /** As they are now. */
  readonly names: () => Names
  readonly onIncident: (code: string, detail: Readonly<Record<string, unknown>>) => void
}

export function discovering({
  options,
  observer,
  events,
  live,
  names,
  onIncident,
}: DiscoveringOptions): Discovery {
  return new Discovery({
    ...options.discovery,
    key: options.probeKey,
    declared: declaredFrom(emptyIntent),
    remembered: observer.observation.links,
    sendPacketOut: (id, portNo, frame) => {
      const actions = [{ type: 'output', port: portNo, maxLen: 0 }] as const
      const inPort = reservedPort.controller
      live(id)?.send({ type: 'packet_out', bufferId: noBuffer, inPort, actions, data: frame })
    },
    onLinks: (links, changes) => {
      observer.linksSeen(links)
      for (const change of changes) events.append(`link.${change.type}`, withNames(change, names()))
    },
    onIncident: (code, detail) => {
      onIncident(`lldp-${code}`, { ...detail, switch: names().of(detail.datapathId) })
    },
    onHost: (host) => events.append('host.seen', { ...host }),
  })
}
