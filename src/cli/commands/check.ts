/** `throwbar check`: is a file right? Answered here, without a controller. */
import type { Command } from 'commander'
import { formatProblems } from '../../model/format-problems.ts'
import { parseTopology } from '../../model/yaml.ts'
import { CliError, exit, readInput } from '../io.ts'
import { plural, type Session } from '../session.ts'
import type { ProgramReport } from '../../check.ts'
import type { Wiring } from '../wiring.ts'

export function addCheck(program: Command, session: Session, wiring: Wiring): void {
  program
    .command('check')
    .summary('validate and prove a file, without a controller')
    .description(
      'Validate a topology file, then compile it and prove that its networks are isolated.\nProblems are printed as file:line:column with the source line; exit code 1 when there are any.',
    )
    .argument('<file>', 'YAML or JSON; - is standard input')
    .addHelpText('after', help)
    .action(async (file: string) => {
      const { io } = session
      const text = await readInput(io, file)
      const parsed = parseTopology(text)
      if ('problems' in parsed) {
        io.err(formatProblems(parsed.problems, { fileName: file, text, color: session.colour }))
        throw new CliError(`${file}: ${plural(parsed.problems.length, 'problem')}`, exit.refused)
      }
      const { intent } = parsed
      const report = await wiring.checkProgram?.(intent)
      if (report !== undefined) refuseViolations(session, file, report)
      const counts = [
        plural(intent.switches.size, 'switch', 'switches'),
        plural(intent.networks.size, 'network'),
        plural(intent.vms.size, 'VM'),
        ...(report === undefined ? [] : [`${plural(report.rules, 'rule')}, isolation proved`]),
      ]
      io.out(`${file}: ok: ${counts.join(', ')}\n`)
    })
}

function refuseViolations({ io }: Session, file: string, { violations }: ProgramReport): void {
  for (const { switch: name, owner, rule, reason } of violations)
    io.err(`${name}: ${owner}: ${reason}\n    ${rule}\n`)
  if (violations.length === 0) return
  throw new CliError(`${file}: ${plural(violations.length, 'rule')} would leave its network`, exit.refused)
}

const help = `
Examples:
  throwbar check topology.yaml
  generate-topology | throwbar check -`
