/**
 * A private Open vSwitch (ovsdb-server and ovs-vswitchd in a folder of their own) whose bridges and ports are on the dummy
 * datapath: the whole OpenFlow and OVSDB side as in production, without network devices and beside other switches.
 */
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cleanup } from './cleanup.ts'
import { appears, end, type Output, residentMb, run, start } from './processes.ts'

const schema = '/usr/share/openvswitch/vswitch.ovsschema'
const everyProtocol = [10, 11, 12, 13, 14, 15].map((version) => `OpenFlow${version}`).join(',')

export class OpenVSwitch {
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  #vswitchd: ChildProcess | undefined

  private constructor(folder: string) {
    this.folder = folder
    this.env = { ...process.env, OVS_RUNDIR: folder, OVS_LOGDIR: folder, OVS_DBDIR: folder }
  }

  /** Without bridges. */
  static async start(cleanup: Cleanup): Promise<OpenVSwitch> {
    const folder = await mkdtemp(join(tmpdir(), 'bch-ovs-'))
    cleanup.add(() => rm(folder, { recursive: true, force: true }))
    const ovs = new OpenVSwitch(folder)
    await ovs.#start(cleanup)
    return ovs
  }

  get database(): string {
    return join(this.folder, 'db.sock')
  }

  get residentMb(): number {
    return residentMb(this.#vswitchd?.pid)
  }

  async addBridge(name: string, datapathId: string): Promise<void> {
    const columns = [
      'datapath_type=dummy',
      'fail_mode=secure',
      `protocols=${everyProtocol}`,
      `other-config:datapath-id=${datapathId}`,
    ]
    await this.vsctl(['add-br', name, '--', 'set', 'bridge', name, ...columns])
  }

  async setController(bridge: string, target: string): Promise<void> {
    await this.vsctl([
      'set-controller',
      bridge,
      target,
      '--',
      'set',
      'controller',
      bridge,
      'max_backoff=1000',
    ])
  }

  /** All in one transaction. */
  async addPorts(
    bridge: string,
    names: readonly string[],
    columns: (name: string) => readonly string[] = () => ['type=dummy'],
  ): Promise<void> {
    if (names.length === 0) return
    await this.vsctl(
      names.flatMap((name) => [
        '--',
        'add-port',
        bridge,
        name,
        '--',
        'set',
        'interface',
        name,
        ...columns(name),
      ]),
    )
  }

  /** A cable between two bridges. */
  async connect(a: { bridge: string; port: string }, b: { bridge: string; port: string }): Promise<void> {
    await this.addPorts(a.bridge, [a.port], () => ['type=patch', `options:peer=${b.port}`])
    await this.addPorts(b.bridge, [b.port], () => ['type=patch', `options:peer=${a.port}`])
  }

  async vsctl(args: readonly string[]): Promise<string> {
    const { stdout } = await run(
      'ovs-vsctl',
      ['--timeout=30', `--db=unix:${this.database}`, ...args],
      this.env,
    )
    return stdout
  }

  ofctl(command: string, bridge: string, args: readonly string[] = []): Promise<Output> {
    const target = `unix:${join(this.folder, `${bridge}.mgmt`)}`
    return run('ovs-ofctl', ['--bundle', '-O', 'OpenFlow15', command, target, ...args], this.env)
  }

  async #start(cleanup: Cleanup): Promise<void> {
    const at = (name: string) => join(this.folder, name)
    await run('ovsdb-tool', ['create', at('conf.db'), schema], this.env)
    const unixctl = (name: string) => [`--pidfile=${at(`${name}.pid`)}`, `--unixctl=${at(`${name}.ctl`)}`]
    const quiet = ['-vconsole:off', '-vsyslog:off']
    const serverArgs = [at('conf.db'), `--remote=punix:${this.database}`, ...unixctl('ovsdb'), ...quiet]
    const server = start('ovsdb-server', serverArgs, this.env)
    cleanup.add(() => end(server))
    await appears(this.database)
    await this.vsctl(['--no-wait', 'init'])
    const switchArgs = [`unix:${this.database}`, '--enable-dummy', '--disable-system', ...unixctl('vswitchd')]
    this.#vswitchd = start('ovs-vswitchd', [...switchArgs, ...quiet], this.env)
    cleanup.add(() => end(this.#vswitchd))
    await appears(at('vswitchd.ctl'))
  }
}
