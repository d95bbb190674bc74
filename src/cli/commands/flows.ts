/** `throwbar flows` and `throwbar drops`: what is installed on switches, whose it is, and what was not let through. */
import type { Command } from 'commander'
import type { Controller, FlowView } from '../../api/controller.ts'
import { type OutputFormat, outputOption, print, type Session } from '../session.ts'

interface FlowOptions {
  readonly table?: string
  readonly owner?: string
  readonly output: OutputFormat
}

export function addFlows(program: Command, session: Session): void {
  program
    .command('flows')
    .summary('show the rules on a switch, each with its owner')
    .description(
      'Show the rules that are installed on a switch, read from it now, each with its owner and counters.',
    )
    .argument('<switch>', 'name, or datapath id in any spelling')
    .option('--table <table>', 'only rules of this table')
    .option('--owner <owner>', 'only rules of this owner, such as nic/web1/0, nic/web1 or network/blue')
    .addOption(outputOption('table', 'json', 'yaml'))
    .addHelpText('after', flowsHelp)
    .action(async (name: string, options: FlowOptions, command: Command) => {
      const client = await session.client(command)
      const query = new URLSearchParams()
      if (options.table !== undefined) query.set('table', options.table)
      if (options.owner !== undefined) query.set('owner', options.owner)
      const path = `/v1/switches/${encodeURIComponent(name)}/flows?${query.toString()}`
      const flows = (await client.get(path)) as FlowView[]
      print(session, flows, options.output, () => ({
        columns: [
          { title: 'OWNER' },
          { title: 'PACKETS', number: true },
          { title: 'BYTES', number: true },
          { title: 'RULE' },
        ],
        rows: flows.map((flow) => [
          flow.foreign ? '(foreign)' : flow.owner,
          String(flow.packets),
          String(flow.bytes),
          flow.text,
        ]),
      }))
    })
}

export function addDrops(program: Command, session: Session): void {
  program
    .command('drops')
    .summary('show what was dropped, by switch and reason')
    .description('Show how many packets each switch dropped, by reason.')
    .addOption(outputOption('table', 'json', 'yaml'))
    .addHelpText('after', dropsHelp)
    .action(async (options: { output: OutputFormat }, command: Command) => {
      const client = await session.client(command)
      const drops = (await client.get('/v1/drops')) as Awaited<ReturnType<Controller['drops']>>
      print(session, drops, options.output, () => ({
        columns: [{ title: 'SWITCH' }, { title: 'PACKETS', number: true }, { title: 'REASON' }],
        rows: drops.map((drop) => [drop.switch, String(drop.packets), drop.reason]),
      }))
    })
}

const flowsHelp = `
Examples:
  throwbar flows hv1
  throwbar flows hv1 --owner nic/web1
  throwbar flows 0x1 --table classify -o json`

const dropsHelp = `
Examples:
  throwbar drops
  throwbar drops -o json`
