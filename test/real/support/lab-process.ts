/** Starts `mininet/lab.py up --stdio` and carries its newline-delimited JSON requests and answers; ends it, whatever happens. */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { checkout } from './checkout.ts'

export const labScript = join(checkout, 'mininet', 'lab.py')
/** Debian's own: Mininet's packages belong to it, and another python3 may come first in PATH. */
export const python = '/usr/bin/python3'

const requestTimeoutMs = 60_000
const stopTimeoutMs = 20_000

/** A refusal by the lab; `code` is one of its stable codes, such as `not-root` or `no-such-vm`. */
export class LabError extends Error {
  readonly code: string
  constructor(code: string, text: string) {
    super(`lab: ${text}`)
    this.code = code
  }
}

interface Waiting {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

type Answer =
  | { readonly event: 'ready' }
  | { readonly event: 'failed'; readonly error: { readonly code: string; readonly text: string } }
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | {
      readonly id: number
      readonly ok: false
      readonly error: { readonly code: string; readonly text: string }
    }

export class LabProcess {
  readonly pid: number
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #waiting = new Map<number, Waiting>()
  readonly #exited: Promise<unknown>
  #lastId = 0
  #complaints = ''

  /** Resolves with the lab's description once it is up. */
  static async start(args: readonly string[]): Promise<{ process: LabProcess; description: unknown }> {
    const process = new LabProcess(args)
    try {
      return { process, description: await process.#answerTo(0) }
    } catch (error) {
      await process.stop()
      throw error
    }
  }

  private constructor(args: readonly string[]) {
    this.#child = spawn(python, [labScript, 'up', '--stdio', ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
    this.pid = this.#child.pid ?? -1
    this.#exited = once(this.#child, 'exit').catch((error: unknown) => error)
    this.#child.stdin.on('error', () => {
      // The lab has ended: its exit is what fails the requests.
    })
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints = (this.#complaints + text).slice(-4000)
    })
    createInterface(this.#child.stdout).on('line', (line) => this.#take(JSON.parse(line) as Answer, line))
    this.#child.on('error', (error) => this.#failAll(error))
    this.#child.on('close', () =>
      this.#failAll(new LabError('ended', `the lab has ended. ${this.#complaints}`)),
    )
  }

  request(command: string, fields: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const id = ++this.#lastId
    const answer = this.#answerTo(id)
    this.#child.stdin.write(`${JSON.stringify({ id, do: command, ...fields })}\n`)
    return answer
  }

  /** Ends the lab and returns when nothing of it is left; kills it when that takes too long (its guard then cleans up). */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), stopTimeoutMs)
    this.#child.stdin.end()
    await this.#exited
    clearTimeout(timer)
  }

  #answerTo(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id)
        reject(new LabError('timeout', `no answer to request ${id} within ${requestTimeoutMs} ms`))
      }, requestTimeoutMs)
      this.#waiting.set(id, { resolve, reject, timer })
    })
  }

  #take(answer: Answer, line: string): void {
    const id = 'event' in answer ? 0 : answer.id
    const waiting = this.#waiting.get(id)
    if (!waiting) return
    this.#waiting.delete(id)
    clearTimeout(waiting.timer)
    if ('event' in answer ? answer.event === 'ready' : answer.ok) {
      waiting.resolve('result' in answer ? answer.result : (JSON.parse(line) as unknown))
    } else if ('error' in answer) {
      waiting.reject(new LabError(answer.error.code, answer.error.text))
    }
  }

  #failAll(error: Error): void {
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer)
      reject(error)
    }
    this.#waiting.clear()
  }
}
