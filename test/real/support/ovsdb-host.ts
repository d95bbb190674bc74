/**
 * A host of a test's own: ovsdb-server, and ovs-vswitchd in a network namespace with only dummy devices. Each can be killed
 * and started again; what they leave behind goes with `stop`.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const schema = '/usr/share/openvswitch/vswitch.ovsschema'

export interface OvsHostOptions {
  /** A database with one member of a cluster, which keeps a history, and no vswitchd. */
  readonly clustered?: boolean
  /** Files in PEM form: the server also listens on `ssl:` and wants a certificate of `ca`. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca: string }
}

export class OvsHost {
  readonly #namespace: string
  readonly #options: OvsHostOptions
  readonly #folder = mkdtempSync(join(tmpdir(), 'throwbar-ovsdb-'))
  readonly #environment = {
    ...process.env,
    OVS_RUNDIR: this.#folder,
    OVS_LOGDIR: this.#folder,
    OVS_DBDIR: this.#folder,
  }
  #ovsdb: ChildProcess | undefined
  #vswitchd: ChildProcess | undefined
  /** Where `ssl:` listens on 127.0.0.1. */
  tlsPort = 0

  private constructor(namespace: string, options: OvsHostOptions) {
    this.#namespace = namespace
    this.#options = options
  }

  static async start(namespace: string, options: OvsHostOptions = {}): Promise<OvsHost> {
    const host = new OvsHost(namespace, options)
    host.run('ip', 'netns', 'add', namespace)
    try {
      host.tlsPort = options.tls ? await freePort() : 0
      host.#createDatabase()
      await host.startOvsdb()
      if (options.clustered === true) return host
      host.vsctl('--no-wait', 'init')
      await host.startVswitchd()
      return host
    } catch (error) {
      await host.stop()
      throw error
    }
  }

  get socket(): string {
    return this.#file('db.sock')
  }

  vsctl(...args: readonly string[]): string {
    return this.run('ovs-vsctl', '--timeout=10', `--db=unix:${this.socket}`, ...args).trim()
  }

  run(program: string, ...args: readonly string[]): string {
    return execFileSync(program, args, {
      encoding: 'utf8',
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  /** ovs-appctl of the database server. */
  appctl(...args: readonly string[]): void {
    this.run('ovs-appctl', '-t', this.#file('ovsdb.ctl'), ...args)
  }

  async startOvsdb(): Promise<void> {
    const { tls } = this.#options
    const secure = tls
      ? [
          `--remote=pssl:${this.tlsPort}:127.0.0.1`,
          `--private-key=${tls.key}`,
          `--certificate=${tls.cert}`,
          `--ca-cert=${tls.ca}`,
        ]
      : []
    rmSync(this.socket, { force: true })
    this.#ovsdb = this.#spawn('ovsdb-server', [
      this.#file('conf.db'),
      `--remote=punix:${this.socket}`,
      ...secure,
      `--unixctl=${this.#file('ovsdb.ctl')}`,
    ])
    await this.#appears('db.sock')
  }

  async startVswitchd(): Promise<void> {
    rmSync(this.#file('vswitchd.ctl'), { force: true })
    const args = ['ovs-vswitchd', `unix:${this.socket}`, '--enable-dummy', '--disable-system']
    const inside = ['netns', 'exec', this.#namespace, ...args, `--unixctl=${this.#file('vswitchd.ctl')}`]
    this.#vswitchd = this.#spawn('ip', inside)
    await this.#appears('vswitchd.ctl')
  }

  /** SIGKILL: no goodbye to anybody. */
  killOvsdb(): Promise<void> {
    return end(this.#ovsdb, 'SIGKILL')
  }

  killVswitchd(): Promise<void> {
    return end(this.#vswitchd, 'SIGKILL')
  }

  async stop(): Promise<void> {
    await end(this.#vswitchd, 'SIGTERM')
    await end(this.#ovsdb, 'SIGTERM')
    this.run('ip', 'netns', 'del', this.#namespace)
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #createDatabase(): void {
    const database = this.#file('conf.db')
    if (this.#options.clustered !== true) this.run('ovsdb-tool', 'create', database, schema)
    else this.run('ovsdb-tool', 'create-cluster', database, schema, `unix:${this.#file('raft.sock')}`)
  }

  #file(name: string): string {
    return join(this.#folder, name)
  }

  #spawn(program: string, args: readonly string[]): ChildProcess {
    const quiet = ['-vconsole:off', '-vsyslog:off']
    return spawn(program, [...args, ...quiet], { env: this.#environment, stdio: 'ignore' })
  }

  async #appears(name: string): Promise<void> {
    const deadline = performance.now() + 10_000
    while (!existsSync(this.#file(name))) {
      if (performance.now() > deadline) throw new Error(`${name} did not appear`)
      await sleep(5)
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

async function end(child: ChildProcess | undefined, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}
