/** `throwbar flows`: what is installed on a switch, whose it is, and rules made by hand. */
import { Argument, type Command } from 'commander'
import type { FlowView } from '../../api/controller.ts'
import type { Client } from '../client.ts'
import { CliError, exit } from '../io.ts'
import { type OutputFormat, outputOption, print, type Session } from '../session.ts'
import type { Table } from '../table.ts'
import { changeByHand, type Verb } from './flows-by-hand.ts'

interface FlowOptions {
  readonly table?: string
  readonly owner?: string
  readonly strict?: boolean
  readonly unproved?: boolean
  readonly output: OutputFormat
}

interface Asked {
  readonly name: string
  readonly verb: Verb | undefined
  readonly texts: readonly string[]
  readonly options: FlowOptions
}

export function addFlows(program: Command, session: Session): void {
  program
    .command('flows')
    .summary('show the rules on a switch, each with its owner; add and delete rules by hand')
    .description(description)
    .argument('<switch>', 'name, or datapath id in any spelling')
    .addArgument(new Argument('[verb]', 'without it the rules are shown').choices(['add', 'del']))
    .argument('[flow...]', 'after add: rules in ovs-ofctl syntax, or - for one a line on standard input')
    .option('--table <table>', 'show only rules of this table')
    .option(
      '--owner <owner>',
      'show only rules of this owner, such as nic/web1/0, nic/web1, network/blue or operator',
    )
    .option('--unproved', 'add: take rules that do more than drop; no proof of isolation covers them')
    .option('--strict', 'del: only the rule with this priority and exactly this match')
    .addOption(outputOption('table', 'json', 'yaml'))
    .addHelpText('after', flowsHelp)
    .action(
      async (
        name: string,
        verb: Verb | undefined,
        texts: string[],
        options: FlowOptions,
        command: Command,
      ) => {
        const asked = { name, verb, texts, options }
        checkOptions(asked)
        const client = await session.client(command)
        if (verb === undefined) await show(session, client, asked)
        else await changeByHand(session, client, { path: pathOf(name), verb, texts, options })
      },
    )
}

/** Options that mean nothing here are refused: who writes them expects something of them. */
function checkOptions({ verb, texts, options: { table, owner, unproved, strict } }: Asked): void {
  const usage = (message: string, hint?: string) => new CliError(message, exit.usage, hint)
  if (verb !== undefined && (table !== undefined || owner !== undefined))
    throw usage('--table and --owner choose what is shown', 'write table=NAME in the rule or match itself')
  if (unproved === true && verb !== 'add') throw usage('--unproved goes with add')
  if (strict === true && verb !== 'del') throw usage('--strict goes with del')
  if (verb === 'add' && texts.length === 0)
    throw usage(
      'add needs a rule',
      'such as "table=local,priority=200,dl_dst=02:00:00:00:01:01,actions=drop"',
    )
  if (verb === 'del' && texts.length > 1)
    throw usage('del takes one match', 'put it in quotes, its fields separated by commas')
}

async function show(session: Session, client: Client, { name, options }: Asked): Promise<void> {
  const query = new URLSearchParams()
  if (options.table !== undefined) query.set('table', options.table)
  if (options.owner !== undefined) query.set('owner', options.owner)
  const flows = (await client.get(`${pathOf(name)}?${query.toString()}`)) as FlowView[]
  print(session, flows, options.output, () => tableOf(flows))
}

const pathOf = (name: string): string => `/v1/switches/${encodeURIComponent(name)}/flows`

function tableOf(flows: readonly FlowView[]): Table {
  return {
    columns: [
      { title: 'OWNER' },
      { title: 'PACKETS', number: true },
      { title: 'BYTES', number: true },
      { title: 'RULE' },
    ],
    rows: flows.map((flow) => [ownerText(flow), String(flow.packets), String(flow.bytes), flow.text]),
  }
}

const ownerText = ({ owner, foreign, unproved }: FlowView): string =>
  foreign ? '(foreign)' : unproved === true ? `${owner} (unproved)` : owner

const description = `Show the rules that are installed on a switch, read from it now, each with its owner and counters.

With add or del, change rules by hand: all of what is asked for or none, and done when the switch has confirmed it. Such
rules belong to "operator" and are no part of what is declared. Throwbar leaves them alone: it does not store them, so a
switch that restarts loses them, and del deletes no other rule. They never take the place of another rule, but one with a
higher priority is asked first. A drop keeps networks isolated whatever is declared later; no other rule can be shown to,
so it needs --unproved and is listed as "operator (unproved)".`

const flowsHelp = `
Examples:
  throwbar flows hv1
  throwbar flows hv1 --owner nic/web1
  throwbar flows 0x1 --table classify -o json
  throwbar flows hv1 add "table=local,priority=200,dl_dst=02:00:00:00:01:01,actions=drop"
  throwbar flows hv1 add --unproved "table=classify,priority=300,in_port=5,actions=output:6"
  throwbar flows hv1 del "table=local,dl_dst=02:00:00:00:01:01"
  throwbar flows hv1 del

Ports are numbers; "throwbar get switches -o json" shows them. Tables are numbers or names.`
