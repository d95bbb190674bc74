/** A session with ovs-vswitchd's control socket: what `ovs-appctl` says, without a program's start each time. */
import { connect, type Socket } from 'node:net'

interface Reply {
  readonly result: string | null
  readonly error: string | null
}

export class Unixctl {
  readonly #socket: Socket
  #answer: { resolve: (result: string) => void; reject: (error: Error) => void } | undefined
  #text = ''
  #last: Promise<unknown> = Promise.resolve()

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('utf8').on('data', (text: string) => this.#take(text))
    socket.on('error', (error) => this.#answer?.reject(error))
    socket.on('close', () => this.#answer?.reject(new Error('ovs-vswitchd closed its control socket')))
  }

  static open(path: string): Promise<Unixctl> {
    return new Promise((resolve, reject) => {
      const socket = connect(path, () => resolve(new Unixctl(socket)))
      socket.once('error', reject)
    })
  }

  /** One command at a time; the next waits. */
  call(method: string, params: readonly string[]): Promise<string> {
    const answer = this.#last.then(
      () =>
        new Promise<string>((resolve, reject) => {
          this.#answer = { resolve, reject }
          this.#socket.write(JSON.stringify({ id: 0, method, params }))
        }),
    )
    this.#last = answer.catch(() => undefined)
    return answer
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(text: string): void {
    this.#text += text
    let reply: Reply
    try {
      reply = JSON.parse(this.#text) as Reply
    } catch {
      return // the rest is under way
    }
    this.#text = ''
    const answer = this.#answer
    this.#answer = undefined
    if (reply.error !== null) answer?.reject(new Error(reply.error))
    else answer?.resolve(reply.result ?? '')
  }
}
