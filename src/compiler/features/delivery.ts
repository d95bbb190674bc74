/** Delivery to the VMs of the same switch: known MACs to their port, broadcast and multicast to all members. */
import { ethDst, groupDst, network as inNetwork } from '../../pipeline/fields.ts'
import { dropRule, rule } from '../../pipeline/make-rule.ts'
import type { Rule, RuleAction } from '../../pipeline/rule.ts'
import type { PlacedNetwork, PlacedNic } from '../placed.ts'

export const deliveryPriority = { unicast: 100, broadcast: 90, unknown: 10 } as const

/** Of so many members each is in the rule for broadcasts itself. */
export const mostTogether = 128

const table = 'local'

export function deliverUnicast({ owner, mac, port, networkKey }: PlacedNic): Rule {
  return rule({
    table,
    priority: deliveryPriority.unicast,
    match: [inNetwork(networkKey), ethDst(mac)],
    actions: outputs([port]),
    owner,
    network: networkKey,
  })
}

/**
 * To these ports, or to those of these parts. A switch never sends a frame back to the port it came in by. A rule of a
 * thousand outputs would be sent, proved and taken in as a whole for each member that comes or goes.
 */
export function deliverBroadcast(
  { owner, key }: PlacedNetwork,
  to: { readonly ports: readonly number[] } | { readonly parts: readonly number[] },
): Rule {
  return rule({
    table,
    priority: deliveryPriority.broadcast,
    match: [inNetwork(key), groupDst],
    actions: 'ports' in to ? outputs(to.ports) : to.parts.flatMap(copyTo),
    owner,
    network: key,
  })
}

const copyTo = (part: number): RuleAction[] => [
  { type: 'set_field', field: { field: 'reg9', value: part } },
  { type: 'copy', table: 'flood' },
]

export function deliverToPart({ owner, key }: PlacedNetwork, part: number, ports: readonly number[]): Rule {
  return rule({
    table: 'flood',
    priority: deliveryPriority.broadcast,
    match: [inNetwork(key), { field: 'reg9', value: part }],
    actions: outputs(ports),
    owner,
    network: key,
  })
}

/** Counts per network what nobody has the MAC for; on fabric switches already where it would leave. */
export function dropUnknown({ owner, key }: PlacedNetwork, table: 'local' | 'remote'): Rule {
  const input = {
    table,
    priority: deliveryPriority.unknown,
    match: [inNetwork(key)],
    owner,
    network: key,
  } as const
  return dropRule(input, 'unknown-unicast')
}

export function outputs(ports: readonly number[]): RuleAction[] {
  return ports.map((port) => ({ type: 'output', port }))
}
