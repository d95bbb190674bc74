/** `throwbar run`: the controller itself. This file reads the options; `main.ts` of the program starts it. */
import { type Command, Option } from 'commander'
import { isLoopback } from '../api/guard.ts'
import { CliError, exit } from './io.ts'
import {
  defaultApi,
  defaultOpenflow,
  type ListenAddress,
  logLevels,
  parseListenAddress,
  type RunOptions,
  type TlsFiles,
} from './options.ts'
import { type GlobalOptions, readToken, type Session } from './session.ts'
import type { Wiring } from './wiring.ts'

interface Flags extends GlobalOptions {
  readonly listen?: readonly ListenAddress[]
  readonly advertise?: readonly ListenAddress[]
  readonly api: ListenAddress
  readonly data: string
  readonly tlsKey?: string
  readonly tlsCert?: string
  readonly tlsCa?: string
  readonly logLevel: RunOptions['logLevel']
}

const showAddress = ({ host, port }: ListenAddress): string => `${host}:${port}`

export function addRun(program: Command, session: Session, wiring: Wiring): void {
  const listen = (text: string, before: readonly ListenAddress[] | undefined) => [
    ...(before ?? []),
    parseListenAddress(text, defaultOpenflow),
  ]
  program
    .command('run')
    .summary('run the controller')
    .description('Run the controller: OpenFlow for switches, REST for people, state in a directory.')
    .argument('[topology]', 'YAML file to declare at the start; without it, what is stored stays declared')
    .option(
      '--listen <host:port>',
      `where switches connect to; may be repeated (default: ${showAddress(defaultOpenflow)})`,
      listen,
    )
    .option(
      '--advertise <host:port>',
      'what hosts with a declared `ovsdb` are told to connect to; may be repeated (default: what they can reach of --listen)',
      listen,
    )
    .addOption(
      new Option('--api <host:port>', 'where REST listens; beyond this machine it needs a token')
        .argParser((text) => parseListenAddress(text, defaultApi))
        .default(defaultApi, showAddress(defaultApi)),
    )
    .option('--data <dir>', 'where the declared state is kept', './data')
    .option('--tls-key <file>', 'private key, PEM: OpenFlow over TLS, and OVSDB where `ssl:` is declared')
    .option('--tls-cert <file>', 'certificate of this controller, PEM')
    .option('--tls-ca <file>', 'certificates that those of switches must come from, PEM')
    .addOption(
      new Option('--log-level <level>', 'how much to log')
        .choices(logLevels)
        .default('info')
        .env('THROWBAR_LOG_LEVEL'),
    )
    .addHelpText('after', help)
    .action(async (topology: string | undefined, _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>()
      const token = await readToken(session.io, flags)
      await wiring.startController(runOptions(topology, flags, token))
    })
}

function runOptions(topology: string | undefined, flags: Flags, token: string | undefined): RunOptions {
  if (token === undefined && !isLoopback(flags.api.host))
    throw new CliError(
      `--api ${showAddress(flags.api)} can be reached from other machines, so it needs a token`,
      exit.usage,
      'openssl rand -hex 32 > token, then --token-file token (or THROWBAR_TOKEN in the environment)',
    )
  const tls = tlsFiles(flags)
  return {
    openflow: flags.listen ?? [defaultOpenflow],
    advertise: flags.advertise ?? [],
    api: flags.api,
    dataDir: flags.data,
    logLevel: flags.logLevel,
    ...(topology !== undefined && { topology }),
    ...(token !== undefined && { token }),
    ...(tls !== undefined && { tls }),
  }
}

function tlsFiles({ tlsKey, tlsCert, tlsCa }: Flags): TlsFiles | undefined {
  if (tlsKey === undefined && tlsCert === undefined && tlsCa === undefined) return undefined
  if (tlsKey === undefined || tlsCert === undefined || tlsCa === undefined)
    throw new CliError('TLS needs --tls-key, --tls-cert and --tls-ca together', exit.usage)
  return { keyFile: tlsKey, certFile: tlsCert, caFile: tlsCa }
}

const help = `
Examples:
  throwbar run topology.yaml
  throwbar run --listen 0.0.0.0:6653 --data /var/lib/throwbar
  throwbar run --api 0.0.0.0:8080 --token-file /etc/throwbar/token`
