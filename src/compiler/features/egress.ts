/**
 * Sharing an uplink among classes of traffic, where what is sent leaves by table `egress`: a meter for each class and
 * uplink, or a queue where the datapath has queues. Each class has two meters. `held` never changes while the same is
 * declared: together they fit the uplink, so that reservations and limits stand by themselves. `lent` follows what is used,
 * and counts only while the lease runs (`pipeline/lease.ts`), which ends with the controller.
 */
import type { OxmField } from 'ts-openflow'
import { classNumber } from '../../model/classes.ts'
import type { TrafficClass } from '../../model/intent.ts'
import { ipv4, ipv6 } from '../../pipeline/fields.ts'
import { rule } from '../../pipeline/make-rule.ts'
import type { Meter, Owner, Rule, RuleAction } from '../../pipeline/rule.ts'
import { classMeters, meterOfRate } from '../../pipeline/shares.ts'
import { standing } from '../../qos/allocate.ts'

export interface SharedUplink {
  readonly name: string
  /** Its place among the uplinks declared. */
  readonly index: number
  /** Port number. */
  readonly port: number
  /** Absent: not known, and nothing is limited. */
  readonly bandwidthBps?: number
}

export interface Sharing {
  readonly uplinks: readonly SharedUplink[]
  /** Those whose networks the switch has, in the order of their numbers. */
  readonly classes: readonly TrafficClass[]
  /** `queues`: of the datapath, which lend by themselves. */
  readonly by: 'meters' | 'queues'
}

const priority = { ip: 110, other: 100 } as const

export function egressRules(owner: Owner, { uplinks, classes, by }: Sharing): Rule[] {
  return uplinks.flatMap((uplink) =>
    classes.flatMap((one) => {
      if (by === 'queues') return outRules(owner, { uplink, one, queue: classNumber(one.name) })
      if (uplink.bandwidthBps === undefined) return outRules(owner, { uplink, one })
      const { held, lent } = classMeters(uplink.index, classNumber(one.name))
      return [held, lent].flatMap((meter, lease) => outRules(owner, { uplink, one, lease, meter }))
    }),
  )
}

interface Way {
  readonly uplink: SharedUplink
  readonly one: TrafficClass
  readonly queue?: number
  /** In any state of the lease, unless given. */
  readonly lease?: number
  readonly meter?: number
}

/** A switch takes a write of the DSCP only where the packet is known to be IP. */
function outRules(owner: Owner, { uplink: { port }, one, queue, lease, meter }: Way): Rule[] {
  const match: OxmField[] = [
    ...(lease === undefined ? [] : [{ field: 'reg10', value: lease } as const]),
    { field: 'reg11', value: port },
    { field: 'reg12', value: classNumber(one.name) },
  ]
  const out: RuleAction[] = [
    ...(queue === undefined ? [] : [{ type: 'set_queue', queue } as const]),
    { type: 'output', port },
  ]
  const common = { table: 'egress', owner, phase: 'receive', ...(meter !== undefined && { meter }) } as const
  const rest = rule({ ...common, priority: priority.other, match, actions: out })
  const { dscp } = one
  if (dscp === undefined) return [rest]
  const mark: RuleAction = { type: 'set_field', field: { field: 'ip_dscp', value: dscp } }
  const ips = [ipv4, ipv6].map((family) =>
    rule({ ...common, priority: priority.ip, match: [family, ...match], actions: [mark, ...out] }),
  )
  return [...ips, rest]
}

export function egressMeters(owner: Owner, { uplinks, classes, by }: Sharing): Meter[] {
  if (by === 'queues') return []
  return uplinks.flatMap(({ index, bandwidthBps }) => {
    if (bandwidthBps === undefined) return []
    const rates = standing(bandwidthBps, classes)
    return classes.flatMap(({ name }): Meter[] => {
      const { held, lent } = classMeters(index, classNumber(name))
      const rate = meterOfRate(rates.get(name) ?? 0)
      return [
        { id: held, ...rate, owner },
        { id: lent, ...rate, adaptive: true, owner },
      ]
    })
  })
}
