/** Where QEMU's monitor (QMP) listens, and where a guest may be sent to, in QEMU's own words. */

export type QmpAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }

const forms = 'tcp:HOST:PORT, an IPv6 address in brackets, or unix:/ABSOLUTE/PATH'

/** The address, or what is wrong with it. */
export function parseAddress(text: string): QmpAddress | string {
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length)
    return path.startsWith('/') && !/[,\0]/.test(path) ? { kind: 'unix', path } : `${text} is not ${forms}`
  }
  const [, bracketed, plain, digits] =
    /^tcp:(?:\[([0-9a-fA-F:.%\w]+)\]|([^:[\],\s]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  const port = Number(digits)
  if (host === undefined || port < 1 || port > 65_535) return `${text} is not ${forms}`
  return { kind: 'tcp', host, port }
}

/** What is wrong with it as the place that a source sends a guest to. QEMU takes more kinds: `exec:` would run a command. */
export function uriProblem(uri: string): string | undefined {
  const address = parseAddress(uri)
  if (typeof address === 'string') return address
  const everywhere = address.kind === 'tcp' && ['0.0.0.0', '::'].includes(address.host)
  return everywhere
    ? `${uri} is where a destination listens: name the address that the source reaches`
    : undefined
}
