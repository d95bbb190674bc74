/** Delivery to the VMs of the same switch: known MACs to their port, broadcast and multicast to all members. */
import { ethDst, groupDst, network as inNetwork } from '../../pipeline/fields.ts'
import { dropRule, rule } from '../../pipeline/make-rule.ts'
import type { Rule, RuleAction } from '../../pipeline/rule.ts'
import type { PlacedNetwork, PlacedNic } from '../placed.ts'

export const deliveryPriority = { unicast: 100, broadcast: 90, unknown: 10 } as const

/** One OpenFlow message of 64 KB holds some 4,000 outputs. */
export const maxMembers = 3500

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

/** To the first `maxMembers` ports; a switch never sends a frame back to the port it came in by. */
export function deliverBroadcast({ owner, key }: PlacedNetwork, ports: readonly number[]): Rule {
  return rule({
    table,
    priority: deliveryPriority.broadcast,
    match: [inNetwork(key), groupDst],
    actions: outputs(ports.slice(0, maxMembers)),
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
