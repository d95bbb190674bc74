/** Queries about classes of traffic: which share the uplinks of a switch, and how a network's frames are marked there. */
import { classNumber, classOf, inClassOrder, overbooked, trafficClass } from '../model/classes.ts'
import type { ClassName, Intent, TrafficClass } from '../model/intent.ts'
import { deepEqual } from './equal.ts'
import type { Sharing } from './features/egress.ts'
import type { Inputs } from './inputs.ts'
import type { Memo, Read } from './memo.ts'
import type { Marking } from './placed.ts'
import type { Obstacle } from './program.ts'

export interface Sharings {
  /** By switch name; undefined where uplinks are not shared by classes. */
  readonly at: Read<Sharing | undefined>
  /** By switch name and network name. */
  readonly marking: Read<Marking>
  /** By switch name. */
  readonly obstacles: Read<readonly Obstacle[]>
}

export function sharings(memo: Memo, inputs: Inputs): Sharings {
  const classes = memo.query<Intent['classes']>({
    compute: () =>
      new Map(
        inputs.classNames('').flatMap((name) => {
          const one = inputs.trafficClass(name)
          return one ? [[name, one] as const] : []
        }),
      ),
  })
  const isShared = (name: string) =>
    inputs.classNames('').length > 0 && inputs.switchNamed(name)?.role === 'hypervisor'
  const present = memo.query<readonly TrafficClass[]>({
    compute: (name) => {
      const networks = inputs.networksOn(name).map((network) => inputs.network(network))
      const names = networks.map((network) => network && classOf(network))
      return inClassOrder(names).map((one) => trafficClass(classes(''), one))
    },
    equal: deepEqual,
  })
  const at = memo.query<Sharing | undefined>({
    compute: (name) => {
      const declared = inputs.switchNamed(name)
      if (!declared || !isShared(name)) return undefined
      const { datapathId, ovsdb } = declared
      const type = inputs.datapathType(datapathId) ?? ovsdb?.datapathType
      const by = type === 'system' ? 'queues' : 'meters'
      const uplinks = declared.uplinks.flatMap(({ port, bandwidthBps }, index) => {
        const found = inputs.port(datapathId, port)
        if (!found) return []
        // Queues are rows of a database, which is told what is declared.
        const bps = bandwidthBps ?? (by === 'queues' ? undefined : found.speedBps)
        return [{ name: port, index, port: found.no, ...(bps !== undefined && { bandwidthBps: bps }) }]
      })
      return { uplinks, classes: present(name), by }
    },
    equal: deepEqual,
  })
  const marking = memo.query<Marking>({
    compute: (name, networkName) => {
      const network = inputs.network(networkName)
      const of: ClassName | undefined = network && classOf(network)
      if (of === undefined || inputs.classNames('').length === 0) return {}
      const { pcp } = trafficClass(classes(''), of)
      return { ...(pcp !== undefined && { pcp }), ...(isShared(name) && { shares: classNumber(of) }) }
    },
    equal: deepEqual,
  })
  const obstacles = memo.query<readonly Obstacle[]>({
    compute: (name) => {
      const declared = inputs.switchNamed(name)
      if (!declared || !isShared(name)) return []
      const owner = `switch/${name}` as const
      const found = overbooked(declared, present(name), (port) => {
        const uplink = declared.uplinks.find((one) => one.port === port)
        return uplink?.bandwidthBps ?? inputs.port(declared.datapathId, port)?.speedBps
      })
      const unlimited = (at(name)?.uplinks ?? []).filter(({ bandwidthBps }) => bandwidthBps === undefined)
      return [
        ...(found ? [{ owner, code: 'overbooked', text: found.text } as const] : []),
        ...unlimited.map(
          (uplink) => ({ owner, code: 'speed-unknown', text: unknownSpeed(name, uplink.name) }) as const,
        ),
      ]
    },
    equal: deepEqual,
  })
  return { at, marking, obstacles }
}

const unknownSpeed = (name: string, port: string): string =>
  `nobody says how fast uplink ${port} of ${name} is, so classes have neither reservation nor limit there: declare its bandwidth, as in { port: ${port}, bandwidth: 10G }`
