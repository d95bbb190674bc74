/** Starts and stops a controller: store, OpenFlow, REST, and the topology given on the command line. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { pino, type Logger } from 'pino'
import { serve } from './api/serve.ts'
import type { ListenAddress, RunOptions, TlsFiles } from './cli/options.ts'
import { Throwbar } from './controller.ts'
import { formatProblems } from './model/format-problems.ts'
import { parseTopology } from './model/yaml.ts'
import { openLevelStore } from './store/level-store.ts'
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

/** Rejects with `StartError` or `StoreError`; then nothing is left open. */
export async function startController(options: RunOptions): Promise<Running> {
  const log = pino({ level: options.logLevel, base: null })
  const declared = options.topology === undefined ? undefined : await readTopology(options.topology)
  const store = await openLevelStore(options.dataDir)
  const opened: (() => Promise<unknown>)[] = [() => store.close()]
  const stop = async (): Promise<void> => {
    for (const close of opened.splice(0).reverse()) await close()
  }
  try {
    const throwbar = await Throwbar.open({ store, log, probeKey: randomBytes(32) })
    opened.push(() => throwbar.close())
    if (declared) await declare(throwbar, declared, log)
    const tls = options.tls && (await readTls(options.tls))
    for (const { host, port } of options.openflow) {
      await throwbar.registry
        .listen({ host, port, ...(tls && { tls }) })
        .catch(inUse('OpenFlow', { host, port }))
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
    }).catch(inUse('REST', options.api))
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
    throw new StartError(`cannot read ${file}: ${String(error)}`)
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
  const outcome = await throwbar.controller.apply({ kind: 'replace', spec }, { wait: false })
  if (outcome.status !== 'accepted')
    throw new StartError(`the topology was not taken: ${JSON.stringify(outcome)}`)
  log.info({ topology: spec.name, revision: outcome.revision }, 'declared')
}

async function readTls({ keyFile, certFile, caFile }: TlsFiles) {
  const [key, cert, ca] = await Promise.all([keyFile, certFile, caFile].map((file) => readFile(file)))
  if (!key || !cert || !ca) throw new StartError('TLS needs a key, a certificate and a CA')
  return { key, cert, ca }
}

function inUse(what: string, { host, port }: ListenAddress): (error: unknown) => never {
  return (error) => {
    const code = (error as { code?: unknown }).code
    if (code === 'EADDRINUSE')
      throw new StartError(
        `${what} cannot listen on ${host}:${port}: another program does. Is a controller running already?`,
      )
    throw error
  }
}
