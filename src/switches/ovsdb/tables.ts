/** The columns of Open vSwitch's database (ovs-vswitchd.conf.db(5)) that this project reads or writes; counters are none of them. */
import {
  type Changes,
  mapOf,
  operationsOn,
  optional,
  type RowOf,
  setOf,
  type Tables,
} from '../../../codecs/ovsdb/index.ts'

const strings = mapOf('string', 'string')

export const switchTables = {
  Open_vSwitch: {
    bridges: setOf('uuid'),
    external_ids: strings,
    next_cfg: 'integer',
    cur_cfg: 'integer',
    ovs_version: optional('string'),
  },
  Bridge: {
    name: 'string',
    datapath_type: 'string',
    datapath_id: optional('string'),
    fail_mode: optional('string'),
    protocols: setOf('string'),
    controller: setOf('uuid'),
    ports: setOf('uuid'),
    other_config: strings,
    external_ids: strings,
  },
  Port: {
    name: 'string',
    interfaces: setOf('uuid'),
    tag: optional('integer'),
    trunks: setOf('integer'),
    vlan_mode: optional('string'),
    bond_mode: optional('string'),
    lacp: optional('string'),
    bond_updelay: 'integer',
    bond_downdelay: 'integer',
    qos: optional('uuid'),
    other_config: strings,
    external_ids: strings,
  },
  Interface: {
    name: 'string',
    type: 'string',
    options: strings,
    ofport: optional('integer'),
    ofport_request: optional('integer'),
    mac: optional('string'),
    mtu_request: optional('integer'),
    mtu: optional('integer'),
    link_state: optional('string'),
    bfd: strings,
    bfd_status: strings,
    other_config: strings,
    external_ids: strings,
    error: optional('string'),
  },
  Controller: {
    target: 'string',
    connection_mode: optional('string'),
    max_backoff: optional('integer'),
    inactivity_probe: optional('integer'),
    external_ids: strings,
  },
  QoS: { type: 'string', queues: mapOf('integer', 'uuid'), other_config: strings, external_ids: strings },
  Queue: { dscp: optional('integer'), other_config: strings, external_ids: strings },
} as const

export const switchDatabase = 'Open_vSwitch'

export type SwitchSelection = typeof switchTables
export type SwitchTables = Tables<SwitchSelection>
export type SwitchChanges = Changes<SwitchSelection>
export type TableName = keyof SwitchSelection
export type SwitchRow<T extends TableName> = RowOf<SwitchSelection[T]>

export const on = operationsOn(switchTables)
