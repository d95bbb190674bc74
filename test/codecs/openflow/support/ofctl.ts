/** What the installed ovs-ofctl makes of flow, group and meter texts: the bytes it sends and the text it prints. */
import { spawn, spawnSync } from 'node:child_process'
import { RecordingSwitch } from './ofctl-switch.ts'

/** `undefined` is a line of a flow file: it may begin with its command, and is an addition otherwise. */
export type FlowCommand = 'add' | 'modify' | 'modify_strict' | 'delete' | 'delete_strict'
export type GroupCommand = 'add' | 'modify' | 'add_or_mod' | 'delete' | 'insert_bucket' | 'remove_bucket'
export type MeterCommand = 'add' | 'modify' | 'delete'

export interface Accepted {
  readonly text: string
  /** The message with xid 0. */
  readonly hex: string
  /** `ovs-ofctl ofp-print` of it. */
  readonly print: string
}
export interface Refused {
  readonly text: string
  readonly refusal: string
}
export type Verdict = Accepted | Refused

/** Why no ovs-ofctl of the right release can be asked here, or `undefined`. */
export const whyNoOfctl = (): string | undefined => {
  const { status, stdout } = spawnSync('ovs-ofctl', ['--version'], { encoding: 'utf8' })
  if (status !== 0) return 'needs ovs-ofctl'
  return stdout.includes('(Open vSwitch) 3.1.')
    ? undefined
    : `needs ovs-ofctl 3.1, not ${stdout.split('\n')[0]}`
}

interface Run {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

const run = (args: readonly string[], input: string | Uint8Array = ''): Promise<Run> =>
  new Promise((resolve, reject) => {
    const child = spawn('ovs-ofctl', ['--timeout=60', '-vfile:off', '-vsyslog:off', '-vconsole:off', ...args])
    const out: Buffer[] = []
    const errors: Buffer[] = []
    child.on('error', reject)
    child.stdin.on('error', () => undefined)
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
    child.on('close', (status) => {
      resolve({ status, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(errors).toString() })
    })
    child.stdin.end(input)
  })

const versionArgument = (version: number): string => `-OOpenFlow1${version - 1}`

type Arguments = (target: string) => readonly string[]
type Recorded = { readonly text: string; readonly hex: string } | Refused

/**
 * One process for all the texts, a line each. One bad line stops it with its number, so that line is set aside and
 * the others are tried again; what says no line number concerns the lines together, so halves are tried.
 */
const recordLines = async (
  sink: RecordingSwitch,
  version: number,
  args: Arguments,
  texts: readonly string[],
): Promise<readonly Recorded[]> => {
  const verdicts: (Recorded | undefined)[] = texts.map(() => undefined)
  let waiting = texts.map((_text, index) => index)
  while (waiting.length > 0) {
    const lines = waiting.map((index) => texts[index] ?? '')
    const { status, stderr } = await run(
      [versionArgument(version), '--no-names', ...args(sink.target)],
      `${lines.join('\n')}\n`,
    )
    const sent = sink.take()
    if (status === 0) {
      if (sent.length !== lines.length) throw new Error(`${sent.length} messages for ${lines.length} lines`)
      waiting.forEach((index, at) => {
        verdicts[index] = { text: texts[index] ?? '', hex: sent[at] ?? '' }
      })
      break
    }
    const line = /^ovs-ofctl: (?:-|[^:]*):(\d+): ([^]*)/m.exec(stderr)
    const refusal = (line?.[2] ?? stderr).trim() || `status ${status}`
    if (line !== null || waiting.length === 1) {
      const bad = line === null ? 0 : Number(line[1]) - 1
      const index = waiting[bad]
      if (index === undefined) throw new Error(stderr)
      verdicts[index] = { text: texts[index] ?? '', refusal }
      waiting = waiting.filter((_index, at) => at !== bad)
    } else {
      const half = waiting.length >> 1
      const parts = [waiting.slice(0, half), waiting.slice(half)]
      for (const part of parts) {
        const told = await recordLines(
          sink,
          version,
          args,
          part.map((index) => texts[index] ?? ''),
        )
        part.forEach((index, at) => {
          verdicts[index] = told[at]
        })
      }
      break
    }
  }
  return verdicts.map((verdict) => {
    if (verdict === undefined) throw new Error('a line was forgotten')
    return verdict
  })
}

/** A process for each text, two at a time. */
const recordSingly = async (
  version: number,
  args: (target: string, text: string) => { readonly args: readonly string[]; readonly input?: string },
  texts: readonly string[],
): Promise<readonly Recorded[]> => {
  const verdicts: Recorded[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    const sink = await RecordingSwitch.open()
    while (next < texts.length) {
      const index = next++
      const text = texts[index] ?? ''
      const command = args(sink.target, text)
      const { status, stderr } = await run(
        [versionArgument(version), '--no-names', ...command.args],
        command.input,
      )
      const [hex] = sink.take()
      if (status === 0 && hex === undefined) throw new Error(`nothing was sent for ${text}`)
      verdicts[index] =
        status === 0 ? { text, hex: hex ?? '' } : { text, refusal: stderr.trim() || `status ${status}` }
    }
    await sink.close()
  }
  await Promise.all([worker(), worker()])
  return verdicts
}

const printed = async (recorded: readonly Recorded[]): Promise<readonly Verdict[]> => {
  const prints = await printOracle(recorded.flatMap((one) => ('hex' in one ? [one.hex] : [])))
  let at = 0
  return recorded.map((one) => ('hex' in one ? { ...one, print: prints[at++] ?? '' } : one))
}

const withSwitch = async <T>(use: (sink: RecordingSwitch) => Promise<T>): Promise<T> => {
  const sink = await RecordingSwitch.open()
  try {
    return await use(sink)
  } finally {
    await sink.close()
  }
}

const flowArguments = (command: FlowCommand | undefined, target: string): readonly string[] => {
  if (command === undefined) return ['add-flows', target, '-']
  const strict = command.endsWith('_strict') ? ['--strict'] : []
  return [...strict, command.startsWith('modify') ? 'mod-flows' : 'del-flows', target, '-']
}

/**
 * What it makes of flows. In OpenFlow 1.0 each has a process of its own: for a whole file it chooses one flow format,
 * so one line that needs NXM or a table would change the bytes of all. A text alone gets the plainest that can say it.
 */
export const flowOracle = async (
  version: number,
  texts: readonly string[],
  command?: FlowCommand,
): Promise<readonly Verdict[]> => {
  if (command === 'add') {
    return printed(
      await recordSingly(version, (target, text) => ({ args: ['add-flow', target, text] }), texts),
    )
  }
  if (version === 1) {
    const single = (target: string, text: string) => ({
      args: flowArguments(command, target),
      input: `${text}\n`,
    })
    return printed(await recordSingly(version, single, texts))
  }
  return withSwitch(async (sink) =>
    printed(await recordLines(sink, version, (target) => flowArguments(command, target), texts)),
  )
}

const groupArguments = (command: GroupCommand | undefined, target: string): readonly string[] => {
  switch (command) {
    case undefined:
    case 'add':
      return ['add-groups', target, '-']
    case 'modify':
      return ['mod-group', target, '-']
    case 'add_or_mod':
      return ['--may-create', 'mod-group', target, '-']
    case 'delete':
      return ['del-groups', target, '-']
    case 'insert_bucket':
      return ['insert-buckets', target, '-']
    case 'remove_bucket':
      return ['remove-buckets', target, '-']
  }
}

export const groupOracle = async (
  version: number,
  texts: readonly string[],
  command?: GroupCommand,
): Promise<readonly Verdict[]> => {
  if (command === 'add') {
    return printed(
      await recordSingly(version, (target, text) => ({ args: ['add-group', target, text] }), texts),
    )
  }
  return withSwitch(async (sink) =>
    printed(await recordLines(sink, version, (target) => groupArguments(command, target), texts)),
  )
}

/** Meters come one at a time: ovs-ofctl reads no file of them. */
export const meterOracle = async (
  version: number,
  texts: readonly string[],
  command: MeterCommand = 'add',
): Promise<readonly Verdict[]> => {
  const name = { add: 'add-meter', modify: 'mod-meter', delete: 'del-meter' }[command]
  return printed(await recordSingly(version, (target, text) => ({ args: [name, target, text] }), texts))
}

/** Numbered by their xid, so that however many lines one prints, each is known by the header it begins with. */
const numbered = (hex: string, number: number): Buffer => {
  const bytes = Buffer.from(hex, 'hex')
  bytes.writeUInt32BE(number, 4)
  return bytes
}

const headerLine = /^[A-Za-z0-9_*].*?\(xid=0x([0-9a-f]+)\):/

/** What `ovs-ofctl ofp-print` says of each message; the xid reads 0, whatever it was. */
export const printOracle = async (hexes: readonly string[]): Promise<readonly string[]> => {
  if (hexes.length === 0) return []
  const stream = Buffer.concat(hexes.map((hex, index) => numbered(hex, index + 1)))
  const { stdout } = await run(['ofp-parse', '-'], stream)
  const prints: string[] = []
  for (const line of stdout.split('\n')) {
    const found = headerLine.exec(line)
    if (found?.[1] !== undefined && Number.parseInt(found[1], 16) === prints.length + 1) {
      prints.push(line.replace(`(xid=0x${found[1]})`, '(xid=0x0)'))
    } else if (prints.length > 0) {
      prints.push(`${prints.pop() ?? ''}\n${line}`)
    }
  }
  if (prints.length !== hexes.length) throw new Error(`${prints.length} printed of ${hexes.length}`)
  return prints.map((print) => print.trimEnd())
}
