/**
 * Plans of QoS and Queue rows. Open vSwitch does not drop them with the port that used them, so ours carry their port's
 * name, and those that no wanted port has are deleted.
 */
import type { NamedUuid, Operation, Uuid } from '../../../codecs/ovsdb/index.ts'
import { guard, type Present } from './present.ts'
import { keysOf, settleRow } from './settle.ts'
import { on, type SwitchRow } from './tables.ts'
import type { WantedBridge, WantedPort, WantedQos, WantedQueue } from './wanted.ts'

const portKey = 'throwbar-port'

export const qosKey = (bridge: WantedBridge, port: WantedPort): string => `${bridge.name}/${port.name}`

export interface QosPlan {
  readonly operations: readonly Operation[]
  /** What must wait until the port no longer refers to it. */
  readonly afterwards: readonly Operation[]
  /** What the port is to refer to, where it does not yet. */
  readonly reference?: Uuid | NamedUuid
  /** The port refers to a row of ours that is not wanted any more. */
  readonly clear?: boolean
}

interface PortQos {
  readonly key: string
  readonly qos: WantedQos | undefined
  /** The port as it is; absent when it is being made. */
  readonly row: SwitchRow<'Port'> | undefined
}

const nothing: QosPlan = { operations: [], afterwards: [] }

const ownQos = (present: Present, key: string): SwitchRow<'QoS'> | undefined =>
  [...present.tables.QoS.values()].find((row) => present.isOurs(row) && row.external_ids.get(portKey) === key)

export function settleQos(present: Present, { key, qos, row }: PortQos): QosPlan {
  if (!qos) {
    const current = row?.qos === undefined ? undefined : present.tables.QoS.get(row.qos)
    return current && present.isOurs(current) ? { ...nothing, clear: true } : nothing
  }
  const own = ownQos(present, key)
  if (!own) return addQos(present, key, qos)
  const { operations, afterwards } = settleOwn(present, { own, key, qos })
  return { operations, afterwards, ...(row?.qos !== own._uuid && { reference: own._uuid }) }
}

function addQos(
  present: Present,
  key: string,
  { type, otherConfig = {}, queues = new Map() }: WantedQos,
): QosPlan {
  const row = present.newRow()
  const added = Array.from(queues, ([number, queue]) => ({
    number,
    ...insertQueue(present, key, queue),
  }))
  const columns = {
    type,
    other_config: Object.entries(otherConfig),
    queues: added.map((queue): [number, NamedUuid] => [queue.number, queue.row]),
    external_ids: present.mark({ [portKey]: key }),
  }
  const operations = [...added.map(({ operation }) => operation), on.insert('QoS', columns, row)]
  return { operations, afterwards: [], reference: row }
}

function insertQueue(
  present: Present,
  key: string,
  { dscp, otherConfig = {} }: WantedQueue,
): { readonly row: NamedUuid; readonly operation: Operation } {
  const row = present.newRow()
  const columns = {
    dscp,
    other_config: Object.entries(otherConfig),
    external_ids: present.mark({ [portKey]: key }),
  }
  return { row, operation: on.insert('Queue', columns, row) }
}

interface OwnQos {
  readonly own: SwitchRow<'QoS'>
  readonly key: string
  readonly qos: WantedQos
}

function settleOwn(present: Present, { own, key, qos }: OwnQos): QosPlan {
  const operations: Operation[] = []
  const queues = new Map<number, Uuid | NamedUuid>()
  for (const [number, queue] of qos.queues ?? []) {
    const uuid = own.queues.get(number)
    const row = uuid === undefined ? undefined : present.tables.Queue.get(uuid)
    if (row && present.isOurs(row)) {
      queues.set(number, row._uuid)
      const other_config = keysOf(row.other_config, queue.otherConfig, true)
      operations.push(...settleRow('Queue', row, { dscp: queue.dscp, other_config }))
    } else {
      const added = insertQueue(present, key, queue)
      queues.set(number, added.row)
      operations.push(added.operation)
    }
  }
  const other_config = keysOf(own.other_config, qos.otherConfig, true)
  operations.push(...settleRow('QoS', own, { type: qos.type, other_config }))
  const same =
    queues.size === own.queues.size && [...queues].every(([number, row]) => own.queues.get(number) === row)
  if (same) return { operations, afterwards: [] }
  operations.push(guard('QoS', own, ['queues']), on.update('QoS', [['_uuid', '==', own._uuid]], { queues }))
  const kept = new Set<unknown>(queues.values())
  const gone = [...own.queues.values()].flatMap((uuid) =>
    kept.has(uuid) ? [] : (present.tables.Queue.get(uuid) ?? []),
  )
  return { operations, afterwards: gone.filter((row) => present.isOurs(row)).map(deleteQueue) }
}

const deleteQueue = ({ _uuid }: SwitchRow<'Queue'>): Operation => on.delete('Queue', [['_uuid', '==', _uuid]])

/** QoS rows of ours whose port is not wanted or wants none, and queues of ours that no QoS row refers to. */
export function planLeftoverQueues(present: Present, bridges: readonly WantedBridge[]): readonly Operation[] {
  const keys = bridges.flatMap((bridge) =>
    (bridge.ports ?? []).filter(({ qos }) => qos).map((port) => qosKey(bridge, port)),
  )
  const wanted = new Set(keys.flatMap((key) => ownQos(present, key)?._uuid ?? []))
  const leftovers = [...present.tables.QoS.values()].filter(
    (row) => present.isOurs(row) && !wanted.has(row._uuid),
  )
  const gone = new Set(leftovers)
  const used = new Set(
    [...present.tables.QoS.values()].flatMap((row) => (gone.has(row) ? [] : [...row.queues.values()])),
  )
  const queues = [...present.tables.Queue.values()].filter(
    (row) => present.isOurs(row) && !used.has(row._uuid),
  )
  return [
    ...leftovers.flatMap((row) => [
      guard('QoS', row, ['external_ids']),
      on.update('Port', [['qos', '==', row._uuid]], { qos: undefined }),
      on.delete('QoS', [['_uuid', '==', row._uuid]]),
    ]),
    ...queues.map(deleteQueue),
  ]
}
