/** Plans of bridges and their controllers: `fail_mode=secure`, a fixed datapath id, in-band control off, always. */
import type { NamedUuid, Operation } from '../../../codecs/ovsdb/index.ts'
import { guard, type Present } from './present.ts'
import { merged, named, settleRow } from './settle.ts'
import { on, type SwitchRow } from './tables.ts'
import type { WantedBridge, WantedController } from './wanted.ts'

function otherConfig(bridge: WantedBridge): Readonly<Record<string, string>> {
  return {
    ...bridge.otherConfig,
    'datapath-id': bridge.datapathId.toLowerCase(),
    'disable-in-band': 'true',
  }
}

const settings = ({ maxBackoffMs, inactivityProbeMs }: WantedController) => ({
  connection_mode: 'out-of-band',
  ...named({ max_backoff: maxBackoffMs, inactivity_probe: inactivityProbeMs }),
})

function insertController(
  present: Present,
  controller: WantedController,
): { readonly row: NamedUuid; readonly operation: Operation } {
  const row = present.newRow()
  const columns = { target: controller.target, ...settings(controller), external_ids: present.mark() }
  return { row, operation: on.insert('Controller', columns, row) }
}

/** With its local port, as ovs-vsctl makes it. */
export function addBridge(present: Present, bridge: WantedBridge): readonly Operation[] {
  const { name, datapathType, protocols } = bridge
  const [local, port, row] = [present.newRow(), present.newRow(), present.newRow()]
  const controllers = bridge.controllers.map((controller) => insertController(present, controller))
  const external_ids = present.mark()
  return [
    on.wait('Bridge', [['name', '==', name]], { columns: ['name'], rows: [] }),
    ...controllers.map(({ operation }) => operation),
    on.insert('Interface', { name, type: 'internal', external_ids }, local),
    on.insert('Port', { name, interfaces: [local], external_ids }, port),
    on.insert(
      'Bridge',
      {
        name,
        ...named({ datapath_type: datapathType }),
        fail_mode: 'secure',
        protocols,
        controller: controllers.map((controller) => controller.row),
        ports: [port],
        other_config: Object.entries(otherConfig(bridge)),
        external_ids,
      },
      row,
    ),
    on.mutate('Open_vSwitch', [], [['bridges', 'insert', [row]]]),
  ]
}

export function settleBridge(
  present: Present,
  row: SwitchRow<'Bridge'>,
  bridge: WantedBridge,
): readonly Operation[] {
  return [
    ...settleRow('Bridge', row, {
      ...named({ datapath_type: bridge.datapathType }),
      fail_mode: 'secure',
      protocols: new Set(bridge.protocols),
      other_config: merged(row.other_config, otherConfig(bridge)),
    }),
    ...settleControllers(present, row, bridge.controllers),
  ]
}

/** A controller that somebody else has named serves as well, and stays as it is. */
function settleControllers(
  present: Present,
  bridge: SwitchRow<'Bridge'>,
  wanted: readonly WantedController[],
): readonly Operation[] {
  const rows = present.controllersOf(bridge)
  const foreign = new Set(rows.filter((row) => !present.isOurs(row)).map(({ target }) => target))
  const needed = new Map(
    wanted
      .filter(({ target, onlyIfNone }) => !foreign.has(target) && (onlyIfNone !== true || foreign.size === 0))
      .map((controller) => [controller.target, controller]),
  )
  const operations: Operation[] = []
  const dropped: string[] = []
  for (const row of rows) {
    if (!present.isOurs(row)) continue
    const controller = needed.get(row.target)
    // Twice the same is once too often.
    if (!needed.delete(row.target)) dropped.push(row._uuid)
    if (controller) operations.push(...settleRow('Controller', row, settings(controller)))
  }
  const added = [...needed.values()].map((controller) => insertController(present, controller))
  if (added.length === 0 && dropped.length === 0) return operations
  return [
    ...operations,
    guard('Bridge', bridge, ['controller']),
    ...added.map(({ operation }) => operation),
    on.mutate(
      'Bridge',
      [['_uuid', '==', bridge._uuid]],
      [
        ['controller', 'delete', dropped],
        ['controller', 'insert', added.map(({ row }) => row)],
      ],
    ),
  ]
}

/** Of a bridge that is no longer wanted and stays. */
export const dropControllers = (present: Present, bridge: SwitchRow<'Bridge'>): readonly Operation[] =>
  settleControllers(present, bridge, [])
