/** A real Open vSwitch with one bridge, in a namespace of its own, and a plain socket that speaks OpenFlow to it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createConnection, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  decode,
  encode,
  Framer,
  type Message,
  type MessageInput,
  type MessageOf,
  versionBitmap,
} from 'ts-openflow'

/** Why no real switch can run here; a reason fails the test in CI and skips it elsewhere. */
export function whyNoSwitch(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root'
  try {
    execFileSync('ovs-vswitchd', ['--version'], { stdio: 'ignore' })
    execFileSync('ip', ['netns', 'list'], { stdio: 'ignore' })
  } catch {
    return 'needs Open vSwitch and iproute2'
  }
  return undefined
}

export interface RealSwitch {
  /** Unix socket of the bridge's management connection. */
  readonly socketPath: string
  readonly ofctl: (version: number, ...args: string[]) => string
  readonly stop: () => Promise<void>
}

async function until(what: string, ready: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (ready()) return
    await sleep(50)
  }
  throw new Error(`${what} did not appear within 10 s`)
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await exit
}

/** @param versions on the wire; the bridge refuses others. */
export async function startSwitch(
  name: string,
  versions: readonly number[] = [4, 5, 6],
): Promise<RealSwitch> {
  const dir = mkdtempSync(join(tmpdir(), `${name}-`))
  const env = { ...process.env, OVS_RUNDIR: dir, OVS_LOGDIR: dir, OVS_DBDIR: dir }
  const run = (command: string, args: string[]): string =>
    execFileSync(command, args, { env, encoding: 'utf8' })
  const children: ChildProcess[] = []
  const start = (command: string, args: string[]): void => {
    children.push(spawn(command, args, { env, stdio: 'ignore' }))
  }
  const stop = async (): Promise<void> => {
    for (const child of children.reverse()) await ended(child)
    run('ip', ['netns', 'del', name])
    rmSync(dir, { recursive: true, force: true })
  }

  run('ip', ['netns', 'add', name])
  try {
    const db = join(dir, 'conf.db')
    run('ovsdb-tool', ['create', db, '/usr/share/openvswitch/vswitch.ovsschema'])
    const dbSocket = `unix:${join(dir, 'db.sock')}`
    start('ovsdb-server', [`--remote=p${dbSocket}`, `--unixctl=${join(dir, 'db.ctl')}`, db])
    await until('the database socket', () => existsSync(join(dir, 'db.sock')))
    start('ip', ['netns', 'exec', name, 'ovs-vswitchd', dbSocket, `--unixctl=${join(dir, 'vs.ctl')}`])
    const bridge = `${name}br`
    const configure = [
      ['add-br', bridge],
      ['set', 'bridge', bridge, 'datapath_type=netdev', 'fail_mode=secure'],
      ['set', 'bridge', bridge, `protocols=${versions.map((one) => `OpenFlow1${one - 1}`).join(',')}`],
      ...['1', '2'].flatMap((port) => [
        ['add-port', bridge, `${name}p${port}`],
        ['set', 'interface', `${name}p${port}`, 'type=internal', `ofport_request=${port}`],
      ]),
    ]
    run('ovs-vsctl', [`--db=${dbSocket}`, '--timeout=10', ...configure.flatMap((words) => ['--', ...words])])
    const socketPath = join(dir, `${bridge}.mgmt`)
    await until('the bridge', () => existsSync(socketPath))
    const ofctl = (version: number, ...args: string[]): string =>
      run('ovs-ofctl', [
        '-O',
        `OpenFlow1${version - 1}`,
        ...args.map((arg) => (arg === '@' ? `unix:${socketPath}` : arg)),
      ])
    return { socketPath, ofctl, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A connection without a session: what is asked is answered by xid, within ten seconds. */
export class PlainClient {
  readonly version: number
  readonly #socket: Socket
  readonly #framer = new Framer()
  readonly #seen: { readonly message: Message; readonly bytes: Uint8Array }[] = []
  #wake: () => void = () => undefined
  #xid = 100

  private constructor(socket: Socket, version: number) {
    this.#socket = socket
    this.version = version
    socket.on('data', (chunk) => {
      for (const bytes of this.#framer.push(chunk)) this.#seen.push({ message: decode(bytes), bytes })
      this.#wake()
    })
    socket.on('error', () => this.#wake())
  }

  static async connect(path: string, version: number): Promise<PlainClient> {
    const socket = createConnection(path)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    const client = new PlainClient(socket, version)
    client.send({ type: 'hello', version, xid: 1, elements: [versionBitmap([version])] })
    await client.ask({ type: 'features_request' })
    return client
  }

  close(): void {
    this.#socket.destroy()
  }

  nextXid(): number {
    return this.#xid++
  }

  send(message: MessageInput): void {
    this.#socket.write(encode(message))
  }

  /** All messages with the xid of the question, up to the first that is not a part with more to follow. */
  async ask(question: Question): Promise<{ messages: Message[]; bytes: Uint8Array[] }> {
    const xid = this.nextXid()
    this.send({ ...question, version: this.version, xid })
    const messages: Message[] = []
    const bytes: Uint8Array[] = []
    const deadline = AbortSignal.timeout(10_000)
    for (;;) {
      const index = this.#seen.findIndex(({ message }) => message.xid === xid)
      const [next] = index < 0 ? [] : this.#seen.splice(index, 1)
      if (next === undefined) {
        deadline.throwIfAborted()
        await this.#arrival()
        continue
      }
      messages.push(next.message)
      bytes.push(next.bytes)
      if (next.message.type !== 'multipart_reply' || !next.message.flags.includes('more'))
        return { messages, bytes }
    }
  }

  /** The next message of a type, whatever its xid. */
  async next<T extends Message['type']>(type: T): Promise<MessageOf<T>> {
    const isWanted = (message: Message): message is MessageOf<T> => message.type === type
    const deadline = AbortSignal.timeout(10_000)
    for (;;) {
      const found = this.#seen.map(({ message }) => message).find(isWanted)
      if (found !== undefined) return found
      deadline.throwIfAborted()
      await this.#arrival()
    }
  }

  async #arrival(): Promise<void> {
    await Promise.race([new Promise<void>((resolve) => (this.#wake = resolve)), sleep(100)])
  }

  /** Errors that came so far and answered no question. */
  errors(): Extract<Message, { type: 'error' }>[] {
    return this.#seen.map(({ message }) => message).filter((message) => message.type === 'error')
  }
}

export type Question = MessageInput extends infer M
  ? M extends MessageInput
    ? Omit<M, 'version' | 'xid'>
    : never
  : never
