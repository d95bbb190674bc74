/** What the commands share: global options, the client made from them, and how results are printed. */
import { type Command, Option } from 'commander'
import { stringify } from 'yaml'
import { type Client, connectClient } from './client.ts'
import { CliError, exit, type Io, readInput } from './io.ts'
import { renderTable, type Table } from './table.ts'

export interface GlobalOptions {
  readonly server: string
  readonly token?: string
  readonly tokenFile?: string
}

/** What every command gets. */
export interface Session {
  readonly io: Io
  readonly colour: boolean
  /** Made when a command needs it, so that `check` and `run` never read a token for it. */
  readonly client: (command: Command) => Promise<Client>
  /** Called by the command with its exit code. */
  readonly finish: (exitCode: number) => void
}

export function useColour(io: Io): boolean {
  return io.outIsTerminal && (io.env['NO_COLOR'] ?? '') === '' && io.env['TERM'] !== 'dumb'
}

/** The token from --token, --token-file or THROWBAR_TOKEN, in this order. */
export async function readToken(io: Io, options: Partial<GlobalOptions>): Promise<string | undefined> {
  if (options.token !== undefined) return options.token
  if (options.tokenFile !== undefined) {
    const token = (await readInput(io, options.tokenFile)).trim()
    if (/^\S+$/.test(token)) return token
    throw new CliError(
      `${options.tokenFile} must hold one token without spaces`,
      exit.usage,
      `make one with: openssl rand -hex 32 > ${options.tokenFile}`,
    )
  }
  const fromEnvironment = io.env['THROWBAR_TOKEN'] ?? ''
  return fromEnvironment === '' ? undefined : fromEnvironment
}

export function makeClient(io: Io): Session['client'] {
  return async (command) => {
    const options = command.optsWithGlobals<GlobalOptions>()
    return connectClient({ server: options.server, token: await readToken(io, options), signal: io.signal })
  }
}

export type OutputFormat = 'table' | 'wide' | 'json' | 'yaml'

export const outputOption = (...formats: OutputFormat[]): Option =>
  new Option('-o, --output <format>', 'how to print').choices(formats).default('table')

export function print(
  { io, colour }: Session,
  value: unknown,
  format: OutputFormat,
  table: (wide: boolean) => Table,
): void {
  if (format === 'json') io.out(`${JSON.stringify(value, undefined, 2)}\n`)
  else if (format === 'yaml') io.out(stringify(value))
  else io.out(renderTable(table(format === 'wide'), colour))
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`
