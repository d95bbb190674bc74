/**
 * The meaning of an intent, said directly and without tables: who must receive a frame that a NIC sends.
 * The compiler is right when its tables say the same.
 */
import type { Frame } from '../../support/table-interpreter.ts'
import { macOf, ipv4Of, ipv6Of, portName, type NicSpec, type WorldSpec } from './world.ts'

export type Meaning =
  | { readonly kind: 'deliver'; readonly to: readonly NicSpec[] }
  /** The switch answers for the owner of the address. */
  | { readonly kind: 'answer'; readonly owner: NicSpec }

const nobody: Meaning = { kind: 'deliver', to: [] }

export function meaningOf(world: WorldSpec, from: NicSpec, frame: Frame): Meaning {
  if (!isPresent(world, from) || !maySay(from, frame)) return nobody
  const members = world.nics.filter((nic) => nic.network === from.network && isPresent(world, nic))
  const others = members.filter((nic) => nic !== from)
  const asked = others.find((nic) => isAsked(nic, frame))
  const probe = frame.fields.icmpv6_type === 135 && frame.fields.ipv6_src === 0n
  if (probe && !isAsked(from, frame)) return nobody
  if (asked && !probe && frame.fields.ipv6_nd_sll !== 0) return { kind: 'answer', owner: asked }
  const destination = Number(frame.fields.eth_dst)
  const isGroup = Math.floor(destination / 2 ** 40) % 2 === 1
  const wanted = others.filter((nic) => isGroup || macOf(nic.n) === destination)
  return { kind: 'deliver', to: wanted.filter((nic) => nic.on === from.on || reaches(world, from, nic)) }
}

export function isPresent(world: WorldSpec, nic: NicSpec): boolean {
  const mine = `${nic.on}/${portName(nic)}`
  return (
    !(world.absent?.has(mine) ?? false) &&
    world.nics.find((one) => `${one.on}/${portName(one)}` === mine) === nic
  )
}

const linkLocalOf = (nic: NicSpec) => (0xfe80n << 112n) | 0x505400fffe000000n | BigInt(nic.n)
const ipv6sOf = (nic: NicSpec): bigint[] => [ipv6Of(nic.n).value, linkLocalOf(nic)]

function isAsked(nic: NicSpec, { fields }: Frame): boolean {
  if (fields.arp_op === 1) return fields.arp_tpa === Number(ipv4Of(nic.n).value)
  return fields.icmpv6_type === 135 && ipv6sOf(nic).includes(BigInt(fields.ipv6_nd_target ?? 0))
}

function maySay(nic: NicSpec, { vlans, fields }: Frame): boolean {
  const mac = macOf(nic.n)
  const trusted = (what: 'dhcp-server' | 'router-advertisement') => nic.trust?.includes(what) ?? false
  if (vlans.length > 0 || fields.eth_src !== mac) return false
  if (Math.floor(Number(fields.eth_dst) / 16) === 0x0180c200000) return false
  switch (fields.eth_type) {
    case 0x8035:
      return true
    case 0x0806:
      return fields.arp_sha === mac && [0, Number(ipv4Of(nic.n).value)].includes(Number(fields.arp_spa))
    case 0x0800:
      if (fields.udp_src === 67 && !trusted('dhcp-server')) return false
      if (fields.ipv4_src === 0) return fields.udp_src === 68 && fields.udp_dst === 67
      return fields.ipv4_src === Number(ipv4Of(nic.n).value)
    case 0x86dd:
      return maySayIpv6(nic, fields, trusted)
    default:
      return false
  }
}

function maySayIpv6(
  nic: NicSpec,
  fields: Frame['fields'],
  trusted: (what: 'dhcp-server' | 'router-advertisement') => boolean,
): boolean {
  const own = ipv6sOf(nic)
  const type = Number(fields.icmpv6_type)
  if (fields.udp_src === 547 && !trusted('dhcp-server')) return false
  if (fields.ipv6_src === 0n) return [131, 132, 133, 135, 143].includes(type)
  if (!own.includes(BigInt(fields.ipv6_src ?? 0))) return false
  if (type === 134 || type === 137) return trusted('router-advertisement')
  if (type === 135) return [0, macOf(nic.n)].includes(Number(fields.ipv6_nd_sll))
  if (type !== 136) return true
  return (
    own.includes(BigInt(fields.ipv6_nd_target ?? 0)) && [0, macOf(nic.n)].includes(Number(fields.ipv6_nd_tll))
  )
}

/** Whether frames of a network can travel between two hypervisors: through transit nodes, or a direct cable. */
function reaches(world: WorldSpec, a: NicSpec, b: NicSpec): boolean {
  if (world.networks.find(({ name }) => name === a.network)?.vlan === undefined) return false
  const seen = new Set([a.on])
  const queue = [a.on]
  for (const node of queue) {
    for (const next of neighbors(world, node, a.network)) {
      if (next === b.on) return true
      const isTransit = next.startsWith('segment ') || roleOf(world, next) === 'fabric'
      if (!isTransit || seen.has(next)) continue
      seen.add(next)
      queue.push(next)
    }
  }
  return false
}

const roleOf = (world: WorldSpec, name: string) =>
  world.switches.find((one) => one.name === name)?.role ?? 'hypervisor'

function neighbors(world: WorldSpec, node: string, network: string): string[] {
  const pin = (name: string) => world.nics.find((nic) => nic.on === name && nic.network === network)?.uplink
  const live = (name: string, port: string) =>
    !(world.down?.has(`${name}/${port}`) ?? false) &&
    !(world.absent?.has(`${name}/${port}`) ?? false) &&
    (pin(name) ?? port) === port
  const isUplink = (name: string, port: string) =>
    roleOf(world, name) === 'fabric' ||
    (world.switches.find((one) => one.name === name)?.uplinks ?? []).some((uplink) => uplink.port === port)
  const cables = (world.cables ?? [])
    .filter(
      ([x, xPort, y, yPort]) => live(x, xPort) && live(y, yPort) && isUplink(x, xPort) && isUplink(y, yPort),
    )
    .flatMap(([x, , y]) => (x === node ? [y] : y === node ? [x] : []))
  const segments = world.switches.flatMap(({ name, uplinks = [] }) =>
    uplinks.flatMap(({ port, segment }) => {
      if (segment === undefined || !live(name, port)) return []
      return name === node ? [`segment ${segment}`] : `segment ${segment}` === node ? [name] : []
    }),
  )
  return [...cables, ...segments]
}
