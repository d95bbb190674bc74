/** What every scenario works with: the switch, the recording, ovs-ofctl behind the proxy and hand-written controllers. */
import { spawn } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Proxy } from './proxy.ts'
import { RawController } from './raw-controller.ts'
import type { Recording } from './recording.ts'
import { RecordedSwitch } from './switch.ts'

/**
 * Minor versions in the order in which they are recorded: what two versions write alike is kept in the first of them.
 */
export const minors = [3, 5, 0, 1, 4, 2]

export class Stage {
  readonly switch: RecordedSwitch
  readonly recording: Recording
  readonly #proxy: Proxy
  readonly #controllers: RawController[] = []

  private constructor(recorded: RecordedSwitch, recording: Recording, proxy: Proxy) {
    this.switch = recorded
    this.recording = recording
    this.#proxy = proxy
  }

  static async open(recording: Recording): Promise<Stage> {
    const recorded = await RecordedSwitch.start()
    try {
      const proxy = await Proxy.listen(recorded.file('proxy.sock'), recorded.socketPath, recording)
      return new Stage(recorded, recording, proxy)
    } catch (error) {
      await recorded.stop()
      throw error
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#controllers.splice(0).map((controller) => controller.close()))
    await this.#proxy.close()
    await this.switch.stop()
  }

  /** Names what follows. */
  step(label: string): void {
    this.recording.label = label
  }

  /**
   * Runs ovs-ofctl against the recorded bridge, which stands where `@` is in the arguments. A command that fails is
   * recorded all the same, errors being wanted too; one that sent nothing new is told on stderr.
   */
  async ofctl(minor: number, ...args: readonly string[]): Promise<void> {
    const before = this.recording.size
    this.#proxy.expect(minor)
    const words = args.map((arg) => (arg === '@' ? `unix:${this.#proxy.path}` : arg))
    const { code, complaint } = await run('ovs-ofctl', ['--no-names', '-O', `OpenFlow1${minor}`, ...words])
    await this.#proxy.idle()
    if (code !== 0 && this.recording.size === before)
      process.stderr.write(`1.${minor} ${this.recording.label}: ${args.join(' ')}: ${complaint}\n`)
  }

  /** The same with lines of text in a file, whose name stands where `FILE` is. */
  async ofctlFile(minor: number, lines: readonly string[], ...args: readonly string[]): Promise<void> {
    const file = this.switch.lines(lines)
    await this.ofctl(minor, ...args.map((arg) => (arg === 'FILE' ? file : arg)))
  }

  /** Keeps `ovs-ofctl monitor` running while something is done; `tell` gives it a command and waits for its barrier. */
  async monitor(
    minor: number,
    options: readonly string[],
    during: (tell: (...command: readonly string[]) => Promise<void>) => Promise<void>,
  ): Promise<void> {
    this.#proxy.expect(minor)
    const control = this.switch.file('monitor.ctl')
    const words = ['--no-names', '-O', `OpenFlow1${minor}`, `--unixctl=${control}`]
    const bridge = `unix:${this.#proxy.path}`
    const running = run('ovs-ofctl', [...words, 'monitor', bridge, ...options])
    const tell = async (...command: readonly string[]): Promise<void> => {
      if (command.length > 0) await run('ovs-appctl', ['-t', control, ...command])
      await run('ovs-appctl', ['-t', control, 'ofctl/barrier'])
    }
    for (let tries = 0; tries < 200 && !existsSync(control); tries++) await sleep(25)
    try {
      await tell()
      await during(tell)
      await tell()
    } finally {
      await run('ovs-appctl', ['-t', control, 'exit'])
      await running
      await this.#proxy.idle()
      rmSync(control, { force: true })
    }
  }

  async dial(minor: number): Promise<RawController> {
    const controller = await RawController.dial(this.switch.socketPath, minor, this.recording)
    this.#controllers.push(controller)
    return controller
  }

  async greet(hello: Buffer, isRefused: boolean): Promise<void> {
    await RawController.greet(this.switch.socketPath, hello, isRefused, this.recording)
  }

  /** The switch connects to a controller; it forgets that controller when another is called for. */
  async called(minor: number): Promise<RawController> {
    const controller = await RawController.called(minor, this.recording, (port) =>
      this.switch.vsctl('set-controller', 'br0', `tcp:127.0.0.1:${port}`),
    )
    this.#controllers.push(controller)
    return controller
  }

  async hangUp(controller: RawController): Promise<void> {
    this.#controllers.splice(this.#controllers.indexOf(controller), 1)
    await controller.close()
  }
}

/** Runs a program beside the proxy, which lives in this process, for half a minute at most. */
async function run(
  program: string,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly complaint: string }> {
  const child = spawn(program, ['--timeout=30', ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, complaint: complaint.trim() }
}
