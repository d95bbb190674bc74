/** A move that is asked for becomes a move, or a list of what is wrong with it. Pure. */
import type { Intent, Nic, Vm } from '../model/intent.ts'
import type { Problem } from '../model/problem.ts'
import { defaultSettleS, defaultTimeoutS, type Move, type MoveNic, type MoveRequest } from './move.ts'

export type Planned = { readonly move: Move } | { readonly problems: readonly Problem[] }

export interface RequestWorld {
  /** As declared. */
  readonly intent: Intent
  /** With every NIC where it is. */
  readonly located: Intent
  readonly time: string
  readonly id: string
  /** By VM: the id of the move that it is in. */
  readonly moving: ReadonlyMap<string, string>
}

export function planned(request: MoveRequest, world: RequestWorld): Planned {
  const problems: Problem[] = []
  const report = (pointer: string, message: string, hint?: string) =>
    problems.push({ pointer, message, ...(hint !== undefined && { hint }) })
  const vms = [...new Set(request.vms)]
  if (vms.length === 0) report('/vms', 'no VM is named', 'name at least one')
  const target = world.intent.switches.get(request.to)
  if (target?.role !== 'hypervisor')
    report('/to', `${request.to} is no hypervisor that is declared`, hypervisorsOf(world.intent))
  const found = vms.flatMap((name) => vmOf(name, world, report) ?? [])
  const nics = found.flatMap((vm) => vm.nics.map((nic) => ({ nic, at: placeOf(nic, world) })))
  const from = sourceOf(nics, request.to, report)
  const method = request.method ?? 'live'
  if (method === 'cold' && request.driver)
    report('/driver', 'a guest that is stopped needs no transfer', 'leave it out')
  if (method === 'cold' && request.countSessions)
    report('/countSessions', 'no session of a guest that is stopped goes on', 'leave it out')
  for (const id of Object.keys(request.ports ?? {}))
    if (!nics.some(({ nic }) => nic.id === id && nic.iface === undefined))
      report('/ports', `${id} is none of its NICs, or one whose port the hypervisor tells`, 'leave it out')
  const networks = internalOf(found, world, report)
  if (problems.length > 0 || from === undefined) return { problems }
  return {
    move: {
      id: world.id,
      method,
      vms,
      from,
      to: request.to,
      nics: nics.map(({ nic, at }) => passageOf(nic, at, request)),
      networks,
      origin: 'asked',
      ...(request.driver && { driver: request.driver }),
      ...(request.countSessions && { countSessions: true as const }),
      settleS: request.settleS ?? defaultSettleS,
      timeoutS: request.timeoutS ?? defaultTimeoutS,
      phase: 'planned',
      flowsReady: false,
      timeline: [{ phase: 'planned', time: world.time }],
    },
  }
}

type ReportProblem = (pointer: string, message: string, hint?: string) => void

function hypervisorsOf({ switches }: Intent): string {
  const names = [...switches.values()].filter(({ role }) => role === 'hypervisor').map(({ name }) => name)
  const some = names.slice(0, 8).join(', ')
  return names.length === 0 ? 'declare one' : `one of ${some}${names.length > 8 ? ' and others' : ''}`
}

function vmOf(name: string, { intent, moving }: RequestWorld, report: ReportProblem): Vm | undefined {
  const vm = intent.vms.get(name)
  const other = moving.get(name)
  if (!vm) report('/vms', `VM ${name} is not declared`, '`throwbar get vms` lists them')
  else if (other !== undefined)
    report('/vms', `VM ${name} is being moved already`, `wait for move ${other}, or abort it`)
  else if (vm.nics.length === 0)
    report('/vms', `VM ${name} has no NIC`, 'there is nothing to move in the network')
  else return vm
  return undefined
}

function placeOf(nic: Nic, { located }: RequestWorld): MoveNic['from'] | undefined {
  const at = located.vms.get(nic.vm)?.nics.find(({ id }) => id === nic.id)
  return at && { switch: at.switch, port: at.port }
}

function sourceOf(
  nics: readonly { readonly nic: Nic; readonly at: MoveNic['from'] | undefined }[],
  to: string,
  report: ReportProblem,
): string | undefined {
  for (const { nic, at } of nics)
    if (!at) report('/vms', `NIC ${nic.id} is plugged in nowhere`, 'plug it in, then move it')
  const [from, other] = [...new Set(nics.flatMap(({ at }) => at?.switch ?? []))]
  if (other !== undefined)
    report(
      '/vms',
      `they are on several hypervisors: ${from ?? ''} and ${other}`,
      'move those of one hypervisor together',
    )
  if (from === to) report('/to', `it is on ${to} already`)
  return from
}

/** Internal networks that go along: only with all their members. */
function internalOf(vms: readonly Vm[], { intent }: RequestWorld, report: ReportProblem): string[] {
  const names = new Set(vms.map(({ name }) => name))
  const internal = new Set(
    vms.flatMap(({ nics }) =>
      nics.flatMap(({ network }) => (intent.networks.get(network)?.kind === 'internal' ? network : [])),
    ),
  )
  for (const network of internal) {
    const left = [...intent.vms.values()]
      .filter(({ name, nics }) => !names.has(name) && nics.some((nic) => nic.network === network))
      .map(({ name }) => name)
    if (left.length === 0) continue
    const message = `internal network ${network} never leaves its switch, and ${list(left)} would stay behind`
    report('/vms', message, `move all of its VMs together: ${[...names, ...left].slice(0, 20).join(' ')}`)
  }
  return [...internal].toSorted()
}

const list = (names: readonly string[]): string =>
  names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')

function passageOf(nic: Nic, at: MoveNic['from'] | undefined, { to, ports = {} }: MoveRequest): MoveNic {
  const from = at ?? { switch: '', port: '' }
  if (nic.iface !== undefined) return { nic: nic.id, from, to: { switch: to } }
  return { nic: nic.id, from, to: { switch: to, port: ports[nic.id] ?? nic.port } }
}
