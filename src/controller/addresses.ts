/** What a host is told as its controller's address: as given, or found from where OpenFlow listens and who is asking. Pure. */
import { isIP } from 'node:net'
import type { WantedController } from '../switches/ovsdb/wanted.ts'

export interface Listening {
  /** As it was bound: `0.0.0.0` and `::` are all addresses. */
  readonly host: string
  readonly port: number
  readonly isTls: boolean
}

export interface AddressParts {
  readonly listening: readonly Listening[]
  /** Given by the operator, instead of what would be found. */
  readonly advertised: readonly { readonly host: string; readonly port: number }[]
  /** This machine's address as the host sees it; undefined over a unix socket. */
  readonly localAddress: string | undefined
}

const isWildcard = (host: string): boolean => host === '0.0.0.0' || host === '::'
const isLoopback = (host: string): boolean => host === '::1' || host.startsWith('127.')
const plain = (address: string): string => address.replace(/^::ffff:/, '')

/** Empty when nothing that OpenFlow listens on can be reached from there. */
export function controllersFor({
  listening,
  advertised,
  localAddress,
}: AddressParts): readonly WantedController[] {
  const isTls = listening.some((one) => one.isTls)
  if (advertised.length > 0)
    return advertised.map(({ host, port }) => ({ target: targetOf(host, port, isTls) }))
  if (localAddress === undefined)
    // A database on this machine; its switch may stand in a namespace of its own, with a controller address to match.
    return listening.slice(0, 1).map(({ host, port }) => {
      const near = host === '::' ? '::1' : isWildcard(host) ? '127.0.0.1' : host
      return { target: targetOf(near, port, isTls), onlyIfNone: true }
    })
  const here = plain(localAddress)
  const reachable = listening.filter(
    ({ host }) => host === here || isWildcard(host) || (isLoopback(host) && isLoopback(here)),
  )
  return reachable.slice(0, 1).map(({ host, port }) => ({
    target: targetOf(isWildcard(host) ? here : host, port, isTls),
  }))
}

function targetOf(host: string, port: number, isTls: boolean): string {
  return `${isTls ? 'ssl' : 'tcp'}:${isIP(host) === 6 ? `[${host}]` : host}:${port}`
}
