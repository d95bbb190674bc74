/**
 * The plan for one host: operations that make its bridges, controllers, ports and queues what an owner wants, computed from
 * a replica. Nothing wanted changes: no operations. Rows that the owner made are marked and go when they are no longer
 * wanted; rows of others are never touched, but a bridge or port that is wanted and already there gets its settings, and
 * stays when it is no longer wanted.
 */
import type { Operation } from '../../../codecs/ovsdb/index.ts'
import { takeBackBfd } from './lent-bfd.ts'
import { addBridge, dropControllers, settleBridge } from './plan-bridge.ts'
import { planPort } from './plan-ports.ts'
import { planLeftoverQueues } from './plan-qos.ts'
import { guard, Present } from './present.ts'
import { on, type SwitchRow, type SwitchTables } from './tables.ts'
import type { WantedBridge, WantedHost } from './wanted.ts'

/**
 * What can be done by itself; steps in order can also be one transaction. Each begins with `wait`s on what it was computed
 * from, so that it fails, and changes nothing, when that is no longer so.
 */
export interface PlanStep {
  /** Such as `bridge br0` or `port br0/eth1`. */
  readonly subject: string
  readonly operations: readonly Operation[]
}

export interface PlanRefusal {
  readonly subject: string
  readonly error: string
}

export interface BridgePlan {
  readonly steps: readonly PlanStep[]
  /** What is wanted and would need a row of somebody else changed. */
  readonly refused: readonly PlanRefusal[]
  /** Bridges of ours that nobody wants, but in which others have ports. */
  readonly kept: readonly string[]
}

export function bridgePlan(wanted: WantedHost, { tables }: { readonly tables: SwitchTables }): BridgePlan {
  const present = new Present(tables, wanted.owner)
  const bridges = new Map(wanted.bridges.map((bridge) => [bridge.name, bridge]))
  const plan = { steps: [] as PlanStep[], refused: [] as PlanRefusal[], kept: [] as string[] }
  const add = (subject: string, operations: readonly Operation[]) => {
    if (operations.length > 0) plan.steps.push({ subject, operations })
  }

  if (tables.Open_vSwitch.size === 0 && wanted.bridges.length > 0) add('Open_vSwitch', makeRoot())
  const homes = new Map(
    wanted.bridges.flatMap(({ name, ports = [] }) => ports.map((port) => [port.name, name])),
  )
  for (const bridge of present.bridges.values()) {
    const still = bridges.get(bridge.name)
    if (!still) {
      const operations = dropBridge(present, bridge)
      if (operations) {
        add(`bridge ${bridge.name}`, operations)
        continue
      }
      if (present.isOurs(bridge)) plan.kept.push(bridge.name)
      add(`bridge ${bridge.name}`, dropControllers(present, bridge))
    }
    for (const port of present.portsOf(bridge)) {
      add(`port ${bridge.name}/${port.name}`, dropPort(present, { bridge, port, homes }))
    }
  }
  for (const bridge of wanted.bridges) {
    const row = present.bridges.get(bridge.name)
    add(`bridge ${bridge.name}`, row ? settleBridge(present, row, bridge) : addBridge(present, bridge))
  }
  for (const bridge of wanted.bridges) planPorts(present, bridge, { add, refused: plan.refused })
  add('queues', planLeftoverQueues(present, wanted.bridges))
  return plan
}

interface Sink {
  readonly add: (subject: string, operations: readonly Operation[]) => void
  readonly refused: PlanRefusal[]
}

function planPorts(present: Present, bridge: WantedBridge, { add, refused }: Sink): void {
  for (const port of bridge.ports ?? []) {
    const subject = `port ${bridge.name}/${port.name}`
    const outcome = planPort(present, bridge, port)
    if ('refused' in outcome) refused.push({ subject, error: outcome.refused })
    else add(subject, outcome.operations)
  }
}

/** A database that `ovs-vsctl init` has not touched yet. */
function makeRoot(): readonly Operation[] {
  return [on.wait('Open_vSwitch', [], { columns: ['next_cfg'], rows: [] }), on.insert('Open_vSwitch', {})]
}

/** Undefined for a bridge that is not ours, or in which others have ports. */
function dropBridge(present: Present, bridge: SwitchRow<'Bridge'>): readonly Operation[] | undefined {
  const isOurs = (port: SwitchRow<'Port'>) => port.name === bridge.name || present.isOurs(port)
  if (!present.isOurs(bridge) || !present.portsOf(bridge).every(isOurs)) return undefined
  return [
    // Whoever has added a port meanwhile keeps it.
    guard('Bridge', bridge, ['ports', 'external_ids']),
    on.mutate('Open_vSwitch', [], [['bridges', 'delete', [bridge._uuid]]]),
  ]
}

interface Placed {
  readonly bridge: SwitchRow<'Bridge'>
  readonly port: SwitchRow<'Port'>
  /** The bridges of wanted ports: one that is wanted elsewhere is moved, not dropped. */
  readonly homes: ReadonlyMap<string, string>
}

function dropPort(present: Present, { bridge, port, homes }: Placed): readonly Operation[] {
  if (port.name === bridge.name || homes.has(port.name)) return []
  if (!present.isOurs(port)) return takeBackBfd(present, port)
  return [
    guard('Port', port, ['external_ids']),
    on.mutate('Bridge', [['_uuid', '==', bridge._uuid]], [['ports', 'delete', [port._uuid]]]),
  ]
}
