/** The lines of the bodies of multipart requests and replies, by the body's type. */
import { allQueues, reservedPort } from '../../common/names.ts'
import type { PortEntry, PortStats } from '../../message.ts'
import { portName } from '../names.ts'
import { aggregate, flows, selection } from './flow.ts'
import { groupDescriptions, groupFeatures, groupName, groupStats } from './group.ts'
import { meterConfigs, meterFeatures, meterName, meterStats } from './meter.ts'
import { monitorRequest, monitorUpdates } from './monitor.ts'
import { ipfixBridge, ipfixFlow } from './nicira.ts'
import { portLines, portStats } from './port.ts'
import { queueDescriptions, queueStats } from './queue.ts'
import { tableDescriptions, tableStats } from './table.ts'

type Line = (body: never) => string
type Lines = Readonly<Record<string, Line>>

const nothing = (): string => ''

interface OfPort {
  readonly portNo?: number
}
interface OfQueue extends OfPort {
  readonly queueId?: number
}
interface OfGroup {
  readonly groupId?: number
}
interface OfMeter {
  readonly meterId: number
}

const group = ({ groupId }: OfGroup): string => ` group_id=${groupName(groupId ?? 0xffff_fffc)}`
const meter = ({ meterId }: OfMeter): string => ` meter=${meterName(meterId)}`
const queueName = (queueId: number): string => (queueId === allQueues ? 'ALL' : String(queueId))

export const requestLines: Lines = {
  desc: nothing,
  flow: selection,
  nx_flow: selection,
  aggregate: selection,
  nx_aggregate: selection,
  table: nothing,
  port: ({ portNo = reservedPort.any }: OfPort) => ` port_no=${portName(portNo)}`,
  // 1.0 says ALL for what is ANY later.
  queue: ({ portNo = reservedPort.any, queueId = allQueues }: OfQueue) =>
    ` port=${portName(portNo === reservedPort.all ? reservedPort.any : portNo)} queue=${queueName(queueId)}`,
  queue_desc: ({ portNo = reservedPort.any, queueId = allQueues }: OfQueue) =>
    ` port=${portName(portNo)}${queueId === allQueues ? '' : ` queue=${queueId}`}`,
  group,
  group_desc: group,
  group_features: nothing,
  meter,
  meter_config: meter,
  meter_features: nothing,
  port_desc: ({ portNo = reservedPort.any }: OfPort) => ` port=${portName(portNo)}`,
  table_desc: nothing,
  flow_monitor: monitorRequest,
  nx_ipfix_bridge: nothing,
  nx_ipfix_flow: nothing,
}

interface Description {
  readonly manufacturer: string
  readonly hardware: string
  readonly software: string
  readonly serial: string
  readonly datapath: string
}

const description = ({ manufacturer, hardware, software, serial, datapath }: Description): string =>
  [
    `\nManufacturer: ${manufacturer}`,
    `Hardware: ${hardware}`,
    `Software: ${software}`,
    `Serial Num: ${serial}`,
    `DP Description: ${datapath}`,
  ].join('\n')

export const replyLines: Lines = {
  desc: description,
  flow: flows,
  nx_flow: flows,
  aggregate,
  nx_aggregate: aggregate,
  table: tableStats,
  port: ({ entries }: { readonly entries: readonly PortStats[] }) => portStats({ entries }),
  queue: queueStats,
  queue_desc: queueDescriptions,
  group: groupStats,
  group_desc: groupDescriptions,
  group_features: groupFeatures,
  meter: meterStats,
  meter_config: meterConfigs,
  meter_features: meterFeatures,
  port_desc: ({ entries }: { readonly entries: readonly PortEntry[] }) => portLines(entries),
  table_desc: tableDescriptions,
  flow_monitor: monitorUpdates,
  nx_ipfix_bridge: ipfixBridge,
  nx_ipfix_flow: ipfixFlow,
}
