/** Starts and stops a controller: store, OpenFlow, REST, and the topology given on the command line. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { pino, type Logger } from 'pino'
import { serve } from './api/serve.ts'
import { fileProblem } from './cli/io.ts'
import type { ListenAddress, RunOptions, TlsFiles } from './cli/options.ts'
import { Throwbar } from './controller/throwbar.ts'
import { formatProblems } from './model/format-problems.ts'
import { parseTopology } from './model/yaml.ts'
import { openLevelStore } from './store/level-store.ts'
import { StoreError } from './store/store.ts'
import { packageVersion } from './version.ts'

export interface Running {
  /** Where REST listens. */
  readonly url: string
  readonly throwbar: Throwbar
  /** Ends sessions, closes the store; rules stay on the switches. */
  readonly stop: () => Promise<void>
}

/** A start that failed for a reason the user can mend; the message says how. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** Rejects with `StartError`; then nothing is left open. */
export async function startController(options: RunOptions): Promise<Running> {
  const log = pino({ level: options.logLevel, base: null })
  const declared = options.topology === undefined ? undefined : await readTopology(options.topology)
  const tls = options.tls && (await readTls(options.tls))
  const store = await openLevelStore(options.dataDir).catch(mendable)
  const opened: (() => Promise<unknown>)[] = [() => store.close()]
  const stop = async (): Promise<void> => {
    for (const close of opened.splice(0).reverse()) await close()
  }
  try {
    const throwbar = await Throwbar.open({
      store,
      log,
      probeKey: randomBytes(32),
      advertised: options.advertise,
      ...(tls && { tls: { key: tls.key, cert: tls.cert, ca: tls.ca } }),
    }).catch(mendable)
    opened.push(() => throwbar.close())
    if (declared) await declare(throwbar, declared, log)
    for (const { host, port } of options.openflow) {
      await throwbar
        .listen({ host, port, ...(tls && { tls }) })
        .catch(cannotListen('OpenFlow', { host, port }))
      log.info(`OpenFlow on ${host}:${port}${tls ? ' with TLS' : ''}`)
    }
    const auth = options.token === undefined ? {} : { auth: { token: options.token } }
    const { host, port } = options.api
    const served = await serve({
      controller: throwbar.controller,
      version: packageVersion(),
      logger: log,
      host,
      port,
      ...auth,
    }).catch(cannotListen('REST', options.api))
    opened.push(() => served.app.close())
    log.info(`REST on ${served.url}, its description at ${served.url}/docs`)
    return { url: served.url, throwbar, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function readTopology(file: string) {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new StartError(`cannot read ${file}: ${fileProblem(error)}`)
  })
  const parsed = parseTopology(text)
  if ('problems' in parsed) throw new StartError(formatProblems(parsed.problems, { fileName: file, text }))
  return parsed
}

/** Makes the file's topology the intent; switches are not waited for. */
async function declare(
  throwbar: Throwbar,
  { spec }: Awaited<ReturnType<typeof readTopology>>,
  log: Logger,
): Promise<void> {
  const outcome = await throwbar.controller.apply({ kind: 'replace', spec }, { wait: false }).catch(mendable)
  if (outcome.status === 'unproved') {
    const lines = outcome.violations.map(
      (each) => `${each.switch}: ${each.owner}: ${each.reason}: ${each.rule}`,
    )
    throw new StartError(`rules of the topology would leave their network:\n${lines.join('\n')}`)
  }
  if (outcome.status !== 'accepted')
    throw new StartError(`the topology was not taken (${outcome.status}); "throwbar check" says more`)
  log.info({ topology: spec.name, revision: outcome.revision }, 'declared')
}

/** Switches must show a certificate of the CA: without that anybody could pose as one. */
async function readTls({ keyFile, certFile, caFile }: TlsFiles) {
  const read = async (name: 'key' | 'cert' | 'ca', file: string): Promise<Buffer> => {
    const bytes = await readFile(file).catch((error: unknown) => {
      throw new StartError(`cannot read --tls-${name} ${file}: ${fileProblem(error)}`)
    })
    if (!bytes.includes(name === 'key' ? 'PRIVATE KEY-----' : '-----BEGIN CERTIFICATE-----'))
      throw new StartError(
        `--tls-${name} ${file} holds no ${name === 'key' ? 'private key' : 'certificate'} in PEM form`,
      )
    tryTls({ [name]: bytes }, `--tls-${name} ${file} cannot be used`)
    return bytes
  }
  const [key, cert, ca] = [await read('key', keyFile), await read('cert', certFile), await read('ca', caFile)]
  tryTls({ key, cert }, `--tls-key ${keyFile} and --tls-cert ${certFile} do not belong together`)
  return { key, cert, ca, requestCert: true, rejectUnauthorized: true }
}

function tryTls(options: SecureContextOptions, what: string): void {
  try {
    createSecureContext(options)
  } catch (error) {
    throw new StartError(`${what}: ${fileProblem(error)}`)
  }
}

/** What the store says is for users. */
function mendable(error: unknown): never {
  throw error instanceof StoreError ? new StartError(error.message) : error
}

function cannotListen(what: string, { host, port }: ListenAddress): (error: unknown) => never {
  return (error) => {
    const reason = listenProblems[(error as { code?: string }).code ?? '']
    if (reason === undefined) throw error
    throw new StartError(`${what} cannot listen on ${host}:${port}: ${reason}`)
  }
}

const listenProblems: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program does. Is a controller running already?',
  EADDRNOTAVAIL: 'this machine has no such address; "ip address" lists those it has',
  ENOTFOUND: 'this name has no address',
  EAI_AGAIN: 'this name cannot be resolved now',
  EACCES: 'not permitted; choose a port above 1023, or run as root',
}
