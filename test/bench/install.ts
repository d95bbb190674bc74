/**
 * Time from request to complete receipt for 1,000 VMs in one network, then for one more, 200 times; OVN and the bare switch beside it.
 * On one switch and on four, alone and beside 100 other networks, on real Open vSwitch with the controller as its own process.
 */
import { cpus, loadavg } from 'node:os'
import { type Means, report } from './support/report.ts'
import type { Scene } from './install/networks.ts'
import { measureOvn, type OvnRun, ovnVersion } from './install/ovn.ts'
import { type InstallReport, showReport } from './install/report.ts'
import { measureThrowbar, type ThrowbarRun } from './install/throwbar.ts'

export interface BenchOptions {
  readonly json: boolean
  /** One small run, to see that it works. */
  readonly quick: boolean
  /** How often everything is repeated, always from nothing. */
  readonly runs: number
  /** A folder for the controller's CPU profiles. */
  readonly profile?: string | undefined
}

const vms = 1_000
const mostOvnRuns = 3

/** Resolves with the exit status. */
export function run(options: BenchOptions): Promise<number> {
  return report({ json: options.json, measure: (means) => measure(options, means), show: showReport })
}

async function measure(options: BenchOptions, { ovs, cleanup }: Means): Promise<InstallReport> {
  const ovn = await ovnVersion()
  const loadAtStart = loadavg()[0] ?? 0
  const scenes = scenesOf(options)
  const throwbar = scenes.map((scene) => ({ scene, runs: [] as ThrowbarRun[] }))
  const variants = [true, false].map((portSecurity) => ({ portSecurity, runs: [] as OvnRun[] }))
  for (let index = 0; index < options.runs; index++) {
    for (const { scene, runs } of throwbar) {
      tell(
        `run ${index + 1} of ${options.runs}: ${scene.switches} switches, ${scene.otherNetworks} other networks`,
      )
      const floor = scene.switches === 1 && scene.otherNetworks === 0
      runs.push(await measureThrowbar(scene, { cleanup, floor, profile: options.profile }))
    }
    if (ovn === undefined || index >= mostOvnRuns) continue
    for (const { portSecurity, runs } of variants) {
      tell(`run ${index + 1} of ${Math.min(options.runs, mostOvnRuns)}: ${ovn}`)
      runs.push(await measureOvn({ vms, more: options.quick ? 3 : 20, portSecurity }, cleanup))
    }
  }
  const machine = {
    cpus: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    node: process.version,
    openVSwitch: ovs,
    loadAtStart,
  }
  return { bench: 'install', machine, throwbar, ovn: { version: ovn, variants } }
}

function scenesOf({ quick }: BenchOptions): Scene[] {
  const more = quick ? 20 : 200
  return [0, 100].flatMap((otherNetworks) =>
    [1, 4].map((switches) => ({ switches, vms, more, otherNetworks, vmsPerOtherNetwork: 10 })),
  )
}

/** Progress, beside the figures. */
function tell(text: string): void {
  process.stderr.write(`${text}\n`)
}
