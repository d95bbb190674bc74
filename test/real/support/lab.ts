/**
 * A running lab, as tests drive it: real Open vSwitch per switch, VMs as Mininet hosts (see mininet/README.md).
 * Everything ends with `stop()`, and by itself when the test's process ends.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { LabProcess } from './lab-process.ts'
import type {
  BulkMeter,
  BulkOptions,
  BulkSeen,
  Capture,
  CaptureOptions,
  CaptureResult,
  Family,
  Flood,
  FloodKind,
  FloodOptions,
  FlowsSeen,
  LabDescription,
  LabOptions,
  MatrixOptions,
  Meter,
  MeterOptions,
  Probe,
  SessionsResult,
  UdpMeterResult,
  Unplugged,
} from './lab-types.ts'
import { type Frame, readPcap } from './pcap.ts'

export { LabError } from './lab-process.ts'
export * from './lab-types.ts'

const exec = promisify(execFile)

/** Builds the topology file's lab; rejects with a LabError that says what to do when it cannot. */
export async function startLab(file: string, options: LabOptions): Promise<Lab> {
  const args = [file, '--id', options.id]
  for (const target of [options.controller ?? []].flat()) args.push('--controller', target)
  if (options.protocols !== undefined) args.push('--protocols', options.protocols)
  if (options.failMode !== undefined) args.push('--fail-mode', options.failMode)
  const { process, description } = await LabProcess.start(args)
  return new Lab(process, description as LabDescription)
}

export class Lab {
  readonly #process: LabProcess
  readonly description: LabDescription

  constructor(process: LabProcess, description: LabDescription) {
    this.#process = process
    this.description = description
  }

  /** Process id of the lab itself. */
  get pid(): number {
    return this.#process.pid
  }

  stop(): Promise<void> {
    return this.#process.stop()
  }

  /** Every NIC to every address of every other VM, all at once, by ICMP and by TCP with checked data both ways. */
  async pingMatrix(options: MatrixOptions = {}): Promise<readonly Probe[]> {
    return ((await this.#process.request('matrix', { ...options })) as { pairs: readonly Probe[] }).pairs
  }

  async ping(
    source: string,
    target: string,
    options: { family?: Family; timeoutMs?: number } = {},
  ): Promise<Probe> {
    return (await this.#process.request('ping', { source, target, ...options })) as Probe
  }

  /** One connection that carries `bytes` (default 65536) each way, every byte checked. */
  async tcp(
    source: string,
    target: string,
    options: { family?: Family; bytes?: number; timeoutMs?: number } = {},
  ): Promise<Probe> {
    return (await this.#process.request('tcp', { source, target, ...options })) as Probe
  }

  async flood(source: string, kind: FloodKind, options: FloodOptions = {}): Promise<Flood> {
    return (await this.#process.request('flood', { source, kind, ...options })) as Flood
  }

  /** Sends exactly this frame (hex, without checksum trailer). */
  async sendFrame(source: string, frame: string, count = 1): Promise<void> {
    await this.#process.request('flood', { source, kind: 'frame', frame, count })
  }

  /**
   * One frame for each of `count` flows that differ in their ports, UDP and TCP in turn; `ports` are switches' ports whose
   * outgoing frames are watched, such as `hv1:eth0`.
   */
  async sendFlows(
    source: string,
    target: string,
    { count, ports, ...options }: { count: number; ports: readonly string[]; family?: Family; seed?: number },
  ): Promise<FlowsSeen> {
    const places = ports.map((port) => port.split(':'))
    const answer = await this.#process.request('sendFlows', {
      source,
      target,
      count,
      ports: places,
      ...options,
    })
    return answer as FlowsSeen
  }

  /** `node` is a switch, with its port, or a NIC, or `outside` with `p1`, `p2`...: the far ends of uplinks that lead nowhere. */
  async capture(node: string, port?: string, options: CaptureOptions = {}): Promise<Capture> {
    const { capture } = (await this.#process.request('startCapture', { node, port, ...options })) as {
      capture: number
    }
    const stop = async (settleMs = 200): Promise<CaptureResult> => {
      const result = (await this.#process.request('stopCapture', { capture, settleMs })) as {
        pcap: string
        missed: number
      }
      const frames = readPcap(Buffer.from(result.pcap, 'base64'))
      return { frames, missed: result.missed, seen: (flood) => countMarked(frames, flood) }
    }
    return { stop }
  }

  /** An ICMP echo every `intervalMs` (default 1) in a process of its own. */
  startPinger(source: string, target: string, options: MeterOptions = {}): Promise<Meter> {
    return this.#startMeter('ping', source, target, { intervalMs: 1, ...options })
  }

  /** One TCP connection, held open, with a record each `intervalMs` (default 10) expected back. */
  startTcpSession(source: string, target: string, options: MeterOptions = {}): Promise<Meter> {
    return this.#startMeter('tcp', source, target, { intervalMs: 10, ...options })
  }

  /** A UDP echo of one flow every `intervalMs` (default 1), at real-time priority. */
  startUdpEcho(source: string, target: string, options: MeterOptions = {}): Promise<Meter<UdpMeterResult>> {
    return this.#startMeter('udp', source, target, { intervalMs: 1, ...options })
  }

  /** `count` TCP connections, held open, with a record each `intervalMs` (default 20) expected back on every one. */
  startTcpSessions(
    source: string,
    target: string,
    options: MeterOptions & { readonly count: number },
  ): Promise<Meter<SessionsResult>> {
    return this.#startMeter('sessions', source, target, { intervalMs: 20, ...options })
  }

  /** As much as goes through from one NIC to another, or at a rate. */
  async startBulk(source: string, target: string, options: BulkOptions): Promise<BulkMeter> {
    const meter = await this.#startMeter<BulkSeen>('bulk', source, target, options)
    const startedMs = performance.now()
    return {
      startedMs,
      stop: async () => {
        const { tickMs, receivedBytes } = await meter.stop()
        return {
          received: (fromMs = 0, toMs = Infinity) => {
            const ticks = receivedBytes.filter((_, at) => {
              const ms = startedMs + at * tickMs
              return ms >= fromMs && ms + tickMs <= toMs
            })
            return (8_000 * ticks.reduce((sum, bytes) => sum + bytes, 0)) / (tickMs * ticks.length)
          },
        }
      },
    }
  }

  async #startMeter<Result>(
    kind: string,
    source: string,
    target: string,
    options: MeterOptions & Partial<BulkOptions>,
  ): Promise<Meter<Result>> {
    const { meter } = (await this.#process.request('startMeter', { kind, source, target, ...options })) as {
      meter: number
    }
    return {
      stop: async () =>
        (await this.#process.request('stopMeter', { meter, drainMs: options.drainMs })) as Result,
    }
  }

  /** Re-plugs a VM on another switch; namespace, devices, addresses and open sessions stay. */
  async moveVm(
    vm: string,
    toSwitch: string,
    announce?: FloodKind,
    { pause = false }: { readonly pause?: boolean } = {},
  ): Promise<Unplugged> {
    return (await this.#process.request('moveVm', { vm, switch: toSwitch, announce, pause })) as Unplugged
  }

  /** The guest of a VM that was moved with `pause` goes on. Returns when, on the clock of `lostAtMs`. */
  async resumeVm(vm: string, announce?: FloodKind): Promise<number> {
    const answer = await this.#process.request('resumeVm', { vm, announce })
    return (answer as { resumedAtMs: number }).resumedAtMs
  }

  async linkDown(switchName: string, port: string): Promise<void> {
    await this.#process.request('setLink', { switch: switchName, port, up: false })
  }

  async linkUp(switchName: string, port: string): Promise<void> {
    await this.#process.request('setLink', { switch: switchName, port, up: true })
  }

  /** The cable at this port swallows every frame, or only those that the switch sends or would get, while both ends see it up. */
  async silence(switchName: string, port: string, direction: 'both' | 'in' | 'out' = 'both'): Promise<void> {
    await this.#process.request('setSilence', { switch: switchName, port, silent: true, direction })
  }

  /** The cable carries frames again. */
  async endSilence(switchName: string, port: string): Promise<void> {
    await this.#process.request('setSilence', { switch: switchName, port, silent: false })
  }

  /** Cuts the path between a switch and the controller, or restores it, without a word to either end of the session. */
  async setControllerPath(switchName: string, up: boolean): Promise<void> {
    await this.#process.request('setController', { switch: switchName, up })
  }

  async addPort(switchName: string, port: string): Promise<number> {
    return ((await this.#process.request('addPort', { switch: switchName, port })) as { ofport: number })
      .ofport
  }

  async removePort(switchName: string, port: string): Promise<void> {
    await this.#process.request('removePort', { switch: switchName, port })
  }

  async killVswitchd(switchName: string, signal: 'KILL' | 'TERM' = 'KILL'): Promise<void> {
    await this.#process.request('killVswitchd', { switch: switchName, signal })
  }

  /** Returns when it serves its bridge again. */
  async startVswitchd(switchName: string): Promise<void> {
    await this.#process.request('startVswitchd', { switch: switchName })
  }

  /** The database of the switch is gone at once; the switch goes on. */
  async killDatabase(switchName: string): Promise<void> {
    await this.#process.request('killDatabase', { switch: switchName })
  }

  /** Returns when it answers again, with what it had. */
  async startDatabase(switchName: string): Promise<void> {
    await this.#process.request('startDatabase', { switch: switchName })
  }

  async counters(
    node: string,
    port: string,
  ): Promise<Readonly<Record<'rx' | 'tx', { readonly frames: number; readonly bytes: number }>>> {
    return (await this.#process.request('counters', { node, port })) as Record<
      'rx' | 'tx',
      { frames: number; bytes: number }
    >
  }

  /** Runs a program in a VM's or switch's namespace and returns its output. */
  async run(node: string, command: readonly string[]): Promise<string> {
    return ((await this.#process.request('run', { node, command })) as { stdout: string }).stdout
  }

  /** `['ovs-ofctl', '-O', 'OpenFlow13', 'dump-flows', 'br0']`, `['ovs-vsctl', 'show']`, ... of that switch; returns its output. */
  async ovs(switchName: string, command: readonly string[]): Promise<string> {
    const [program = '', ...args] = command
    const found = this.description.switches[switchName]
    const rundir = found?.rundir ?? `${this.description.directory}/${switchName}`
    const { stdout } = await exec(program, args, {
      env: { ...process.env, OVS_RUNDIR: rundir },
      timeout: 20_000,
      maxBuffer: 1 << 28,
    })
    return stdout
  }

  /** The network of a NIC, by `vm/index` or by its VM's name. */
  networkOf(nic: string): string | undefined {
    return this.description.nics.find(({ name, vm, index }) => name === nic || (vm === nic && index === 0))
      ?.network
  }

  /** What in a matrix differs from "NICs of one network reach each other; nothing arrives from another network", in words. */
  surprises(matrix: readonly Probe[]): readonly string[] {
    return matrix
      .filter((probe) =>
        this.networkOf(probe.from) === this.networkOf(probe.to) ? !probe.ok : probe.ok || probe.arrived,
      )
      .map((probe) => {
        const outcome = probe.ok
          ? 'reached'
          : `${probe.failure}${probe.arrived ? ', but the request arrived' : ''}`
        return `${probe.from} to ${probe.to} (${probe.address}) by ${probe.protocol}: ${outcome}`
      })
  }
}

function countMarked(frames: readonly Frame[], flood: Flood): number {
  const marker = Buffer.from(flood.marker, 'hex')
  const numbers = new Set<number>()
  for (const { bytes } of frames) {
    const at = bytes.indexOf(marker)
    if (at >= 0) numbers.add(bytes.readUInt16BE(at + marker.length))
  }
  return numbers.size
}
