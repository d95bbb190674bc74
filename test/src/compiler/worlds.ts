/** Random small worlds and random frames for them, for fast-check. */
import fc from 'fast-check'
import type { Team } from '../../../src/model/intent.ts'
import type { Observation } from '../../../src/model/observation.ts'
import type { DataPlane, Frame, Place } from '../../support/table-interpreter.ts'
import type { Program } from '../../../src/compiler/program.ts'
import { rulesOf } from '../../../src/compiler/delta.ts'
import { datapathOf, ipv4Of, ipv6Of, macOf, portName, type NicSpec, type WorldSpec } from './world.ts'

/** What a random world is made from: small enough to shrink well. */
export interface Seeds {
  readonly hypervisors: number
  readonly fabrics: number
  readonly segments: number
  /** Whether it spans switches, and whether for hypervisors only, and by one uplink of each. */
  readonly networks: readonly (boolean | 'storage' | 'pinned')[]
  readonly nics: readonly {
    readonly host: number
    readonly network: number
    readonly trust: number
    readonly absent: boolean
    readonly id: number
  }[]
  readonly cables: readonly { readonly a: number; readonly b: number; readonly down: boolean }[]
  /** Whether traffic has classes. */
  readonly classed: boolean
  /** Whether a hypervisor's attachments to segments are a team. */
  readonly teamed: boolean
  readonly attachments: readonly { readonly node: number; readonly segment: number; readonly down: boolean }[]
}

export const seeds: fc.Arbitrary<Seeds> = fc.record({
  hypervisors: fc.integer({ min: 1, max: 4 }),
  fabrics: fc.integer({ min: 0, max: 3 }),
  segments: fc.integer({ min: 0, max: 2 }),
  networks: fc.array(
    fc.constantFrom<Seeds['networks'][number]>(false, true, true, true, 'storage', 'pinned'),
    {
      minLength: 1,
      maxLength: 2,
    },
  ),
  nics: fc.uniqueArray(
    fc.record({
      host: fc.nat(9),
      network: fc.nat(9),
      trust: fc.nat(3),
      absent: rarely(),
      id: fc.integer({ min: 1, max: 60 }),
    }),
    { minLength: 1, maxLength: 9, selector: ({ id }) => id },
  ),
  cables: fc.array(fc.record({ a: fc.nat(9), b: fc.nat(9), down: rarely() }), { maxLength: 9 }),
  classed: fc.boolean(),
  teamed: fc.boolean(),
  attachments: fc.array(fc.record({ node: fc.nat(9), segment: fc.nat(3), down: rarely() }), { maxLength: 5 }),
})

function rarely(): fc.Arbitrary<boolean> {
  return fc.nat(6).map((n) => n === 6)
}

const trusts = [
  [],
  ['dhcp-server'],
  ['router-advertisement'],
  ['dhcp-server', 'router-advertisement'],
] as const

const backupTeam = (ports: readonly string[]): Team => ({
  name: 'out',
  mode: 'active-backup',
  hash: 'l3l4',
  upDelayMs: 0,
  uplinks: ports.toReversed().map((port) => ({ port, weight: 1 })),
})

export function worldFrom(seed: Seeds): WorldSpec {
  const names = [
    ...Array.from({ length: seed.hypervisors }, (_, index) => `hv${index}`),
    ...Array.from({ length: seed.fabrics }, (_, index) => `fabric${index}`),
  ]
  const name = (number: number) => names[number % names.length] as string
  const down = new Set<string>()
  const cables = seed.cables.flatMap(({ a, b, down: isDown }, index): [string, string, string, string][] => {
    if (name(a) === name(b)) return []
    if (isDown) down.add(`${name(a)}/c${index}`)
    return [[name(a), `c${index}`, name(b), `c${index}`]]
  })
  const attachments = seed.segments === 0 ? [] : seed.attachments
  attachments.forEach(({ node, down: isDown }, index) => {
    if (isDown) down.add(`${name(node)}/s${index}`)
  })
  const switches = names.map((one) => ({
    name: one,
    role: one.startsWith('hv') ? ('hypervisor' as const) : ('fabric' as const),
    uplinks: [
      ...(one.startsWith('hv') ? cables : []).flatMap(([a, port, b]) =>
        a === one || b === one ? [{ port }] : [],
      ),
      ...attachments.flatMap(({ node, segment }, index) =>
        name(node) === one ? [{ port: `s${index}`, segment: `seg${segment % seed.segments}` }] : [],
      ),
    ],
  }))
  const teamedSwitches = switches.map((one) => {
    const ports = one.uplinks.flatMap(({ port, ...to }) => ('segment' in to ? [port] : []))
    return seed.teamed && one.role === 'hypervisor' && ports.length > 1
      ? { ...one, teams: [backupTeam(ports)] }
      : one
  })
  const networks = seed.networks.map((spans, index) => {
    const only = `hv${index % seed.hypervisors}`
    if (spans === false) return { name: `net${index}`, switch: only }
    const kind = spans === true ? {} : { kind: 'storage' as const }
    return { name: `net${index}`, vlan: 10 + index, ...kind }
  })
  const pinOf = (network: number, on: string): Pick<NicSpec, 'uplink'> => {
    const { uplinks = [] } = switches.find((one) => one.name === on) ?? {}
    const uplink = uplinks[network % Math.max(uplinks.length, 1)]?.port
    const pinned = seed.networks[network % networks.length] === 'pinned'
    return pinned && uplink !== undefined ? { uplink } : {}
  }
  const absent = new Set<string>()
  const nics = seed.nics.map(({ host, network, trust, absent: isAbsent, id }): NicSpec => {
    const where = networks[network % networks.length]
    const on = (where && 'switch' in where ? where.switch : undefined) ?? `hv${host % seed.hypervisors}`
    const vm = `vm${id}`
    if (isAbsent) absent.add(`${on}/${vm}-eth0`)
    const own = typeof seed.networks[network % networks.length] === 'string'
    const pin = pinOf(network % networks.length, on)
    return { vm, network: where?.name ?? '', on, n: id, trust: own ? [] : (trusts[trust] ?? []), ...pin }
  })
  const classes = seed.classed ? [{ name: 'vm', shares: 1, reservationBps: 0, pcp: 3 } as const] : []
  return { switches: teamedSwitches, networks, nics, cables, down, absent, classes }
}

/** Cables and segments as physics has them: a port that is down carries nothing. */
export function dataPlane(
  spec: WorldSpec,
  observation: Observation,
  program: Program,
  slotOf?: DataPlane['slotOf'],
): DataPlane {
  const place = (name: string, port: string): Place[] => {
    const datapathId = datapathOf(spec, name)
    const found = observation.switches.get(datapathId)?.ports.get(port)
    return found?.up ? [{ datapathId, port: found.no }] : []
  }
  const hubs: Place[][] = (spec.cables ?? []).map(([a, portA, b, portB]) => [
    ...place(a, portA),
    ...place(b, portB),
  ])
  const segments = new Map<string, Place[]>()
  for (const { name, uplinks = [] } of spec.switches) {
    for (const { port, segment } of uplinks) {
      if (segment === undefined) continue
      segments.set(segment, [...(segments.get(segment) ?? []), ...place(name, port)])
    }
  }
  hubs.push(...segments.values())
  const key = ({ datapathId, port }: Place) => `${datapathId} ${port}`
  const up = new Set(
    [...observation.switches.values()].flatMap(({ datapathId, ports }) =>
      [...ports.values()].flatMap((port) => (port.up ? [key({ datapathId, port: port.no })] : [])),
    ),
  )
  const peers = new Map<string, Place[]>()
  for (const hub of hubs) {
    for (const end of hub) {
      const others = hub.filter((other) => other !== end)
      peers.set(key(end), [...(peers.get(key(end)) ?? []), ...others])
    }
  }
  return {
    rules: new Map([...program.switches].map(([id, one]) => [id, rulesOf(one)])),
    peers: (at) => peers.get(key(at)) ?? [],
    isUp: ({ datapathId, port }) => up.has(key({ datapathId, port })),
    ...(slotOf === undefined ? {} : { slotOf }),
  }
}

export function placeOf(spec: WorldSpec, observation: Observation, nic: NicSpec): Place {
  const datapathId = datapathOf(spec, nic.on)
  return { datapathId, port: observation.switches.get(datapathId)?.ports.get(portName(nic))?.no ?? 0 }
}

/** A frame that a VM may or may not be allowed to send: mostly well-formed, sometimes a lie. */
export function frames(spec: WorldSpec, from: NicSpec): fc.Arbitrary<Frame> {
  const friends = spec.nics.filter(({ network }) => network === from.network)
  const someone = fc.constantFrom(...friends, ...friends, ...spec.nics, { ...from, n: 200 })
  const mostlyOwn = <T>(own: T, lie: (nic: NicSpec) => T) =>
    fc.oneof({ weight: 6, arbitrary: fc.constant(own) }, { weight: 1, arbitrary: someone.map(lie) })
  const base = fc.record({
    vlans: fc.oneof(
      { weight: 8, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.constantFrom([0], [10], [11, 10]) },
    ),
    eth_src: mostlyOwn(macOf(from.n), ({ n }) => macOf(n)),
    eth_dst: fc.oneof(
      someone.map(({ n }) => macOf(n)),
      fc.constantFrom(0xffffffffffff, 0x3333ff000001, 0x01005e000001, 0x0180c200000e),
    ),
  })
  const mac = mostlyOwn(macOf(from.n), ({ n }) => macOf(n))
  const macOrNone = fc.oneof(mac, fc.constant(0))
  const v4 = mostlyOwn(Number(ipv4Of(from.n).value), ({ n }) => Number(ipv4Of(n).value))
  const v6 = mostlyOwn(ipv6Of(from.n).value, ({ n }) => ipv6Of(n).value)
  const linkLocal = someone.map(({ n }) => (0xfe80n << 112n) | 0x505400fffe000000n | BigInt(n))
  const ipv6 = {
    eth_type: fc.constant(0x86dd),
    ipv6_src: fc.oneof(v6, fc.constant(0n), linkLocal),
    ipv6_dst: fc.constant(1n),
  }
  const nd = {
    ...ipv6,
    ip_proto: fc.constant(58),
    ipv6_nd_target: fc.oneof(
      someone.map(({ n }) => ipv6Of(n).value),
      linkLocal,
    ),
  }
  const bodies: fc.Arbitrary<Frame['fields']>[] = [
    fc.record({
      eth_type: fc.constant(0x0806),
      arp_op: fc.constantFrom(1, 2),
      arp_sha: mac,
      arp_tha: fc.constant(0),
      arp_spa: fc.oneof(v4, fc.constant(0)),
      arp_tpa: someone.map(({ n }) => Number(ipv4Of(n).value)),
    }),
    fc.record({ eth_type: fc.constant(0x0800), ip_proto: fc.constantFrom(1, 2, 6), ipv4_src: v4 }),
    fc.record({
      eth_type: fc.constant(0x0800),
      ip_proto: fc.constant(17),
      ipv4_src: fc.oneof(v4, fc.constant(0)),
      udp_src: fc.constantFrom(67, 68, 5000),
      udp_dst: fc.constantFrom(67, 68),
    }),
    fc.record({
      ...ipv6,
      ip_proto: fc.constant(17),
      udp_src: fc.constantFrom(546, 547),
      udp_dst: fc.constant(547),
    }),
    fc.record({
      ...ipv6,
      ip_proto: fc.constant(58),
      icmpv6_type: fc.constantFrom(128, 131, 133, 134, 137, 143),
    }),
    fc.record({ ...nd, icmpv6_type: fc.constant(135), ipv6_nd_sll: macOrNone }),
    fc.record({ ...nd, icmpv6_type: fc.constant(136), ipv6_nd_tll: macOrNone }),
    fc.constant({ eth_type: 0x8035, arp_op: 3 }),
    fc.constant({ eth_type: 0x88cc }),
    fc.constant({ eth_type: 0x8847 }),
  ]
  return fc
    .tuple(base, fc.oneof(...bodies))
    .map(([{ vlans, ...outer }, body]): Frame => ({ vlans, fields: { ...outer, ...body } }))
}
