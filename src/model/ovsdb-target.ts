/** Where an OVSDB server listens, in ovs-vsctl's own words: `tcp:HOST:PORT`, `ssl:HOST:PORT`, `unix:/ABSOLUTE/PATH`. */

export type OvsdbTarget =
  | { readonly kind: 'tcp' | 'ssl'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }

export type ParsedTarget =
  | { readonly ok: true; readonly target: OvsdbTarget }
  | { readonly ok: false; readonly reason: string }

/** IANA's port, which Open vSwitch's own tools use when none is given. */
const defaultPort = 6640

const refuse = (reason: string): ParsedTarget => ({ ok: false, reason })

function parseAddress(kind: 'tcp' | 'ssl', rest: string): ParsedTarget {
  // An IPv6 address stands in brackets.
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(rest) ?? []
  const host = bracketed ?? plain
  if (host === undefined) return refuse(`${kind}: must be followed by HOST:PORT, an IPv6 address in brackets`)
  const port = digits === undefined ? defaultPort : Number(digits)
  if (port < 1 || port > 65_535) return refuse(`${port} is no port`)
  return { ok: true, target: { kind, host, port } }
}

export function parseTarget(text: string): ParsedTarget {
  const colon = text.indexOf(':')
  const kind = text.slice(0, Math.max(colon, 0))
  const rest = text.slice(colon + 1)
  if (kind === 'tcp' || kind === 'ssl') return parseAddress(kind, rest)
  if (kind !== 'unix') return refuse('a target begins with tcp:, ssl: or unix:')
  if (!rest.startsWith('/')) return refuse('unix: must be followed by an absolute path')
  return { ok: true, target: { kind, path: rest } }
}

export function formatTarget(target: OvsdbTarget): string {
  if (target.kind === 'unix') return `unix:${target.path}`
  const host = target.host.includes(':') ? `[${target.host}]` : target.host
  return `${target.kind}:${host}:${target.port}`
}
