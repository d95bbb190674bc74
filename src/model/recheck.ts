/** Which checks a change calls for: those of the objects that changed, and those of the objects that look at them. */
import { checkLiveness } from './check-liveness.ts'
import { checkCables, checkNetwork, checkSpan, checkSwitch, checkVm, type World } from './checks.ts'
import { classOf, inClassOrder, overbooked, trafficClass } from './classes.ts'
import type { Draft } from './derive.ts'
import { namesEdited } from './edits.ts'
import type { Intent } from './intent.ts'
import { checkInterfaces } from './interface-checks.ts'
import { pointerOf } from './report.ts'
import type { IntentSpec } from './schema.ts'

export function recheck(draft: Draft, intent: Intent): void {
  const { before, spec, edits, page, report } = draft
  const presence = (network: string) => page.presence(network)
  const world: World = { spec, switches: intent.switches, networks: intent.networks, presence }
  const switches = new Set(namesEdited(edits, 'switches'))
  const networks = new Set(namesEdited(edits, 'networks'))
  const vms = new Set(namesEdited(edits, 'vms'))
  const allSwitches = namesEdited(edits, 'sites').length + namesEdited(edits, 'segments').length > 0

  for (const name of allSwitches ? Object.keys(spec.switches ?? {}) : switches)
    checkSwitch(world, name, report)
  for (const name of hostsAffected(spec, switches, networks)) checkInterfaces(world, name, report)
  const classed = edits.some(({ object }) => object.startsWith('classes/'))
  const every = classed ? new Set(intent.networks.keys()) : networks
  for (const name of networksAffected(intent, switches, every)) checkNetwork(world, name, report)
  for (const name of vmsAffected(intent, { switches, networks, vms }))
    checkVm(world, name, intent.vms.get(name), report)
  if (switches.size > 0 || intent.cables !== before.intent.cables) {
    checkCables(world, report)
    checkLiveness(world, report)
  }

  const spans = new Set(networks)
  if (switches.size > 0) for (const name of intent.networks.keys()) spans.add(name)
  for (const name of switches)
    for (const { network } of Object.values(spec.switches?.[name]?.interfaces ?? {})) spans.add(network)
  for (const name of vms) for (const nic of spec.vms?.[name]?.nics ?? []) spans.add(nic.network)
  const seen = new Set<string>()
  for (const name of spans) checkSpan(world, name, seen, report)

  const hosts = [...vms].map((name) => spec.vms?.[name]?.host ?? '')
  admit(draft, intent, classed || networks.size > 0 ? intent.switches.keys() : [...switches, ...hosts])
}

/** Admission: what is reserved on a hypervisor fits the slowest of its uplinks whose bandwidth is declared. */
function admit(
  { page, report }: Draft,
  { classes, networks, switches }: Intent,
  names: Iterable<string>,
): void {
  if (![...classes.values()].some(({ reservationBps }) => reservationBps > 0)) return
  for (const name of new Set(names)) {
    const host = switches.get(name)
    if (host?.role !== 'hypervisor') continue
    const present = [...networks.values()].filter((network) => page.presence(network.name).has(name))
    const reserving = inClassOrder(present.map(classOf)).map((one) => trafficClass(classes, one))
    const bandwidths = new Map(host.uplinks.map(({ port, bandwidthBps }) => [port, bandwidthBps]))
    const found = overbooked(host, reserving, (port) => bandwidths.get(port))
    if (!found) continue
    const index = host.uplinks.findIndex(({ port }) => port === found.port)
    const pointer = pointerOf('switches', name, 'uplinks', index)
    report(pointer, found.text, 'lower a `reservation` in `classes`, or take a faster uplink')
  }
}

/** Switches whose interfaces are to be checked. */
function hostsAffected(
  spec: IntentSpec,
  switches: ReadonlySet<string>,
  networks: ReadonlySet<string>,
): ReadonlySet<string> {
  if (networks.size === 0) return switches
  const affected = new Set(switches)
  for (const [name, { interfaces = {} }] of Object.entries(spec.switches ?? {}))
    if (Object.values(interfaces).some(({ network }) => networks.has(network))) affected.add(name)
  return affected
}

function networksAffected(
  intent: Intent,
  switches: ReadonlySet<string>,
  networks: ReadonlySet<string>,
): ReadonlySet<string> {
  if (switches.size === 0) return networks
  const affected = new Set(networks)
  for (const network of intent.networks.values()) {
    if (network.switch !== undefined && switches.has(network.switch)) affected.add(network.name)
  }
  return affected
}

function vmsAffected(
  intent: Intent,
  edited: {
    readonly switches: ReadonlySet<string>
    readonly networks: ReadonlySet<string>
    readonly vms: ReadonlySet<string>
  },
): ReadonlySet<string> {
  if (edited.switches.size === 0 && edited.networks.size === 0) return edited.vms
  const affected = new Set(edited.vms)
  for (const vm of intent.vms.values()) {
    const hosts = vm.host === undefined ? edited.switches.size > 0 : edited.switches.has(vm.host)
    if (hosts || vm.nics.some((nic) => edited.networks.has(nic.network))) affected.add(vm.name)
  }
  return affected
}
