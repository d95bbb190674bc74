/** What the intent wants of each host's Open vSwitch: bridges with their controllers and the ports that are ours to make. Pure. */
import { macText } from '../../model/addresses.ts'
import type { HostInterface, Intent, Switch } from '../../model/intent.ts'
import type { WantedBridge, WantedController, WantedHost, WantedPort } from './wanted.ts'

/** The value of `external_ids:throwbar` of every row that a controller makes. */
export const owner = 'controller'

const protocols = ['OpenFlow13', 'OpenFlow14', 'OpenFlow15']

/** What of an intent says how bridges should be. */
export type Wishes = Pick<Intent, 'switches' | 'cables' | 'networks'>

/** By database: every host that has a declared bridge. */
export function intendedHosts(
  intent: Wishes,
  controllersOf: (target: string) => readonly WantedController[],
): ReadonlyMap<string, WantedHost> {
  const bridges = new Map<string, WantedBridge[]>()
  for (const one of intent.switches.values()) {
    if (!one.ovsdb) continue
    const { target } = one.ovsdb
    const bridge = intendedBridge(one, intendedPorts(one, intent), controllersOf(target))
    bridges.set(target, [...(bridges.get(target) ?? []), bridge])
  }
  return new Map([...bridges].map(([target, own]) => [target, { owner, bridges: own }]))
}

function intendedBridge(
  { datapathId, ovsdb }: Switch,
  ports: readonly WantedPort[],
  controllers: readonly WantedController[],
): WantedBridge {
  const { bridge = '', datapathType } = ovsdb ?? {}
  return {
    name: bridge,
    datapathId,
    ...(datapathType !== undefined && { datapathType }),
    protocols,
    controllers,
    ports,
  }
}

/** A hypervisor's uplinks and own interfaces, a fabric switch's cables. Ports of VMs are the hypervisor's to make. */
function intendedPorts(
  { name, role, uplinks, interfaces }: Switch,
  { cables, networks }: Wishes,
): WantedPort[] {
  if (role === 'hypervisor')
    return [
      ...uplinks.map(({ port }) => ({ name: port })),
      ...interfaces.map((one) => intendedInterface(one, networks.get(one.network)?.mtu)),
    ]
  const ends = cables.flatMap((cable) => cable.ends.filter((end) => end.switch === name))
  return ends.map(({ port }) => ({ name: port }))
}

/** A device of the hypervisor's kernel, whose addresses are the operator's to give. */
function intendedInterface({ port, mac }: HostInterface, mtu: number | undefined): WantedPort {
  const end = {
    name: port,
    type: 'internal',
    mac: macText(mac),
    ...(mtu !== undefined && { mtuRequest: mtu }),
  }
  return { name: port, interfaces: [end] }
}
