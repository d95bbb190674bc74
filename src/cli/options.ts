/** The options of `throwbar run`, read from the command line and the environment. */
import { InvalidArgumentError } from 'commander'

export interface ListenAddress {
  readonly host: string
  readonly port: number
}

export interface TlsFiles {
  readonly keyFile: string
  readonly certFile: string
  /** Whose certificates switches must show. */
  readonly caFile: string
}

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

export interface RunOptions {
  /** YAML file to declare at the start; without it the stored intent is kept. */
  readonly topology?: string
  /** Where switches connect to. */
  readonly openflow: readonly ListenAddress[]
  /** What hosts whose database is declared are told as this controller's addresses; empty: what is found. */
  readonly advertise: readonly ListenAddress[]
  readonly api: ListenAddress
  readonly dataDir: string
  /** What REST clients must show; needed when `api` is not a loopback address. */
  readonly token?: string
  /** OpenFlow over TLS instead of plain TCP. */
  readonly tls?: TlsFiles
  readonly logLevel: (typeof logLevels)[number]
}

export const defaultOpenflow: ListenAddress = { host: '127.0.0.1', port: 6653 }
export const defaultApi: ListenAddress = { host: '127.0.0.1', port: 8080 }

/** Reads `HOST:PORT`, `[IPV6]:PORT`, `:PORT` (all addresses) and, with `fallback`, `HOST` alone. */
export function parseListenAddress(text: string, fallback: ListenAddress): ListenAddress {
  const match = /^(?:\[([0-9a-fA-F:.%a-z]+)\]|([^:[\]]*))(?::([0-9]{1,5}))?$/.exec(text)
  const port = match?.[3] === undefined ? fallback.port : Number(match[3])
  if (match === null || text === '' || port > 65_535)
    throw new InvalidArgumentError(
      `"${text}" is not HOST:PORT, such as ${fallback.host}:${fallback.port} or [::1]:${fallback.port}.`,
    )
  const host = match[1] ?? match[2]
  return { host: host === undefined || host === '' ? '0.0.0.0' : host, port }
}
