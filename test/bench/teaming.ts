/**
 * How evenly 10,000 flows spread over 2, 3 and 4 uplinks, and what the loss of an uplink costs; Open vSwitch's bonds and groups beside it.
 * Parts: `failover`, on kernel devices in network namespaces, takes root; `balance` (flows as they are dealt), `moves` (one
 * of four uplinks goes and returns) and `load` (bytes after slots were moved) run on the dummy datapath.
 */
import { cpus, loadavg } from 'node:os'
import { obstacle } from '../real/support/real.ts'
import type { Cleanup } from './support/cleanup.ts'
import { type Means, report } from './support/report.ts'
import { measureBalance, measureMoves, weightsOf } from './teaming/balance.ts'
import { datapathIdAt, measureFailover, measureFloor, placed } from './teaming/failover.ts'
import { idealOf } from './teaming/ideal.ts'
import { type LoadSpread, measureLoad } from './teaming/load.ts'
import { failoverPeers, rebalancingPeers, spreadingPeers, watchingPeers } from './teaming/peers.ts'
import { type FailoverReport, showReport, type TeamingReport } from './teaming/report.ts'
import type { Scheme } from './teaming/side.ts'
import { throwbar } from './teaming/throwbar.ts'
import { datapathIdOf, TwoBridges } from './teaming/two-bridges.ts'

export interface BenchOptions {
  readonly json: boolean
  /** Few flows, few failures, to see that it works. */
  readonly quick: boolean
  /** How often flows are spread, each time other ones; failures have a number of their own. */
  readonly runs: number
  /** Of `parts`; all of them when there is none. */
  readonly part?: readonly string[]
}

const parts = ['failover', 'balance', 'moves', 'load'] as const
type Part = (typeof parts)[number]

/** Resolves with the exit status. */
export async function run(options: BenchOptions): Promise<number> {
  const unknown = options.part?.find((one) => !parts.some((part) => part === one))
  if (unknown !== undefined) {
    console.error(`there is no part ${unknown}; there is: ${parts.join(', ')}`)
    return 2
  }
  return report({ json: options.json, measure: (means) => measure(options, means), show: showReport })
}

/** Peers are measured less often than Throwbar: their figures do not vary much, but take as long. */
const mostPeerRuns = 3
const mostLoadRuns = 3

async function measure(options: BenchOptions, { ovs, cleanup }: Means): Promise<TeamingReport> {
  const loadAtStart = loadavg()[0] ?? 0
  const flows = options.quick ? 1_000 : 10_000
  const wants = (part: Part) => options.part === undefined || options.part.includes(part)
  const failover = wants('failover') ? await failures(options, cleanup) : undefined
  const spread = await spreads({ ...options, flows, wants }, cleanup)
  const machine = {
    cpus: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    node: process.version,
    openVSwitch: ovs,
    loadAtStart,
  }
  const ideal = weightsOf({ weights: true }).map((weights) => ({ weights, ideal: idealOf(flows, weights) }))
  return { bench: 'teaming', machine, flows, ideal, ...spread, failover }
}

interface Spreading extends BenchOptions {
  readonly flows: number
  readonly wants: (part: Part) => boolean
}

async function spreads(
  options: Spreading,
  cleanup: Cleanup,
): Promise<Pick<TeamingReport, 'balance' | 'moves' | 'load'>> {
  const two = await TwoBridges.start(cleanup)
  const { runs, flows, quick, wants } = options
  const own = throwbar({ cleanup, mode: 'hash', vms: () => two.plugged, datapathOf: datapathIdOf })
  const each = async <Run>(
    part: Part,
    schemes: readonly Scheme[],
    { most, peers }: { most: number; peers: number },
    run: (scheme: Scheme, seed: number) => Promise<Run>,
  ): Promise<Run[][]> => {
    if (!wants(part)) return []
    const found = schemes.map((scheme) => ({ scheme, runs: [] as Run[] }))
    for (let index = 0; index < Math.min(runs, most); index++)
      for (const { scheme, runs: done } of found) {
        if (scheme !== own && index >= peers) continue
        tell(`${part}, run ${index + 1}: ${scheme.name}`)
        done.push(await run(scheme, 2 * index + 1))
      }
    return found.map((one) => one.runs)
  }
  const all = { most: runs, peers: mostPeerRuns }
  const everyone = [own, ...spreadingPeers]
  const balance = await each('balance', everyone, all, (scheme, seed) =>
    measureBalance(scheme, two, { flows, seed }),
  )
  const moves = await each('moves', everyone, all, (scheme, seed) =>
    measureMoves(scheme, two, { flows, seed }),
  )
  const load = await each(
    'load',
    [own, ...rebalancingPeers],
    { most: mostLoadRuns, peers: 1 },
    (scheme, seed) => measureLoad(scheme, two, { flows, seed, cases: loadCases(scheme, quick) }),
  )
  return { balance, moves, load }
}

/** What takes half a minute each. */
function loadCases(scheme: Scheme, quick: boolean): readonly Pick<LoadSpread, 'weights' | 'pattern'>[] {
  const cases = weightsOf(scheme).map((weights) => ({ weights, pattern: 'many' as const }))
  if (quick) return cases.slice(2, 3)
  const pair = cases.filter(({ weights }) => weights.length === 4)
  return [...cases, ...pair.map(({ weights }) => ({ weights, pattern: 'pair' as const }))]
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
  const silent = []
  for (const scheme of [...own, ...watchingPeers]) {
    tell(`failover, silent: ${scheme.name}`)
    silent.push(await measureFailover(scheme, { cleanup, times, loss: 'silence' }))
  }
  return { times, floor, schemes, silent }
}

/** Progress, beside the figures. */
function tell(text: string): void {
  process.stderr.write(`${text}\n`)
}
