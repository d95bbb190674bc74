/**
 * The floor: what the switch itself needs for the rules of one bridge, sent by Open vSwitch's own `ovs-ofctl --bundle` from a
 * file. Its start and its reading of the text are in the figures; what it needs for no rule at all is beside them.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { OpenVSwitch } from '../support/open-vswitch.ts'
import { bridgeName } from './networks.ts'

export interface Floor {
  /** All rules of the first bridge, on a bridge without any. */
  readonly allMs: number
  readonly allRules: number
  /** The rules that one more VM brought, again and again beside all others. */
  readonly oneMoreMs: readonly number[]
  readonly oneMoreRules: number
  /** An empty bundle: starting the program. */
  readonly nothingMs: readonly number[]
}

export interface FloorInput {
  /** `ovs-ofctl dump-flows --no-stats` before and after VMs came one by one. */
  readonly before: string
  readonly after: string
  readonly steps: number
}

const repeats = 20
const bridge = 'floor'
const measured = bridgeName(0)

export async function floorOf(ovs: OpenVSwitch, { before, after, steps }: FloorInput): Promise<Floor> {
  const there = new Set(rulesOf(before))
  const all = rulesOf(after)
  const added = all.filter((rule) => !there.has(rule))
  // Of the rules that came, one VM's share: they come owner by owner in no order that matters here.
  const share = added.slice(0, Math.ceil(added.length / steps))
  await ovs.addBridge(bridge, 'f'.repeat(16))
  for (const meter of metersOf((await ovs.ofctl('dump-meters', measured)).stdout))
    await ovs.ofctl('add-meter', bridge, [meter])
  const send = async (rules: readonly string[]): Promise<number> => {
    const file = join(ovs.folder, 'floor.flows')
    await writeFile(file, `${rules.join('\n')}\n`)
    const startedAtMs = performance.now()
    await ovs.ofctl('add-flows', bridge, [file])
    return performance.now() - startedAtMs
  }
  const allMs = await send(all)
  const [nothingMs, oneMoreMs]: [number[], number[]] = [[], []]
  for (let repeat = 0; repeat < repeats; repeat++) {
    nothingMs.push(await send([]))
    oneMoreMs.push(await send(share))
  }
  return { allMs, allRules: all.length, oneMoreMs, oneMoreRules: share.length, nothingMs }
}

const rulesOf = (dump: string): string[] =>
  dump
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.includes('actions='))

/** The rules use meters, which a bundle cannot carry. A dump gives each meter's bands a line of their own. */
const metersOf = (dump: string): string[] =>
  [...dump.matchAll(/^meter=.*\n(?:type=.*\n)*/gm)].map(([text]) => text.trim().replaceAll('\n', ' '))
