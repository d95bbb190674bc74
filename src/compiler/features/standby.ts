/**
 * What a hypervisor takes in by a team that leads into a segment. Without LACP the segment floods what it has no place for
 * to each of the team's uplinks, so only the one in use counts; with it, those count that are in the aggregation. The switch
 * itself sees which these are, as it does for what it sends, and both change in the same moment.
 */
import { ethSrc, groupDst, inPort, network as inNetwork } from '../../pipeline/fields.ts'
import { dropRule, rule } from '../../pipeline/make-rule.ts'
import type { Owner, Rule } from '../../pipeline/rule.ts'
import type { PlacedNic } from '../placed.ts'
import type { Leg } from '../topology.ts'

const table = 'uplink'
const priority = { ownFrame: 120, inUse: 110, standby: 100, lately: 90 } as const

export function takeInLegs(owner: Owner, legs: Iterable<Leg>): Rule[] {
  return [...legs].flatMap((leg) => takeInLeg(owner, leg))
}

function takeInLeg(owner: Owner, { ports, lately }: Leg): Rule[] {
  const passes = { table, goto: 'local', owner } as const
  const inUse = ports.map((port) =>
    rule({ ...passes, priority: priority.inUse, match: [inPort(port), { field: 'reg11', value: port }] }),
  )
  if (lately === undefined) return inUse
  // What the segment still sends there after a change; copies of broadcasts come by the one in use.
  const group = { table, priority: priority.standby, match: [inPort(lately), groupDst], owner } as const
  return [
    ...inUse,
    dropRule(group, 'standby-uplink'),
    rule({ ...passes, priority: priority.lately, match: [inPort(lately)] }),
  ]
}

/**
 * A broadcast on its way round the segment while the uplink changes comes back by the new one: to the VM that sent it this
 * would look like a duplicate of its own address.
 */
export function dropReturned({ owner, mac, networkKey }: PlacedNic): Rule {
  const match = [inNetwork(networkKey), groupDst, ethSrc(mac)]
  return dropRule({ table, priority: priority.ownFrame, match, owner }, 'own-frame')
}
