/**
 * Time from a NIC in a hypervisor's database to rules that every switch has confirmed: 200 plugs into a network of 1,000, OVN beside it.
 * On one switch and on four, on real Open vSwitch with the controller as its own process.
 */
import { cpus, loadavg } from 'node:os'
import type { BenchOptions } from './install.ts'
import { measureOvn, ovnVersion } from './install/ovn.ts'
import { measurePlugs, type PlugRun } from './plug/throwbar.ts'
import { distributionOf, showSpread, table } from './support/figures.ts'
import { type Means, report } from './support/report.ts'

interface PlugReport {
  readonly bench: 'plug'
  readonly machine: string
  readonly plugs: number
  /** By number of switches; times in milliseconds. */
  readonly throwbar: readonly { readonly switches: number; readonly runs: readonly PlugRun[] }[]
  /** An interface gets its id, until it is `ovn-installed`; undefined when OVN is not installed. */
  readonly ovn: { readonly version: string; readonly bindOneMs: readonly (readonly number[])[] } | undefined
}

/** Resolves with the exit status. */
export function run(options: BenchOptions): Promise<number> {
  return report({ json: options.json, measure: (means) => measure(options, means), show: show })
}

async function measure(options: BenchOptions, { ovs, cleanup }: Means): Promise<PlugReport> {
  const load = (loadavg()[0] ?? 0).toFixed(1)
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.version}, ${ovs}, load ${load} at the start`
  const plugs = options.quick ? 20 : 200
  const throwbar = [1, 4].map((switches) => ({ switches, runs: [] as PlugRun[] }))
  const version = await ovnVersion()
  const bindOneMs: (readonly number[])[] = []
  for (let index = 0; index < options.runs; index++) {
    for (const { switches, runs } of throwbar) {
      process.stderr.write(`run ${index + 1} of ${options.runs}: ${switches} switches\n`)
      runs.push(await measurePlugs({ switches, vms: 1_000, plugs }, { cleanup, profile: options.profile }))
    }
    if (version === undefined || index >= 3) continue
    process.stderr.write(`run ${index + 1}: ${version}\n`)
    const more = options.quick ? 3 : 20
    bindOneMs.push((await measureOvn({ vms: 1_000, more, portSecurity: true }, cleanup)).bindOneMs)
  }
  return {
    bench: 'plug',
    machine,
    plugs,
    throwbar,
    ovn: version === undefined ? undefined : { version, bindOneMs },
  }
}

function show({ machine, plugs, throwbar, ovn }: PlugReport): string {
  const row = (label: string, samples: readonly (readonly number[])[]) => {
    const of = (key: 'p50' | 'p99' | 'max') =>
      showSpread(
        samples.map((one) => distributionOf(one)[key]),
        1,
      )
    return [label, of('p50'), of('p99'), of('max')]
  }
  const rows = throwbar.flatMap(({ switches, runs }) => {
    const where = `${switches} switch${switches > 1 ? 'es' : ''}`
    return [
      row(
        `${where}: iface-id set on a port that is there, from the transaction`,
        runs.map(({ setMs }) => setMs),
      ),
      row(
        `${where}:   of which in the controller and back`,
        runs.map(({ setInControllerMs }) => setInControllerMs),
      ),
      row(
        `${where}:   the same row and a bare barrier: Open vSwitch alone`,
        runs.map(({ floorMs }) => floorMs),
      ),
      row(
        `${where}: port made with its iface-id, from the transaction`,
        runs.map(({ madeMs }) => madeMs),
      ),
      row(
        `${where}:   from its port number in the database`,
        runs.map(({ madeFromNumberMs }) => madeFromNumberMs),
      ),
    ]
  })
  const peer = ovn
    ? [row(`${ovn.version}, one chassis: iface-id set, until ovn-installed`, ovn.bindOneMs)]
    : []
  return [
    machine,
    `${plugs} plugs each into a network of 1,000 NICs, ms; median of ${throwbar[0]?.runs.length ?? 0} runs (least–most).`,
    '',
    table([['', 'p50', 'p99', 'max'], ...rows, ...peer]),
    ...(ovn ? [] : ['OVN is not installed, so there is no peer to compare with.']),
  ].join('\n')
}
