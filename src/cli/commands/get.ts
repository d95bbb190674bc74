/** `throwbar get`: resources as tables, JSON or YAML. */
import { Argument, type Command } from 'commander'
import { declared, type Resource, resources } from '../../api/resources.ts'
import { CliError, exit } from '../io.ts'
import { type OutputFormat, outputOption, print, type Session } from '../session.ts'
import type { Table } from '../table.ts'

const kinds = Object.keys(resources) as Resource['name'][]

export function addGet(program: Command, session: Session): void {
  program
    .command('get')
    .summary('show switches, links, teams, classes, hosts, interfaces, networks or VMs')
    .description('Show resources of one kind, or one of them.')
    .addArgument(new Argument('<kind>', 'what to show').choices(kinds))
    .argument(
      '[name]',
      'only this one; for links, teams, classes and interfaces a switch, for hosts also a MAC, IP, VM or switch',
    )
    .addOption(outputOption('table', 'wide', 'json', 'yaml'))
    .addHelpText('after', getHelp)
    .action(
      async (
        kind: Resource['name'],
        name: string | undefined,
        options: { output: OutputFormat },
        command: Command,
      ) => {
        const client = await session.client(command)
        const resource = resources[kind]
        const path = name === undefined ? `/v1/${kind}` : singlePath(kind, name)
        const answer = await client.get(path)
        const views = Array.isArray(answer) ? (answer as unknown[]) : [answer]
        if (name !== undefined && views.length === 0)
          throw new CliError(
            `there is no ${resource.singular} ${name}`,
            exit.refused,
            `"throwbar get ${kind}" lists what there is`,
          )
        print(session, answer, options.output, (wide) => tableOf(resource, views, wide))
      },
    )
}

const singlePath = (kind: Resource['name'], name: string): string =>
  kind in declared
    ? `/v1/${kind}/${encodeURIComponent(name)}`
    : `/v1/${kind}?name=${encodeURIComponent(name)}`

function tableOf(resource: Resource, views: readonly unknown[], wide: boolean): Table {
  const columns = resource.columns.filter((column) => wide || column.wide !== true)
  return { columns, rows: views.map((view) => columns.map((column) => column.cell(view))) }
}

const getHelp = `
Kinds:
${kinds.map((kind) => `  ${kind.padEnd(10)}  ${resources[kind].summary}`).join('\n')}

Examples:
  throwbar get switches
  throwbar get vms web1 -o yaml
  throwbar get hosts 10.0.1.5
  throwbar get links leaf1 -o wide
  throwbar get teams hv1
  throwbar get classes hv1:eth0
  throwbar get interfaces storage-a`
