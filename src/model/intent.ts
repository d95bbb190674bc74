/**
 * The intent: what users declared, as an immutable value with names resolved and addresses normalised.
 * Everything else in Throwbar is computed from this and from what was observed (`observation.ts`).
 */

/** What a switch is for: a hypervisor carries VMs and never forwards between its uplinks; a fabric switch only forwards. */
export type SwitchRole = 'hypervisor' | 'fabric'

/** A port that leads out of a hypervisor: to a managed switch (found by LLDP) or into a `segment` that we do not manage. */
export interface Uplink {
  readonly port: string
  /** Name of the physical L2 segment behind this port, if it leads to switches outside Throwbar's control. */
  readonly segment?: string
  /** What it can carry, in bit/s; absent: what the port says of itself. */
  readonly bandwidthBps?: number
  /** The port is a tunnel to another hypervisor, which is made. */
  readonly tunnel?: Tunnel
  /** The port is one end of a patch cable, which is made: the name of the other, on another bridge of its host. */
  readonly patch?: string
}

export interface Tunnel {
  readonly type: 'geneve' | 'vxlan' | 'gre'
  /** Canonical text of an address. */
  readonly remote: string
  /** 24 bits. */
  readonly key?: number
}

/** What tells flows apart: source MAC; both IP addresses; or these and both ports of TCP or UDP. */
export type TeamHash = 'l2' | 'l3' | 'l3l4'

/** Uplinks of a hypervisor that act as one. */
export interface Team {
  readonly name: string
  /** In the order declared, in `active-backup` in the order preferred. */
  readonly uplinks: readonly { readonly port: string; readonly weight: number }[]
  /** `lacp`: as `hash`, into a segment that sees them as one. */
  readonly mode: 'hash' | 'active-backup' | 'lacp'
  readonly hash: TeamHash
  /** How long an uplink that failed must be up before others give way to it. */
  readonly upDelayMs: number
}

/** A bridge that is prepared and followed through the database of its host. */
export interface ManagedBridge {
  /** In ovs-vsctl's words: `tcp:HOST:PORT`, `ssl:HOST:PORT`, `unix:/PATH`. */
  readonly target: string
  readonly bridge: string
  /** Of a bridge that is made; absent: Open vSwitch's default. */
  readonly datapathType?: 'system' | 'netdev'
}

export interface Switch {
  readonly name: string
  /** 16 lower-case hex digits. */
  readonly datapathId: string
  readonly role: SwitchRole
  readonly site?: string
  /** The database of its host, if Throwbar manages it. */
  readonly ovsdb?: ManagedBridge
  /** Its declared cables are watched by BFD, whose both ends speak so often; absent: by carrier. */
  readonly bfdIntervalMs?: number
  readonly uplinks: readonly Uplink[]
  readonly teams: readonly Team[]
  /** Its own ends of reserved networks, by name. */
  readonly interfaces: readonly HostInterface[]
}

/** The classes of traffic that share an uplink, in the order of their numbers in the pipeline, from 1. */
export const classNames = ['vm', 'storage', 'migration', 'management', 'fault-tolerance'] as const
export type ClassName = (typeof classNames)[number]

/** How a class shares each uplink. */
export interface TrafficClass {
  readonly name: ClassName
  readonly shares: number
  /** Bit/s that it can have whatever the others send. */
  readonly reservationBps: number
  readonly limitBps?: number
  /** Marks for its packets; absent: as they come. */
  readonly dscp?: number
  readonly pcp?: number
}

/** One end of a declared cable. */
export interface LinkEnd {
  readonly switch: string
  readonly port: string
}

/** A declared cable between two managed switches: the lab builds it, `get links` compares it with what LLDP found. */
export interface Cable {
  readonly ends: readonly [LinkEnd, LinkEnd]
}

/**
 * `internal` never leaves its one virtual switch; `vm` spans switches on a VLAN over the uplinks; so do `storage` and
 * `migration`, which are reserved: only hypervisors' own interfaces are in them, never a VM.
 */
export type NetworkKind = 'internal' | 'vm' | 'storage' | 'migration'

export interface Subnet {
  /** Canonical CIDR text, such as `10.0.1.0/24` or `fd00:1::/64`. */
  readonly cidr: string
  readonly family: 4 | 6
}

export interface Network {
  readonly name: string
  readonly kind: NetworkKind
  /** 32-bit key that the pipeline carries in `metadata`; unique among networks, a hash of the name unless declared. */
  readonly key: number
  /** VLAN on the uplinks, 1 to 4094; all but `internal` networks have one. */
  readonly vlan?: number
  /** The class of its traffic, when that is not the one of its kind. */
  readonly class?: ClassName
  /** Name of the only switch; only for `internal`. */
  readonly switch?: string
  readonly subnets: readonly Subnet[]
  /** Bytes of an IP packet that every way of it must carry; the VLAN tag does not count, as for interfaces of Linux. */
  readonly mtu?: number
}

/** Whether only hypervisors' own interfaces are in it. */
export function isReserved({ kind }: Pick<Network, 'kind'>): boolean {
  return kind === 'storage' || kind === 'migration'
}

/** What a NIC may do that port security otherwise forbids. */
export type NicTrust = 'dhcp-server' | 'router-advertisement'

export interface Address {
  readonly family: 4 | 6
  /** 32 or 128 bits. */
  readonly value: bigint
  /** Canonical text. */
  readonly text: string
}

/** An end of a network at a port of a hypervisor's switch: a VM's NIC, or an interface of the hypervisor itself. */
export interface Endpoint {
  /** Unique among all endpoints, and stable. */
  readonly id: string
  /** Absent for the hypervisor's own. */
  readonly vm?: string
  readonly network: string
  /** 48 bits. */
  readonly mac: number
  readonly addresses: readonly Address[]
  /** The `iface-id` by which hypervisors tell where it is plugged in; absent for a NIC that is where it is declared. */
  readonly iface?: string
  /**
   * Name of the switch it is attached to: its VM's host. For one with an `iface`, as declared, the switch preferred, if
   * any, and no port; `located.ts` gives both.
   */
  readonly switch: string
  /** Interface name on that switch. */
  readonly port: string
  readonly trust: readonly NicTrust[]
  /**
   * Only of a NIC whose VM is under way. At the end where others send to it: `led`, before the VM is there, or `arrived`.
   * At the other end: see `ElsewherePassing`.
   */
  readonly passing?: 'led' | 'arrived' | ElsewherePassing
  /** Its TCP sessions are noted here, while its VM is under way. */
  readonly noted?: true
}

/**
 * At the end where nothing is sent to it any more, or not yet: it is `arriving` there; it is still `speaking`, but led to the
 * other end; it is `leaving`; or it is `returning`, and frames that come late are sent after it.
 */
export type ElsewherePassing = 'arriving' | 'speaking' | 'leaving' | 'returning'

export function isElsewhere(passing: Endpoint['passing']): passing is ElsewherePassing {
  return passing !== undefined && passing !== 'led' && passing !== 'arrived'
}

export interface Nic extends Endpoint {
  /** `vm-name/0`: what owners and receipts are named after. */
  readonly id: string
  readonly vm: string
  readonly index: number
}

/** A port of the bridge that is an interface of the hypervisor's own, for storage or migration. */
export interface HostInterface extends Endpoint {
  /** `hv1:stor-a`. */
  readonly id: string
  readonly vm?: never
  /** Frames of its network leave this hypervisor by this uplink only, and by none while it is down. */
  readonly uplink?: string
}

export interface Vm {
  readonly name: string
  readonly host?: string
  readonly nics: readonly Nic[]
}

export interface Site {
  readonly name: string
  readonly description?: string
}

export interface Intent {
  readonly name: string
  readonly description?: string
  readonly sites: ReadonlyMap<string, Site>
  readonly switches: ReadonlyMap<string, Switch>
  readonly segments: ReadonlySet<string>
  /** By name. Empty when none is declared: then traffic has no classes. Else those declared. */
  readonly classes: ReadonlyMap<string, TrafficClass>
  readonly cables: readonly Cable[]
  readonly networks: ReadonlyMap<string, Network>
  readonly vms: ReadonlyMap<string, Vm>
}

/** What the owner of its rules is called: `nic/web1/0`, `interface/hv1/stor-a`. */
export function ownerOf({ id, vm, switch: host, port }: Endpoint): `nic/${string}` | `interface/${string}` {
  return vm === undefined ? `interface/${host}/${port}` : `nic/${nicIdOf(id)}`
}

/** Where a NIC passes, it has an id of that place as well. */
const passingMark = '@'

export function passingId(id: string, at: string): string {
  return `${id}${passingMark}${at}`
}

/** The NIC's own id. */
export function nicIdOf(id: string): string {
  const at = id.indexOf(passingMark)
  return at < 0 ? id : id.slice(0, at)
}

/** The id of the NIC or interface that an owner is called after. */
export function endpointIdOf(owner: string): string | undefined {
  const [, sort, first = '', rest = ''] = /^(nic|interface)\/([^/]*)\/(.*)$/.exec(owner) ?? []
  if (sort === undefined) return undefined
  return sort === 'nic' ? `${first}/${rest}` : `${first}:${rest}`
}

/** Every NIC and every interface. */
export function* endpointsOf({
  vms,
  switches,
}: Pick<Intent, 'vms' | 'switches'>): Generator<Nic | HostInterface> {
  for (const { nics } of vms.values()) yield* nics
  for (const { interfaces } of switches.values()) yield* interfaces
}

export const emptyIntent: Intent = {
  name: 'empty',
  sites: new Map(),
  switches: new Map(),
  segments: new Set(),
  classes: new Map(),
  cables: [],
  networks: new Map(),
  vms: new Map(),
}
