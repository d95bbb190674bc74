/** Reads what a switch has, as values that compare with the program; sets its meters, which bundles cannot carry. */
import type { FlowEntry, MeterMod } from 'ts-openflow'
import { isOurs } from '../pipeline/cookies.ts'
import { fromFlow, ruleKey } from '../pipeline/openflow.ts'
import type { Meter, Rule } from '../pipeline/rule.ts'
import type { Installed } from './switch-table.ts'
import type { Target } from './target.ts'

export interface ReadResult {
  readonly installed: Installed
  /** As dumped, with counters. */
  readonly entries: readonly FlowEntry[]
}

export async function readInstalled(target: Target): Promise<ReadResult> {
  const entries = await target.readFlows()
  const ours = new Map<string, Rule>()
  const foreign = new Set<string>()
  for (const entry of entries) {
    const rule = fromFlow(entry)
    if (isOurs(entry.cookie)) ours.set(ruleKey(rule), rule)
    else foreign.add(ruleKey(rule))
  }
  return { installed: { ours, foreign }, entries }
}

/**
 * Adds or changes our meters; the switch's other meters are left alone. A switch that refuses a meter will refuse the
 * rules that use it, each with its owner, so the refusal needs no report of its own.
 */
export async function syncMeters(target: Target, meters: readonly Meter[]): Promise<void> {
  if (meters.length === 0) return
  const installed = new Map((await target.readMeters()).map((meter) => [meter.meterId, meter]))
  const modifications: MeterMod[] = []
  for (const { id, packetsPerSecond, burst } of meters) {
    const there = installed.get(id)
    const band = there?.bands[0]
    if (band?.type === 'drop' && band.rate === packetsPerSecond && band.burstSize === burst) continue
    modifications.push({
      type: 'meter_mod',
      version: target.version,
      xid: 0,
      command: there ? 'modify' : 'add',
      flags: ['pktps', 'burst', 'stats'],
      meterId: id,
      bands: [{ type: 'drop', rate: packetsPerSecond, burstSize: burst }],
    })
  }
  if (modifications.length > 0) await target.sendMeters(modifications)
}
