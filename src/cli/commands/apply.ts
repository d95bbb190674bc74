/** `throwbar apply`: make it so, and say who confirmed. */
import { type Command, InvalidArgumentError } from 'commander'
import type { Receipt, SwitchReceipt, SwitchView } from '../../api/controller.ts'
import type { Client } from '../client.ts'
import { readDocument, sendDocument } from '../documents.ts'
import { exit, type Io } from '../io.ts'
import { plural, type Session } from '../session.ts'
import { printable, renderTable } from '../table.ts'

interface ApplyOptions {
  readonly timeout: number
  readonly wait: boolean
}

export function addApply(program: Command, session: Session): void {
  program
    .command('apply')
    .summary('declare what a file says and wait until every switch confirms')
    .description(
      'Replace the declared document by a file and wait until every switch in scope has confirmed everything.\nExit code 0: all confirmed. 1: not valid, nothing was changed. 3: stored, but a switch is away, late or refused a rule.',
    )
    .argument('<file>', 'YAML or JSON; - is standard input')
    .option('--timeout <seconds>', 'how long to wait for the switches', seconds, 30)
    .option('--no-wait', 'return with 0 as soon as the declaration is stored')
    .addHelpText('after', help)
    .action(async (file: string, options: ApplyOptions, command: Command) => {
      const { io } = session
      const client = await session.client(command)
      const query = options.wait ? `timeoutMs=${Math.ceil(options.timeout * 1000)}` : 'wait=false'
      const document = await readDocument(io, file)
      const stopProgress = options.wait && io.errIsTerminal ? showProgress(io, client) : () => undefined
      const answer = await sendDocument(
        { session, client, method: 'PUT', path: `/v1/intent?${query}` },
        document,
      ).finally(stopProgress)
      if (!options.wait) {
        io.out(
          `revision ${(answer.body as Receipt).revision} is stored; "throwbar get switches" shows who has confirmed it\n`,
        )
        return
      }
      const receipt = answer.body as Receipt
      io.out(describeReceipt(receipt, session.colour))
      session.finish(receipt.complete ? exit.done : exit.incomplete)
    })
}

function seconds(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value <= 600)) throw new InvalidArgumentError('It is a number of seconds up to 600.')
  return value
}

const maxWarnings = 20

/** What is declared and cannot work yet; of a switch that is away that is every NIC, so only the first are shown. */
export function warnings(obstacles: Receipt['obstacles']): string[] {
  const lines = obstacles.slice(0, maxWarnings).map(({ owner, text }) => `warning: ${owner}: ${text}`)
  const more = obstacles.length - lines.length
  if (more > 0) lines.push(`warning: and ${more} more; "throwbar get vms" shows the state of each VM`)
  return lines
}

export function describeReceipt(receipt: Receipt, colour: boolean): string {
  const table = renderTable(
    {
      columns: [
        { title: 'SWITCH' },
        { title: 'STATE', state: true },
        { title: 'ADDED', number: true },
        { title: 'MODIFIED', number: true },
        { title: 'DELETED', number: true },
        { title: 'REFUSED', number: true },
        { title: 'CONFIRMED AFTER', number: true },
      ],
      rows: receipt.switches.map((each) => [
        each.switch,
        each.state,
        ...[each.added, each.modified, each.deleted, each.refused.length].map(String),
        each.confirmedAfterMs === undefined ? '-' : `${each.confirmedAfterMs.toFixed(1)} ms`,
      ]),
    },
    colour,
  )
  const lines = receipt.switches.flatMap(({ switch: name, refused }) =>
    refused.flatMap(({ owner, error, rule }) => [`refused by ${name}: ${error}: ${owner}`, `    ${rule}`]),
  )
  for (const { target, refused } of receipt.hosts ?? [])
    lines.push(...refused.map(({ subject, error }) => `refused by ${target}: ${subject}: ${error}`))
  lines.push(...warnings(receipt.obstacles))
  lines.push(verdict(receipt))
  return (receipt.switches.length > 0 ? table : '') + lines.map((line) => `${printable(line)}\n`).join('')
}

function verdict({ revision, complete, switches, hosts = [] }: Receipt): string {
  if (complete && switches.length === 0) return `revision ${revision}: nothing to change on any switch`
  if (complete) return `revision ${revision}: confirmed by ${plural(switches.length, 'switch', 'switches')}`
  const answers = [
    ...switches,
    ...hosts.map(({ target, state }) => ({ switch: `the database ${target}`, state })),
  ]
  const named = (state: SwitchReceipt['state']) =>
    answers.filter((each) => each.state === state).map((each) => each.switch)
  const reasons = [
    { names: named('refused'), one: 'refused a part of it', many: 'refused a part of it' },
    { names: named('pending'), one: 'has not answered yet', many: 'have not answered yet' },
    { names: named('disconnected'), one: 'is not connected', many: 'are not connected' },
  ].filter(({ names }) => names.length > 0)
  const text = reasons
    .map(({ names, one, many }) => `${names.join(', ')} ${names.length === 1 ? one : many}`)
    .join('; ')
  return `revision ${revision} is stored but not complete${text === '' ? '' : `: ${text}`}`
}

const progressEveryMs = 250

/** One line on the terminal, rewritten while switches converge; returns what removes it. */
function showProgress(io: Io, client: Client): () => void {
  let stopped = false
  const look = async (): Promise<void> => {
    const views = (await client.get('/v1/switches')) as SwitchView[]
    const waiting = views
      .filter(({ state, declared }) => declared && state !== 'converged')
      .map(({ name }) => name)
    const declared = views.filter((view) => view.declared).length
    const names = waiting.length > 5 ? `${waiting.slice(0, 5).join(', ')}, ...` : waiting.join(', ')
    const text = `${declared - waiting.length} of ${declared} switches converged${names === '' ? '' : `; waiting for ${names}`}`
    if (!stopped) io.err(`\r\u001b[K${printable(text)}`)
  }
  const timer = setInterval(() => {
    // The line is a courtesy: when it cannot be had, the request that is under way says what is wrong.
    look().catch(() => clearInterval(timer))
  }, progressEveryMs)
  return () => {
    stopped = true
    clearInterval(timer)
    io.err('\r\u001b[K')
  }
}

const help = `
Examples:
  throwbar apply topology.yaml
  throwbar apply topology.yaml --timeout 5 || echo "not everywhere yet"
  throwbar apply - --no-wait < topology.yaml`
