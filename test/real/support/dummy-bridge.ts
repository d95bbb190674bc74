/**
 * A bridge of a real ovs-vswitchd on Open vSwitch's dummy datapath: the whole OpenFlow side without network devices, so
 * that it can live beside other switches and reach a controller on loopback. All its files are in one folder of its own.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Files in PEM form. */
export interface TlsIdentity {
  readonly key: string
  readonly certificate: string
  /** Whose certificate the controller must show. */
  readonly peerCa: string
}

export interface DummyBridgeOptions {
  readonly name: string
  /** 16 hex digits. */
  readonly datapathId: string
  /** Such as `OpenFlow13`; every version unless said otherwise. */
  readonly protocols?: readonly string[]
  /** Where the controller listens on 127.0.0.1. */
  readonly controllerPort: number
  /** Calls the controller over TLS instead of plain TCP. */
  readonly tls?: TlsIdentity
}

const everyProtocol = [10, 11, 12, 13, 14, 15].map((version) => `OpenFlow${version}`)
const schema = '/usr/share/openvswitch/vswitch.ovsschema'

export class DummyBridge {
  readonly #options: DummyBridgeOptions
  readonly #folder = mkdtempSync(join(tmpdir(), 'throwbar-bridge-'))
  readonly #environment = {
    ...process.env,
    OVS_RUNDIR: this.#folder,
    OVS_LOGDIR: this.#folder,
    OVS_DBDIR: this.#folder,
  }
  #ovsdb: ChildProcess | undefined
  #vswitchd: ChildProcess | undefined

  private constructor(options: DummyBridgeOptions) {
    this.#options = options
  }

  static async start(options: DummyBridgeOptions): Promise<DummyBridge> {
    const bridge = new DummyBridge(options)
    try {
      await bridge.#startDatabase()
      await bridge.startVswitchd()
      const { name, datapathId, protocols = everyProtocol } = options
      bridge.vsctl(
        'add-br',
        name,
        '--',
        'set',
        'bridge',
        name,
        'datapath_type=dummy',
        'fail_mode=secure',
        `protocols=${protocols.join(',')}`,
        `other-config:datapath-id=${datapathId}`,
      )
      if (options.tls) bridge.vsctl('set-ssl', options.tls.key, options.tls.certificate, options.tls.peerCa)
      bridge.vsctl(
        'set-controller',
        name,
        `${options.tls ? 'ssl' : 'tcp'}:127.0.0.1:${options.controllerPort}`,
        '--',
        'set',
        'controller',
        name,
        'max_backoff=1000',
      )
      return bridge
    } catch (error) {
      await bridge.stop()
      throw error
    }
  }

  vsctl(...args: readonly string[]): string {
    return this.#run('ovs-vsctl', '--timeout=10', `--db=unix:${this.#file('db.sock')}`, ...args)
  }

  /** Runs ovs-ofctl on the bridge: `dump-flows` and what follows. */
  ofctl(version: string, command: string, ...args: readonly string[]): string {
    return this.#run(
      'ovs-ofctl',
      '-O',
      version,
      command,
      `unix:${this.#file(`${this.#options.name}.mgmt`)}`,
      ...args,
    )
  }

  addPort(name: string, number: number): void {
    this.vsctl(
      'add-port',
      this.#options.name,
      name,
      '--',
      'set',
      'interface',
      name,
      'type=dummy',
      `ofport_request=${number}`,
    )
  }

  /** SIGKILL: no goodbye to anybody. */
  async killVswitchd(): Promise<void> {
    await end(this.#vswitchd, 'SIGKILL')
    this.#vswitchd = undefined
  }

  async startVswitchd(): Promise<void> {
    this.#vswitchd = this.#spawn(
      'ovs-vswitchd',
      `unix:${this.#file('db.sock')}`,
      '--enable-dummy',
      '--disable-system',
      `--pidfile=${this.#file('vswitchd.pid')}`,
      `--unixctl=${this.#file('vswitchd.ctl')}`,
    )
    await this.#appears('vswitchd.ctl')
  }

  async stop(): Promise<void> {
    await end(this.#vswitchd, 'SIGTERM')
    await end(this.#ovsdb, 'SIGTERM')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #startDatabase(): Promise<void> {
    this.#run('ovsdb-tool', 'create', this.#file('conf.db'), schema)
    this.#ovsdb = this.#spawn(
      'ovsdb-server',
      this.#file('conf.db'),
      `--remote=punix:${this.#file('db.sock')}`,
      `--pidfile=${this.#file('ovsdb.pid')}`,
      `--unixctl=${this.#file('ovsdb.ctl')}`,
    )
    await this.#appears('db.sock')
    this.vsctl('--no-wait', 'init')
  }

  #file(name: string): string {
    return join(this.#folder, name)
  }

  #run(program: string, ...args: readonly string[]): string {
    return execFileSync(program, args, {
      encoding: 'utf8',
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  #spawn(program: string, ...args: readonly string[]): ChildProcess {
    return spawn(program, args, { env: this.#environment, stdio: 'ignore' })
  }

  async #appears(name: string): Promise<void> {
    const deadline = performance.now() + 10_000
    while (!existsSync(this.#file(name))) {
      if (performance.now() > deadline) throw new Error(`${name} did not appear`)
      await sleep(10)
    }
  }
}

async function end(child: ChildProcess | undefined, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}
