/** A controller that sends what it is given in hex: for what ovs-ofctl never sends, and to be called by the switch. */
import { createConnection, createServer, type Socket } from 'node:net'
import { message, nicira, onf, u16, u32, zeros } from './hex.ts'
import { Cutter, type Recording } from './recording.ts'

export class RawController {
  readonly minor: number
  readonly #socket: Socket
  readonly #recording: Recording
  readonly #arrived: Buffer[] = []
  #wake: () => void = () => undefined
  #xid = 0x10

  private constructor(socket: Socket, minor: number, recording: Recording) {
    this.#socket = socket
    this.minor = minor
    this.#recording = recording
    const cutter = new Cutter()
    socket.on('data', (chunk) => {
      for (const bytes of cutter.push(chunk)) {
        recording.add({ label: recording.label, minor, from: 'switch', bytes })
        this.#arrived.push(bytes)
      }
      this.#wake()
    })
    socket.on('error', () => this.#wake())
    socket.on('close', () => this.#wake())
  }

  /** Connects to the switch's management socket. */
  static async dial(path: string, minor: number, recording: Recording): Promise<RawController> {
    const socket = createConnection(path)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    const controller = new RawController(socket, minor, recording)
    await controller.#greet()
    return controller
  }

  /** Says only this greeting, and waits until the switch has refused it or, when it has not, answers an echo. */
  static async greet(path: string, hello: Buffer, isRefused: boolean, recording: Recording): Promise<void> {
    const controller = new RawController(createConnection(path), 0, recording)
    controller.raw(hello)
    await controller.next(0)
    if (isRefused) await controller.next(1)
    else {
      controller.raw(message(0, 2, 1, ''))
      await controller.next(3)
    }
    await controller.close()
  }

  /** Waits on loopback until the switch connects; `told` gets the port to tell it. */
  static async called(
    minor: number,
    recording: Recording,
    told: (port: number) => void,
  ): Promise<RawController> {
    const server = createServer()
    try {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const address = server.address()
      if (address === null || typeof address === 'string') throw new Error('no port')
      const connected = new Promise<Socket>((resolve) => server.once('connection', resolve))
      told(address.port)
      const controller = new RawController(await connected, minor, recording)
      await controller.#greet()
      return controller
    } finally {
      server.close()
    }
  }

  async #greet(): Promise<void> {
    // The bitmap says this version only; below 1.3 there is none and the lowest version offered wins.
    const bitmap = this.minor >= 3 ? `0001 0008 ${u32(1 << (this.minor + 1))}` : ''
    this.send(0, bitmap)
    await this.next(0)
  }

  /** Of the next message: a message within a message has the same. */
  get upcomingXid(): number {
    return this.#xid
  }

  /** Sends any bytes. */
  raw(bytes: Buffer): void {
    const { minor } = this
    this.#recording.add({ label: this.#recording.label, minor, from: 'controller', bytes })
    this.#socket.write(bytes)
  }

  /** Sends a message and returns its transaction id. */
  send(type: number, body = ''): number {
    const xid = this.#xid++
    this.raw(message(this.minor, type, xid, body))
    return xid
  }

  /** An extension message: of Nicira unless another vendor is named. */
  experimenter(subtype: number, body = '', vendor: string = nicira): number {
    return this.send(4, `${vendor} ${u32(subtype)} ${body}`)
  }

  multipart(type: number, body = '', flags = 0): number {
    return this.minor === 0
      ? this.send(16, `${u16(type)} ${u16(flags)} ${body}`)
      : this.send(18, `${u16(type)} ${u16(flags)} ${zeros(4)} ${body}`)
  }

  experimenterMultipart(subtype: number, body = '', vendor: string = nicira): number {
    // Only OpenFlow 1.0's extension header is padded.
    const padding = this.minor === 0 && vendor !== onf ? zeros(4) : ''
    return this.multipart(0xffff, `${vendor} ${u32(subtype)} ${padding} ${body}`)
  }

  /** Everything before it is done, and what the switch had to say has been recorded. */
  async barrier(): Promise<void> {
    const [request, reply] = this.minor === 0 ? [18, 19] : [20, 21]
    this.send(request)
    await this.next(reply)
  }

  /** What has arrived so far is recorded; nobody waits for it any more. */
  async settle(): Promise<void> {
    await this.barrier()
    this.#arrived.length = 0
  }

  /** Takes the next message of a type, and of an extension's subtype, out of what arrives, within ten seconds. */
  async next(type: number, subtype?: number): Promise<Buffer> {
    const isWanted = (bytes: Buffer): boolean =>
      bytes.readUInt8(1) === type && (subtype === undefined || bytes.readUInt32BE(12) === subtype)
    const deadline = performance.now() + 10_000
    for (;;) {
      const index = this.#arrived.findIndex(isWanted)
      const [found] = index < 0 ? [] : this.#arrived.splice(index, 1)
      if (found !== undefined) return found
      if (performance.now() > deadline || this.#socket.destroyed)
        throw new Error(`1.${this.minor} ${this.#recording.label}: no message of type ${type}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadline - performance.now())
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  /** Reads nothing until `resume`. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  async close(): Promise<void> {
    if (this.#socket.closed) return
    const closed = new Promise((resolve) => this.#socket.once('close', resolve))
    this.#socket.destroy()
    await closed
  }
}
