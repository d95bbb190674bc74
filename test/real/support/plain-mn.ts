/**
 * A plain Mininet as users type it (`mn --controller=remote --switch ovs,datapath=user`), its switches in the root
 * namespace; starts the Open vSwitch it needs where the machine runs none. One at a time on a machine.
 */
import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { promisify } from 'node:util'
import { labScript, python } from './lab-process.ts'

const exec = promisify(execFile)
const prompt = 'mininet> '
const answerTimeoutMs = 60_000

export interface PlainMnOptions {
  /** Port on 127.0.0.1 where the controller listens. */
  readonly controllerPort: number
  /** Mininet's `--topo`, default `linear,3`. */
  readonly topo?: string
  /** Such as `OpenFlow13`; default: all. */
  readonly protocols?: string
}

export async function startPlainMn(options: PlainMnOptions): Promise<PlainMn> {
  const system = new Program(python, [labScript, 'system-ovs'])
  try {
    await system.until((output) => output.includes('\n'))
    const mn = new Program(python, [
      '/usr/bin/mn',
      '--topo',
      options.topo ?? 'linear,3',
      '--controller',
      `remote,ip=127.0.0.1,port=${options.controllerPort}`,
      '--switch',
      `ovs,datapath=user${options.protocols === undefined ? '' : `,protocols=${options.protocols}`}`,
    ])
    try {
      await mn.until((output) => output.endsWith(prompt))
    } catch (error) {
      await mn.end()
      throw error
    }
    return new PlainMn(mn, system)
  } catch (error) {
    await system.end()
    throw error
  }
}

export class PlainMn {
  readonly #mn: Program
  readonly #system: Program

  constructor(mn: Program, system: Program) {
    this.#mn = mn
    this.#system = system
  }

  /** A line for Mininet's prompt, such as `pingall` or `h1 ip addr`; returns what it printed. */
  async run(line: string): Promise<string> {
    const answer = this.#mn.until((output) => output.endsWith(prompt))
    this.#mn.write(`${line}\n`)
    return (await answer).slice(0, -prompt.length)
  }

  /** `['ovs-ofctl', 'dump-flows', 's1']`, ... on the Open vSwitch that `mn` uses. */
  async ovs(command: readonly string[]): Promise<string> {
    const [program = '', ...args] = command
    return (await exec(program, args, { timeout: 20_000 })).stdout
  }

  /** Leaves `mn` as a user would, which removes its switches and hosts, then the Open vSwitch if we started it. */
  async stop(): Promise<void> {
    await this.#mn.end('exit\n')
    await this.#system.end()
  }
}

/** A program driven over its standard streams; output to either is kept until somebody waits for it. */
class Program {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #closed: Promise<unknown>
  #output = ''
  #changed: () => void = () => undefined

  constructor(file: string, args: readonly string[]) {
    this.#child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#closed = once(this.#child, 'close').catch((error: unknown) => error)
    this.#child.stdin.on('error', () => undefined) // its end is reported by `until`
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
        this.#changed()
      })
    }
    void this.#closed.then(() => this.#changed())
  }

  write(text: string): void {
    this.#child.stdin.write(text)
  }

  /** Takes the output so far once `complete` says so. */
  async until(complete: (output: string) => boolean): Promise<string> {
    const deadline = performance.now() + answerTimeoutMs
    while (!complete(this.#output)) {
      if (this.#child.exitCode !== null || performance.now() > deadline) {
        throw new Error(
          `${this.#child.spawnargs.join(' ')} ${this.#child.exitCode === null ? 'is silent' : 'ended'}: ${this.#output}`,
        )
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000)
        this.#changed = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    const output = this.#output
    this.#output = ''
    return output
  }

  async end(lastWords = ''): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 20_000)
    this.#child.stdin.end(lastWords)
    await this.#closed
    clearTimeout(timer)
  }
}
