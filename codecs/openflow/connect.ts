/** Calls a switch that listens (`ptcp:`, `pssl:`) and resolves when its session is up. */
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { Connection } from './connection.ts'
import { SessionClosed } from './session-errors.ts'
import { defaultLimits, type SessionOptions } from './session-options.ts'

export interface ConnectOptions extends SessionOptions {
  readonly host?: string
  readonly port: number
  readonly tls?: ConnectionOptions
}

/** Rejects with `SessionClosed`, whose code says why, when the session does not come up. */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { host = '127.0.0.1', port, tls } = options
  const socket: Socket = tls ? connectTls({ host, port, ...tls }) : connectTcp({ host, port })
  const remote = `${host}:${port}`
  await new Promise<void>((resolve, reject) => {
    const { handshakeMs } = { ...defaultLimits, ...options.limits }
    const failed = (error: Error) => {
      socket.destroy()
      reject(new SessionClosed(tls ? 'tls-failed' : 'socket-error', error.message))
    }
    socket.setTimeout(handshakeMs, () => failed(new Error(`${remote} did not answer in ${handshakeMs} ms`)))
    socket.once('error', failed)
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      socket.off('error', failed)
      socket.setTimeout(0)
      resolve()
    })
  })
  socket.setNoDelay(true)
  return new Promise((resolve, reject) => {
    const connection = new Connection(socket, remote, {
      ...options,
      onUp: (up) => {
        resolve(up)
        return options.onUp(up)
      },
    })
    void connection.ended.then(({ code, detail }) => reject(new SessionClosed(code, detail)))
  })
}
