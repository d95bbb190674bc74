/** A controller as users run it: the built `throwbar run` in a process of its own, on free loopback ports, spoken to over REST. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type {
  FlowView,
  ClassView,
  HostView,
  InterfaceView,
  LinkView,
  NetworkView,
  Receipt,
  SwitchView,
  TeamView,
  VmView,
  MoveView,
} from '../../../src/api/controller.ts'
import type { IntentSpec } from '../../../src/model/schema.ts'

const program = fileURLToPath(new URL('../../../dist/src/cli/main.js', import.meta.url))

export { topologyFile } from './checkout.ts'

interface Lists {
  readonly switches: SwitchView
  readonly links: LinkView
  readonly teams: TeamView
  readonly classes: ClassView
  readonly hosts: HostView
  readonly interfaces: InterfaceView
  readonly networks: NetworkView
  readonly vms: VmView
  readonly moves: MoveView
}

export interface Answer {
  readonly status: number
  readonly body: unknown
}

export class ControllerProcess {
  readonly openflowPort: number
  readonly url: string
  readonly #directory: string
  readonly #options: readonly string[]
  #child: ChildProcess | undefined
  #log = ''

  private constructor(ports: readonly [number, number], directory: string, options: readonly string[]) {
    const [openflowPort, apiPort] = ports
    this.openflowPort = openflowPort
    this.url = `http://127.0.0.1:${apiPort}`
    this.#directory = directory
    this.#options = options
  }

  /** Ready: REST answers. State is in a directory that `remove` deletes; `options` are more of `throwbar run`'s. */
  static async start(topology?: string, options: readonly string[] = []): Promise<ControllerProcess> {
    const directory = await mkdtemp(join(tmpdir(), 'throwbar-test-'))
    const controller = new ControllerProcess([await freePort(), await freePort()], directory, options)
    await controller.start(topology)
    return controller
  }

  /** Starts it again, after `kill` or `stop`, on the same ports and state. */
  async start(topology?: string): Promise<void> {
    const address = [`--listen`, `127.0.0.1:${this.openflowPort}`, '--api', this.url.slice('http://'.length)]
    const file = topology === undefined ? [] : [topology]
    const args = [
      program,
      'run',
      ...file,
      ...address,
      '--data',
      join(this.#directory, 'data'),
      ...this.#options,
    ]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.#log += text))
    }
    await this.until(
      'REST answers',
      async () => (await this.request('GET', '/healthz')).status === 200,
      20_000,
    )
  }

  get target(): string {
    return `tcp:127.0.0.1:${this.openflowPort}`
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  /** What it has logged so far. */
  get log(): string {
    return this.#log
  }

  /** As a crash would end it. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  async remove(): Promise<void> {
    await this.stop()
    await rm(this.#directory, { recursive: true, force: true })
  }

  /** Switches may connect anew while their bridges are prepared: that is waited for. */
  async declare(spec: IntentSpec): Promise<Receipt> {
    const { status, body } = await this.request('PUT', '/v1/intent', spec)
    if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`)
    return body as Receipt
  }

  async request(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method,
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    }).catch(() => undefined)
    if (!response) return { status: 0, body: undefined }
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') === true
    return { status: response.status, body: isJson ? JSON.parse(text) : text }
  }

  async list<Name extends keyof Lists>(name: Name): Promise<readonly Lists[Name][]> {
    return (await this.request('GET', `/v1/${name}`)).body as Lists[Name][]
  }

  async flows(name: string): Promise<readonly FlowView[]> {
    return (await this.request('GET', `/v1/switches/${name}/flows`)).body as FlowView[]
  }

  async put(path: string, body: unknown): Promise<Receipt> {
    return (await this.request('PUT', path, body)).body as Receipt
  }

  /** The value of a metric, all its labels summed; 0 when it is not there. */
  async metric(name: string, labels = ''): Promise<number> {
    const text = String((await this.request('GET', '/metrics')).body)
    const lines = text.split('\n').filter((line) => line.startsWith(name) && line.includes(labels))
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
  }

  /** Every declared switch has confirmed its whole program, and every declared cable was found. */
  async converged(timeoutMs = 20_000): Promise<void> {
    await this.until(
      'converged',
      async () => {
        // First the links: those that are found meanwhile change what the switches should have.
        const links = await this.list('links')
        const switches = await this.list('switches')
        const ready = switches.filter(({ declared }) => declared).every(({ state }) => state === 'converged')
        return ready && links.every(({ state }) => state !== 'missing')
      },
      timeoutMs,
    )
  }

  async until(what: string, condition: () => Promise<boolean>, timeoutMs = 10_000): Promise<void> {
    const deadline = performance.now() + timeoutMs
    while (!(await condition())) {
      if (performance.now() > deadline)
        throw new Error(`${what}: not within ${timeoutMs} ms\n${this.#log.slice(-4000)}`)
      if (this.#child?.exitCode !== null)
        throw new Error(`${what}: the controller ended\n${this.#log.slice(-4000)}`)
      await sleep(20)
    }
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
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
