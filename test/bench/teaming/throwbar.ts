/** Throwbar as a scheme: a controller process of its own, told by REST which team there is, that makes both switches so. */
import { formatIpv4, formatMac } from '../../../codecs/packet/address.ts'
import type { IntentSpec, SwitchSpec, TeamSpec } from '../../../src/model/schema.ts'
import { Cleanup } from '../support/cleanup.ts'
import { ControllerProcess } from '../support/controller.ts'
import { until } from '../support/processes.ts'
import { subnet } from './flows.ts'
import type { Member, Placed, Rebalanced, Scheme, Side } from './side.ts'

const network = 'blue'
const team = 'main'

export interface ThrowbarOptions {
  readonly cleanup: Cleanup
  readonly mode: TeamSpec['mode']
  /** The VMs that there are when the team is made. */
  readonly vms: () => readonly Placed[]
  readonly datapathOf: (name: string) => string
}

export function throwbar(options: ThrowbarOptions): Scheme {
  return {
    name: options.mode === 'hash' ? 'Throwbar' : `Throwbar ${options.mode}`,
    weights: options.mode === 'hash',
    apply: async (sides, members) => {
      const own = new Cleanup()
      options.cleanup.add(() => own.run())
      const controller = await ControllerProcess.start(own)
      for (const { vsctl, bridge, declaredAs } of sides) {
        await vsctl(['set-controller', bridge, controller.openflow])
        await vsctl(['set', 'controller', bridge, 'max_backoff=1000'])
        await until(`${declaredAs} connects`, async () =>
          (await controller.switches()).some(
            ({ datapathId, connected }) => connected && datapathId === options.datapathOf(declaredAs),
          ),
        )
      }
      const declare = async (wanted: readonly Member[]) => {
        await controller.put('/v1/intent', intentOf(options, sides, wanted))
        await ready(controller, wanted.length)
      }
      await declare(members)
      return {
        setMembers: declare,
        settled: (live) => ready(controller, live.length),
        ...(options.mode === 'hash' && {
          rebalance: (traffic) => rebalanced(controller, sides[0]?.declaredAs, traffic),
        }),
        undo: () => own.run(),
      }
    },
  }
}

/** For load to be moved, from the first frame on. */
const rebalanceForMs = 10_000

/** Under traffic until the controller says that it has moved what it would, or time is up. */
async function rebalanced(
  controller: ControllerProcess,
  sender: string | undefined,
  traffic: () => Promise<unknown>,
): Promise<Rebalanced | undefined> {
  const last = async () =>
    (await controller.teams()).find(({ switch: name }) => name === sender)?.lastRebalancing
  const start = Date.now()
  while (Date.now() < start + rebalanceForMs) {
    await traffic()
    const found = await last()
    if (found) return { slots: found.slots, tookMs: Date.parse(found.time) - start }
  }
  return undefined
}

/** Every cable is known to work or not, and every switch has its program for that. */
async function ready(controller: ControllerProcess, cables: number): Promise<void> {
  await until(`${cables} cables are up and all switches converged`, async () => {
    const up = (await controller.links()).filter(({ state }) => state === 'up')
    const switches = await controller.switches()
    return up.length === 2 * cables && switches.every(({ state }) => state === 'converged')
  })
}

function intentOf(
  { vms, mode, datapathOf }: ThrowbarOptions,
  sides: readonly Side[],
  members: readonly Member[],
): IntentSpec {
  const uplinkOf = (side: Side, { index }: Member): string => side.uplinks[index] ?? ''
  const switchSpec = (side: Side): SwitchSpec => {
    const uplinks = members.map((member) => uplinkOf(side, member))
    const weights = Object.fromEntries(members.map((member) => [uplinkOf(side, member), member.weight]))
    const spec: TeamSpec = mode === 'hash' ? { uplinks, mode, weights } : { uplinks, mode }
    return {
      datapath: datapathOf(side.declaredAs),
      role: 'hypervisor',
      uplinks,
      teams: { [team]: spec },
    }
  }
  return {
    name: 'teaming',
    switches: Object.fromEntries(sides.map((side) => [side.declaredAs, switchSpec(side)])),
    links: members.map((member) => sides.map((side) => `${side.declaredAs}:${uplinkOf(side, member)}`)),
    networks: { [network]: { kind: 'vm', vlan: 101, subnets: [subnet] } },
    vms: Object.fromEntries(
      vms().map(({ vm, host, port }) => [
        vm.name,
        {
          host,
          nics: [{ network, mac: formatMac(vm.mac), ips: [formatIpv4(vm.address)], port }],
        },
      ]),
    ),
  }
}
