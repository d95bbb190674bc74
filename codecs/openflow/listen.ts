/** Accepts switches: a TCP or TLS listener that makes a `Connection` of every peer it lets in. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { Connection } from './connection.ts'
import { HalfOpen } from './half-open.ts'
import { Datapaths } from './session-datapaths.ts'
import {
  defaultLimits,
  type Ending,
  type ResolvedOptions,
  resolveOptions,
  type SessionOptions,
} from './session-options.ts'

export interface ListenOptions extends SessionOptions {
  /** Loopback unless said otherwise. */
  readonly host?: string
  readonly port: number
  /** Certificates for TLS; with `requestCert` and `rejectUnauthorized` the peer must show one of `ca`. */
  readonly tls?: TlsOptions
  /** Peers that have not told their features yet, in all and from one address. */
  readonly maxHalfOpen?: number
  readonly maxHalfOpenPerAddress?: number
  /**
   * If given, a datapath id has one session: a second peer that claims it is refused while the first still answers an
   * ECHO_REQUEST within this time, and has it otherwise. If not, both come up and are for the caller to tell apart.
   */
  readonly challengeMs?: number
}

export interface Listener {
  readonly address: AddressInfo
  readonly connections: ReadonlySet<Connection>
  /** Stops listening and closes every session. */
  readonly close: (detail?: string) => Promise<void>
}

const remoteOf = (socket: Socket): string => `${socket.remoteAddress ?? 'unknown'}:${socket.remotePort ?? 0}`

/** Lets a raw TCP peer in, or cuts it; gives its place back when it is up or gone. */
class Door {
  readonly #halfOpen: HalfOpen
  readonly #places = new Map<string, () => void>()
  readonly #options: ResolvedOptions

  constructor(options: ListenOptions) {
    const { maxHalfOpen = 1024, maxHalfOpenPerAddress = 256 } = options
    this.#halfOpen = new HalfOpen({ perListener: maxHalfOpen, perAddress: maxHalfOpenPerAddress })
    this.#options = resolveOptions(options)
  }

  admit(socket: Socket): boolean {
    const remote = remoteOf(socket)
    const entry = this.#halfOpen.enter(socket.remoteAddress ?? 'unknown')
    if ('refused' in entry) {
      socket.destroy()
      this.refuse(remote, 'too-many-half-open', entry.refused)
      return false
    }
    this.#places.set(remote, entry.leave)
    socket.once('close', () => this.leave(remote))
    return true
  }

  leave(remote: string): void {
    this.#places.get(remote)?.()
    this.#places.delete(remote)
  }

  refuse(remote: string, code: Ending['code'], detail: string): void {
    const { onEnd, onIncident } = this.#options
    try {
      onEnd({ code, detail, remote, wasUp: false })
    } catch (error) {
      onIncident({ code: 'handler-failed', detail: String(error), remote })
    }
  }
}

export async function listen(options: ListenOptions): Promise<Listener> {
  const door = new Door(options)
  const connections = new Set<Connection>()
  const admit = admission(options)
  const onUp: SessionOptions['onUp'] = (connection) => {
    door.leave(connection.remote)
    return admit(connection)
  }
  const serve = (socket: Socket): void => {
    socket.setNoDelay(true)
    const connection = new Connection(socket, remoteOf(socket), { ...options, onUp })
    connections.add(connection)
    void connection.ended.then(() => connections.delete(connection))
  }
  const handshakeTimeout = options.limits?.handshakeMs ?? defaultLimits.handshakeMs
  const server = options.tls
    ? tlsServer(options.tls, { handshakeTimeout, door, serve })
    : plainServer(door, serve)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host ?? '127.0.0.1', () => {
      server.off('error', reject)
      // A process that is out of sockets goes on with those it has.
      server.on('error', ({ message }) => {
        resolveOptions(options).onIncident({ code: 'accept-failed', detail: message, remote: 'unknown' })
      })
      resolve()
    })
  })
  return {
    address: server.address() as AddressInfo,
    connections,
    close: (detail) => closeAll(server, connections, detail),
  }
}

function admission(options: ListenOptions): SessionOptions['onUp'] {
  const { challengeMs, onUp } = options
  if (challengeMs === undefined) return onUp
  const datapaths = new Datapaths({ challengeMs, onUp, onIncident: resolveOptions(options).onIncident })
  return (connection) => datapaths.admit(connection)
}

function plainServer(door: Door, serve: (socket: Socket) => void): Server {
  return createServer((socket) => {
    if (door.admit(socket)) serve(socket)
  })
}

interface TlsParts {
  readonly handshakeTimeout: number
  readonly door: Door
  readonly serve: (socket: Socket) => void
}

function tlsServer(tls: TlsOptions, { handshakeTimeout, door, serve }: TlsParts): Server {
  /** Why the handshake of an admitted peer failed, by peer; present until its handshake is over. */
  const handshakes = new Map<string, string>()
  const server = createTlsServer({ handshakeTimeout, ...tls }, (socket) => {
    handshakes.delete(remoteOf(socket))
    serve(socket)
  })
  // The place is taken by the TCP connection: a TLS handshake that never ends is half-open too.
  server.on('connection', (socket: Socket) => {
    const remote = remoteOf(socket)
    if (!door.admit(socket)) return
    handshakes.set(remote, 'the peer left, or its certificate comes from no CA of ours')
    socket.once('close', () => {
      const failure = handshakes.get(remote)
      handshakes.delete(remote)
      if (failure !== undefined) door.refuse(remote, 'tls-failed', failure)
    })
  })
  server.on('tlsClientError', (error, socket) => {
    const remote = remoteOf(socket)
    if (handshakes.has(remote)) handshakes.set(remote, error.message)
    socket.destroy()
  })
  return server
}

async function closeAll(
  server: Server,
  connections: ReadonlySet<Connection>,
  detail = 'listener closed',
): Promise<void> {
  const stopped = new Promise<void>((resolve) => server.close(() => resolve()))
  await Promise.all([...connections].map((connection) => connection.close(detail)))
  await stopped
}
