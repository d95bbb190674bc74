/**
 * What must hold between hypervisors' own interfaces, networks and uplinks. That no VM is in a reserved network is
 * checked with the VM (`checks.ts`).
 */
import { checkAddress, lookUp, readable, type World } from './checks.ts'
import { isReserved } from './intent.ts'
import { hintFor, pointerOf, type Report } from './report.ts'
import type { InterfaceSpec, SwitchSpec } from './schema.ts'

/** Of one switch. */
export function checkInterfaces(world: World, host: string, report: Report): void {
  const spec = world.spec.switches?.[host]
  const interfaces = Object.entries(spec?.interfaces ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))
  /** By network: the first interface in it, which the others must agree with. */
  const first = new Map<string, readonly [string, InterfaceSpec]>()
  for (const [port, one] of interfaces) {
    const at = (...path: (string | number)[]) => pointerOf('switches', host, 'interfaces', port, ...path)
    if (one.uplink !== undefined) checkPin(spec, one.uplink, (...say) => report(at('uplink'), ...say))
    const [other, before] = first.get(one.network) ?? []
    if (before === undefined) first.set(one.network, [port, one])
    else if (before.uplink !== one.uplink)
      report(
        at(one.uplink === undefined ? 'network' : 'uplink'),
        `${port} and ${other ?? ''} are both in network ${one.network}, and ${wayOf(one)} while ${other ?? ''} ${wayOf(before)}`,
        'a network takes one way out of a hypervisor: give both the same `uplink`, or each a network of its own',
      )
    const { network: name } = one
    const network = lookUp(world, { section: 'networks', name, pointer: at('network') }, report)
    if (!network) continue
    if (!isReserved(network)) {
      const hint = "a hypervisor's own interfaces are in networks of kind `storage` or `migration`"
      report(at('network'), `network ${name} is of kind \`${network.kind}\``, hint)
    }
    const entity = world.networks.get(name)
    if (!entity) continue
    for (const [position, text] of (one.ips ?? []).entries()) {
      const address = readable(text)
      if (address) checkAddress(entity, address, (...say) => report(at('ips', position), ...say))
    }
  }
}

function checkPin(
  spec: SwitchSpec | undefined,
  uplink: string,
  report: (message: string, hint: string) => void,
): void {
  const uplinks = (spec?.uplinks ?? []).map((one) => (typeof one === 'string' ? one : one.port))
  if (!uplinks.includes(uplink)) report(`port ${uplink} is not an uplink`, hintFor(uplink, 'uplink', uplinks))
}

const wayOf = ({ uplink }: InterfaceSpec): string =>
  uplink === undefined ? 'takes any uplink' : `takes only uplink ${uplink}`
