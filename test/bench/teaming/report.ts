/** The teaming benchmark's result, as a document and as tables for people. */
import { quantile, showSpread, table } from '../support/figures.ts'
import { type BalanceRun, type MovesRun, weightsOf } from './balance.ts'
import { bfdIntervalMs, type FailoverRun, type Failure, type Probe } from './failover.ts'
import { type Pattern, patterns } from './flows.ts'
import { type Ideal, trials } from './ideal.ts'
import type { LoadRun, LoadSpread } from './load.ts'

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
  /** By scheme, one for each run; as the next two, empty if that was not asked for. */
  readonly balance: readonly (readonly BalanceRun[])[]
  readonly moves: readonly (readonly MovesRun[])[]
  readonly load: readonly (readonly LoadRun[])[]
  /** Undefined where there is no root, or it was not asked for. */
  readonly failover: FailoverReport | undefined
}

export interface FailoverReport {
  readonly times: number
  readonly floor: readonly Probe[]
  /** The uplink loses its carrier. */
  readonly schemes: readonly FailoverRun[]
  /** It is up and carries nothing. */
  readonly silent: readonly FailoverRun[]
}

export function showReport(report: TeamingReport): string {
  const { machine, flows, balance, moves, load, failover } = report
  const lines = [
    `${machine.cpus}, Node ${machine.node}, ${machine.openVSwitch}, load ${machine.loadAtStart.toFixed(1)} at the start`,
    'Medians of runs, each with other ports (least–most); in brackets after a name, how many runs',
    '',
  ]
  if (balance.length > 0)
    lines.push(
      `Flows on the busiest uplink by its fair share; ${flows} flows, TCP and UDP. 1: perfect`,
      balanceTable(report),
      `ideal: a uniform hash, simulated ${trials} times with a fixed seed: half are better, and 95 % are better than the second figure`,
      '',
    )
  if (moves.length > 0)
    lines.push(
      'One of four uplinks goes and returns: of the flows on the others, how many moved; of all, how many were elsewhere afterwards',
      movesTable(report),
      '',
    )
  if (load.length > 0)
    lines.push(
      `Bytes on the busiest uplink by its fair share; ${flows} flows whose rates differ a thousandfold. As dealt, then after at most 10 s of moving`,
      loadTable(report),
      '',
    )
  return [...lines, ...failoverText(failover)].join('\n')
}

const nameOf = (runs: readonly { readonly scheme: string }[]): string =>
  `${runs[0]?.scheme ?? ''} [${runs.length}]`

function loadTable({ load }: TeamingReport): string {
  const keyOf = ({ weights, pattern }: LoadSpread) => `${weights.join(':')} ${patternName(pattern)}`
  const columns = [...new Set(load.flatMap(([run]) => run?.spreads.map(keyOf) ?? []))]
  const row = (
    runs: readonly LoadRun[],
    name: string,
    figure: (spread: LoadSpread) => number | undefined,
    digits: number,
  ) => [
    name,
    ...columns.map((key) => {
      const figures = runs.flatMap(({ spreads }) =>
        spreads.filter((one) => keyOf(one) === key).flatMap((one) => figure(one) ?? []),
      )
      return figures.length === 0 ? '-' : showSpread(figures, digits)
    }),
  ]
  const told = (runs: readonly LoadRun[]) =>
    runs.some(({ spreads }) => spreads.some(({ rebalanced }) => rebalanced !== undefined))
  return table([
    ['', ...columns],
    ...load.flatMap((runs) => [
      row(runs, nameOf(runs), ({ before }) => before, 3),
      row(runs, '  after it moved', ({ after }) => after, 3),
      row(runs, '  flows that moved', ({ moved }) => moved, 0),
      ...(told(runs)
        ? [
            row(runs, '  slots that moved', ({ rebalanced }) => rebalanced?.slots, 0),
            row(runs, '  in force after s', ({ rebalanced }) => rebalanced && rebalanced.tookMs / 1000, 1),
          ]
        : []),
    ]),
  ])
}

const patternName = (pattern: Pattern): string => (pattern === 'pair' ? 'one pair' : '250 VMs')

function balanceTable({ balance, ideal }: TeamingReport): string {
  const columns = weightsOf({ weights: true })
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
  const rows = balance.map((runs) => [
    nameOf(runs),
    ...columns.flatMap((weights) =>
      patterns.map((pattern) =>
        showSpread(
          runs.flatMap(({ spreads }) =>
            spreads
              .filter((one) => one.pattern === pattern && one.weights.join() === weights.join())
              .map(({ imbalance }) => imbalance),
          ),
          3,
        ),
      ),
    ),
  ])
  return table([head, subhead, idealRow, ...rows])
}

function movesTable({ moves: all }: TeamingReport): string {
  const whys = ['carrier', 'configuration'] as const
  const head = ['', ...whys.flatMap((why) => [`${why}: moved`, 'elsewhere'])]
  const rows = all.map((runs) => [
    nameOf(runs),
    ...whys.flatMap((why) => {
      const found = runs.flatMap(({ moves }) => moves.filter((one) => one.why === why))
      return [
        `${showSpread(found.map(({ moved, surviving }) => (100 * moved) / surviving))} %`,
        `${showSpread(found.map(({ elsewhere, all: total }) => (100 * elsewhere) / total))} %`,
      ]
    }),
  ])
  return table([head, ...rows])
}

function failoverText(failover: FailoverReport | undefined): string[] {
  if (!failover)
    return [
      'Failover was not measured: it was not asked for, or there is no root, which network namespaces take',
    ]
  const { times, floor, schemes, silent } = failover
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
  const back = ['back: gap p50', 'worst', 'lost p50', 'worst']
  const head = ['', 'gap p50', 'worst', 'lost p50', 'worst', ...back, 'TCP broken']
  const row = (run: FailoverRun) => [
    run.scheme,
    ...of(run, ({ down }) => down),
    ...of(run, ({ up }) => up),
    `${run.sessions.broken} of ${run.sessions.count}`,
  ]
  return [
    `The uplink in use loses its carrier, each end in turn, ${times} times; a UDP echo each millisecond beside 20 TCP sessions`,
    table([head, ['nothing fails', ...figures(floor)], ...schemes.map(row)]),
    '',
    `The same where the cable stays up and swallows what one end sends; BFD, ${bfdIntervalMs} ms apart`,
    table([head, ...silent.map(row)]),
    'gap: the longest time between two answers, in milliseconds; lost: of the probes, one each millisecond',
  ]
}
