/** The command line as one function: arguments in, output through `Io`, exit code out. */
import { Command, CommanderError, Option } from 'commander'
import { defaultApi } from './options.ts'
import { addApply } from './commands/apply.ts'
import { addCheck } from './commands/check.ts'
import { addDrops } from './commands/drops.ts'
import { addEvents } from './commands/events.ts'
import { addFlows } from './commands/flows.ts'
import { addGet } from './commands/get.ts'
import { addMove } from './commands/move.ts'
import { addPlan } from './commands/plan.ts'
import { CliError, exit, type Io } from './io.ts'
import { addRun } from './run.ts'
import { makeClient, type Session, useColour } from './session.ts'
import type { Wiring } from './wiring.ts'

export interface ProgramOptions {
  readonly io: Io
  readonly wiring: Wiring
  readonly version: string
}

/** Runs one command, without the `node` and script arguments; never rejects for what a user did. */
export async function run(argv: readonly string[], { io, wiring, version }: ProgramOptions): Promise<number> {
  let exitCode: number = exit.done
  const session: Session = {
    io,
    colour: useColour(io),
    client: makeClient(io),
    finish: (code) => {
      exitCode = code
    },
  }
  const program = baseProgram(io, version)
  addRun(program, session, wiring)
  addCheck(program, session, wiring)
  addPlan(program, session)
  addApply(program, session)
  addGet(program, session)
  addFlows(program, session)
  addMove(program, session)
  addDrops(program, session)
  addEvents(program, session)
  try {
    await program.parseAsync(argv, { from: 'user' })
    return exitCode
  } catch (error) {
    return report(io, error)
  }
}

function baseProgram(io: Io, version: string): Command {
  const server = `http://${defaultApi.host}:${defaultApi.port}`
  return new Command('throwbar')
    .description('The OpenFlow controller for virtual machines on Open vSwitch.')
    .version(version)
    .addOption(
      new Option('--server <url>', 'the controller to talk to').default(io.env['THROWBAR_SERVER'] || server),
    )
    .option(
      '--token <token>',
      'token for a controller that needs one; --token-file keeps it out of process lists',
    )
    .option('--token-file <file>', 'file that holds the token (else THROWBAR_TOKEN)')
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .exitOverride()
    .showHelpAfterError('(add --help to see what is possible)')
    .addHelpText('after', help)
}

function report(io: Io, error: unknown): number {
  // Commander has printed its own message already; its help and version end with 0, its refusals with 1.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exit.done : exit.usage
  if (io.signal.aborted) return 130
  if (error instanceof CliError) {
    io.err(`throwbar: ${error.message}\n`)
    if (error.hint !== undefined) io.err(`  ${error.hint}\n`)
    return error.exitCode
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  const isTraced = (io.env['THROWBAR_TRACE'] ?? '') !== ''
  io.err(`throwbar: this should not have happened: ${isTraced ? (stack ?? message) : message}\n`)
  if (!isTraced)
    io.err('  run it again with THROWBAR_TRACE=1 in the environment to see where, and report it\n')
  return exit.failed
}

const help = `
Exit codes:
  0  done; for apply: every switch has confirmed everything
  1  not valid, or refused by the controller; nothing was changed
  2  the command line is wrong
  3  stored, but not every switch has confirmed everything
  4  no controller answered
  5  a mistake in Throwbar itself

Examples:
  throwbar run topology.yaml
  throwbar apply topology.yaml
  throwbar get switches

THROWBAR_SERVER and THROWBAR_TOKEN in the environment stand for --server and --token. NO_COLOR turns colours off.`
