/**
 * The floor: what the switch itself needs for the rules of one bridge. The same flow-mods, made beforehand, go out as one
 * write of one bundle to a bridge without rules in the same Open vSwitch, until it has answered the barrier behind them.
 */
import { join } from 'node:path'
import { encode, type FlowEntry, type FlowModInput } from 'ts-openflow'
import type { OpenVSwitch } from '../support/open-vswitch.ts'
import { type Numbered, RawSession } from '../support/raw-session.ts'
import { bridgeName } from './networks.ts'

export interface Floor {
  /** All rules of the first bridge. */
  readonly allMs: number
  readonly allRules: number
  /** The rules that the first of the VMs that came one by one brought, again and again beside all others. */
  readonly oneMoreMs: readonly number[]
  readonly oneMoreRules: number
}

const repeats = 50
const bridge = 'floor'

/** What the first bridge has now. */
export async function installedRules(ovs: OpenVSwitch): Promise<readonly FlowEntry[]> {
  const session = await sessionWith(ovs, bridgeName(0))
  const flows = await session.readFlows()
  session.close()
  return flows
}

/** The lists are all rules, and those that one more VM brought. */
export async function floorOf(
  ovs: OpenVSwitch,
  { all, oneMore }: { readonly all: readonly FlowEntry[]; readonly oneMore: readonly FlowEntry[] },
): Promise<Floor> {
  await ovs.addBridge(bridge, 'f'.repeat(16))
  for (const meter of metersOf((await ovs.ofctl('dump-meters', bridgeName(0))).stdout))
    await ovs.ofctl('add-meter', bridge, [meter])
  const session = await sessionWith(ovs, bridge)
  let bundleId = 0
  const bundleOf = (flows: readonly FlowEntry[]): Numbered[] => {
    const bundle = { bundleId: ++bundleId, flags: ['atomic', 'ordered'] } as const
    const control = (what: 'open_request' | 'close_request' | 'commit_request'): Numbered => {
      return (header) => ({ type: 'bundle_control', ...header, ...bundle, control: what })
    }
    const adds = flows.map((flow): Numbered => {
      const mod = modOf(flow)
      return (header) => ({ type: 'bundle_add', ...header, ...bundle, message: { ...mod, ...header } })
    })
    return [control('open_request'), ...adds, control('close_request'), control('commit_request')]
  }
  const allMs = await session.send(bundleOf(all))
  const oneMoreMs: number[] = []
  for (let repeat = 0; repeat < repeats; repeat++) oneMoreMs.push(await session.send(bundleOf(oneMore)))
  session.close()
  return { allMs, allRules: all.length, oneMoreMs, oneMoreRules: oneMore.length }
}

/** Rules of `after` that `before` has not. */
export function newRules(before: readonly FlowEntry[], after: readonly FlowEntry[]): readonly FlowEntry[] {
  const text = (flow: FlowEntry) => Buffer.from(encode(modOf(flow))).toString('latin1')
  const there = new Set(before.map(text))
  return after.filter((flow) => !there.has(text(flow)))
}

const sessionWith = (ovs: OpenVSwitch, name: string): Promise<RawSession> =>
  RawSession.open(join(ovs.folder, `${name}.mgmt`))

const modOf = ({ tableId, priority, cookie, match, instructions }: FlowEntry): FlowModInput => ({
  type: 'flow_mod',
  version: 6,
  xid: 0,
  command: 'add',
  tableId,
  priority,
  cookie,
  match,
  instructions,
})

/** The rules use meters, which a bundle cannot carry. A dump gives each meter's bands a line of their own. */
const metersOf = (dump: string): string[] =>
  [...dump.matchAll(/^meter=.*\n(?:type=.*\n)*/gm)].map(([text]) => text.trim().replaceAll('\n', ' '))
