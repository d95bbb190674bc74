/** `throwbar drops`: what was not let through, and why. */
import type { Command } from 'commander'
import type { Controller } from '../../api/controller.ts'
import { type OutputFormat, outputOption, print, type Session } from '../session.ts'

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

const dropsHelp = `
Examples:
  throwbar drops
  throwbar drops -o json`
