/** A QEMU that is only its monitor: it answers as told, keeps what it was told, and can go silent, talk nonsense, or die. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

type Fields = Readonly<Record<string, unknown>>

/** Instead of an answer: none. */
export const silence = Symbol('silence')

export class ScriptedQemu {
  /** As `query-status` tells it. */
  run: string
  /** As `query-migrate` tells it. */
  migration: Fields = {}
  /** Other answers than usual; what they throw is QEMU's refusal. */
  readonly answers = new Map<string, (args: Fields) => unknown>()
  /** What was asked for, but the commands that change nothing. */
  readonly done: string[] = []
  greeting: string | undefined =
    '{"QMP": {"version": {"qemu": {"major": 7, "minor": 2, "micro": 22}}, "capabilities": []}}\r\n'
  sessions = 0
  readonly #folder = mkdtempSync(join(tmpdir(), 'throwbar-qmp-'))
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined

  static async start(context: TestContext, run: string): Promise<ScriptedQemu> {
    const qemu = new ScriptedQemu(run)
    await qemu.listen()
    context.after(async () => {
      await qemu.die()
      rmSync(qemu.#folder, { recursive: true, force: true })
    })
    return qemu
  }

  private constructor(run: string) {
    this.run = run
  }

  get address(): string {
    return `unix:${join(this.#folder, 'qmp')}`
  }

  async listen(): Promise<void> {
    this.#server = createServer((socket) => this.#serve(socket))
    this.#server.listen(join(this.#folder, 'qmp'))
    await once(this.#server, 'listening')
  }

  /** Ends its sessions; the next may begin. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** As a process that ends: nobody listens any more. */
  async die(): Promise<void> {
    this.drop()
    const server = this.#server
    this.#server = undefined
    if (!server) return
    server.close()
    await once(server, 'close')
  }

  event(name: string, data: Fields = {}): void {
    this.send(`${JSON.stringify({ event: name, data, timestamp: { seconds: 0, microseconds: 0 } })}\r\n`)
  }

  send(text: string): void {
    for (const socket of this.#sockets) socket.write(text)
  }

  /** The guest stops or runs, and the monitor tells. */
  turn(run: string): void {
    const [ran, runs] = [this.run === 'running', run === 'running']
    this.run = run
    if (ran !== runs) this.event(runs ? 'RESUME' : 'STOP')
  }

  migrates(status: string, more: Fields = {}): void {
    this.migration = { ...this.migration, ...more, status }
    this.event('MIGRATION', { status })
  }

  #serve(socket: Socket): void {
    this.sessions += 1
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => undefined)
    if (this.greeting !== undefined) socket.write(this.greeting)
    let rest = ''
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.#answer(socket, JSON.parse(line) as Fields)
    })
  }

  #answer(socket: Socket, { execute, arguments: args, id }: Fields): void {
    const command = String(execute)
    if (!command.startsWith('query-') && command !== 'qmp_capabilities') this.done.push(command)
    const reply = (what: Fields) => socket.write(`${JSON.stringify({ ...what, id })}\r\n`)
    try {
      const told = this.answers.get(command)?.(args as Fields) ?? this.#usual(command)
      if (told !== silence) reply({ return: told })
    } catch (error) {
      reply({ error: { class: 'GenericError', desc: (error as Error).message } })
    }
  }

  #usual(command: string): unknown {
    switch (command) {
      case 'query-status':
        return { status: this.run, running: this.run === 'running' }
      case 'query-migrate':
        return this.migration
      case 'migrate':
        this.migrates('active', {
          ram: { transferred: 1e6, remaining: 9e7, total: 1e8, mbps: 800, 'dirty-pages-rate': 10 },
        })
        return {}
      case 'migrate_cancel':
        if (this.migration['status'] === 'active') this.migrates('cancelled')
        if (this.migration['status'] === 'cancelled') this.turn('running')
        return {}
      case 'stop':
        if (this.run !== 'inmigrate') this.turn('paused')
        return {}
      case 'cont':
        this.turn('running')
        return {}
      default:
        return {}
    }
  }
}
