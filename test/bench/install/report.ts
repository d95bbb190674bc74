/** The installation benchmark's result, as a document and as tables for people. */
import { distributionOf, showSpread, table } from '../support/figures.ts'
import type { Scene } from './networks.ts'
import type { OvnRun } from './ovn.ts'
import type { RuleCounts, ThrowbarRun } from './throwbar.ts'

/** Every sample; times are in milliseconds, memory in megabytes. */
export interface InstallReport {
  readonly bench: 'install'
  readonly machine: {
    readonly cpus: string
    readonly node: string
    readonly openVSwitch: string
    readonly loadAtStart: number
  }
  readonly throwbar: readonly { readonly scene: Scene; readonly runs: readonly ThrowbarRun[] }[]
  readonly ovn: {
    /** Undefined when it is not installed. */
    readonly version: string | undefined
    readonly variants: readonly { readonly portSecurity: boolean; readonly runs: readonly OvnRun[] }[]
  }
}

export function showReport(report: InstallReport): string {
  const { machine, throwbar } = report
  const runs = throwbar[0]?.runs.length ?? 0
  return [
    `${machine.cpus}, Node ${machine.node}, ${machine.openVSwitch}, load ${machine.loadAtStart.toFixed(1)} at the start`,
    `Median of ${runs} runs, each from nothing (least–most). Ports are plugged before; each VM has a MAC, an IPv4 and an IPv6 address.`,
    '',
    'Throwbar: from the REST request to the complete receipt',
    throwbarTable(report),
    '',
    ...floorText(report),
    ...ovnText(report),
  ].join('\n')
}

type Column = InstallReport['throwbar'][number]

function throwbarTable({ throwbar }: InstallReport): string {
  const vms = throwbar[0]?.scene.vms ?? 0
  const more = throwbar[0]?.scene.more ?? 0
  const row = (label: string, cell: (column: Column) => string) => [label, ...throwbar.map(cell)]
  const spread = (of: (run: ThrowbarRun) => number, digits = 0) => {
    return ({ runs }: Column) => showSpread(runs.map(of), digits)
  }
  const ofOne = (key: 'p50' | 'p99' | 'min' | 'max') => spread((run) => distributionOf(run.oneMoreMs)[key], 2)
  return table([
    row('', ({ scene }) => `${scene.switches} switch${scene.switches > 1 ? 'es' : ''}`),
    row('', ({ scene }) => (scene.otherNetworks > 0 ? `+${scene.otherNetworks} networks` : 'alone')),
    row(
      `${vms} VMs at once, ms`,
      spread((run) => run.thousandMs),
    ),
    row(
      '  rules sent',
      spread((run) => total(run.thousandRules)),
    ),
    row(`one more, ${more} times: p50, ms`, ofOne('p50')),
    row('  p99, ms', ofOne('p99')),
    row('  least, ms', ofOne('min')),
    row('  most, ms', ofOne('max')),
    row('  rules touched by one', ({ runs }) => showCounts(runs.flatMap((run) => run.oneMoreRules))),
    row(
      'rules at the end',
      spread((run) => run.rules),
    ),
    row(
      'controller idle before, MB',
      spread((run) => run.residentMb.idle),
    ),
    row(
      `  after ${vms}`,
      spread((run) => run.residentMb.afterThousand),
    ),
    row(
      `  after ${more} more`,
      spread((run) => run.residentMb.afterMore),
    ),
  ])
}

const total = ({ added, modified, deleted }: RuleCounts): number => added + modified + deleted

/** Such as `17 added, 1 modified`, or the least and most total when VMs differ. */
function showCounts(counts: readonly RuleCounts[]): string {
  const texts = new Set(counts.map(showCount))
  const [only] = texts
  if (texts.size === 1 && only !== undefined) return only
  const totals = counts.map(total)
  return `${Math.min(...totals)}–${Math.max(...totals)}`
}

function showCount({ added, modified, deleted }: RuleCounts): string {
  const parts = Object.entries({ added, modified, deleted }).filter(([, count]) => count > 0)
  return parts.map(([what, count]) => `${count} ${what}`).join(', ') || 'none'
}

function floorText({ throwbar }: InstallReport): string[] {
  const floors = throwbar.flatMap(({ runs }) => runs.flatMap(({ floor }) => floor ?? []))
  const [first] = floors
  if (!first) return []
  return [
    'The floor: the same rules on one switch, made beforehand, in one bundle, to the barrier behind it',
    table([
      [`${first.allRules} rules, ms`, showSpread(floors.map(({ allMs }) => allMs))],
      [
        `${first.oneMoreRules} rules of one more VM: p50, ms`,
        showSpread(
          floors.map(({ oneMoreMs }) => distributionOf(oneMoreMs).p50),
          2,
        ),
      ],
    ]),
    '',
  ]
}

type OvnSeries = 'declareOneMs' | 'bindOneMs' | 'oneMoreMs'

function ovnText({ ovn, throwbar }: InstallReport): string[] {
  if (ovn.version === undefined)
    return [
      'OVN is not installed, so it was not measured: apt-get install --no-install-recommends ovn-central ovn-host',
    ]
  const vms = throwbar[0]?.scene.vms ?? 0
  const { variants } = ovn
  const row = (label: string, cell: (runs: readonly OvnRun[]) => string) => [
    label,
    ...variants.map(({ runs }) => cell(runs)),
  ]
  const spread = (label: string, of: (run: OvnRun) => number, digits = 0) =>
    row(label, (runs) => showSpread(runs.map(of), digits))
  const one = (label: string, key: OvnSeries) => [
    spread(`${label}: p50, ms`, (run) => distributionOf(run[key]).p50, 1),
    spread('  most, ms', (run) => distributionOf(run[key]).max, 1),
  ]
  const [first] = variants[0]?.runs ?? []
  return [
    `${ovn.version}, one chassis, the same addresses; ${variants[0]?.runs.length ?? 0} runs, one more ${first?.oneMoreMs.length ?? 0} times`,
    table([
      ['', ...variants.map(({ portSecurity }) => (portSecurity ? 'port security' : 'without'))],
      spread(`${vms} plugged ports declared → ovn-installed, ms`, (run) => run.thousandMs),
      spread(`${vms} declared ports plugged → ovn-installed, ms`, (run) => run.bindThousandMs),
      ...one('one more plugged port declared → ovn-installed', 'oneMoreMs'),
      ...one('one more declared, --wait=hv', 'declareOneMs'),
      ...one('  then plugged → ovn-installed', 'bindOneMs'),
      spread('flows at the end', (run) => run.rules),
      spread('databases, northd and controller, MB', (run) => run.residentMb),
    ]),
  ]
}
