/** Sends rates of meters that follow what is used, and the lease under which they count. */
import { leaseMod } from '../pipeline/lease.ts'
import type { Meter } from '../pipeline/rule.ts'
import { meterMod } from './read.ts'
import type { Target } from './target.ts'

/** What an adaptive meter is set to. */
export type LentRate = Pick<Meter, 'id' | 'unit' | 'rate' | 'burst'>

/** True when the switch confirmed all of it. The lease is not renewed over rates that it refused. */
export async function sendLent(target: Target, rates: readonly LentRate[]): Promise<boolean> {
  const { version } = target
  const mods = rates.map((one) => meterMod(one, { command: 'modify', version }))
  if (mods.length > 0 && (await target.sendFixtures(mods)).length > 0) return false
  return (await target.commit([leaseMod(version)])).ok
}
