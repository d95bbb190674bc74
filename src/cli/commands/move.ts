/** `throwbar move`: VMs to another hypervisor, with the timeline as it goes; to plan a move, hurry it or call it off. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Command, Option } from 'commander'
import type { MoveView } from '../../api/controller.ts'
import { isOver, type MoveRequest, type MoveStep } from '../../mobility/move.ts'
import type { Client } from '../client.ts'
import { CliError, exit } from '../io.ts'
import { type OutputFormat, outputOption, print, type Session } from '../session.ts'
import { bytesText, msText, secondsText } from '../../mobility/plan/words.ts'
import { addPlanOptions, type MovePlanOptions, planMove } from './move-plan.ts'
import { printable } from '../table.ts'

interface MoveOptions extends MovePlanOptions {
  readonly to?: string
  readonly method: 'live' | 'cold'
  readonly id?: string
  readonly port?: readonly string[]
  readonly qemu?: readonly string[]
  readonly settle?: string
  readonly timeout?: string
  readonly countSessions?: true
  readonly until: 'asked' | 'prepared' | 'switched' | 'done'
  readonly switch?: string
  readonly abort?: string
  readonly output: OutputFormat
}

export function addMove(program: Command, session: Session): void {
  const command = program
    .command('move')
    .summary('move VMs to another hypervisor')
    .description(
      'Move VMs to another hypervisor: the switches there are prepared, the hypervisor moves the guest, and all switches follow at once.',
    )
    .argument('[vms...]', 'VMs that move together')
    .option('--to <hypervisor>', 'where they go')
    .addOption(
      new Option('--method <method>', 'live: sessions go on; cold: the guest is stopped and started')
        .choices(['live', 'cold'])
        .default('live'),
    )
    .option('--id <id>', 'name of the move; asking again with the same is the same move')
    .option(
      '--port <nic=interface...>',
      'the interface there, where it has another name, such as web1/0=tap7',
    )
    .option(
      '--qemu <source destination uri...>',
      'QMP of both ends and where the guest is sent: Throwbar moves it',
    )
    .option('--settle <seconds>', 'how long frames that come late are sent after the guest')
    .option(
      '--count-sessions',
      'tell how many TCP sessions went on; the switches have a rule for each meanwhile',
    )
    .option('--timeout <seconds>', 'how long the guest may take to arrive')
    .addOption(
      new Option('--until <phase>', 'wait so long')
        .choices(['asked', 'prepared', 'switched', 'done'])
        .default('done'),
    )
    .option('--switch <id>', 'the guest of this move runs there, and nobody sees it')
    .option('--abort <id>', 'call this move off')
  addPlanOptions(command)
    .addOption(outputOption('table', 'json', 'yaml'))
    .addHelpText('after', help)
    .action(async (vms: readonly string[], options: MoveOptions, self: Command) => {
      const client = await session.client(self)
      if (options.plan) {
        await planMove(session, client, { ...options, ...named(vms, options) })
        return
      }
      const change =
        options.switch !== undefined ? 'switch' : options.abort !== undefined ? 'abort' : undefined
      const move =
        change === undefined
          ? await follow(session, client, options, await ask(client, vms, options))
          : await changed(client, change, options[change] ?? '')
      if (options.output !== 'table') print(session, move, options.output, () => ({ columns: [], rows: [] }))
      else if (change !== undefined) session.io.out(`move ${printable(move.id)} is ${move.phase}\n`)
      else session.io.out(described(move))
      if (change !== 'abort' && move.phase === 'aborted')
        throw new CliError(`move ${move.id} was aborted: ${move.reason ?? ''}`, exit.refused)
    })
}

/** What every move needs, and hurrying one or calling it off does not. */
function named(
  vms: readonly string[],
  { to }: MoveOptions,
): { readonly vms: readonly string[]; readonly to: string } {
  if (vms.length === 0) throw new CliError('no VM is named', exit.usage, 'throwbar move web1 --to hv2')
  if (to === undefined) throw new CliError('nothing says where to', exit.usage, 'add --to <hypervisor>')
  return { vms, to }
}

async function ask(client: Client, vms: readonly string[], options: MoveOptions): Promise<MoveView> {
  const { method, id, port = [], qemu, settle, timeout, countSessions } = options
  const ports = Object.fromEntries(port.map((text) => assignment(text)))
  if (qemu && qemu.length !== 3)
    throw new CliError(
      '--qemu takes three addresses',
      exit.usage,
      '--qemu unix:/run/a.qmp unix:/run/b.qmp tcp:10.9.0.2:4444',
    )
  const [source = '', destination = '', uri = ''] = qemu ?? []
  const request: MoveRequest = {
    ...named(vms, options),
    method,
    ...(id !== undefined && { id }),
    ...(port.length > 0 && { ports }),
    ...(qemu && { driver: { kind: 'qemu', source, destination, uri } }),
    ...(settle !== undefined && { settleS: seconds('--settle', settle) }),
    ...(countSessions && { countSessions }),
    ...(timeout !== undefined && { timeoutS: seconds('--timeout', timeout) }),
  }
  return (await client.send({ method: 'POST', path: '/v1/moves', body: JSON.stringify(request) }))
    .body as MoveView
}

function assignment(text: string): readonly [string, string] {
  const [, nic, name] = /^([^=]+)=([^=]+)$/.exec(text) ?? []
  if (nic === undefined || name === undefined)
    throw new CliError(`"${text}" is not nic=interface`, exit.usage, 'such as --port web1/0=tap7')
  return [nic, name]
}

function seconds(option: string, text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value))
    throw new CliError(`${option} takes seconds, not "${text}"`, exit.usage)
  return value
}

async function changed(client: Client, change: 'switch' | 'abort', id: string): Promise<MoveView> {
  const path = `/v1/moves/${encodeURIComponent(id)}/${change}`
  return (await client.send({ method: 'POST', path })).body as MoveView
}

/** Between two looks at a move that is waited for. */
const pollMs = 100

const reaching: Readonly<Record<MoveOptions['until'], readonly MoveView['phase'][]>> = {
  asked: ['planned', 'prepared', 'transferring', 'switched', 'settling'],
  prepared: ['prepared', 'transferring', 'switched', 'settling'],
  switched: ['switched', 'settling'],
  done: [],
}

/** Shows each step as it is made; how to call the move off is said when it has to wait for something. */
async function follow(
  { io }: Session,
  client: Client,
  { until, output }: MoveOptions,
  first: MoveView,
): Promise<MoveView> {
  let move = first
  let shown = 0
  for (;;) {
    if (output === 'table') for (const step of move.timeline.slice(shown)) io.err(`${describedStep(step)}\n`)
    shown = move.timeline.length
    if (isOver(move) || reaching[until].includes(move.phase)) return move
    await sleep(pollMs, undefined, { signal: io.signal })
    move = (await client.get(`/v1/moves/${encodeURIComponent(first.id)}`)) as MoveView
  }
}

function describedStep({ phase, time, detail, receipts, stopping }: MoveStep): string {
  const count = receipts?.filter(({ state }) => state === 'confirmed').length
  const told = stopping ? `the guest is about to be stopped${stopping.led ? ', and led' : ''}` : ''
  const confirmed = count === undefined ? '' : `, confirmed by ${count} of ${receipts?.length ?? 0} switches`
  return printable(`${time.slice(11, 23)}  ${phase.padEnd(14)}${detail ?? told}${confirmed}`)
}

function described(move: MoveView): string {
  const { id, vms, from, to, phase, flowsReady, report } = move
  const lines = [`move ${id}: ${vms.join(', ')} from ${from} to ${to} is ${phase}`]
  if (flowsReady && !report) lines.push('the switches are ready: the guest may run there')
  if (report) {
    lines.push(`switched ${report.switchedAfterMs.toFixed(1)} ms after ${signals[report.signal]}`)
    if (report.gapMs !== undefined) lines.push(`it could not be reached for ${report.gapMs.toFixed(1)} ms`)
    if (report.aheadMs !== undefined)
      lines.push(`what is for it waited there since ${report.aheadMs.toFixed(1)} ms before it stopped`)
    lines.push(`${report.lateFrames} frames came late and were sent after it`)
    if (report.sessions)
      lines.push(`${report.sessions.carried} of ${report.sessions.before} TCP sessions went on`)
    if (report.sourceFrames > 0)
      lines.push(`${report.sourceFrames} frames came from the port that it had left`)
  }
  lines.push(...transferred(move))
  return lines.map((line) => `${printable(line)}\n`).join('')
}

/** What came of a transfer, beside what a plan had said of it. */
function transferred({ prediction, report }: MoveView): string[] {
  const done = report?.transfer
  if (!done) return []
  const still = (ms: number, mostMs = ms) =>
    ms === mostMs ? msText(ms) : `${msText(ms)} to ${msText(mostMs)}`
  const line = `${bytesText(done.bytes)} were sent in ${secondsText(done.totalMs / 1000)}, and the guest stood still for ${still(done.downtimeMs)}`
  if (!prediction) return [line]
  const { bytes, totalS, downtimeMs, downtimeMostMs } = prediction
  return [
    line,
    `predicted: at most ${bytesText(bytes)} in ${secondsText(totalS)}, standing still for ${still(downtimeMs, downtimeMostMs)}`,
  ]
}

const signals = {
  hypervisor: 'the hypervisor had stopped it',
  frame: 'its first frame',
  unplugged: 'it was plugged in there',
  command: 'the command',
} as const

const help = `
Examples:
  throwbar move web1 --to hv2 --plan --memory 4GiB --dirty 50MiB/s
  throwbar move web1 --to hv2
  throwbar move web1 --to hv2 --until prepared && virsh migrate --live web1 qemu+ssh://hv2/system
  throwbar move web1 --to hv2 --qemu unix:/run/web1.qmp unix:/run/web1-in.qmp tcp:10.9.0.2:4444
  throwbar move web1 db1 --to hv2 --method cold
  throwbar move --abort web1-3
  throwbar get moves`
