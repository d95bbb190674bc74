/** `throwbar move ... --plan`: which way of moving fits, as a table with the reasons below. */
import { type Command, Option } from 'commander'
import type { Figure, Figures } from '../../mobility/plan/figures.ts'
import type { Judgement } from '../../mobility/plan/judge.ts'
import type { MovePlan, PlanRequest } from '../../mobility/plan/plan.ts'
import { bitRateText, byteRateText, bytesText, msText, secondsText } from '../../mobility/plan/words.ts'
import { readBitRate, readByteRate, readBytes, readDurationMs } from '../amounts.ts'
import type { Client } from '../client.ts'
import { type OutputFormat, print, type Session } from '../session.ts'
import { printable, renderTable } from '../table.ts'

/** Of the options of `throwbar move`, those that only `--plan` reads. */
export interface MovePlanOptions {
  readonly plan?: true
  readonly memory?: string
  readonly dirty?: string
  readonly rtt?: string
  readonly bandwidth?: string
  readonly window?: string
  readonly qmp?: string
}

export function addPlanOptions(command: Command): Command {
  return command
    .option('--plan', 'only say which way of moving fits; nothing is changed')
    .addOption(new Option('--memory <size>', 'with --plan: memory of each VM, such as 4GiB'))
    .addOption(new Option('--dirty <rate>', 'with --plan: what each VM writes, such as 50MiB/s'))
    .addOption(
      new Option('--qmp <address>', 'with --plan: ask its QEMU for both, at unix:/path or tcp:host:port'),
    )
    .addOption(
      new Option('--rtt <time>', 'with --plan: round trip between the hosts, instead of measuring it'),
    )
    .addOption(new Option('--bandwidth <rate>', 'with --plan: what the move may send, such as 1Gbit/s'))
    .addOption(
      new Option('--window <size>', 'with --plan: what one connection may have on its way, such as 16MiB'),
    )
}

export interface MovePlanCommand extends MovePlanOptions {
  readonly vms: readonly string[]
  readonly to: string
  readonly output: OutputFormat
}

export async function planMove(session: Session, client: Client, command: MovePlanCommand): Promise<void> {
  const body = JSON.stringify(requestOf(command))
  const plan = (await client.send({ method: 'POST', path: '/v1/moves/plan', body })).body as MovePlan
  if (command.output === 'table') session.io.out(describeMovePlan(plan, session.colour))
  else print(session, plan, command.output, () => ({ columns: [], rows: [] }))
}

function requestOf({ vms, to, memory, dirty, rtt, bandwidth, window, qmp }: MovePlanCommand): PlanRequest {
  return {
    vms,
    to,
    ...(memory !== undefined && { memoryBytes: readBytes('--memory', memory) }),
    ...(dirty !== undefined && { dirtyBytesPerS: readByteRate('--dirty', dirty) }),
    ...(rtt !== undefined && { rttMs: readDurationMs('--rtt', rtt) }),
    ...(bandwidth !== undefined && { bandwidthBps: readBitRate('--bandwidth', bandwidth) }),
    ...(window !== undefined && { windowBytes: readBytes('--window', window) }),
    ...(qmp !== undefined && { qmp }),
  }
}

const figures: readonly (readonly [keyof Figures, string, (value: number) => string])[] = [
  ['rttMs', 'round trip', msText],
  ['bandwidthBps', 'bandwidth', bitRateText],
  ['windowBytes', 'window', bytesText],
  ['memoryBytes', 'memory', bytesText],
  ['dirtyBytesPerS', 'writes', byteRateText],
]

export function describeMovePlan(plan: MovePlan, colour: boolean): string {
  const { vms, from, to, way, network, recommended, methods } = plan
  const by = network === undefined ? 'over the fabric' : `in ${network}`
  const head = [
    `${vms.join(', ')} from ${from} to ${to}${way ? `, ${by}, by ${way.join(' ')}` : ''}`,
    recommended === undefined ? 'nothing can be recommended as it is' : `recommended: ${recommended}`,
  ]
  const known = renderTable(
    {
      columns: [{ title: 'FIGURE' }, { title: 'VALUE' }, { title: 'FROM' }, { title: 'HOW' }],
      rows: figures.map(([key, title, text]) => figureRow(title, plan.figures[key], text)),
    },
    colour,
  )
  const judged = renderTable(
    {
      columns: ['METHOD', 'FIT', 'AVAILABLE', 'TAKES', 'STANDS STILL', 'SENDS'].map((title) => ({ title })),
      rows: methods.map(methodRow),
    },
    colour,
  )
  const reasons = methods.flatMap(({ method, costs, reasons: all }) => [
    '',
    `${method}: ${costs}`,
    ...all.map(({ fit, text }) => `  ${fit}: ${text}`),
  ])
  return `${head.map(printable).join('\n')}\n\n${known}\n${judged}${reasons.map((line) => `${printable(line)}\n`).join('')}`
}

function figureRow(
  title: string,
  { value, source, detail, error }: Figure,
  text: (value: number) => string,
): string[] {
  const shown = value === undefined ? '-' : text(value)
  return [title, error === undefined ? shown : `${shown} ± ${text(error)}`, source, detail]
}

function methodRow(one: Judgement): string[] {
  const { method, fit, available, totalS, downtimeMs, downtimeMostMs, bytes } = one
  return [
    method,
    fit,
    available ? 'yes' : 'no',
    totalS === undefined ? '-' : secondsText(totalS),
    downtimeMs === undefined ? '-' : `${msText(downtimeMs)} to ${msText(downtimeMostMs ?? downtimeMs)}`,
    bytes === undefined ? '-' : bytesText(bytes),
  ]
}
