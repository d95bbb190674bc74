/** Uplinks of a hypervisor, as declared: devices that are there, and tunnels and patch cables that are to be made. */
import { parseAddress } from './addresses.ts'
import type { Tunnel, Uplink } from './intent.ts'
import type { Claim } from './ledger.ts'
import { readRate } from './rates.ts'
import { pointerOf, type Report } from './report.ts'
import type { SwitchSpec } from './schema.ts'

type UplinkSpec = Exclude<NonNullable<SwitchSpec['uplinks']>[number], string>

export function resolveUplinks(
  name: string,
  spec: SwitchSpec,
  claims: Claim[],
  report: Report,
): readonly Uplink[] {
  const uplinks = (spec.uplinks ?? []).map((text, index): Uplink => {
    const uplink: UplinkSpec = typeof text === 'string' ? { port: text } : text
    const at = (...path: readonly string[]) => pointerOf('switches', name, 'uplinks', index, ...path)
    claims.push({ key: `port/${name}/${uplink.port}`, pointer: at() })
    const made = (['tunnel', 'patch'] as const).filter((key) => uplink[key] !== undefined)
    for (const key of made)
      if (spec.ovsdb === undefined)
        report(
          at(key),
          `nobody can make port ${uplink.port}`,
          `declare the database of ${name}: add \`ovsdb\``,
        )
    if (made.length > 1) report(at('patch'), 'one port is no tunnel and patch cable at once', 'leave one out')
    return resolveUplink(uplink, at, report)
  })
  if (spec.role === 'fabric' && uplinks.length > 0) {
    const hint = 'a fabric switch uses every port that `links` cables; leave `uplinks` out'
    report(pointerOf('switches', name, 'uplinks'), 'only a hypervisor has uplinks', hint)
  }
  return uplinks
}

function resolveUplink(
  { bandwidth, tunnel, ...uplink }: UplinkSpec,
  at: (...path: readonly string[]) => string,
  report: Report,
): Uplink {
  const bandwidthBps = bandwidth === undefined ? undefined : readRate(bandwidth, at('bandwidth'), report)
  const made = tunnel && resolveTunnel(tunnel, at('tunnel', 'remote'), report)
  return { ...uplink, ...(bandwidthBps !== undefined && { bandwidthBps }), ...(made && { tunnel: made }) }
}

function resolveTunnel(
  { type = 'geneve', remote, key }: NonNullable<UplinkSpec['tunnel']>,
  pointer: string,
  report: Report,
): Tunnel | undefined {
  const address = parseAddress(remote)
  if (!address.ok) {
    report(pointer, address.message, address.hint)
    return undefined
  }
  return { type, remote: address.value.text, ...(key !== undefined && { key }) }
}
