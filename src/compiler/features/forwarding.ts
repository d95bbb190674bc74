/** What leaves over the cables: tagged with the network's VLAN toward the switch that has the destination, or along the tree. */
import { ethDst, groupDst, network as inNetwork, vlanVid } from '../../pipeline/fields.ts'
import { rule } from '../../pipeline/make-rule.ts'
import type { Rule, RuleAction } from '../../pipeline/rule.ts'
import type { Hop } from '../paths.ts'
import type { Marking, PlacedNetwork, PlacedNic } from '../placed.ts'
import type { Leg } from '../topology.ts'
import { deliveryPriority } from './delivery.ts'

const table = 'remote'

function tag(vlan: number, { pcp, shares }: Marking): RuleAction[] {
  return [
    { type: 'push_vlan' },
    { type: 'set_field', field: vlanVid(vlan) },
    ...(pcp === undefined ? [] : [{ type: 'set_field', field: { field: 'vlan_pcp', value: pcp } } as const]),
    ...(shares === undefined
      ? []
      : [{ type: 'set_field', field: { field: 'reg12', value: shares } } as const]),
  ]
}

/** Where it leaves by table `egress`: the port that it is to leave by. */
function choose(hop: Exclude<Hop, { kind: 'spread' }>): RuleAction {
  return hop.kind === 'port'
    ? { type: 'set_field', field: { field: 'reg11', value: hop.port } }
    : { type: 'first_up', ports: hop.ports }
}

/** `awaited`: where it goes has what delivers it since long ago, so that there is nothing to wait for. */
export function forwardUnicast(
  { owner, mac, networkKey }: PlacedNic,
  vlan: number,
  {
    hop,
    marking = {},
    awaited = false,
  }: { readonly hop: Hop; readonly marking?: Marking; readonly awaited?: boolean },
): Rule {
  const leaves = marking.shares !== undefined && hop.kind !== 'spread'
  return rule({
    table,
    priority: deliveryPriority.unicast,
    match: [inNetwork(networkKey), ethDst(mac)],
    actions: [...tag(vlan, marking), ...(leaves ? [choose(hop)] : onward(hop))],
    ...(leaves ? { goto: 'lease' } : hop.kind === 'spread' ? { goto: 'path' } : {}),
    owner,
    network: networkKey,
    phase: awaited ? 'receive' : 'send',
  })
}

/** What comes late to a switch that a VM has left goes after it, even by the port that it came by. */
export function sendAfter(
  { owner, mac, networkKey }: Pick<PlacedNic, 'owner' | 'mac' | 'networkKey'>,
  vlan: number,
  { hop, marking = {} }: { readonly hop: Hop; readonly marking?: Marking },
): Rule {
  // Table `path` is behind it; for a moment, not all paths need be used.
  const way = hop.kind === 'spread' ? ({ kind: 'failover', ports: hop.set.usable } as const) : hop
  const leaves = marking.shares !== undefined
  return rule({
    table: 'local',
    priority: deliveryPriority.unicast,
    match: [inNetwork(networkKey), ethDst(mac)],
    actions: [{ type: 'allow_return' }, ...tag(vlan, marking), ...(leaves ? [choose(way)] : onward(way))],
    ...(leaves && { goto: 'lease' as const }),
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
  { role, marking = {} }: { readonly role: 'hypervisor' | 'fabric'; readonly marking?: Marking },
): Rule[] {
  if (vlan === undefined || treePorts.length === 0) return []
  const hops = treePorts.map((port): Exclude<Hop, { kind: 'spread' }> => {
    const leg = legs.get(port)
    return leg ? { kind: 'failover', ports: leg.ports } : { kind: 'port', port }
  })
  const common = {
    table,
    priority: deliveryPriority.broadcast,
    match: [inNetwork(key), groupDst],
    owner,
    network: key,
    phase: 'send',
  } as const
  if (marking.shares !== undefined) {
    // A meter that drops a frame ends all that was to become of it: the VMs of this switch get theirs before. Where several
    // uplinks are on the tree, which is rare, those after the first get no more than it does.
    const copies = hops.map((hop, index): RuleAction[] =>
      index < hops.length - 1 ? [choose(hop), { type: 'copy', table: 'lease' }] : [choose(hop)],
    )
    const actions: RuleAction[] = [{ type: 'copy', table: 'local' }, ...tag(vlan, marking), ...copies.flat()]
    return [rule({ ...common, actions, goto: 'lease' })]
  }
  const sent = [...tag(vlan, marking), ...hops.flatMap(onward)]
  const rest =
    role === 'fabric'
      ? { actions: sent }
      : ({ actions: [...sent, { type: 'pop_vlan' }], goto: 'local' } as const)
  return [rule({ ...common, ...rest })]
}
