/** What every scenario works with: the switch, the recording, ovs-ofctl behind the proxy and hand-written controllers. */
import { spawn } from 'node:child_process'
import { Proxy } from './proxy.ts'
import { RawController } from './raw-controller.ts'
import type { Recording } from './recording.ts'
import { RecordedSwitch } from './switch.ts'

export const minors = [0, 1, 2, 3, 4, 5]

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
   * recorded all the same, errors being wanted too; one that sent nothing is told on stderr.
   */
  async ofctl(minor: number, ...args: readonly string[]): Promise<void> {
    const before = this.recording.size
    this.#proxy.expect(minor)
    const words = args.map((arg) => (arg === '@' ? `unix:${this.#proxy.path}` : arg))
    const child = spawn('ovs-ofctl', ['--timeout=10', '--no-names', '-O', `OpenFlow1${minor}`, ...words], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let complaint = ''
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
    const code = await new Promise((resolve) => child.once('close', resolve))
    await this.#proxy.idle()
    if (code !== 0 && this.recording.size === before)
      process.stderr.write(`1.${minor} ${this.recording.label}: ${args.join(' ')}: ${complaint.trim()}\n`)
  }

  async dial(minor: number): Promise<RawController> {
    const controller = await RawController.dial(this.switch.socketPath, minor, this.recording)
    this.#controllers.push(controller)
    return controller
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
