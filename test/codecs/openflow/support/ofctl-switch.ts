/** A switch of a few raw bytes that lets ovs-ofctl send it anything and keeps the mods: our codec has no part in it. */
import { createServer, type Server, type Socket } from 'node:net'

const header = (version: number, type: number, length: number, xid: number): Uint8Array => {
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, version)
  view.setUint8(1, type)
  view.setUint16(2, length)
  view.setUint32(4, xid)
  return bytes
}

const hello = 0
const echoRequest = 2
const experimenter = 4
const featuresRequest = 5
const flowMod = 14
const groupMod = 15
const meterMod = 29
const niciraId = 0x2320
const niciraFlowMod = 13
const niciraGroupMod = 31

const barrierRequest = (version: number): number => (version === 1 ? 18 : 20)

/** Whether it is a flow, group or meter mod, as opposed to what ovs-ofctl says on its way there. */
const isMod = (version: number, type: number, message: DataView): boolean => {
  if (type === flowMod) return true
  if (version > 1) return type === groupMod || type === meterMod
  if (type !== experimenter || message.byteLength < 16 || message.getUint32(8) !== niciraId) return false
  const subtype = message.getUint32(12)
  return subtype === niciraFlowMod || subtype === niciraGroupMod
}

export class RecordingSwitch {
  readonly target: string
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #recorded: string[] = []

  private constructor(server: Server, target: string) {
    this.#server = server
    this.target = target
    server.on('connection', (socket) => this.#serve(socket))
  }

  /** Listens on a loopback port of the kernel's choice. */
  static async open(): Promise<RecordingSwitch> {
    const server = createServer({ noDelay: true })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port to listen on')
    return new RecordingSwitch(server, `tcp:127.0.0.1:${address.port}`)
  }

  /** The mods since the last call, in hex, in the order sent, with xid 0. */
  take(): readonly string[] {
    const recorded = this.#recorded
    this.#recorded = []
    return recorded
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #serve(socket: Socket): void {
    let pending: Buffer = Buffer.alloc(0)
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
      while (pending.length >= 8) {
        const length = pending.readUInt16BE(2)
        if (length < 8) {
          socket.destroy()
          return
        }
        if (pending.length < length) return
        this.#answer(socket, pending.subarray(0, length))
        pending = pending.subarray(length)
      }
    })
  }

  #answer(socket: Socket, message: Buffer): void {
    const version = message.readUInt8(0)
    const type = message.readUInt8(1)
    const xid = message.readUInt32BE(4)
    if (type === hello) socket.write(header(version, hello, 8, 0))
    else if (type === echoRequest) socket.write(header(version, echoRequest + 1, 8, xid))
    else if (type === featuresRequest) socket.write(header(version, featuresRequest + 1, 32, xid))
    else if (type === barrierRequest(version)) socket.write(header(version, type + 1, 8, xid))
    else if (isMod(version, type, new DataView(message.buffer, message.byteOffset, message.length))) {
      this.#recorded.push(`${message.toString('hex', 0, 4)}00000000${message.toString('hex', 8)}`)
    }
  }
}
