/** What leaves over the cables: tagged with the network's VLAN toward the switch that has the destination, or along the tree. */
import { ethDst, groupDst, network as inNetwork, vlanVid } from '../../pipeline/fields.ts'
import { rule } from '../../pipeline/make-rule.ts'
import type { Rule, RuleAction } from '../../pipeline/rule.ts'
import type { Hop } from '../paths.ts'
import type { PlacedNetwork, PlacedNic } from '../placed.ts'
import type { Leg } from '../topology.ts'
import { deliveryPriority } from './delivery.ts'

const table = 'remote'

function tag(vlan: number): RuleAction[] {
  return [{ type: 'push_vlan' }, { type: 'set_field', field: vlanVid(vlan) }]
}

export function forwardUnicast({ owner, mac, networkKey }: PlacedNic, vlan: number, hop: Hop): Rule {
  return rule({
    table,
    priority: deliveryPriority.unicast,
    match: [inNetwork(networkKey), ethDst(mac)],
    actions: [...tag(vlan), ...onward(hop)],
    ...(hop.kind === 'spread' ? { goto: 'path' } : {}),
    owner,
    network: networkKey,
    phase: 'send',
  })
}

function onward(hop: Hop): RuleAction[] {
  switch (hop.kind) {
    case 'port':
      return [{ type: 'output', port: hop.port }]
    case 'failover':
      return [{ type: 'failover', ports: hop.ports }]
    case 'spread':
      return [
        { type: 'set_field', field: { field: 'reg13', value: hop.set.id } },
        { type: 'spread', over: hop.over },
      ]
  }
}

/** A hypervisor delivers to its own VMs as well. */
export function forwardBroadcast(
  { owner, key, vlan }: PlacedNetwork,
  { treePorts, legs }: { treePorts: readonly number[]; legs: ReadonlyMap<number, Leg> },
  role: 'hypervisor' | 'fabric',
): Rule[] {
  if (vlan === undefined || treePorts.length === 0) return []
  const sent: RuleAction[] = [
    ...tag(vlan),
    ...treePorts.map((port): RuleAction => {
      const leg = legs.get(port)
      return leg ? { type: 'failover', ports: leg.ports } : { type: 'output', port }
    }),
  ]
  return [
    rule({
      table,
      priority: deliveryPriority.broadcast,
      match: [inNetwork(key), groupDst],
      ...(role === 'fabric'
        ? { actions: sent }
        : { actions: [...sent, { type: 'pop_vlan' }], goto: 'local' }),
      owner,
      network: key,
      phase: 'send',
    }),
  ]
}
