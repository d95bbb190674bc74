/** Other programs on the same flow-mods, where they are installed: what a message costs in C and in Python. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encode } from 'ts-openflow'
import { run, versionOf } from '../support/processes.ts'
import { measuredInChild } from './children.ts'
import { flowMods } from './messages.ts'

/** Nanoseconds for a message, a sample a round; why not, where there are none. */
export interface Peers {
  /** `print(decode(...))` of what a `Framer` gives. */
  readonly oursPrintNs: number[]
  /** `ovs-ofctl ofp-parse`: the same work in C, without what starting it takes. */
  readonly ofctlPrintNs: number[] | string
  readonly osKen: OsKen | string
}

export interface OsKen {
  readonly decodeNs: number[]
  readonly encodeNs: number[]
}

export async function measurePeers(rounds: number): Promise<Peers> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-codec-'))
  try {
    const ofctl = (await versionOf('ovs-ofctl')) === undefined ? undefined : await ofctlPrinter(folder)
    const peers = { oursPrintNs: [] as number[], ofctl: [] as number[] }
    for (let round = 0; round < rounds; round++) {
      peers.oursPrintNs.push(await measuredInChild<number>('print'))
      if (ofctl !== undefined) peers.ofctl.push(await ofctl())
    }
    const ofctlPrintNs = ofctl === undefined ? 'not installed' : peers.ofctl
    return { oursPrintNs: peers.oursPrintNs, ofctlPrintNs, osKen: await measureOsKen(rounds) }
  } finally {
    await rm(folder, { recursive: true })
  }
}

const repeats = 1_000

async function ofctlPrinter(folder: string): Promise<() => Promise<number>> {
  const once = Buffer.concat(flowMods().map((message) => encode(message)))
  const [few, many] = [join(folder, 'few'), join(folder, 'many')]
  await writeFile(few, once)
  await writeFile(many, Buffer.concat(Array<Buffer>(repeats).fill(once)))
  const msOf = async (file: string): Promise<number> => {
    const start = performance.now()
    await run('ovs-ofctl', ['ofp-parse', file], process.env)
    return performance.now() - start
  }
  return async () => {
    const startMs = await msOf(few)
    return ((await msOf(many)) - startMs) * (1e6 / (flowMods().length * (repeats - 1)))
  }
}

/** It hangs on some input, so it gets a timer. */
const osKenProgram = `
import json, signal, sys, time
signal.alarm(120)
try:
    from os_ken.ofproto import ofproto_parser, ofproto_protocol
except ImportError:
    print(json.dumps('not installed'))
    sys.exit()
messages = [bytes.fromhex(one) for one in sys.argv[2].split(',')]
switch = ofproto_protocol.ProtocolDesc(version=4)
def read(one):
    version, kind, length, xid = ofproto_parser.header(one)
    return ofproto_parser.msg(switch, version, kind, length, xid, one)
def write(message):
    message.buf = None
    message.serialize()
    return message.buf
def ns(work, items):
    start = time.perf_counter_ns()
    for _ in range(10):
        for item in items:
            work(item)
    return (time.perf_counter_ns() - start) / (10 * len(items))
values = [read(one) for one in messages]
assert [bytes(write(value)) for value in values] == messages
rounds = range(int(sys.argv[1]))
print(json.dumps({
    'decodeNs': [ns(read, messages) for _ in rounds],
    'encodeNs': [ns(write, values) for _ in rounds],
}))
`

async function measureOsKen(rounds: number): Promise<OsKen | string> {
  const hex = flowMods().map((message) => Buffer.from(encode(message)).toString('hex'))
  try {
    const args = ['-W', 'ignore', '-c', osKenProgram, String(rounds), hex.join()]
    const { stdout } = await run('python3', args, process.env)
    return JSON.parse(stdout) as OsKen | string
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? 'not installed' : `failed: ${lastLine((error as Error).message)}`
  }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? ''
