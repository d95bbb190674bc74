/**
 * Time to decode and encode a flow-mod and a packet-in beside code written by hand; the framer; loading; others' codecs.
 * Needs no root and no Open vSwitch; where `ovs-ofctl` or os-ken is installed, it stands beside.
 */
import { cpus, loadavg } from 'node:os'
import { measuredInChild } from './codec/children.ts'
import type { Allocation, Framing } from './codec/framing.ts'
import { measureLoading } from './codec/loading.ts'
import { measurePeers } from './codec/peers.ts'
import { type CodecReport, showReport } from './codec/report.ts'
import type { Versus } from './codec/versus.ts'
import { versionOf } from './support/processes.ts'

export interface BenchOptions {
  readonly json: boolean
  /** Few rounds, to see that it works. */
  readonly quick: boolean
  /** How many processes measure the same. */
  readonly runs: number
  /** A folder for CPU profiles of the codec beside what is written by hand. */
  readonly profile?: string | undefined
}

/** Resolves with the exit status. */
export async function run(options: BenchOptions): Promise<number> {
  const report = await measure(options)
  console.log(options.json ? JSON.stringify(report, undefined, 2) : showReport(report))
  return 0
}

async function measure({ quick, runs, profile }: BenchOptions): Promise<CodecReport> {
  const rounds = quick ? 3 : 20
  const machine = {
    cpus: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    node: process.version,
    openVSwitch: await versionOf('ovs-ofctl'),
    loadAtStart: loadavg()[0] ?? 0,
  }
  const versus: Versus[][] = []
  const framing: Framing[][] = []
  const allocation: Allocation[] = []
  const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
  // Nothing is collected while allocation is measured.
  const roomy = ['--expose-gc', '--max-semi-space-size=128']
  for (let index = 0; index < runs; index++) {
    tell(`run ${index + 1} of ${runs}: beside code by hand`)
    versus.push(await measuredInChild<Versus[]>('versus', { rounds, flags: profiling }))
    tell(`run ${index + 1} of ${runs}: framer`)
    framing.push(await measuredInChild<Framing[]>('framing', { rounds }))
    allocation.push(await measuredInChild<Allocation>('allocation', { flags: roomy }))
  }
  tell('loading')
  const loading = await measureLoading(quick ? 3 : 4 * runs)
  tell('others')
  const peers = await measurePeers(quick ? 1 : runs)
  return { bench: 'codec', machine, versus, framing, allocation, loading, peers }
}

/** Progress, beside the figures. */
function tell(text: string): void {
  process.stderr.write(`${text}\n`)
}
