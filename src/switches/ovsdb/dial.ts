/** A socket to an OVSDB server; `ready` comes once it carries bytes both ways. */
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ConnectionOptions, connect as connectTls, TLSSocket } from 'node:tls'
import type { OvsdbTarget } from '../../model/ovsdb-target.ts'

export function dial(target: OvsdbTarget, tls: ConnectionOptions = {}): Duplex {
  if (target.kind === 'unix') return connect({ path: target.path })
  const { host, port } = target
  const socket: Socket = target.kind === 'ssl' ? connectTls({ host, port, ...tls }) : connect({ host, port })
  return socket.setNoDelay(true)
}

/** A TLS socket is of no use before its handshake is over. */
export const readyEvent = (socket: Duplex): string =>
  socket instanceof TLSSocket ? 'secureConnect' : 'connect'
