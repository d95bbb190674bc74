/** The controller as users run it: the built `throwbar run` in a process of its own, spoken to over REST. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { createServer } from 'node:net'
import { setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LinkView, Receipt, SwitchView, TeamView } from '../../../src/api/controller.ts'
import type { Cleanup } from './cleanup.ts'
import { end, residentMb, until } from './processes.ts'

/** From `dist/test/bench/support`. */
const program = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url))
const ports = Array.from({ length: 20 }, (_, index) => 16_800 + index)

export interface Timed<T> {
  /** From before the request is sent until its answer is here. */
  readonly ms: number
  readonly value: T
}

export class ControllerProcess {
  readonly openflow: string
  readonly #apiPort: number
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  #pid: number | undefined
  #log = ''

  private constructor(openflowPort: number, apiPort: number) {
    this.openflow = `tcp:127.0.0.1:${openflowPort}`
    this.#apiPort = apiPort
  }

  /**
   * Nothing is declared; REST answers. With `profile`, a CPU profile is written to that folder at its end; with `priority`, it
   * runs before others, as on a machine that it does not share with them.
   */
  static async start(
    cleanup: Cleanup,
    { profile, priority }: { readonly profile?: string | undefined; readonly priority?: number } = {},
  ): Promise<ControllerProcess> {
    const data = await mkdtemp(join(tmpdir(), 'bch-data-'))
    cleanup.add(() => rm(data, { recursive: true, force: true }))
    const [openflowPort, apiPort] = await freePorts()
    const controller = new ControllerProcess(openflowPort, apiPort)
    const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
    const addresses = ['--listen', `127.0.0.1:${openflowPort}`, '--api', `127.0.0.1:${apiPort}`]
    const args = [...profiling, program, 'run', ...addresses, '--data', data]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    cleanup.add(() => end(child))
    cleanup.add(() => controller.#agent.destroy())
    controller.#pid = child.pid
    if (priority !== undefined && child.pid !== undefined) setPriority(child.pid, priority)
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        controller.#log = (controller.#log + text).slice(-20_000)
      })
    }
    const answers = () => {
      if (child.exitCode !== null) throw new Error(`the controller ended:\n${controller.#log}`)
      return controller.#request('GET', '/healthz').then(
        ({ status }) => status === 200,
        () => false,
      )
    }
    await until('REST answers', answers)
    return controller
  }

  get url(): string {
    return `http://127.0.0.1:${this.#apiPort}`
  }

  get residentMb(): number {
    return residentMb(this.#pid)
  }

  async switches(): Promise<readonly SwitchView[]> {
    return (await this.#json('GET', '/v1/switches')) as SwitchView[]
  }

  async links(): Promise<readonly LinkView[]> {
    return (await this.#json('GET', '/v1/links')) as LinkView[]
  }

  async teams(): Promise<readonly TeamView[]> {
    return (await this.#json('GET', '/v1/teams')) as TeamView[]
  }

  /** The change is done when the receipt says so, so anything less is an error. */
  async put(path: string, document: unknown): Promise<Timed<Receipt>> {
    const body = JSON.stringify(document)
    const startedAtMs = performance.now()
    const text = await this.#text('PUT', path, body)
    const ms = performance.now() - startedAtMs
    const value = JSON.parse(text) as Receipt
    if (!value.complete) throw new Error(`PUT ${path}: the receipt is not complete: ${text.slice(0, 2000)}`)
    return { ms, value }
  }

  async #json(method: string, path: string): Promise<unknown> {
    return JSON.parse(await this.#text(method, path))
  }

  async #text(method: string, path: string, body?: string): Promise<string> {
    const { status, text } = await this.#request(method, path, body)
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text.slice(0, 2000)}\n${this.#log}`)
    return text
  }

  #request(method: string, path: string, body?: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const headers =
        body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
      const options = { host: '127.0.0.1', port: this.#apiPort, method, path, headers, agent: this.#agent }
      const sent = request(options, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
        response.on('error', reject)
      })
      sent.on('error', reject)
      sent.end(body)
    })
  }
}

/** Two ports that nobody listens on. */
async function freePorts(): Promise<[number, number]> {
  const free: number[] = []
  for (const port of ports) if (await isFree(port)) free.push(port)
  const [first, second] = free
  if (first === undefined || second === undefined)
    throw new Error(`no two of the ports ${ports[0]} to ${ports.at(-1)} are free on 127.0.0.1`)
  return [first, second]
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
