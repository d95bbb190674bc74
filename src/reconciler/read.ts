/** Reads what a switch has, as values that compare with the program; sets its meters, which bundles cannot carry. */
import type { FlowEntry, MeterMod } from 'ts-openflow'
import { isOperators, isOurs } from '../pipeline/cookies.ts'
import { fromFlow, ruleKey } from '../pipeline/openflow.ts'
import type { Meter, Rule } from '../pipeline/rule.ts'
import type { Installed } from './switch-table.ts'
import type { Target } from './target.ts'

export interface ReadResult {
  readonly installed: Installed
  /** As dumped, with counters. */
  readonly entries: readonly FlowEntry[]
}

/** Entries that are read between two looks at what else there is to do. */
const slice = 500

export async function readInstalled(target: Target): Promise<ReadResult> {
  const entries = await target.readFlows()
  const ours = new Map<string, Rule>()
  const foreign = new Set<string>()
  const operators = new Set<string>()
  for (const [index, entry] of entries.entries()) {
    if (index % slice === slice - 1) await new Promise((resolve) => setImmediate(resolve))
    const rule = fromFlow(entry)
    if (isOurs(entry.cookie)) ours.set(ruleKey(rule), rule)
    else (isOperators(entry.cookie) ? operators : foreign).add(ruleKey(rule))
  }
  return { installed: { ours, foreign, operators }, entries }
}

/** Whether the switch has our meters as they should be. */
export async function metersAsWanted(target: Target, meters: readonly Meter[]): Promise<boolean> {
  return (await meterMods(target, meters)).length === 0
}

/**
 * Adds or changes our meters; the switch's other meters are left alone. A switch that refuses a meter will refuse the
 * rules that use it, each with its owner, so the refusal needs no report of its own.
 */
export async function syncMeters(target: Target, meters: readonly Meter[]): Promise<void> {
  const mods = await meterMods(target, meters)
  if (mods.length > 0) await target.sendMeters(mods)
}

async function meterMods(target: Target, meters: readonly Meter[]): Promise<MeterMod[]> {
  if (meters.length === 0) return []
  const installed = new Map((await target.readMeters()).map((meter) => [meter.meterId, meter]))
  const mods: MeterMod[] = []
  for (const { id, packetsPerSecond, burst } of meters) {
    const there = installed.get(id)
    const band = there?.bands[0]
    if (band?.type === 'drop' && band.rate === packetsPerSecond && band.burstSize === burst) continue
    mods.push({
      type: 'meter_mod',
      version: target.version,
      xid: 0,
      command: there ? 'modify' : 'add',
      flags: ['pktps', 'burst', 'stats'],
      meterId: id,
      bands: [{ type: 'drop', rate: packetsPerSecond, burstSize: burst }],
    })
  }
  return mods
}
