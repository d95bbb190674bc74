/** Which checks a change calls for: those of the objects that changed, and those of the objects that look at them. */
import { checkCables, checkNetwork, checkSpan, checkSwitch, checkVm, type World } from './checks.ts'
import type { Draft } from './derive.ts'
import { namesEdited } from './edits.ts'
import type { Intent } from './intent.ts'

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
  for (const name of networksAffected(intent, switches, networks)) checkNetwork(world, name, report)
  for (const name of vmsAffected(intent, { switches, networks, vms }))
    checkVm(world, name, intent.vms.get(name), report)
  if (switches.size > 0 || intent.cables !== before.intent.cables) checkCables(world, report)

  const spans = new Set(networks)
  if (switches.size > 0) for (const name of intent.networks.keys()) spans.add(name)
  for (const name of vms) for (const nic of spec.vms?.[name]?.nics ?? []) spans.add(nic.network)
  const seen = new Set<string>()
  for (const name of spans) checkSpan(world, name, seen, report)
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
