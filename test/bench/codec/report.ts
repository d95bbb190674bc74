/** The codec benchmark's result, as a document and as tables for people. */
import { showSpread, table } from '../support/figures.ts'
import type { FirstUse } from './first-use.ts'
import type { Allocation, Framing } from './framing.ts'
import type { Loading } from './loading.ts'
import type { Peers } from './peers.ts'
import type { Versus } from './versus.ts'

/** Every sample. */
export interface CodecReport {
  readonly bench: 'codec'
  readonly machine: {
    readonly cpus: string
    readonly node: string
    readonly openVSwitch: string | undefined
    readonly loadAtStart: number
  }
  /** Of each run, which is a process of its own. */
  readonly versus: readonly (readonly Versus[])[]
  readonly framing: readonly (readonly Framing[])[]
  readonly allocation: readonly Allocation[]
  readonly loading: Loading
  readonly peers: Peers
}

export function showReport(report: CodecReport): string {
  const { machine, versus } = report
  const { cpus, node, openVSwitch, loadAtStart } = machine
  return [
    `${cpus}, Node ${node}, ${openVSwitch ?? 'no Open vSwitch'}, load ${loadAtStart.toFixed(1)} at the start`,
    `Median (least–most) of all rounds of ${versus.length} runs, each a process of its own.`,
    '',
    'Flow-mod of 104 bytes and packet-in of 106 bytes beside code by hand, which takes turns with it: ns for a message',
    versusTable(versus),
    'Beside others: every test vector of every version is decoded and encoded before and between. Aim: at most 1.5.',
    '',
    'Framer: 128-byte messages back to back, by the length of the chunks: 10^9 bytes a second. Aim: at least 1.',
    framingTable(report.framing),
    allocationText(report.allocation),
    '',
    'Loading, all versions: ms. Aim: less than 100.',
    loadingTable(report.loading),
    '',
    'Others, the same flow-mods: ns for a message',
    peersTable(report.peers),
  ].join('\n')
}

function versusTable(runs: CodecReport['versus']): string {
  const rows = (runs[0] ?? []).map(({ what, scene }, index) => {
    const all = runs.flatMap((run) => run[index] ?? [])
    const ours = all.flatMap(({ oursNs }) => oursNs)
    const hand = all.flatMap(({ handNs }) => handNs)
    const ratios = ours.map((ns, round) => ns / (hand[round] ?? NaN))
    return [`${what}, ${scene}`, showSpread(ours), showSpread(hand), showSpread(ratios, 2)]
  })
  return table([['', 'ts-openflow', 'by hand', 'ratio'], ...rows])
}

function framingTable(runs: CodecReport['framing']): string {
  return table(
    (runs[0] ?? []).map(({ cut }, index) => [
      cut,
      showSpread(
        runs.flatMap((run) => run[index]?.gbPerS ?? []),
        2,
      ),
    ]),
  )
}

function allocationText(runs: readonly Allocation[]): string {
  const framer = showSpread(runs.map((run) => run.framer))
  const views = showSpread(runs.map((run) => run.views))
  return `Bytes allocated for a message: ${framer}; by views of the chunks, in arrays, and nothing else: ${views}`
}

function loadingTable({ emptyMs, importMs, firstUse }: Loading): string {
  const row = (label: string, of: (run: FirstUse) => number): string[] => [
    label,
    showSpread(firstUse.map(of), 1),
  ]
  const more = importMs.map((ms, round) => ms - (emptyMs[round] ?? NaN))
  const { vectors = 0 } = firstUse[0] ?? {}
  return table([
    ['a process that imports it, less an empty one', showSpread(more, 1)],
    ['  the empty one', showSpread(emptyMs, 1)],
    row('import: the definitions of all versions, text, sessions', ({ importMs }) => importMs),
    row(`first decode and encode of each of ${vectors} vectors, all together`, ({ vectorsMs }) => vectorsMs),
    row('  the slowest of them', ({ slowestMs }) => slowestMs),
  ])
}

function peersTable({ oursPrintNs, ofctlPrintNs, osKen }: Peers): string {
  const cell = (samples: readonly number[] | string): string =>
    typeof samples === 'string' ? samples : showSpread(samples)
  const [decode, encode] = typeof osKen === 'string' ? [osKen, osKen] : [osKen.decodeNs, osKen.encodeNs]
  return table([
    ['Framer, decode and print', showSpread(oursPrintNs)],
    ['ovs-ofctl ofp-parse (C), which does the same', cell(ofctlPrintNs)],
    ['os-ken (Python), decode', cell(decode)],
    ['os-ken (Python), encode', cell(encode)],
  ])
}
