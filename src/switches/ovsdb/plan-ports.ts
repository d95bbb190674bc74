/** Plans of ports: devices, patch ports, tunnels and bonds, made, moved and set; what belongs to others is refused in words. */
import type { NamedUuid, Operation } from '../../../codecs/ovsdb/index.ts'
import { lentBfd } from './lent-bfd.ts'
import { guard, type Present } from './present.ts'
import { qosKey, settleQos } from './plan-qos.ts'
import { keysOf, merged, named, settleRow } from './settle.ts'
import { on, type SwitchRow } from './tables.ts'
import type { WantedBridge, WantedInterface, WantedPort } from './wanted.ts'

export type PortPlan = { readonly operations: readonly Operation[] } | { readonly refused: string }

interface Wanted {
  readonly bridge: WantedBridge
  readonly port: WantedPort
  readonly interfaces: readonly WantedInterface[]
}

export function planPort(present: Present, bridge: WantedBridge, port: WantedPort): PortPlan {
  const single: WantedInterface = {
    name: port.name,
    // The bridge's own port.
    ...(port.name === bridge.name && { type: 'internal' }),
  }
  const wanted = { bridge, port, interfaces: port.interfaces ?? [single] }
  const row = present.ports.get(port.name)
  if (!row) return addPort(present, wanted)
  const home = present.bridgeOf(row)
  if (home?.name === bridge.name) return settlePort(present, row, wanted)
  if (!present.isOurs(row)) {
    return { refused: `port ${port.name} is on bridge ${home?.name ?? 'none'}, and somebody else made it` }
  }
  return movePort(present, row, { wanted, home })
}

/** Why an interface of this name cannot be made; an interface of a port of ours goes with its port. */
function conflict(present: Present, name: string): string | undefined {
  const row = present.interfaces.get(name)
  const holder = row && present.portOf(row)
  return holder && !present.isOurs(holder)
    ? `interface ${name} is part of port ${holder.name}, and somebody else made it`
    : undefined
}

const strings = (keys: Readonly<Record<string, string>> = {}) => Object.entries(keys)

function insertInterface(
  present: Present,
  wanted: WantedInterface,
): { readonly row: NamedUuid; readonly operation: Operation } {
  const row = present.newRow()
  const { name, type = '', options, ofportRequest, mac, mtuRequest, bfd, otherConfig, externalIds } = wanted
  const columns = {
    name,
    type,
    options: strings(options),
    ofport_request: ofportRequest,
    mac,
    mtu_request: mtuRequest,
    bfd: strings(bfd),
    other_config: strings(otherConfig),
    external_ids: present.mark(externalIds),
  }
  return { row, operation: on.insert('Interface', columns, row) }
}

function addPort(present: Present, { bridge, port, interfaces }: Wanted): PortPlan {
  const refused = interfaces.map(({ name }) => conflict(present, name)).find((text) => text !== undefined)
  if (refused !== undefined) return { refused }
  const row = present.newRow()
  const members = interfaces.map((one) => insertInterface(present, one))
  const qos = settleQos(present, { key: qosKey(bridge, port), qos: port.qos, row: undefined })
  const { bond, tag, trunks = [], vlanMode, name } = port
  const columns = {
    name,
    interfaces: members.map((member) => member.row),
    tag,
    trunks,
    vlan_mode: vlanMode,
    bond_mode: bond?.mode,
    lacp: bond?.lacp,
    bond_updelay: bond?.upDelayMs ?? 0,
    bond_downdelay: bond?.downDelayMs ?? 0,
    other_config: strings(port.otherConfig),
    external_ids: present.mark(),
    ...(qos.reference && { qos: qos.reference }),
  }
  const operations = [
    on.wait('Port', [['name', '==', name]], { columns: ['name'], rows: [] }),
    // Without its bridge the new port would silently be gone at the commit.
    on.wait('Bridge', [['name', '==', bridge.name]], { columns: ['name'], rows: [{ name: bridge.name }] }),
    ...members.map(({ operation }) => operation),
    ...qos.operations,
    on.insert('Port', columns, row),
    on.mutate('Bridge', [['name', '==', bridge.name]], [['ports', 'insert', [row]]]),
  ]
  return { operations }
}

function movePort(
  present: Present,
  row: SwitchRow<'Port'>,
  { wanted, home }: { readonly wanted: Wanted; readonly home: SwitchRow<'Bridge'> | undefined },
): PortPlan {
  const settled = settlePort(present, row, wanted)
  if ('refused' in settled) return settled
  const { name } = wanted.bridge
  const left = home
    ? [on.mutate('Bridge', [['_uuid', '==', home._uuid]], [['ports', 'delete', [row._uuid]]])]
    : []
  return {
    operations: [
      guard('Port', row, ['external_ids']),
      on.wait('Bridge', [['name', '==', name]], { columns: ['name'], rows: [{ name }] }),
      ...left,
      on.mutate('Bridge', [['name', '==', name]], [['ports', 'insert', [row._uuid]]]),
      ...settled.operations,
    ],
  }
}

/** All settings of a port of ours; of another's only those that are named. */
function portColumns(row: SwitchRow<'Port'>, { port }: Wanted, isOurs: boolean): Partial<SwitchRow<'Port'>> {
  const { tag, trunks, vlanMode, bond } = port
  const columns = {
    tag,
    trunks: trunks || isOurs ? new Set(trunks) : undefined,
    vlan_mode: vlanMode,
    bond_mode: bond?.mode,
    lacp: bond?.lacp,
    bond_updelay: bond?.upDelayMs ?? (isOurs ? 0 : undefined),
    bond_downdelay: bond?.downDelayMs ?? (isOurs ? 0 : undefined),
    other_config: keysOf(row.other_config, port.otherConfig, isOurs),
  }
  return (isOurs ? columns : named(columns)) as Partial<SwitchRow<'Port'>>
}

function settlePort(present: Present, row: SwitchRow<'Port'>, wanted: Wanted): PortPlan {
  const isOurs = present.isOurs(row)
  const { bridge, port } = wanted
  const members = settleMembers(present, row, wanted)
  if ('refused' in members) return members
  const qos = settleQos(present, { key: qosKey(bridge, port), qos: port.qos, row })
  const target = { ...portColumns(row, wanted, isOurs), ...(qos.clear && { qos: undefined }) }
  const attach = qos.reference
    ? [guard('Port', row, ['qos']), on.update('Port', [['_uuid', '==', row._uuid]], { qos: qos.reference })]
    : []
  return {
    operations: [
      ...members.operations,
      ...settleRow('Port', row, target),
      ...qos.operations,
      ...attach,
      ...qos.afterwards,
    ],
  }
}

function interfaceColumns(
  row: SwitchRow<'Interface'>,
  wanted: WantedInterface,
  isOurs: boolean,
): Partial<SwitchRow<'Interface'>> {
  const { type, options, ofportRequest, mac, mtuRequest, otherConfig, externalIds } = wanted
  const ids = merged(row.external_ids, externalIds)
  const columns = {
    type: type ?? (isOurs ? '' : undefined),
    options: keysOf(row.options, options, isOurs),
    ofport_request: ofportRequest,
    mac,
    mtu_request: mtuRequest,
    other_config: keysOf(row.other_config, otherConfig, isOurs),
    ...(isOurs
      ? { bfd: new Map(Object.entries(wanted.bfd ?? {})), external_ids: ids }
      : lentBfd({ bfd: row.bfd, external_ids: ids }, wanted.bfd)),
  }
  return (isOurs ? columns : named(columns)) as Partial<SwitchRow<'Interface'>>
}

function settleMembers(present: Present, row: SwitchRow<'Port'>, { interfaces }: Wanted): PortPlan {
  const current = new Map(present.interfacesOf(row).map((one) => [one.name, one]))
  const operations = interfaces.flatMap((wanted) => {
    const one = current.get(wanted.name)
    return one ? settleRow('Interface', one, interfaceColumns(one, wanted, present.isOurs(one))) : []
  })
  const missing = interfaces.filter(({ name }) => !current.has(name))
  if (missing.length === 0 && current.size === interfaces.length) return { operations }
  if (!present.isOurs(row))
    return { refused: `port ${row.name} has other interfaces, and somebody else made it` }
  const refused = missing.map(({ name }) => conflict(present, name)).find((text) => text !== undefined)
  if (refused !== undefined) return { refused }
  const added = missing.map((one) => insertInterface(present, one))
  const kept = interfaces.flatMap(({ name }) => current.get(name)?._uuid ?? [])
  return {
    operations: [
      ...operations,
      guard('Port', row, ['interfaces']),
      ...added.map(({ operation }) => operation),
      on.update('Port', [['_uuid', '==', row._uuid]], {
        interfaces: [...kept, ...added.map((member) => member.row)],
      }),
    ],
  }
}
