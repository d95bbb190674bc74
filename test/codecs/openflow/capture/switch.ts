/**
 * The Open vSwitch that is recorded: ovsdb-server and ovs-vswitchd of its own in a temporary folder, one bridge on the
 * dummy datapath. Its ports are not devices, frames are put into them by hand, and its clock moves only when told.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const schema = '/usr/share/openvswitch/vswitch.ovsschema'
const everyProtocol = [0, 1, 2, 3, 4, 5].map((minor) => `OpenFlow1${minor}`).join()

export class RecordedSwitch {
  readonly #folder = mkdtempSync(join(tmpdir(), 'openflow-capture-'))
  readonly #environment = {
    ...process.env,
    OVS_RUNDIR: this.#folder,
    OVS_LOGDIR: this.#folder,
    OVS_DBDIR: this.#folder,
  }
  readonly #daemons: ChildProcess[] = []

  private constructor() {}

  static async start(): Promise<RecordedSwitch> {
    const created = new RecordedSwitch()
    try {
      await created.#startDaemons()
      created.#configure()
      await created.#appears('br0.mgmt')
      created.appctl('time/stop')
    } catch (error) {
      await created.stop()
      throw error
    }
    return created
  }

  /** Unix socket of the bridge's management connection. */
  get socketPath(): string {
    return this.file('br0.mgmt')
  }

  /** A path in the temporary folder. */
  file(name: string): string {
    return join(this.#folder, name)
  }

  /** Writes lines of text to a file, the same each time, and tells its path. */
  lines(lines: readonly string[]): string {
    const path = this.file('lines.txt')
    writeFileSync(path, `${lines.join('\n')}\n`)
    return path
  }

  vsctl(...args: readonly string[]): string {
    return this.#run('ovs-vsctl', '--timeout=10', `--db=unix:${this.file('db.sock')}`, ...args)
  }

  appctl(...args: readonly string[]): string {
    return this.#run('ovs-appctl', '--timeout=10', '-t', this.file('vswitchd.ctl'), ...args)
  }

  /** ovs-ofctl straight to the bridge, past the recording. */
  ofctl(minor: number, command: string, ...args: readonly string[]): string {
    return this.#run(
      'ovs-ofctl',
      ...['--timeout=10', '--no-names', '-O', `OpenFlow1${minor}`, command, `unix:${this.socketPath}`],
      ...args,
    )
  }

  /** Deletes all flows; in OpenFlow 1.3, for ovs-ofctl deletes those of table 0 only when it speaks 1.1. */
  deleteFlows(): void {
    this.ofctl(3, 'del-flows')
  }

  /**
   * Puts a frame (a datapath flow such as `in_port(1),eth(…)`) into a port. The datapath first forgets what it did with
   * such frames before, for it may not have noticed yet that the flow table has changed.
   */
  receive(port: string, frame: string): void {
    this.appctl('revalidator/purge')
    this.appctl('netdev-dummy/receive', port, frame)
  }

  /** Moves the switch's clock: in steps, so that every timer on the way fires. */
  warp(totalMs: number): void {
    this.appctl('time/warp', String(totalMs), '500')
  }

  async stop(): Promise<void> {
    for (const daemon of this.#daemons.reverse()) {
      if (daemon.exitCode !== null || daemon.signalCode !== null) continue
      const ended = once(daemon, 'exit')
      daemon.kill('SIGTERM')
      const late = setTimeout(() => daemon.kill('SIGKILL'), 5000)
      await ended
      clearTimeout(late)
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #startDaemons(): Promise<void> {
    this.#run('ovsdb-tool', 'create', this.file('conf.db'), schema)
    this.#spawn(
      'ovsdb-server',
      this.file('conf.db'),
      `--remote=punix:${this.file('db.sock')}`,
      `--unixctl=${this.file('ovsdb.ctl')}`,
    )
    await this.#appears('db.sock')
    this.vsctl('--no-wait', 'init')
    this.#spawn(
      'ovs-vswitchd',
      `unix:${this.file('db.sock')}`,
      '--enable-dummy',
      '--disable-system',
      `--unixctl=${this.file('vswitchd.ctl')}`,
    )
    await this.#appears('vswitchd.ctl')
  }

  #configure(): void {
    const ports = [1, 2, 3].flatMap((port) => [
      ...['--', 'add-port', 'br0', `p${port}`, '--', 'set', 'interface', `p${port}`],
      ...['type=dummy', `ofport_request=${port}`],
    ])
    this.vsctl(
      ...['add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=dummy', 'fail_mode=secure'],
      ...[`protocols=${everyProtocol}`, 'other-config:datapath-id=00000000000000a1'],
      ...['other-config:hwaddr=02:00:00:00:00:a1', ...ports],
    )
  }

  #run(program: string, ...args: readonly string[]): string {
    return execFileSync(program, args, {
      encoding: 'utf8',
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  #spawn(program: string, ...args: readonly string[]): void {
    this.#daemons.push(spawn(program, args, { env: this.#environment, stdio: 'ignore' }))
  }

  async #appears(name: string): Promise<void> {
    const deadline = performance.now() + 10_000
    while (!existsSync(this.file(name))) {
      if (performance.now() > deadline) throw new Error(`${name} did not appear`)
      await sleep(10)
    }
  }
}
