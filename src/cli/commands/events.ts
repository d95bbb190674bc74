/** `throwbar events`: what happened and what happens, one line each. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ControllerEvent } from '../../api/controller.ts'
import { CliError, exit, type Io } from '../io.ts'
import { readServerSentEvents } from '../server-sent-events.ts'
import type { Session } from '../session.ts'
import { printable } from '../table.ts'

interface EventOptions {
  readonly follow?: true
  readonly since: number
  readonly output: 'table' | 'json'
}

export function addEvents(program: Command, session: Session): void {
  program
    .command('events')
    .summary('show what happened, and with --follow what happens')
    .description('Show the events that the controller keeps, oldest first, one line each.')
    .option('-f, --follow', 'go on with new events until Ctrl-C')
    .option('--since <id>', 'only events after this one', eventId, 0)
    .addOption(
      new Option('-o, --output <format>', 'how to print; json is one object a line')
        .choices(['table', 'json'])
        .default('table'),
    )
    .addHelpText('after', help)
    .action(async (options: EventOptions, command: Command) => {
      const client = await session.client(command)
      const follow = options.follow === true
      const body = await client.stream(`/v1/events?since=${options.since}&follow=${follow}`)
      for await (const message of readServerSentEvents(body)) show(session.io, options, message)
      if (follow)
        throw new CliError(
          'the controller closed the stream',
          exit.unreachable,
          'it is stopping, or this command read too slowly',
        )
    })
}

function eventId(text: string): number {
  if (/^[0-9]{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is the number of an event.')
}

function show(io: Io, options: EventOptions, message: { event: string; data: string }): void {
  if (message.event === 'gap') {
    // Without a start, all that is kept is all that was asked for.
    if (options.since > 0) io.err('throwbar: events in between are no longer kept\n')
    return
  }
  const event = JSON.parse(message.data) as ControllerEvent
  if (options.output === 'json') {
    io.out(`${JSON.stringify(event)}\n`)
    return
  }
  const details = Object.entries(event.data).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  io.out(`${printable([event.time, event.type.padEnd(16), ...details].join('  '))}\n`)
}

const help = `
Examples:
  throwbar events
  throwbar events --follow
  throwbar events --follow -o json | jq 'select(.type == "link.down")'`
