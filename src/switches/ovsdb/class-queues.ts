/** The queues by which classes of traffic share an uplink where the datapath is the kernel's. Pure. */
import { classNumber, classOf, inClassOrder, trafficClass } from '../../model/classes.ts'
import type { Intent, Uplink } from '../../model/intent.ts'
import { standing } from '../../qos/allocate.ts'
import type { WantedQos } from './wanted.ts'

/**
 * A queue for every class that a network is in, by the class's number. Its `min-rate` is what is always its own: the
 * reservation, and its part by shares of the rest. What a class leaves `linux-htb` lends to the others in proportion to that,
 * up to their limits. Each member of a bond has them, so what there is is that of the slowest. Undefined where nothing is
 * shared, or nobody says how much there is.
 */
export function classQueues(
  { classes, networks }: Pick<Intent, 'classes' | 'networks'>,
  members: readonly Uplink[],
): WantedQos | undefined {
  const speeds = members.flatMap(({ bandwidthBps: bps }) => bps ?? [])
  if (classes.size === 0 || speeds.length === 0 || speeds.length < members.length) return undefined
  const bandwidthBps = Math.min(...speeds)
  const present = inClassOrder([...networks.values()].map(classOf)).map((name) => trafficClass(classes, name))
  if (present.length === 0) return undefined
  const own = standing(bandwidthBps, present)
  const queues = present.map(({ name, limitBps = bandwidthBps }) => {
    const otherConfig = {
      'min-rate': whole(own.get(name) ?? 0),
      'max-rate': whole(Math.min(limitBps, bandwidthBps)),
    }
    return [classNumber(name), { otherConfig }] as const
  })
  return { type: 'linux-htb', otherConfig: { 'max-rate': whole(bandwidthBps) }, queues: new Map(queues) }
}

const whole = (bps: number): string => String(Math.floor(bps))
