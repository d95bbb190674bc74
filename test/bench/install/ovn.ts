/**
 * Measures OVN on the same kind of ports: northbound and southbound databases, ovn-northd, and one chassis with
 * ovn-controller, each in processes and a folder of their own. The logical ports have the VMs' addresses.
 */
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { Cleanup } from '../support/cleanup.ts'
import { OpenVSwitch } from '../support/open-vswitch.ts'
import { Ovsdb, type RowUpdates } from '../support/ovsdb.ts'
import { appears, end, residentMb, run, start, until, versionOf } from '../support/processes.ts'
import { type BenchVm, largeNetwork, largeVms } from './networks.ts'

export interface OvnRun {
  /** Ports are plugged; the logical switch and its ports declared in one transaction, until all are `ovn-installed`. */
  readonly thousandMs: number
  /** Logical ports are declared; all interfaces get their id in one transaction, until all are `ovn-installed`. */
  readonly bindThousandMs: number
  /** `ovn-nbctl --wait=hv lsp-add` of a port that is not plugged. */
  readonly declareOneMs: readonly number[]
  /** Its interface gets its id, until it is `ovn-installed`. */
  readonly bindOneMs: readonly number[]
  /** A plugged port is declared, until it is `ovn-installed`: what Throwbar's request and receipt are for. */
  readonly oneMoreMs: readonly number[]
  /** In br-int at the end. */
  readonly rules: number
  /** Databases, ovn-northd and ovn-controller together, at the end. */
  readonly residentMb: number
}

const schemas = '/usr/share/ovn'
const bridge = 'br-int'
const portCount = (vms: readonly BenchVm[], installed: ReadonlySet<string>): number =>
  vms.filter(({ name }) => installed.has(name)).length

/** Such as `ovn-northd 23.03.1`; undefined when OVN is not installed. */
export async function ovnVersion(): Promise<string | undefined> {
  if ((await versionOf('ovn-controller')) === undefined) return undefined
  return versionOf('ovn-northd')
}

export interface OvnOptions {
  readonly vms: number
  /** VMs that come one by one. */
  readonly more: number
  /** Whether ports may send only from their own addresses, as with Throwbar; OVN does without unless told. */
  readonly portSecurity: boolean
}

export async function measureOvn({ vms, more, portSecurity }: OvnOptions, outer: Cleanup): Promise<OvnRun> {
  const cleanup = new Cleanup()
  outer.add(() => cleanup.run())
  try {
    const chassis = await Chassis.start(cleanup, portSecurity)
    const numbered = (from: number, count: number) => largeVms({ switches: 1 }, from, count)
    const [large, bound, plugged] = [numbered(0, vms), numbered(vms, more), numbered(vms + more, more)]
    await chassis.plug([...large, ...bound, ...plugged])
    await chassis.bind(large)
    const thousandMs = await chassis.untilInstalled(large, () => chassis.declare(large, { network: true }))
    await chassis.unbind(large)
    const bindThousandMs = await chassis.untilInstalled(large, () => chassis.bind(large))
    await chassis.settle()
    const [declareOneMs, bindOneMs, oneMoreMs]: [number[], number[], number[]] = [[], [], []]
    for (const vm of bound) {
      declareOneMs.push(await timed(() => chassis.declare([vm], { wait: true })))
      bindOneMs.push(await chassis.untilInstalled([vm], () => chassis.bind([vm])))
      await chassis.settle()
    }
    for (const vm of plugged) {
      await chassis.bind([vm])
      oneMoreMs.push(await chassis.untilInstalled([vm], () => chassis.declare([vm])))
      await chassis.settle()
    }
    const rules = await chassis.rules()
    const times = { thousandMs, bindThousandMs, declareOneMs, bindOneMs, oneMoreMs }
    return { ...times, rules, residentMb: chassis.residentMb }
  } finally {
    await cleanup.run()
  }
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const startedAtMs = performance.now()
  await action()
  return performance.now() - startedAtMs
}

class Chassis {
  readonly #ovs: OpenVSwitch
  readonly #portSecurity: boolean
  readonly #children: ChildProcess[] = []
  readonly #installed = new Set<string>()
  readonly #env: NodeJS.ProcessEnv
  #local: Ovsdb | undefined
  #onInstalled: () => void = () => undefined

  private constructor(ovs: OpenVSwitch, portSecurity: boolean) {
    this.#ovs = ovs
    this.#portSecurity = portSecurity
    const { folder } = ovs
    this.#env = { ...ovs.env, OVN_RUNDIR: folder, OVN_LOGDIR: folder, OVN_DBDIR: folder }
  }

  static async start(cleanup: Cleanup, portSecurity: boolean): Promise<Chassis> {
    const chassis = new Chassis(await OpenVSwitch.start(cleanup), portSecurity)
    await chassis.#startCentral(cleanup)
    await chassis.#startController(cleanup)
    return chassis
  }

  get residentMb(): number {
    return this.#children.reduce((sum, { pid }) => sum + residentMb(pid), 0)
  }

  /** Interfaces that belong to nobody yet. */
  async plug(vms: readonly BenchVm[]): Promise<void> {
    await this.#ovs.addPorts(
      bridge,
      vms.map(({ plug }) => plug.port),
    )
  }

  async bind(vms: readonly BenchVm[]): Promise<void> {
    await this.#setIds(vms, ({ name }) => [['iface-id', name]])
  }

  async unbind(vms: readonly BenchVm[]): Promise<void> {
    await this.#setIds(vms, () => [])
    await this.settle()
    await until('no port is installed', () => portCount(vms, this.#installed) === 0)
  }

  /** `wait`: until every chassis has taken it up. */
  async declare(
    vms: readonly BenchVm[],
    { network = false, wait = false }: { network?: boolean; wait?: boolean } = {},
  ): Promise<void> {
    const commands = vms.flatMap(({ name, mac, ips }) => {
      const addresses = [mac, ...ips].join(' ')
      const secured = this.#portSecurity ? ['--', 'lsp-set-port-security', name, addresses] : []
      return ['--', 'lsp-add', largeNetwork, name, '--', 'lsp-set-addresses', name, addresses, ...secured]
    })
    await this.#nbctl([
      ...(wait ? ['--wait=hv'] : []),
      ...(network ? ['--', 'ls-add', largeNetwork] : []),
      ...commands,
    ])
  }

  /** Until every chassis has taken up everything declared so far. */
  async settle(): Promise<void> {
    await this.#nbctl(['--wait=hv', 'sync'])
  }

  /** From before `action` until ovn-controller has marked the ports of all VMs as installed. */
  async untilInstalled(vms: readonly BenchVm[], action: () => Promise<void>): Promise<number> {
    const startedAtMs = performance.now()
    const installed = new Promise<number>((resolve) => {
      this.#onInstalled = () => {
        if (portCount(vms, this.#installed) === vms.length) resolve(performance.now() - startedAtMs)
      }
    })
    await action()
    this.#onInstalled()
    return installed
  }

  async rules(): Promise<number> {
    const { stdout } = await this.#ovs.ofctl('dump-aggregate', bridge)
    return Number(/flow_count=(\d+)/.exec(stdout)?.[1])
  }

  async #setIds(
    vms: readonly BenchVm[],
    ids: (vm: BenchVm) => readonly (readonly [string, string])[],
  ): Promise<void> {
    const operations = vms.map((vm) => ({
      op: 'update',
      table: 'Interface',
      where: [['name', '==', vm.plug.port]],
      row: { external_ids: ['map', ids(vm)] },
    }))
    await this.#local?.transact('Open_vSwitch', operations)
  }

  #nbctl(args: readonly string[]): Promise<unknown> {
    return run('ovn-nbctl', ['-u', this.#at('nbctl.ctl'), '--timeout=60', ...args], this.#env)
  }

  async #startCentral(cleanup: Cleanup): Promise<void> {
    for (const database of ['nb', 'sb']) {
      const file = this.#at(`${database}.db`)
      await run('ovsdb-tool', ['create', file, join(schemas, `ovn-${database}.ovsschema`)], this.#env)
      const sockets = [
        `--remote=punix:${this.#at(`${database}.sock`)}`,
        `--unixctl=${this.#at(`${database}.ctl`)}`,
      ]
      this.#start(cleanup, 'ovsdb-server', [file, ...sockets])
      await appears(this.#at(`${database}.sock`))
    }
    const [nb, sb] = [`unix:${this.#at('nb.sock')}`, `unix:${this.#at('sb.sock')}`]
    this.#start(cleanup, 'ovn-northd', [
      `--ovnnb-db=${nb}`,
      `--ovnsb-db=${sb}`,
      `--unixctl=${this.#at('northd.ctl')}`,
    ])
    // A daemon keeps the database in memory, so that commands need not read it first. It ends when asked to.
    const daemon = ['--detach', `--pidfile=${this.#at('nbctl.pid')}`, `--unixctl=${this.#at('nbctl.ctl')}`]
    await run('ovn-nbctl', [`--db=${nb}`, '-vconsole:off', ...daemon], this.#env)
    cleanup.add(() => run('ovs-appctl', ['-t', this.#at('nbctl.ctl'), 'exit'], this.#env))
    await this.#nbctl(['init'])
  }

  async #startController(cleanup: Cleanup): Promise<void> {
    const ids = {
      'system-id': 'bench',
      'ovn-remote': `unix:${this.#at('sb.sock')}`,
      'ovn-encap-type': 'geneve',
      'ovn-encap-ip': '127.0.0.1',
      'ovn-bridge': bridge,
      'ovn-bridge-datapath-type': 'dummy',
    }
    const settings = Object.entries(ids).map(([key, value]) => `external_ids:${key}=${value}`)
    await this.#ovs.vsctl(['set', 'Open_vSwitch', '.', ...settings])
    this.#start(cleanup, 'ovn-controller', [`unix:${this.#ovs.database}`])
    const ready = async () => (await this.#ovs.vsctl(['list-br'])).split('\n').includes(bridge)
    await until(`${bridge} appears`, ready)
    const local = await Ovsdb.connect(this.#ovs.database)
    this.#local = local
    cleanup.add(() => local.close())
    const columns = ['name', 'external_ids']
    await local.monitor('Open_vSwitch', { table: 'Interface', columns }, (rows) => this.#take(rows))
    await this.settle()
  }

  #start(cleanup: Cleanup, program: string, args: readonly string[]): void {
    const child = start(program, [...args, '-vconsole:off', '-vsyslog:off'], this.#env)
    this.#children.push(child)
    cleanup.add(() => end(child))
  }

  /** Interfaces are named after their VMs. */
  #take(rows: RowUpdates): void {
    for (const { new: row } of Object.values(rows)) {
      const name = String(row?.['name'])
      const ids = JSON.stringify(row?.['external_ids'] ?? null)
      if (ids.includes('["ovn-installed","true"]')) this.#installed.add(name)
      else this.#installed.delete(name)
    }
    this.#onInstalled()
  }

  #at(name: string): string {
    return join(this.#ovs.folder, name)
  }
}
