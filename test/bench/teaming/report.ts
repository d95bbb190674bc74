/** The teaming benchmark's result, as a document and as tables for people. */
import { quantile, showSpread, table } from '../support/figures.ts'
import { type BalanceRun, weightsOf } from './balance.ts'
import type { FailoverRun, Failure, Probe } from './failover.ts'
import { type Pattern, patterns } from './flows.ts'
import { type Ideal, trials } from './ideal.ts'

/** Every sample; times are in milliseconds. */
export interface TeamingReport {
  readonly bench: 'teaming'
  readonly machine: {
    readonly cpus: string
    readonly node: string
    readonly openVSwitch: string
    readonly loadAtStart: number
  }
  readonly flows: number
  readonly ideal: readonly { readonly weights: readonly number[]; readonly ideal: Ideal }[]
  /** By scheme, one for each run. */
  readonly balance: readonly (readonly BalanceRun[])[]
  /** Undefined where there is no root. */
  readonly failover: FailoverReport | undefined
}

export interface FailoverReport {
  readonly times: number
  readonly floor: readonly Probe[]
  readonly schemes: readonly FailoverRun[]
}

export function showReport(report: TeamingReport): string {
  const { machine, flows, balance } = report
  const runs = balance[0]?.length ?? 0
  return [
    `${machine.cpus}, Node ${machine.node}, ${machine.openVSwitch}, load ${machine.loadAtStart.toFixed(1)} at the start`,
    `Median of ${runs} runs, of others at most 3, each with other ports (least–most)`,
    '',
    `Flows on the busiest uplink by its fair share; ${flows} flows, TCP and UDP. 1: perfect`,
    balanceTable(report),
    `ideal: a uniform hash, simulated ${trials} times with a fixed seed: half are better, and 95 % are better than the second figure`,
    '',
    'One of four uplinks goes and returns: of the flows on the others, how many moved; of all, how many were elsewhere afterwards',
    movesTable(report),
    '',
    ...failoverText(report.failover),
  ].join('\n')
}

function balanceTable({ balance, ideal }: TeamingReport): string {
  const columns = weightsOf({ weights: true })
  const patternName = (pattern: Pattern) => (pattern === 'pair' ? 'one pair' : '250 VMs')
  const head = ['', ...columns.flatMap((weights) => patterns.map(() => weights.join(':')))]
  const subhead = ['', ...columns.flatMap(() => patterns.map(patternName))]
  const idealRow = [
    'ideal',
    ...columns.flatMap((weights) => {
      const found = ideal.find((one) => one.weights.join() === weights.join())?.ideal
      const text = found ? `${found.p50.toFixed(3)} ${found.p95.toFixed(3)}` : '–'
      return patterns.map(() => text)
    }),
  ]
  const rowOf = (runs: readonly BalanceRun[], name: string, key: 'imbalance' | 'rebalanced') => {
    const cells = columns.flatMap((weights) =>
      patterns.map((pattern) =>
        showSpread(
          runs.flatMap(({ spreads }) =>
            spreads
              .filter((one) => one.pattern === pattern && one.weights.join() === weights.join())
              .flatMap((one) => one[key] ?? []),
          ),
          3,
        ),
      ),
    )
    return [name, ...cells]
  }
  const rows = balance.flatMap((runs) => {
    const [first] = runs
    if (!first) return []
    const rebalances = first.spreads.some(({ rebalanced }) => rebalanced !== undefined)
    return [
      rowOf(runs, first.scheme, 'imbalance'),
      ...(rebalances ? [rowOf(runs, '  after it rebalanced', 'rebalanced')] : []),
    ]
  })
  return table([head, subhead, idealRow, ...rows])
}

function movesTable({ balance }: TeamingReport): string {
  const whys = ['carrier', 'configuration'] as const
  const head = ['', ...whys.flatMap((why) => [`${why}: moved`, 'elsewhere'])]
  const rows = balance.map((runs) => [
    runs[0]?.scheme ?? '',
    ...whys.flatMap((why) => {
      const all = runs.flatMap(({ moves }) => moves.filter((one) => one.why === why))
      return [
        `${showSpread(all.map(({ moved, surviving }) => (100 * moved) / surviving))} %`,
        `${showSpread(all.map(({ elsewhere, all: total }) => (100 * elsewhere) / total))} %`,
      ]
    }),
  ])
  return table([head, ...rows])
}

function failoverText(failover: FailoverReport | undefined): string[] {
  if (!failover) return ['Failover was not measured: it takes root, for network namespaces']
  const { times, floor, schemes } = failover
  const figures = (probes: readonly Probe[]) => {
    const gaps = probes.map(({ gapMs }) => gapMs)
    const lost = probes.map((probe) => probe.lost)
    return [
      quantile(gaps, 0.5).toFixed(1),
      Math.max(...gaps).toFixed(1),
      quantile(lost, 0.5).toFixed(0),
      Math.max(...lost).toFixed(0),
    ]
  }
  const of = (run: FailoverRun, pick: (failure: Failure) => Probe) => figures(run.failures.map(pick))
  return [
    `The uplink in use loses its carrier, each end in turn, ${times} times; a UDP echo each millisecond beside 20 TCP sessions`,
    table([
      [
        '',
        'gap p50',
        'worst',
        'lost p50',
        'worst',
        'back: gap p50',
        'worst',
        'lost p50',
        'worst',
        'TCP broken',
      ],
      ['nothing fails', ...figures(floor)],
      ...schemes.map((run) => [
        run.scheme,
        ...of(run, ({ down }) => down),
        ...of(run, ({ up }) => up),
        `${run.sessions.broken} of ${run.sessions.count}`,
      ]),
    ]),
    'gap: the longest time between two answers, in milliseconds; lost: of the probes, one each millisecond',
  ]
}
