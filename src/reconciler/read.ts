/** Reads what a switch has, as values that compare with the program; sets its meters and its group, which no bundle carries. */
import type { FlowEntry, GroupMod, MeterEntry, MeterMod } from 'ts-openflow'
import type { Fixtures } from '../compiler/program.ts'
import { isOperators, isOurs } from '../pipeline/cookies.ts'
import { fromFlow, ruleKey } from '../pipeline/openflow.ts'
import { isLease } from '../pipeline/lease.ts'
import type { Meter, Rule } from '../pipeline/rule.ts'
import { isSession } from '../pipeline/sessions.ts'
import { isClassMeter } from '../pipeline/shares.ts'
import { spreadGroupId } from '../pipeline/slots.ts'
import { isSpreadGroup, spreadGroupMod, spreadGroupVersion } from '../pipeline/spread-group.ts'
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
    if (isLease(entry.cookie) || isSession(entry.cookie)) continue
    const rule = fromFlow(entry)
    if (isOurs(entry.cookie)) ours.set(ruleKey(rule), rule)
    else (isOperators(entry.cookie) ? operators : foreign).add(ruleKey(rule))
  }
  return { installed: { ours, foreign, operators }, entries }
}

export interface FixtureMods {
  /** Adds and changes, for before rules are sent that use them. */
  readonly due: readonly (MeterMod | GroupMod)[]
  /** Deletes meters of classes that are gone; a switch deletes with them all rules that still use them. */
  readonly surplus: readonly MeterMod[]
}

/** What makes the switch's meters and group those that are wanted; the switch's others are left alone. */
export async function fixtureMods(target: Target, { meters, spreads }: Fixtures): Promise<FixtureMods> {
  const there = meters.length === 0 ? [] : await target.readMeters()
  const wanted = new Set(meters.map(({ id }) => id))
  const gone = there.filter(({ meterId }) => isClassMeter(meterId) && !wanted.has(meterId))
  return {
    due: [...meterMods(there, meters, target.version), ...(spreads ? await groupMods(target) : [])],
    surplus: gone.map(({ meterId }) => meterDelete(meterId, target.version)),
  }
}

/**
 * Adds or changes our meters and our group. A switch that refuses one will refuse the rules that use it, each with its
 * owner, so the refusal needs no report of its own.
 */
export async function syncFixtures(target: Target, fixtures: Fixtures): Promise<void> {
  const { due } = await fixtureMods(target, fixtures)
  if (due.length > 0) await target.sendFixtures(due)
}

async function groupMods(target: Target): Promise<GroupMod[]> {
  if (target.version < spreadGroupVersion) return []
  const there = (await target.readGroups()).find(({ groupId }) => groupId === spreadGroupId)
  if (there && isSpreadGroup(there)) return []
  return [spreadGroupMod(there ? 'modify' : 'add')]
}

function meterMods(entries: readonly MeterEntry[], meters: readonly Meter[], version: number): MeterMod[] {
  const installed = new Map(entries.map((meter) => [meter.meterId, meter]))
  const mods: MeterMod[] = []
  for (const meter of meters) {
    const there = installed.get(meter.id)
    if (there && (meter.adaptive || isAsWanted(there, meter))) continue
    mods.push(meterMod(meter, { command: there ? 'modify' : 'add', version }))
  }
  return mods
}

function isAsWanted({ flags, bands: [band] }: MeterEntry, { unit, rate, burst }: Meter): boolean {
  return flags.includes(unit) && band?.type === 'drop' && band.rate === rate && band.burstSize === burst
}

/** Open vSwitch begins a changed meter anew: its counters at nothing, its bucket full. */
export function meterMod(
  { id, unit, rate, burst }: Pick<Meter, 'id' | 'unit' | 'rate' | 'burst'>,
  { command, version }: { readonly command: 'add' | 'modify'; readonly version: number },
): MeterMod {
  return {
    type: 'meter_mod',
    version,
    xid: 0,
    command,
    flags: [unit, 'burst', 'stats'],
    meterId: id,
    bands: [{ type: 'drop', rate, burstSize: burst }],
  }
}

function meterDelete(meterId: number, version: number): MeterMod {
  return { type: 'meter_mod', version, xid: 0, command: 'delete', flags: [], meterId, bands: [] }
}
