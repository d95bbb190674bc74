/** What a client of a guest sees while that is moved: answers to pings, and a TCP session that counts. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

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

/** An echo request every `intervalMs`; resolves when the first was answered. */
export async function startPings(
  namespace: string,
  address: string,
  intervalMs = 10,
): Promise<{ readonly stop: () => Promise<PingsSeen> }> {
  const child = inNamespace(namespace, [
    'ping',
    '-D',
    '-n',
    '-i',
    `${intervalMs / 1_000}`,
    '-W',
    '2',
    address,
  ])
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  await until(() => said.includes('icmp_seq='), `${address} answers`)
  return {
    stop: async () => {
      const stoppedMs = Date.now()
      child.kill('SIGINT')
      await once(child, 'close')
      return pingsIn(said, stoppedMs)
    },
  }
}

function pingsIn(said: string, stoppedMs: number): PingsSeen {
  const answers = [...said.matchAll(/^\[(\d+\.\d+)\] .*icmp_seq=(\d+) .*$/gm)]
  const times = answers.map(([, time]) => Number(time) * 1_000)
  const numbers = new Set(answers.map(([, , number]) => Number(number)))
  const sent = Number(/(\d+) packets transmitted/.exec(said)?.[1] ?? 0)
  const last = Math.max(...numbers)
  return {
    sent,
    // The very last one may still have been on its way.
    lost: (sent - last <= 1 ? last : sent) - numbers.size,
    answeredTwice: answers.length - numbers.size,
    largestGapMs: largestGap([...times, stoppedMs]),
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
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    times.push(performance.now())
    const lines = (rest + text).split('\n')
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
