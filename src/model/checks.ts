/**
 * What must hold between declared objects: references, roles, addresses inside their subnets, uplinks where a network
 * needs them. Each check looks at one object, so that a change can check the objects it concerns and no others.
 */
import { parseAddress, rangesOf, reservedInSubnet } from './addresses.ts'
import { parseLinkEnd } from './entities.ts'
import type { Address, Network, Switch, Vm } from './intent.ts'
import { isReserved } from './intent.ts'
import { hintFor, pointerOf, type Report } from './report.ts'
import type { IntentSpec, NetworkSpec, SwitchSpec, VmSpec } from './schema.ts'
import { checkTeams } from './team-checks.ts'

/** What a check may look up. An object whose own spec is wrong is in `spec` only. */
export interface World {
  readonly spec: IntentSpec
  readonly switches: ReadonlyMap<string, Switch>
  readonly networks: ReadonlyMap<string, Network>
  /** How many NICs a network has on each switch. */
  readonly presence: (network: string) => ReadonlyMap<string, number>
}

type References = 'sites' | 'segments' | 'switches' | 'networks'
const singular = { sites: 'site', segments: 'segment', switches: 'switch', networks: 'network' } as const

/** The declared object of that name; reports when there is none. */
export function lookUp<S extends References>(
  world: World,
  { section, name, pointer }: { readonly section: S; readonly name: string; readonly pointer: string },
  report: Report,
): NonNullable<IntentSpec[S]>[string] | undefined {
  const declared = world.spec[section] as
    | Readonly<Record<string, NonNullable<IntentSpec[S]>[string]>>
    | undefined
  if (declared && Object.hasOwn(declared, name)) return declared[name]
  const what = singular[section]
  report(pointer, `${what} "${name}" is not declared`, hintFor(name, what, Object.keys(declared ?? {})))
  return undefined
}

export function checkSwitch(world: World, name: string, report: Report): void {
  const spec = world.spec.switches?.[name]
  if (!spec) return
  if (spec.site !== undefined) {
    lookUp(world, { section: 'sites', name: spec.site, pointer: pointerOf('switches', name, 'site') }, report)
  }
  checkTeams(name, spec, report)
  for (const [index, uplink] of (spec.uplinks ?? []).entries()) {
    if (typeof uplink === 'string' || uplink.segment === undefined) continue
    const pointer = pointerOf('switches', name, 'uplinks', index, 'segment')
    lookUp(world, { section: 'segments', name: uplink.segment, pointer }, report)
  }
}

export function checkNetwork(world: World, name: string, report: Report): void {
  const spec = world.spec.networks?.[name]
  if (spec?.class !== undefined && world.spec.classes === undefined)
    report(
      pointerOf('networks', name, 'class'),
      `network ${name} is in class ${spec.class}, and no class is declared`,
      'add `classes`, or leave `class` out',
    )
  if (spec?.switch === undefined || spec.kind !== 'internal') return
  const pointer = pointerOf('networks', name, 'switch')
  const host = lookUp(world, { section: 'switches', name: spec.switch, pointer }, report)
  if (host?.role === 'fabric') {
    report(pointer, `switch ${spec.switch} is a fabric switch`, 'an internal network lives on a hypervisor')
  }
}

export function checkVm(world: World, name: string, vm: Vm | undefined, report: Report): void {
  const spec = world.spec.vms?.[name]
  if (!spec) return
  const host = checkHost(world, name, spec, report)
  for (const [index, nic] of spec.nics.entries()) {
    const here = `/vms/${name}/nics/${index}`
    const pointer = `${here}/network`
    if (nic.iface !== undefined) checkFollowed(world, { host, here }, report)
    const network = lookUp(world, { section: 'networks', name: nic.network, pointer }, report)
    if (!network) continue
    if (spec.host !== undefined)
      checkConfined({ host: spec.host, pointer, name: nic.network }, network, report)
    if (isReserved(network)) {
      const message = `network ${nic.network} is of kind \`${network.kind}\`, which no VM is in`
      report(pointer, message, 'put the VM in a `kind: vm` network')
    }
    const entity = world.networks.get(nic.network)
    if (!entity) continue
    const addresses = vm?.nics[index]?.addresses ?? (nic.ips ?? []).map(readable)
    for (const [position, address] of addresses.entries()) {
      if (address)
        checkAddress(entity, address, (message, hint) => report(`${here}/ips/${position}`, message, hint))
    }
  }
}

function checkHost(world: World, name: string, spec: VmSpec, report: Report): SwitchSpec | undefined {
  if (spec.host === undefined) return undefined
  const pointer = pointerOf('vms', name, 'host')
  const host = lookUp(world, { section: 'switches', name: spec.host, pointer }, report)
  if (host?.role === 'fabric') {
    const hint = `VMs run on hypervisors${listHypervisors(world)}`
    report(pointer, `switch ${spec.host} is a fabric switch`, hint)
  }
  return host
}

/** A NIC that is followed by its `iface` needs a hypervisor whose database we read. */
function checkFollowed(
  world: World,
  { host, here }: { readonly host: SwitchSpec | undefined; readonly here: string },
  report: Report,
): void {
  if (host ? host.ovsdb !== undefined : hasDatabase(world)) return
  report(
    `${here}/iface`,
    host ? 'the database of its host is not declared' : 'no hypervisor has its database declared',
    'add `ovsdb` to the switch: there Throwbar reads where NICs are',
  )
}

const followed = new WeakMap<object, boolean>()

/** Looked up once for all VMs of a document. */
function hasDatabase({ spec: { switches = {} } }: World): boolean {
  let found = followed.get(switches)
  if (found === undefined) {
    found = Object.values(switches).some(({ role, ovsdb }) => role === 'hypervisor' && ovsdb !== undefined)
    followed.set(switches, found)
  }
  return found
}

function checkConfined(
  nic: { readonly host: string; readonly pointer: string; readonly name: string },
  network: NetworkSpec,
  report: Report,
): void {
  if (network.kind !== 'internal' || network.switch === undefined || network.switch === nic.host) return
  const message = `internal network ${nic.name} is confined to switch ${network.switch}, and the VM runs on ${nic.host}`
  report(nic.pointer, message, `run the VM on ${network.switch}, or use a \`kind: vm\` network`)
}

export function readable(text: string): Address | undefined {
  const parsed = parseAddress(text)
  return parsed.ok ? parsed.value : undefined
}

export function checkAddress(
  network: Network,
  address: Address,
  report: (message: string, hint?: string) => void,
): void {
  const ranges = rangesOf(network)
  const home = ranges.find(
    (range) => range.family === address.family && address.value >= range.first && address.value <= range.last,
  )
  if (!home) {
    const cidrs = ranges.map((range) => range.cidr).join(', ')
    const has =
      cidrs === ''
        ? `network ${network.name} has no subnet`
        : `outside the subnets of network ${network.name}`
    report(
      cidrs === '' ? `${address.text}: ${has}` : `${address.text} is ${has}`,
      cidrs === '' ? `add \`subnets\` to network ${network.name}` : `use an address of ${cidrs}`,
    )
    return
  }
  const reserved = reservedInSubnet(address, home)
  if (reserved !== undefined) report(`${address.text} ${reserved}`, 'use another address of the subnet')
}

function listHypervisors(world: World): string {
  const names = Object.entries(world.spec.switches ?? {}).flatMap(([name, spec]) =>
    spec.role === 'hypervisor' ? [name] : [],
  )
  return names.length === 0 || names.length > 8 ? '' : `: ${names.join(', ')}`
}

export function checkCables(world: World, report: Report): void {
  for (const [index, texts] of (world.spec.links ?? []).entries()) {
    const ends = texts.map(parseLinkEnd)
    for (const [side, end] of ends.entries()) {
      if (!end) continue
      const pointer = pointerOf('links', index, side)
      const spec = lookUp(world, { section: 'switches', name: end.switch, pointer }, report)
      if (spec?.role === 'hypervisor')
        checkUplink(spec, { ...end, peer: ends[1 - side]?.port }, (message, hint) =>
          report(pointer, message, hint),
        )
    }
  }
}

function checkUplink(
  spec: SwitchSpec,
  end: { readonly switch: string; readonly port: string; readonly peer: string | undefined },
  report: (message: string, hint: string) => void,
): void {
  const uplinks = spec.uplinks ?? []
  const uplink = uplinks.find((one) => (typeof one === 'string' ? one : one.port) === end.port)
  if (uplink === undefined) {
    report(
      `port ${end.port} is not an uplink of hypervisor ${end.switch}`,
      `add ${end.port} to its \`uplinks\``,
    )
  } else if (typeof uplink !== 'string' && uplink.segment !== undefined) {
    report(
      `port ${end.port} of ${end.switch} leads into segment ${uplink.segment}`,
      'cable another port, or drop the segment',
    )
  } else if (typeof uplink !== 'string' && uplink.patch !== undefined && uplink.patch !== end.peer) {
    report(
      `port ${end.port} of ${end.switch} is one end of a patch cable whose other is ${uplink.patch}`,
      `cable it with ${uplink.patch}, or name ${end.peer ?? 'the other end'} in \`patch\``,
    )
  }
}

/** A network on several switches needs an uplink on each; `seen` keeps a switch from being reported once per network. */
export function checkSpan(world: World, name: string, seen: Set<string>, report: Report): void {
  if ((world.spec.networks?.[name]?.kind ?? 'internal') === 'internal') return
  const hosts = [...world.presence(name).keys()].filter(
    (host) => world.switches.get(host)?.role === 'hypervisor',
  )
  if (hosts.length < 2) return
  for (const host of hosts) {
    if (world.switches.get(host)?.uplinks.length !== 0 || seen.has(host)) continue
    seen.add(host)
    const message = `network ${name} spans switches ${hosts.sort().join(', ')}, and ${host} has no uplink`
    report(pointerOf('switches', host), message, `add \`uplinks\` to ${host}`)
  }
}
