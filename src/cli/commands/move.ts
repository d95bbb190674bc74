/** `throwbar move`: plans the move of VMs to another hypervisor. */
import type { Command } from 'commander'
import { CliError, exit } from '../io.ts'
import { type OutputFormat, outputOption, type Session } from '../session.ts'
import { addPlanOptions, type MovePlanOptions, planMove } from './move-plan.ts'

interface MoveOptions extends MovePlanOptions {
  readonly to: string
  readonly output: OutputFormat
}

export function addMove(program: Command, session: Session): void {
  const command = program
    .command('move')
    .summary('say which way of moving VMs to another hypervisor fits')
    .description(
      'Say which way of moving VMs to another hypervisor fits, what each takes and loses, and why. Nothing is moved.',
    )
    .argument('<vms...>', 'VMs that move together')
    .requiredOption('--to <hypervisor>', 'where they go')
  addPlanOptions(command)
    .addOption(outputOption('table', 'json', 'yaml'))
    .addHelpText('after', help)
    .action(async (vms: readonly string[], options: MoveOptions, self: Command) => {
      if (options.plan === undefined)
        throw new CliError('moves can only be planned', exit.usage, 'add --plan')
      await planMove(session, await session.client(self), { ...options, vms })
    })
}

const help = `
Examples:
  throwbar move web1 --to hv2 --plan --memory 4GiB --dirty 50MiB/s
  throwbar move web1 --to hv2 --plan --qmp unix:/run/web1.qmp -o json
  throwbar move web1 db1 --to hv2 --plan --rtt 5ms --bandwidth 1Gbit/s`
