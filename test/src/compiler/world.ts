/** Small worlds for compiler tests: an intent and what its switches would report, built from a few words. */
import type {
  Address,
  ClassName,
  Endpoint,
  HostInterface,
  Intent,
  Network,
  Nic,
  NicTrust,
  Switch,
  SwitchRole,
  Team,
  TrafficClass,
  Uplink,
  Vm,
} from '../../../src/model/intent.ts'
import type { Link, Observation, ObservedSwitch, Port } from '../../../src/model/observation.ts'

export interface NicSpec {
  readonly vm: string
  readonly network: string
  readonly on: string
  readonly port?: string
  /** Last byte of the MAC and of the addresses; unique in a world. */
  readonly n: number
  readonly addresses?: readonly Address[]
  readonly trust?: readonly NicTrust[]
  /** Of a hypervisor's interface: the only uplink that its network takes there. */
  readonly uplink?: string
  /** A VM's NIC although its network is reserved, which no document may declare. */
  readonly smuggled?: true
}

export interface SwitchSpec {
  readonly name: string
  readonly role?: SwitchRole
  readonly uplinks?: readonly Uplink[]
  readonly teams?: readonly Team[]
}

export interface WorldSpec {
  readonly switches: readonly SwitchSpec[]
  readonly networks: readonly {
    readonly name: string
    readonly vlan?: number
    readonly switch?: string
    /** Reserved: its NICs are hypervisors' own interfaces. */
    readonly kind?: 'storage' | 'migration'
    readonly mtu?: number
    readonly class?: ClassName
  }[]
  readonly nics: readonly NicSpec[]
  readonly classes?: readonly TrafficClass[]
  /** `[switch, port, switch, port]`. */
  readonly cables?: readonly (readonly [string, string, string, string])[]
  /** `switch/port` of ports that do not exist, or exist but are down. */
  readonly absent?: ReadonlySet<string>
  readonly down?: ReadonlySet<string>
}

export interface World {
  readonly intent: Intent
  readonly observation: Observation
}

const vmMac = 0x525400000000

export const macOf = (n: number): number => vmMac + n

export function ipv4Of(n: number): Address {
  const value = 0x0a000100 + n
  return { family: 4, value: BigInt(value), text: `10.0.${(value >> 8) & 0xff}.${value & 0xff}` }
}

export function ipv6Of(n: number): Address {
  return { family: 6, value: (0xfd00n << 112n) + BigInt(n), text: `fd00::${n.toString(16)}` }
}

export const portName = ({ vm, port }: NicSpec): string => port ?? `${vm}-eth0`

export function datapathOf(world: Pick<WorldSpec, 'switches'>, name: string): string {
  const index = world.switches.findIndex((one) => one.name === name)
  return (index + 1).toString(16).padStart(16, '0')
}

export function networkKey(spec: WorldSpec, name: string): number {
  return 0x64 + spec.networks.findIndex((network) => network.name === name)
}

export function build(spec: WorldSpec): World {
  return { intent: buildIntent(spec), observation: buildObservation(spec) }
}

function buildIntent(spec: WorldSpec): Intent {
  const switches = spec.switches.map((one): Switch => {
    const { name, role = 'hypervisor', uplinks = [], teams = [] } = one
    const interfaces = spec.nics.filter((nic) => nic.on === name && isOwn(spec, nic)).map(buildInterface)
    return { name, role, uplinks, teams, interfaces, datapathId: datapathOf(spec, name) }
  })
  const networks = spec.networks.map(({ name, vlan, switch: only, kind, mtu, class: own }): Network => {
    const where = vlan === undefined ? { kind: 'internal' as const } : { kind: kind ?? ('vm' as const), vlan }
    return {
      name,
      key: networkKey(spec, name),
      subnets: [],
      ...where,
      ...(own === undefined ? {} : { class: own }),
      ...(only === undefined ? {} : { switch: only }),
      ...(mtu === undefined ? {} : { mtu }),
    }
  })
  const vms = new Map<string, Vm>()
  for (const nic of spec.nics) {
    if (isOwn(spec, nic)) continue
    const before = vms.get(nic.vm)?.nics ?? []
    vms.set(nic.vm, { name: nic.vm, host: nic.on, nics: [...before, buildNic(nic, before.length)] })
  }
  return {
    name: 'test',
    sites: new Map(),
    switches: new Map(switches.map((one) => [one.name, one])),
    classes: new Map((spec.classes ?? []).map((one) => [one.name, one])),
    segments: new Set(
      spec.switches.flatMap(({ uplinks = [] }) => uplinks.flatMap(({ segment }) => segment ?? [])),
    ),
    cables: [],
    networks: new Map(networks.map((one) => [one.name, one])),
    vms,
  }
}

/** Whether it is an interface of the hypervisor itself. */
function isOwn({ networks }: WorldSpec, { network, smuggled }: NicSpec): boolean {
  return smuggled !== true && networks.find(({ name }) => name === network)?.kind !== undefined
}

function buildNic(spec: NicSpec, index: number): Nic {
  return { id: `${spec.vm}/${index}`, vm: spec.vm, index, ...buildEndpoint(spec) }
}

function buildInterface(spec: NicSpec): HostInterface {
  const uplink = spec.uplink === undefined ? {} : { uplink: spec.uplink }
  return { id: `${spec.on}:${portName(spec)}`, ...buildEndpoint(spec), ...uplink }
}

function buildEndpoint(spec: NicSpec): Omit<Endpoint, 'id' | 'vm'> {
  return {
    network: spec.network,
    mac: macOf(spec.n),
    addresses: spec.addresses ?? [ipv4Of(spec.n), ipv6Of(spec.n)],
    switch: spec.on,
    port: portName(spec),
    trust: spec.trust ?? [],
  }
}

function buildObservation(spec: WorldSpec): Observation {
  const absent = spec.absent ?? new Set()
  const down = spec.down ?? new Set()
  const switches = spec.switches.map((one): ObservedSwitch => {
    const names = [
      ...(one.uplinks ?? []).map(({ port }) => port),
      ...(spec.cables ?? []).flatMap(([a, portA, b, portB]) => [
        ...(a === one.name ? [portA] : []),
        ...(b === one.name ? [portB] : []),
      ]),
      ...spec.nics.filter(({ on }) => on === one.name).map(portName),
    ]
    const ports = [...new Set(names)].map((name, index): Port => {
      return { no: index + 1, name, mac: 0x020000000000 + index, up: !down.has(`${one.name}/${name}`) }
    })
    return {
      datapathId: datapathOf(spec, one.name),
      ports: new Map(
        ports.filter(({ name }) => !absent.has(`${one.name}/${name}`)).map((port) => [port.name, port]),
      ),
    }
  })
  const links = (spec.cables ?? []).flatMap(([a, portA, b, portB]): Link[] => {
    const from = { datapathId: datapathOf(spec, a), port: portA }
    const to = { datapathId: datapathOf(spec, b), port: portB }
    return [
      { from, to },
      { from: to, to: from },
    ]
  })
  return { switches: new Map(switches.map((one) => [one.datapathId, one])), links }
}
