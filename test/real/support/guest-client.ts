/** What a client of a guest sees while that is moved: answers to pings, and a TCP session that counts. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { labScript, python } from './lab-process.ts'
import type { MeterResult } from './lab-types.ts'

/** The lab's. */
const meterScript = join(dirname(labScript), 'throwbar_lab', 'meter.py')

export interface PingsSeen {
  readonly sent: number
  readonly lost: number
  readonly answeredTwice: number
  /** Longest time without an answer. */
  readonly largestGapMs: number
}

export interface CountSeen {
  readonly numbers: number
  /** The first that was not one more than the number before, or why the session ended; undefined for a whole one. */
  readonly broken: string | undefined
  readonly largestGapMs: number
}

/** Ends with the test's process. */
function inNamespace(namespace: string, command: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn('setpriv', ['--pdeathsig', 'KILL', 'ip', 'netns', 'exec', namespace, ...command])
}

/**
 * An echo request every `intervalMs`; begins when one was answered. The lab's meter sends them: iputils' ping spins through
 * the time between requests so close together, and takes the cores from what it is to measure.
 */
export async function startPings(
  namespace: string,
  address: string,
  intervalMs = 10,
): Promise<{ readonly stop: () => Promise<PingsSeen> }> {
  const [reached] = (await once(
    inNamespace(namespace, ['ping', '-q', '-c', '1', '-w', '10', address]),
    'exit',
  )) as [number]
  if (reached !== 0) throw new Error(`not within 10 s: ${address} answers`)
  const spec = JSON.stringify({ address, intervalMs, drainMs: 2_000 })
  const meter = inNamespace(namespace, [python, meterScript, 'ping', spec])
  const said = text(meter.stdout)
  return {
    stop: async () => {
      meter.stdin.end()
      const result = (await said).trim().split('\n').at(-1)
      if (!result) throw new Error(`pings to ${address}: their meter ended without a word`)
      const seen = JSON.parse(result) as MeterResult & { readonly failed?: string }
      if (seen.failed !== undefined) throw new Error(`pings to ${address}: ${seen.failed}`)
      const { sent, lost, duplicates, largestGapMs } = seen
      return { sent, lost, answeredTwice: duplicates, largestGapMs }
    },
  }
}

export interface Counting {
  /** Longest time without a number since it was last asked. */
  readonly gapMs: () => number
  readonly stop: () => Promise<CountSeen>
}

/** The guest's counter: a number every 10 ms or so. */
export async function startCounting(namespace: string, address: string): Promise<Counting> {
  const child = inNamespace(namespace, ['busybox', 'nc', address, '7000'])
  let times: number[] = []
  let largest = 0
  let rest = ''
  let next: number | undefined
  let broken: string | undefined
  child.stdout.setEncoding('utf8').on('data', (said: string) => {
    times.push(performance.now())
    const lines = (rest + said).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (next !== undefined && Number(line) !== next) broken ??= `${line} instead of ${next}`
      next = Number(line) + 1
    }
  })
  const closed = once(child, 'close')
  child.on('exit', (code) => (broken ??= `the session ended (${String(code)})`))
  await until(() => next !== undefined || broken !== undefined, `${address} counts`)
  if (broken !== undefined) throw new Error(`${address} does not count: ${broken}`)
  const gapMs = () => {
    const gap = largestGap([...times, performance.now()])
    times = times.slice(-1)
    largest = Math.max(largest, gap)
    return gap
  }
  return {
    gapMs,
    stop: async () => {
      gapMs()
      const seen = { numbers: next ?? 0, broken, largestGapMs: largest }
      child.kill('SIGKILL')
      await closed
      return seen
    },
  }
}

const largestGap = (times: readonly number[]): number =>
  times.reduce((largest, time, at) => Math.max(largest, time - (times[at - 1] ?? time)), 0)

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadlineMs = performance.now() + 10_000
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error(`not within 10 s: ${what}`)
    await sleep(10)
  }
}
