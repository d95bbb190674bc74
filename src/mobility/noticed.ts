/** Moves that nobody asked us for: a NIC that is followed was plugged in on a second hypervisor. Pure. */
import type { Intent, Nic, Switch } from '../model/intent.ts'
import type { Attachment, Observation } from '../model/observation.ts'
import { defaultSettleS, defaultTimeoutS, type Move } from './move.ts'

export interface NoticeWorld {
  readonly intent: Intent
  readonly located: Intent
  readonly observation: Observation
  /** VMs that are being moved. */
  readonly moving: ReadonlyMap<string, string>
  readonly time: string
}

/** Without an id as yet. */
export function noticed({ intent, located, observation, moving, time }: NoticeWorld): Move[] {
  const twice = [...(observation.attachments ?? [])].filter(([, attachments]) => attachments.length > 1)
  if (twice.length === 0) return []
  const ifaces = new Map(twice)
  const moves: Move[] = []
  for (const [name, vm] of intent.vms) {
    if (moving.has(name) || !vm.nics.some(({ iface }) => ifaces.has(iface ?? ''))) continue
    const here = located.vms.get(name)?.nics ?? []
    const from = here[0]?.switch
    const to = from === undefined ? undefined : secondHost(vm.nics, { from, ifaces, intent })
    // An internal network does not leave its switch by itself.
    const confined = vm.nics.some(({ network }) => intent.networks.get(network)?.switch !== undefined)
    if (from === undefined || to === undefined || confined) continue
    moves.push({
      id: '',
      method: 'live',
      vms: [name],
      from,
      to,
      nics: here
        .filter((nic) => nic.switch === from)
        .map(({ id, port }) => ({ nic: id, from: { switch: from, port }, to: { switch: to } })),
      networks: [],
      origin: 'noticed',
      settleS: defaultSettleS,
      timeoutS: defaultTimeoutS,
      phase: 'planned',
      flowsReady: false,
      timeline: [{ phase: 'planned', time, detail: `plugged in on ${to} as well` }],
    })
  }
  return moves
}

interface Places {
  readonly from: string
  readonly ifaces: ReadonlyMap<string, readonly Attachment[]>
  readonly intent: Intent
}

function secondHost(nics: readonly Nic[], { from, ifaces, intent }: Places): string | undefined {
  for (const { iface, mac } of nics)
    for (const attachment of ifaces.get(iface ?? '') ?? []) {
      const host = hostOf(intent.switches, attachment)
      // One with another MAC is another one's mistake.
      if (host !== undefined && host !== from && (attachment.mac ?? mac) === mac) return host
    }
  return undefined
}

/** Only what a bridge's own database says of it counts. */
function hostOf(switches: ReadonlyMap<string, Switch>, { datapathId, host }: Attachment): string | undefined {
  for (const one of switches.values())
    if (one.role === 'hypervisor' && one.datapathId === datapathId && one.ovsdb?.target === host)
      return one.name
  return undefined
}
