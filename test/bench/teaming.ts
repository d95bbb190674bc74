/**
 * How evenly 10,000 flows spread over 2, 3 and 4 uplinks, and what the loss of an uplink costs; Open vSwitch's bonds and groups beside it.
 * The first part runs on the dummy datapath; the second, on kernel devices in network namespaces, takes root.
 */
import { cpus, loadavg } from 'node:os'
import { obstacle } from '../real/support/real.ts'
import { Cleanup } from './support/cleanup.ts'
import { versionOf } from './support/processes.ts'
import { type BalanceRun, measureBalance, weightsOf } from './teaming/balance.ts'
import { datapathIdAt, measureFailover, measureFloor, placed } from './teaming/failover.ts'
import { idealOf } from './teaming/ideal.ts'
import { failoverPeers, spreadingPeers } from './teaming/peers.ts'
import { type FailoverReport, showReport, type TeamingReport } from './teaming/report.ts'
import { throwbar } from './teaming/throwbar.ts'
import { datapathIdOf, TwoBridges } from './teaming/two-bridges.ts'

export interface BenchOptions {
  readonly json: boolean
  /** Few flows, few failures, to see that it works. */
  readonly quick: boolean
  /** How often flows are spread, each time other ones; failures have a number of their own. */
  readonly runs: number
}

/** Resolves with the exit status. */
export async function run(options: BenchOptions): Promise<number> {
  const ovs = await versionOf('ovs-vswitchd')
  if (ovs === undefined) {
    console.error('Open vSwitch is not installed: apt-get install openvswitch-switch')
    return 2
  }
  const cleanup = new Cleanup()
  cleanup.endWithProcess()
  try {
    const report = await measure(options, { ovs, cleanup })
    console.log(options.json ? JSON.stringify(report, undefined, 2) : showReport(report))
    return 0
  } catch (error) {
    // What fails because its processes were ended by Ctrl-C is no news; the signal's handler ends this one.
    if (cleanup.ending) return await new Promise<never>(() => undefined)
    throw error
  } finally {
    await cleanup.run()
  }
}

const mostPeerRuns = 3

interface Means {
  readonly ovs: string
  readonly cleanup: Cleanup
}

async function measure(options: BenchOptions, { ovs, cleanup }: Means): Promise<TeamingReport> {
  const loadAtStart = loadavg()[0] ?? 0
  const flows = options.quick ? 1_000 : 10_000
  const failover = await failures(options, cleanup)
  const balance = await spreads({ ...options, flows }, cleanup)
  const machine = {
    cpus: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    node: process.version,
    openVSwitch: ovs,
    loadAtStart,
  }
  const ideal = weightsOf({ weights: true }).map((weights) => ({ weights, ideal: idealOf(flows, weights) }))
  return { bench: 'teaming', machine, flows, ideal, balance, failover }
}

async function spreads(
  { runs, flows, quick }: BenchOptions & { flows: number },
  cleanup: Cleanup,
): Promise<BalanceRun[][]> {
  const two = await TwoBridges.start(cleanup)
  const own = throwbar({ cleanup, mode: 'hash', vms: () => two.plugged, datapathOf: datapathIdOf })
  const schemes = [own, ...spreadingPeers].map((scheme) => ({ scheme, found: [] as BalanceRun[] }))
  for (let index = 0; index < runs; index++) {
    for (const { scheme, found } of schemes) {
      if (scheme !== own && index >= mostPeerRuns) continue
      tell(`run ${index + 1} of ${runs}: ${scheme.name}`)
      found.push(await measureBalance(scheme, two, { flows, seed: 2 * index + 1, rebalance: !quick }))
    }
  }
  return schemes.map(({ found }) => found)
}

async function failures({ quick }: BenchOptions, cleanup: Cleanup): Promise<FailoverReport | undefined> {
  const reason = obstacle()
  if (reason !== undefined) {
    tell(`failover: ${reason}`)
    return undefined
  }
  const times = quick ? 2 : 20
  const own = (['hash', 'active-backup'] as const).map((mode) =>
    throwbar({ cleanup, mode, vms: () => placed, datapathOf: datapathIdAt }),
  )
  const schemes = []
  tell('failover: nothing fails')
  const [first] = own
  const floor = first ? await measureFloor(first, { cleanup, times }) : []
  for (const scheme of [...own, ...failoverPeers]) {
    tell(`failover: ${scheme.name}`)
    schemes.push(await measureFailover(scheme, { cleanup, times }))
  }
  return { times, floor, schemes }
}

/** Progress, beside the figures. */
function tell(text: string): void {
  process.stderr.write(`${text}\n`)
}
