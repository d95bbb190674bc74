/** Measures plugs in one scene: a controller process that follows a private Open vSwitch's database, and another client that plugs. */
import { join } from 'node:path'
import { Cleanup } from '../support/cleanup.ts'
import { ControllerProcess } from '../support/controller.ts'
import { OpenVSwitch } from '../support/open-vswitch.ts'
import { Ovsdb, type RowUpdates } from '../support/ovsdb.ts'
import { until } from '../support/processes.ts'
import { RawSession } from '../support/raw-session.ts'
import { type BenchVm, bridgeName, cables, datapathId, document, largeVms } from '../install/networks.ts'
import { EventStream } from './event-stream.ts'

export interface PlugRun {
  /** From before the transaction is sent until the event is here that says that every switch has confirmed. */
  readonly setMs: readonly number[]
  /** As the controller tells it: from the row until the confirmation. */
  readonly setInControllerMs: readonly number[]
  /** From before such a transaction, of an id that nobody declared, until Open vSwitch answers a bare barrier sent after it. */
  readonly floorMs: readonly number[]
  /** The same for a port that is made in that transaction. */
  readonly madeMs: readonly number[]
  /** From when another client sees the port's number in the database. */
  readonly madeFromNumberMs: readonly number[]
}

export interface PlugScene {
  readonly switches: number
  /** That are plugged before. */
  readonly vms: number
  readonly plugs: number
}

interface MeasureOptions {
  readonly cleanup: Cleanup
  readonly profile?: string | undefined
}

const database = 'Open_vSwitch'
/** Making a port costs vswitchd itself a fraction of a second among so many. */
const mostMade = 20

/** Everything starts from nothing, and is gone when this resolves. */
export async function measurePlugs(
  { switches, vms, plugs }: PlugScene,
  { cleanup: outer, profile }: MeasureOptions,
): Promise<PlugRun> {
  const cleanup = new Cleanup()
  outer.add(() => cleanup.run())
  try {
    const controller = await ControllerProcess.start(cleanup, { profile })
    const ovs = await OpenVSwitch.start(cleanup)
    const numbered = (from: number, count: number) => largeVms({ switches }, from, count)
    const made = Math.min(plugs, mostMade)
    const [plugged, waiting, absent] = [numbered(0, vms), numbered(vms, plugs), numbered(vms + plugs, made)]
    await build(ovs, switches, { controller: controller.openflow, plugged, waiting })
    const all = [...plugged, ...waiting, ...absent]
    await controller.put('/v1/intent', followed(ovs, switches, all))
    await until('all switches converged, all cables found', async () => {
      const seen = await controller.switches()
      const links = await controller.links()
      return (
        seen.length === switches &&
        seen.every(({ state, ovsdb }) => state === 'converged' && ovsdb?.state === 'confirmed') &&
        links.filter(({ state }) => state === 'up').length === switches * (switches - 1)
      )
    })
    const client = await Ovsdb.connect(ovs.database)
    cleanup.add(() => client.close())
    const events = await EventStream.open(controller.url)
    cleanup.add(() => events.close())
    return {
      ...(await setAll(client, events, waiting)),
      floorMs: await floor(ovs, client, waiting),
      ...(await makeAll(ovs, events, { absent, cleanup })),
    }
  } finally {
    await cleanup.run()
  }
}

/** Every switch has its host's database declared, every NIC an iface instead of a place. */
function followed({ database: path }: OpenVSwitch, switches: number, vms: readonly BenchVm[]) {
  const scene = { switches, vms: vms.length, more: 0, otherNetworks: 0, vmsPerOtherNetwork: 0 }
  const spec = document(scene, { large: true, vms })
  return {
    ...spec,
    switches: Object.fromEntries(
      Object.entries(spec.switches ?? {}).map(([name, one]) => [
        name,
        { ...one, ovsdb: `unix:${path}`, bridge: name },
      ]),
    ),
    vms: Object.fromEntries(
      Object.entries(spec.vms ?? {}).map(([name, { nics }]) => [
        name,
        { nics: nics.map(({ network, mac, ips }) => ({ network, mac, ips, iface: name })) },
      ]),
    ),
  }
}

interface Ports {
  readonly controller: string
  readonly plugged: readonly BenchVm[]
  /** Whose ports are there, without their ids. */
  readonly waiting: readonly BenchVm[]
}

async function build(
  ovs: OpenVSwitch,
  switches: number,
  { controller, plugged, waiting }: Ports,
): Promise<void> {
  const known = new Set(plugged.map(({ name }) => name))
  for (let index = 0; index < switches; index++) {
    const bridge = bridgeName(index)
    await ovs.addBridge(bridge, datapathId(index))
    const ports = [...plugged, ...waiting].flatMap(({ plug }) => (plug.bridge === bridge ? [plug.port] : []))
    await ovs.addPorts(bridge, ports, (name) => [
      'type=dummy',
      ...(known.has(name) ? [`external_ids:iface-id=${name}`] : []),
    ])
  }
  for (const [a, b] of cables({ switches, vms: 0, more: 0, otherNetworks: 0, vmsPerOtherNetwork: 0 }))
    await ovs.connect(a, b)
  for (let index = 0; index < switches; index++) await ovs.setController(bridgeName(index), controller)
}

async function setAll(
  client: Ovsdb,
  events: EventStream,
  vms: readonly BenchVm[],
): Promise<Pick<PlugRun, 'setMs' | 'setInControllerMs'>> {
  const [setMs, setInControllerMs]: [number[], number[]] = [[], []]
  for (const { name, plug } of vms) {
    const told = events.plugged(`${name}/0`)
    const startedAtMs = performance.now()
    const where = [['name', '==', plug.port]]
    const ids = [['external_ids', 'insert', ['map', [['iface-id', name]]]]]
    await client.transact(database, [{ op: 'mutate', table: 'Interface', where, mutations: ids }])
    const { atMs, confirmedAfterMs } = await told
    setMs.push(atMs - startedAtMs)
    setInControllerMs.push(confirmedAfterMs)
  }
  return { setMs, setInControllerMs }
}

/** What Open vSwitch needs by itself to take such a row: its one thread answers barriers as well. */
async function floor(ovs: OpenVSwitch, client: Ovsdb, vms: readonly BenchVm[]): Promise<readonly number[]> {
  const session = await RawSession.open(join(ovs.folder, `${bridgeName(0)}.mgmt`))
  const floorMs: number[] = []
  for (const { name, plug } of vms) {
    const startedAtMs = performance.now()
    const where = [['name', '==', plug.port]]
    const ids = [['external_ids', 'insert', ['map', [['other-id', name]]]]]
    await client.transact(database, [{ op: 'mutate', table: 'Interface', where, mutations: ids }])
    await session.send([])
    floorMs.push(performance.now() - startedAtMs)
  }
  session.close()
  return floorMs
}

async function makeAll(
  ovs: OpenVSwitch,
  events: EventStream,
  { absent, cleanup }: { readonly absent: readonly BenchVm[]; readonly cleanup: Cleanup },
): Promise<Pick<PlugRun, 'madeMs' | 'madeFromNumberMs'>> {
  const numberedAtMs = new Map<string, number>()
  const watcher = await Ovsdb.connect(ovs.database)
  cleanup.add(() => watcher.close())
  await watcher.monitor(database, { table: 'Interface', columns: ['name', 'ofport'] }, (rows: RowUpdates) => {
    for (const { new: row } of Object.values(rows))
      if (row && Number(row['ofport']) > 0) numberedAtMs.set(row['name'] as string, performance.now())
  })
  const [madeMs, madeFromNumberMs]: [number[], number[]] = [[], []]
  for (const { name, plug } of absent) {
    const told = events.plugged(`${name}/0`)
    const startedAtMs = performance.now()
    await ovs.addPorts(plug.bridge, [plug.port], () => ['type=dummy', `external_ids:iface-id=${name}`])
    const { atMs } = await told
    madeMs.push(atMs - startedAtMs)
    madeFromNumberMs.push(atMs - (numberedAtMs.get(plug.port) ?? NaN))
  }
  return { madeMs, madeFromNumberMs }
}
