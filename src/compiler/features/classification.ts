/** Where a packet comes from decides its network: a VM's port, or an uplink and a VLAN. */
import { groupDst, inPort, vlanVid } from '../../pipeline/fields.ts'
import { dropRule, rule } from '../../pipeline/make-rule.ts'
import type { Owner, Rule } from '../../pipeline/rule.ts'
import type { PlacedNetwork, PlacedNic } from '../placed.ts'
import type { Leg } from '../topology.ts'
import type { SwitchTransport } from '../transport.ts'

export const classifyPriority = { nic: 200, probe: 150, offTree: 110, uplink: 100, otherVlan: 50 } as const

export function classifyNic({ owner, port, networkKey }: PlacedNic): Rule {
  return rule({
    table: 'classify',
    priority: classifyPriority.nic,
    match: [inPort(port)],
    setNetwork: networkKey,
    goto: 'l2_security',
    owner,
    network: networkKey,
  })
}

/** What a switch takes in over its cables for one network. A hypervisor delivers it, a fabric switch passes it on. */
export function classifyUplinks(
  network: PlacedNetwork,
  { accepts, legs }: { accepts: SwitchTransport['accepts']; legs: ReadonlyMap<number, Leg> },
  goto: 'local' | 'remote',
): Rule[] {
  const { owner, key, vlan } = network
  if (vlan === undefined) return []
  return accepts.flatMap(({ port, broadcast }) => {
    const leg = legs.get(port)
    if (leg) return classifyLeg(network, vlan, leg)
    const match = [inPort(port), vlanVid(vlan)]
    const takeIn = rule({
      table: 'classify',
      priority: classifyPriority.uplink,
      match,
      actions: [{ type: 'pop_vlan' }],
      setNetwork: key,
      goto,
      owner,
      network: key,
    })
    if (broadcast) return [takeIn]
    const offTree = {
      table: 'classify',
      priority: classifyPriority.offTree,
      match: [groupDst, ...match],
    } as const
    return [takeIn, dropRule({ ...offTree, owner }, 'not-on-tree')]
  })
}

/** Which of its ports are in use now, the switch sees by itself; table `uplink` compares. */
function classifyLeg({ owner, key }: PlacedNetwork, vlan: number, { ports, aggregated }: Leg): Rule[] {
  return ports.map((port) =>
    rule({
      table: 'classify',
      priority: classifyPriority.uplink,
      match: [inPort(port), vlanVid(vlan)],
      actions: [{ type: 'pop_vlan' }, { type: 'first_up', ports: aggregated ? [port] : ports }],
      setNetwork: key,
      goto: 'uplink',
      owner,
      network: key,
    }),
  )
}

/** The rest of what comes in over a cable. */
export function dropOtherVlans(owner: Owner, port: number): Rule {
  const { otherVlan: priority } = classifyPriority
  return dropRule({ table: 'classify', priority, match: [inPort(port)], owner }, 'undeclared-vlan')
}
