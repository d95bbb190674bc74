/** The barest OpenFlow 1.5 session with a bridge: bytes made beforehand go out in one write, and a barrier's reply ends the wait. */
import { connect, type Socket } from 'node:net'
import { decode, encode, type FlowEntry, Framer, type Message, type MessageInput } from 'ts-openflow'

const version = 6

/** A message for the version and xid it is given: a bundle's member repeats those of the message around it. */
export type Numbered = (header: { readonly version: number; readonly xid: number }) => MessageInput

export class RawSession {
  readonly #socket: Socket
  readonly #framer = new Framer()
  #onMessage: (message: Message) => void = () => undefined
  #nextXid = 1

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Uint8Array) => {
      for (const bytes of this.#framer.push(chunk)) this.#take(decode(bytes))
    })
  }

  /** `path` is the bridge's `.mgmt` socket. */
  static open(path: string): Promise<RawSession> {
    return new Promise((resolve, reject) => {
      const socket = connect(path)
      socket.once('error', reject)
      socket.once('connect', () => {
        const session = new RawSession(socket)
        session.#onMessage = ({ type }) => {
          if (type === 'hello') resolve(session)
        }
        socket.write(encode({ type: 'hello', version, xid: 0 }))
      })
    })
  }

  /** Milliseconds from the one write until the switch has done everything. Rejects at the first error. */
  send(messages: readonly Numbered[]): Promise<number> {
    const barrier: Numbered = (header) => ({ type: 'barrier_request', ...header })
    const bytes = Buffer.concat([...messages, barrier].map((message) => this.#bytes(message)))
    return new Promise((resolve, reject) => {
      const startedAtMs = performance.now()
      this.#onMessage = (message) => {
        if (message.type === 'barrier_reply') resolve(performance.now() - startedAtMs)
        if (message.type === 'error') reject(new Error(JSON.stringify(message)))
      }
      this.#socket.write(bytes)
    })
  }

  /** Every flow of every table. */
  readFlows(): Promise<readonly FlowEntry[]> {
    const flows: FlowEntry[] = []
    return new Promise((resolve) => {
      this.#onMessage = (message) => {
        if (message.type !== 'multipart_reply' || message.body.type !== 'flow') return
        flows.push(...message.body.entries)
        if (!message.flags.includes('more')) resolve(flows)
      }
      this.#socket.write(
        this.#bytes((header) => ({ type: 'multipart_request', ...header, body: { type: 'flow' } })),
      )
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #bytes(message: Numbered): Uint8Array {
    return encode(message({ version, xid: this.#nextXid++ }))
  }

  #take(message: Message): void {
    if (message.type === 'echo_request') {
      this.#socket.write(encode({ type: 'echo_reply', version, xid: message.xid, data: message.data }))
    } else this.#onMessage(message)
  }
}
