/** The line of each type of message. Types that are not here have none in ovs-ofctl, or have all in their title. */
import type { Message, MessageOf, MessageType } from '../../message.ts'
import { groupMod } from './group.ts'
import { asyncConfig } from './async.ts'
import { bundleAdd, bundleControl, requestForward } from './bundle.ts'
import { error } from './error.ts'
import { flowMod, flowRemoved } from './flow.ts'
import { meterMod } from './meter.ts'
import { ctFlush, tlvTableMod, tlvTableReply } from './nicira.ts'
import { packetIn, packetIn2, packetOut } from './packet.ts'
import { portMod, portStatus } from './port.ts'
import { queueConfig } from './queue.ts'
import { config, echo, featuresReply, hello, role, roleStatus } from './session.ts'
import { tableMod, tableStatus } from './table.ts'
import { portName } from '../names.ts'

type Lines = {
  readonly [T in MessageType]?: (message: MessageOf<T>, print: (message: Message) => string) => string
}

/** Definitions of several versions give types that differ where one version lacks a field; the lines know. */
const as =
  (line: (value: never, print: (message: Message) => string) => string) =>
  (message: Message, print: (message: Message) => string): string =>
    line(message as never, print)

export const messageLines: Lines = {
  hello,
  error,
  echo_request: echo,
  echo_reply: echo,
  features_request: () => '',
  features_reply: featuresReply,
  get_config_request: () => '',
  get_config_reply: config,
  set_config: config,
  barrier_request: () => '',
  barrier_reply: () => '',
  role_request: role,
  role_reply: role,
  role_status: roleStatus,
  packet_in: packetIn,
  packet_out: packetOut,
  flow_mod: as(flowMod),
  flow_removed: flowRemoved,
  group_mod: as(groupMod),
  meter_mod: as(meterMod),
  port_mod: portMod,
  port_status: portStatus,
  table_mod: as(tableMod),
  table_status: as(tableStatus),
  queue_get_config_request: ({ portNo }) => ` port=${portName(portNo)}`,
  queue_get_config_reply: as(queueConfig),
  get_async_request: () => '',
  get_async_reply: as(asyncConfig),
  set_async: as(asyncConfig),
  bundle_control: bundleControl,
  bundle_add: bundleAdd,
  requestforward: as(requestForward),
  flow_monitor_cancel: ({ monitorId }) => ` id=${monitorId}`,
  flow_monitor_paused: () => '',
  flow_monitor_resumed: () => '',
  nx_flow_mod: as(flowMod),
  nx_flow_removed: flowRemoved,
  nx_packet_in: packetIn,
  nx_packet_in2: packetIn2,
  nx_resume: packetIn2,
  nx_role_request: as(role),
  nx_role_reply: as(role),
  nx_set_async: as(asyncConfig),
  nx_set_async2: as(asyncConfig),
  nx_flow_age: () => '',
  nx_flow_mod_table_id: ({ setting }) => ` ${setting}`,
  nx_set_flow_format: ({ format }) => ` format=${typeof format === 'number' ? '(unknown)' : format}`,
  nx_set_packet_in_format: ({ format }) => ` format=${String(format).replace(/^nx_/, 'nxt_')}`,
  nx_set_controller_id: ({ controllerId }) => ` id=${controllerId}`,
  nx_tlv_table_mod: tlvTableMod,
  nx_tlv_table_request: () => '',
  nx_tlv_table_reply: tlvTableReply,
  nx_ct_flush_zone: ({ zone }) => ` zone_id=${zone}`,
  nx_ct_flush: ctFlush,
}
