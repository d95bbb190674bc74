/** Hypervisors' own interfaces, for storage and migration: from spec to entity. */
import { macText, parseAddress, parseMac } from './addresses.ts'
import type { Address, HostInterface } from './intent.ts'
import type { Claim } from './ledger.ts'
import { pointerOf, type Report } from './report.ts'
import type { InterfaceSpec, SwitchSpec } from './schema.ts'

/** Sorted by name; undefined when one of them could not be read. */
export function resolveInterfaces(
  host: string,
  { role, interfaces = {} }: SwitchSpec,
  claims: Claim[],
  report: Report,
): readonly HostInterface[] | undefined {
  const pointer = pointerOf('switches', host, 'interfaces')
  const sorted = Object.entries(interfaces).toSorted(([a], [b]) => (a < b ? -1 : 1))
  if (role === 'fabric' && sorted.length > 0) {
    const hint = 'storage and migration end at hypervisors; leave `interfaces` out'
    report(pointer, 'only a hypervisor has interfaces', hint)
  }
  const resolved = sorted.map(([port, spec]): HostInterface | undefined => {
    const here = pointerOf('switches', host, 'interfaces', port)
    claims.push({ key: `port/${host}/${port}`, pointer: here })
    const identity = resolveIdentity(here, spec, claims, report)
    if (!identity) return undefined
    const uplink = spec.uplink === undefined ? {} : { uplink: spec.uplink }
    return {
      id: `${host}:${port}`,
      network: spec.network,
      ...identity,
      switch: host,
      port,
      trust: [],
      ...uplink,
    }
  })
  const whole = resolved.filter((one) => one !== undefined)
  return whole.length < resolved.length ? undefined : whole
}

/** What an endpoint is known by in its network. */
export function resolveIdentity(
  here: string,
  spec: Pick<InterfaceSpec, 'network' | 'mac' | 'ips'>,
  claims: Claim[],
  report: Report,
): { readonly mac: number; readonly addresses: readonly Address[] } | undefined {
  const mac = parseMac(spec.mac)
  if (mac.ok) claims.push({ key: `mac/${macText(mac.value)}`, pointer: `${here}/mac` })
  else report(`${here}/mac`, mac.message, mac.hint)
  const addresses: Address[] = []
  for (const [position, text] of (spec.ips ?? []).entries()) {
    const address = parseAddress(text)
    const pointer = `${here}/ips/${position}`
    if (!address.ok) {
      report(pointer, address.message, address.hint)
      continue
    }
    claims.push({ key: `ip/${spec.network}/${address.value.text}`, pointer })
    addresses.push(address.value)
  }
  return mac.ok && addresses.length === (spec.ips ?? []).length ? { mac: mac.value, addresses } : undefined
}
