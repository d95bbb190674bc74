/** A recording proxy: what comes in at one Unix socket goes on to another, and every message is noted on the way. */
import { rmSync } from 'node:fs'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { Cutter, type Recording, type Side } from './recording.ts'

export class Proxy {
  readonly path: string
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #minor = 0

  private constructor(path: string, target: string, recording: Recording) {
    this.path = path
    this.#server = createServer((fromController) => {
      const toSwitch = createConnection(target)
      const minor = this.#minor
      const carry = (source: Socket, sink: Socket, from: Side): void => {
        const cutter = new Cutter()
        this.#sockets.add(source)
        source.on('data', (chunk) => {
          for (const bytes of cutter.push(chunk))
            recording.add({ label: recording.label, minor, from, bytes })
          sink.write(chunk)
        })
        source.on('error', () => sink.destroy())
        source.on('close', () => {
          this.#sockets.delete(source)
          sink.destroy()
        })
      }
      carry(fromController, toSwitch, 'controller')
      carry(toSwitch, fromController, 'switch')
    })
  }

  static async listen(path: string, target: string, recording: Recording): Promise<Proxy> {
    const proxy = new Proxy(path, target, recording)
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject)
      proxy.#server.listen(path, resolve)
    })
    return proxy
  }

  /** The version that the next sessions are about to speak. */
  expect(minor: number): void {
    this.#minor = minor
  }

  /** Resolves when no connection is open. */
  async idle(): Promise<void> {
    await Promise.all(
      [...this.#sockets].map(
        (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
      ),
    )
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
    rmSync(this.path, { force: true })
  }
}
