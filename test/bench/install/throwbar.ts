/** Measures Throwbar in one scene: a controller process, a private Open vSwitch, and requests over REST as users send them. */
import type { FlowEntry } from 'ts-openflow'
import type { Receipt } from '../../../src/api/controller.ts'
import { Cleanup } from '../support/cleanup.ts'
import { ControllerProcess, type Timed } from '../support/controller.ts'
import { OpenVSwitch } from '../support/open-vswitch.ts'
import { until } from '../support/processes.ts'
import { type Floor, floorOf, installedRules, newRules } from './floor.ts'
import {
  type BenchVm,
  bridgeName,
  cables,
  datapathId,
  document,
  largeVms,
  otherVms,
  type Scene,
} from './networks.ts'

export interface RuleCounts {
  readonly added: number
  readonly modified: number
  readonly deleted: number
}

export interface ThrowbarRun {
  /** From the request for the whole large network to its complete receipt. */
  readonly thousandMs: number
  readonly thousandRules: RuleCounts
  /** One per VM that came later: from request to complete receipt. */
  readonly oneMoreMs: readonly number[]
  readonly oneMoreRules: readonly RuleCounts[]
  /** Rules on all switches at the end. */
  readonly rules: number
  readonly residentMb: {
    /** Switches and other networks declared, before the large network. */
    readonly idle: number
    readonly afterThousand: number
    readonly afterMore: number
  }
  readonly floor: Floor | undefined
}

export interface MeasureOptions {
  readonly cleanup: Cleanup
  readonly profile?: string | undefined
  /** Measures as well what the switch itself needs for the same rules. */
  readonly floor: boolean
}

/** Everything starts from nothing, and is gone when this resolves. */
export async function measureThrowbar(
  scene: Scene,
  { cleanup: outer, profile, floor }: MeasureOptions,
): Promise<ThrowbarRun> {
  const cleanup = new Cleanup()
  outer.add(() => cleanup.run())
  try {
    const controller = await ControllerProcess.start(cleanup, { profile })
    const ovs = await OpenVSwitch.start(cleanup)
    const [others, large, more] = [otherVms(scene), largeVms(scene, 0, scene.vms), moreVms(scene)]
    await build(ovs, scene, { controller: controller.openflow, vms: [...others, ...large, ...more] })
    await until('all switches connect', async () => (await controller.switches()).length === scene.switches)
    await controller.put('/v1/intent', document(scene, { large: false, vms: others }))
    await ready(controller, scene)
    const idle = controller.residentMb
    const thousand = await controller.put(
      '/v1/intent',
      document(scene, { large: true, vms: [...others, ...large] }),
    )
    const afterThousand = controller.residentMb
    const dumps: (readonly FlowEntry[])[] = floor ? [await installedRules(ovs)] : []
    const steps: Timed<Receipt>[] = []
    for (const { name, spec } of more) {
      steps.push(await controller.put(`/v1/vms/${name}`, spec))
      if (floor && dumps.length < 2) dumps.push(await installedRules(ovs))
    }
    const afterMore = controller.residentMb
    const rules = (await controller.switches()).reduce((sum, one) => sum + one.rules, 0)
    const [before, after] = dumps
    return {
      thousandMs: thousand.ms,
      thousandRules: countsOf(thousand.value),
      oneMoreMs: steps.map(({ ms }) => ms),
      oneMoreRules: steps.map(({ value }) => countsOf(value)),
      rules,
      residentMb: { idle, afterThousand, afterMore },
      floor: before && after && (await floorOf(ovs, { all: before, oneMore: newRules(before, after) })),
    }
  } finally {
    await cleanup.run()
  }
}

const moreVms = (scene: Scene): BenchVm[] => largeVms(scene, scene.vms, scene.more)

/** Bridges with every port plugged, cabled, connecting to the controller. */
async function build(
  ovs: OpenVSwitch,
  scene: Scene,
  { controller, vms }: { controller: string; vms: readonly BenchVm[] },
): Promise<void> {
  for (let index = 0; index < scene.switches; index++) {
    const bridge = bridgeName(index)
    await ovs.addBridge(bridge, datapathId(index))
    const ports = vms.flatMap(({ plug }) => (plug.bridge === bridge ? [plug.port] : []))
    await ovs.addPorts(bridge, ports)
  }
  for (const [a, b] of cables(scene)) await ovs.connect(a, b)
  for (let index = 0; index < scene.switches; index++) await ovs.setController(bridgeName(index), controller)
}

/** Every switch has its program, and every cable was found. */
async function ready(controller: ControllerProcess, scene: Scene): Promise<void> {
  await until('all switches converged and all cables found', async () => {
    const switches = await controller.switches()
    const links = await controller.links()
    const converged = switches.filter(({ state }) => state === 'converged')
    const found = links.filter(({ state }) => state === 'up')
    return converged.length === scene.switches && found.length === 2 * cables(scene).length
  })
}

/** What is measured works: no VM of it lacks its port or its way. */
function countsOf({ switches, obstacles }: Receipt): RuleCounts {
  if (obstacles.length > 0) throw new Error(`${obstacles.length} obstacles: ${JSON.stringify(obstacles[0])}`)
  const sum = (of: (one: Receipt['switches'][number]) => number) =>
    switches.reduce((total, one) => total + of(one), 0)
  return {
    added: sum((one) => one.added),
    modified: sum((one) => one.modified),
    deleted: sum((one) => one.deleted),
  }
}
