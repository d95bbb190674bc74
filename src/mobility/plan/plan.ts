/** A plan: which way of moving VMs to another hypervisor fits, and what it was computed from. Nothing is changed by it. */
import type { Intent, Switch, Vm } from '../../model/intent.ts'
import type { Problem } from '../../model/problem.ts'
import type { Figures } from './figures.ts'
import { type Judged, judge, type SplitNetwork } from './judge.ts'
import type { Way, WayEnd } from './way.ts'

/** What cannot be measured can be given. */
export interface PlanRequest {
  readonly vms: readonly string[]
  /** Name of a hypervisor. */
  readonly to: string
  /** Of each VM, as the next. */
  readonly memoryBytes?: number
  readonly dirtyBytesPerS?: number
  readonly rttMs?: number
  readonly bandwidthBps?: number
  /** What a connection may have on its way between the two hosts. */
  readonly windowBytes?: number
  /** QMP of a guest, `unix:/path` or `tcp:host:port`: it is asked for memory and for what the guest writes. */
  readonly qmp?: string
}

export interface MovePlan extends Judged {
  readonly vms: readonly string[]
  readonly from: string
  readonly to: string
  /** The migration network that it would go by, where both hypervisors are in one. */
  readonly network?: string
  /** Ports, as `hv1:eth0`; absent where none is known. */
  readonly way?: readonly string[]
  readonly figures: Figures
}

export type MovePlanOutcome =
  | { readonly status: 'planned'; readonly plan: MovePlan }
  | { readonly status: 'invalid'; readonly problems: readonly Problem[] }

/** What a request is about, or what is wrong with it. */
export type Subject =
  | {
      readonly vms: readonly Vm[]
      readonly from: Switch
      readonly to: Switch
      readonly split: readonly SplitNetwork[]
    }
  | { readonly problems: readonly Problem[] }

export interface SubjectWorld {
  /** As declared. */
  readonly intent: Intent
  /** With every NIC where it is. */
  readonly located: Intent
}

export function subjectOf(request: PlanRequest, world: SubjectWorld): Subject {
  const { intent, located } = world
  const problems: Problem[] = []
  const report = (pointer: string, message: string, hint: string) => problems.push({ pointer, message, hint })
  const to = intent.switches.get(request.to)
  if (to?.role !== 'hypervisor')
    report('/to', `${request.to} is no hypervisor that is declared`, '`throwbar get switches` lists them')
  const names = [...new Set(request.vms)]
  const vms = names.flatMap((name) => intent.vms.get(name) ?? [])
  for (const name of names)
    if (!intent.vms.has(name)) report('/vms', `VM ${name} is not declared`, '`throwbar get vms` lists them')
  if (request.qmp !== undefined && names.length > 1)
    report(
      '/qmp',
      'QMP is that of one guest, and several VMs are named',
      'plan them one by one, or give memory and dirty rate',
    )
  const hosts = new Set<string>()
  for (const vm of vms) {
    const own = hostsOf(vm, located)
    if (own.length === 0) report('/vms', `VM ${vm.name} is plugged in nowhere`, 'plug it in, then plan')
    for (const host of own) hosts.add(host)
  }
  const [host, other] = [...hosts]
  if (host !== undefined && other !== undefined)
    report(
      '/vms',
      `they are on several hypervisors: ${host} and ${other}`,
      'plan those of one hypervisor together',
    )
  if (host === request.to) report('/to', `it is on ${host} already`, 'name another hypervisor')
  const from = intent.switches.get(host ?? '')
  if (problems.length > 0 || !to || !from) return { problems }
  return { vms, from, to, split: splitNetworks(vms, intent) }
}

function hostsOf({ name, host }: Vm, located: Intent): string[] {
  const nics = located.vms.get(name)?.nics ?? []
  const found = [...new Set(nics.map((nic) => nic.switch))]
  return found.length === 0 && nics.length === 0 && host !== undefined ? [host] : found
}

function splitNetworks(vms: readonly Vm[], { networks, vms: all }: Intent): SplitNetwork[] {
  const moving = new Set(vms.map(({ name }) => name))
  const internal = new Set(
    vms.flatMap(({ nics }) =>
      nics.flatMap(({ network }) => (networks.get(network)?.kind === 'internal' ? network : [])),
    ),
  )
  return [...internal].toSorted().flatMap((network) => {
    const stay = [...all.values()].filter(
      ({ name, nics }) => !moving.has(name) && nics.some((nic) => nic.network === network),
    )
    return stay.length === 0 ? [] : [{ network, stay: stay.map(({ name }) => name) }]
  })
}

export interface Surveyed {
  readonly figures: Figures
  readonly way?: Way
  readonly nameOf: (end: WayEnd) => string
}

export function planOf(
  { vms, from, to, split }: Extract<Subject, { vms: readonly Vm[] }>,
  { figures, way, nameOf }: Surveyed,
): MovePlan {
  const names = vms.map(({ name }) => name)
  return {
    vms: names,
    from: from.name,
    to: to.name,
    ...(way?.network && { network: way.network.name }),
    ...(way && { way: way.ports.map((end) => `${nameOf(end)}:${end.port}`) }),
    figures,
    ...judge({ vms: names, to: to.name, figures, split, apart: way === undefined }),
  }
}
