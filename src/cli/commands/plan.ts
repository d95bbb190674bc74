/** `throwbar plan`: what applying a file would send. */
import type { Command } from 'commander'
import type { PlanReport } from '../../api/controller.ts'
import { readDocument, sendDocument } from '../documents.ts'
import { warnings } from './apply.ts'
import { plural, print, outputOption, type OutputFormat, type Session } from '../session.ts'
import { printable } from '../table.ts'

export function addPlan(program: Command, session: Session): void {
  program
    .command('plan')
    .summary('show what applying a file would change')
    .description(
      'Show which objects and rules applying a file would add (+), modify (~) and delete (-). Nothing is changed.',
    )
    .argument('<file>', 'YAML or JSON; - is standard input')
    .addOption(outputOption('table', 'json', 'yaml'))
    .addHelpText('after', help)
    .action(async (file: string, options: { output: OutputFormat }, command: Command) => {
      const { io } = session
      const client = await session.client(command)
      const answer = await sendDocument(
        { session, client, method: 'POST', path: '/v1/plan' },
        await readDocument(io, file),
      )
      const report = answer.body as PlanReport
      if (options.output === 'table') io.out(describePlan(report))
      else print(session, report, options.output, () => ({ columns: [], rows: [] }))
    })
}

const sign = { add: '+', modify: '~', delete: '-' } as const

export function describePlan({ objects, switches, obstacles }: PlanReport): string {
  const changing = switches.filter(({ operations }) => operations.length > 0)
  if (objects.length === 0 && changing.length === 0) return 'nothing would change\n'
  const lines = objects.map(({ change, object }) => `${sign[change]} ${object}`)
  for (const { switch: name, datapathId, operations } of changing) {
    lines.push('', `${name} (${datapathId}): ${plural(operations.length, 'rule')}`)
    for (const { op, owner, rule } of operations) lines.push(`  ${sign[op]} ${rule}    [${owner}]`)
  }
  if (changing.length === 0) lines.push('', 'no rule of any switch would change')
  lines.push(...warnings(obstacles))
  return `${lines.map(printable).join('\n')}\n`
}

const help = `
Examples:
  throwbar plan topology.yaml
  throwbar plan topology.yaml -o json | jq '.switches[].operations | length'`
