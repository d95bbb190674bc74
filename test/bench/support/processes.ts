/** Programs that a benchmark runs: in process groups of their own, so that Ctrl-C reaches only the benchmark, which ends them in order. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const execute = promisify(execFile)

export interface Output {
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end. Rejects with what it wrote when it fails. */
export function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Output> {
  return execute(program, args, { env, maxBuffer: 256 * 1024 * 1024, encoding: 'utf8' })
}

/** Starts a program that stays; what it writes is dropped. */
export function start(program: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn(program, args, { env, stdio: 'ignore', detached: true })
  child.on('error', (error) => console.error(`${program}: ${error.message}`))
  return child
}

const patienceMs = 5_000

/** SIGTERM, and SIGKILL when that is not heeded. */
export async function end(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
  await ended
  clearTimeout(timer)
}

/** Rejects when `condition` does not hold in time. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 20_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms`)
    await sleep(20)
  }
}

export function appears(file: string): Promise<void> {
  return until(`${file} appears`, () => existsSync(file))
}

/** Resident memory of a process in megabytes (10^6 bytes); 0 when it is gone. */
export function residentMb(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return (Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024) / 1e6
  } catch {
    return 0
  }
}

/** The first line a program says about its version, or undefined when it is not installed. */
export async function versionOf(program: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(program, ['--version'], process.env)
    return stdout.split('\n')[0]?.trim()
  } catch {
    return undefined
  }
}
