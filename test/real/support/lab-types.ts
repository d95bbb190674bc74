/** What the lab is told and what it answers: the values of `lab.ts`. */
import type { Frame } from './pcap.ts'

export interface LabOptions {
  /** 1 to 9 lower-case letters and digits, unique among the labs of this machine. */
  readonly id: string
  /** OpenFlow target on this machine, default `tcp:127.0.0.1:6653`, or `none`. */
  readonly controller?: string | readonly string[]
  /** Such as `OpenFlow13`; default: all. */
  readonly protocols?: string
  readonly failMode?: 'secure' | 'standalone'
}

export interface LabNic {
  /** `vm/index`, or `switch:port` of a hypervisor's own interface: what commands call it. A VM's name alone means its first NIC. */
  readonly name: string
  /** Null for a hypervisor's own. */
  readonly vm: string | null
  readonly index: number | null
  readonly network: string
  readonly mac: string
  readonly ips: readonly string[]
  readonly switch: string
  readonly port: string
  readonly namespace: string
}

export interface LabDescription {
  readonly id: string
  readonly topology: string
  readonly directory: string
  readonly socket: string
  /** Seconds that the start took. */
  readonly seconds: number
  readonly switches: Readonly<Record<string, LabSwitch>>
  readonly segments: readonly string[]
  /** As they were at the start. */
  readonly nics: readonly LabNic[]
}

export interface LabSwitch {
  readonly datapathId: string
  readonly namespace: string
  /** OVS_RUNDIR. */
  readonly rundir: string
  /** Path of the unix socket that its ovsdb-server listens on. */
  readonly ovsdb: string
  readonly uplinks: readonly string[]
}

export type Family = 4 | 6
export type Protocol = 'icmp' | 'tcp'

export type Probe = {
  readonly from: string
  readonly to: string
  readonly address: string
  readonly protocol: Protocol
  readonly family: Family
  /** The request came to the target's NIC, whether or not the answer came back: what isolation forbids. */
  readonly arrived: boolean
} & ({ readonly ok: true; readonly ms: number } | { readonly ok: false; readonly failure: string })

export interface MatrixOptions {
  readonly families?: readonly Family[]
  readonly protocols?: readonly Protocol[]
  readonly vms?: readonly string[]
  /** How long a pair may take; all are tried at once, so the whole takes little more. Default 1500. */
  readonly timeoutMs?: number
  /** Forget learned neighbours first, so that ARP and ND are tried too. Default true. */
  readonly flushNeighbours?: boolean
}

export type FloodKind =
  | 'unicast'
  | 'unknown-unicast'
  | 'broadcast'
  | 'spoofed-mac'
  | 'spoofed-ip'
  | 'spoofed-ipv6'
  | 'vlan-tagged'
  | 'vlan-double-tagged'
  | 'ipv4-multicast'
  | 'ipv6-multicast'
  | 'arp-gratuitous'
  | 'arp-forged'
  | 'rarp'
  | 'na-forged'
  | 'router-advertisement'
  | 'dhcp-offer'
  | 'lldp'
  | 'unknown-ethertype'

export const floodKinds: readonly FloodKind[] = [
  'unicast',
  'unknown-unicast',
  'broadcast',
  'spoofed-mac',
  'spoofed-ip',
  'spoofed-ipv6',
  'vlan-tagged',
  'vlan-double-tagged',
  'ipv4-multicast',
  'ipv6-multicast',
  'arp-gratuitous',
  'arp-forged',
  'rarp',
  'na-forged',
  'router-advertisement',
  'dhcp-offer',
  'lldp',
  'unknown-ethertype',
]

export interface FloodOptions {
  /** NIC that `unicast` is addressed to; without one, an unknown MAC. */
  readonly target?: string
  /** NIC whose MAC and addresses the forged kinds claim; without one, a stranger's. */
  readonly victim?: string
  readonly vlan?: number
  /** Default 10. */
  readonly count?: number
  readonly intervalMs?: number
}

export interface Flood {
  readonly kind: FloodKind
  /** 16 hex digits that every frame of this flood carries and no other frame does. */
  readonly marker: string
  readonly sent: number
}

export interface CaptureOptions {
  /** pcap filter. */
  readonly filter?: string
  /** Seen from the captured device: a switch port's `in` is what its peer sent. Default `inout`. */
  readonly direction?: 'in' | 'out' | 'inout'
}

export interface CaptureResult {
  readonly frames: readonly Frame[]
  /** Frames that tcpdump had no room for: only with 0 does "not seen" mean anything. */
  readonly missed: number
  /** How many of the flood's frames were seen, each counted once. */
  readonly seen: (flood: Flood) => number
}

export interface Capture {
  /** Waits `settleMs` (default 200) for frames under way. */
  readonly stop: (settleMs?: number) => Promise<CaptureResult>
}

export interface MeterResult {
  readonly sent: number
  readonly received: number
  readonly lost: number
  /** The first 100. */
  readonly lostNumbers: readonly number[]
  /** When they were sent, by a clock that does not jump; the first 10,000. */
  readonly lostAtMs: readonly number[]
  readonly duplicates: number
  /** Longest time between two answers, or since the last one while requests went on. */
  readonly largestGapMs: number
  /** Longest time between two sendings: what the machine itself held up. */
  readonly largestSendGapMs: number
  readonly rttMs: { readonly p50: number; readonly p99: number; readonly max: number }
  /** For `tcp`: why the connection broke, or null. */
  readonly broken?: string | null
}

export interface UdpMeterResult extends MeterResult {
  /** Of what was lost: on the way to the target. */
  readonly there: { readonly lost: number; readonly duplicates: number; readonly largestGapMs: number }
  /** Of the source and of the target. */
  readonly ports: readonly [number, number]
}

export interface SessionsResult {
  readonly sessions: readonly {
    readonly port: number
    readonly sent: number
    readonly received: number
    /** Longest time between two answers. */
    readonly largestGapMs: number
    readonly broken: string | null
  }[]
  /** How many broke. */
  readonly broken: number
  /** Records that were sent and did not come back within the time to drain. */
  readonly lost: number
  readonly largestGapMs: number
}

export interface Meter<Result = MeterResult> {
  /** Stops sending, waits up to `drainMs` for the last answers. */
  readonly stop: () => Promise<Result>
}

/** Of a VM that was moved. */
export interface Unplugged {
  /** On the clock of `lostAtMs`. */
  readonly unpluggedAtMs: number
  /** Until it was plugged in elsewhere. */
  readonly unpluggedMs: number
}

export interface FlowsSeen {
  readonly sent: number
  /** By `switch:port`, the numbers of the flows that left there. */
  readonly ports: Readonly<Record<string, readonly number[]>>
  /** Numbers of the flows that the target's NIC got. */
  readonly arrived: readonly number[]
}

export interface MeterOptions {
  readonly family?: Family
  readonly intervalMs?: number
  readonly drainMs?: number
  /** How long the first answer may take. */
  readonly connectMs?: number
}

export type BulkOptions = {
  readonly family?: Family
  /** How long a connection may take to be made. */
  readonly connectMs?: number
} & (
  | {
      readonly protocol: 'tcp'
      /** Connections, default 10. */
      readonly count?: number
      /** `cubic` unless given. */
      readonly congestion?: 'cubic' | 'bbr' | 'reno'
    }
  | { readonly protocol: 'udp' | 'broadcast'; readonly rateBps: number; readonly payloadBytes?: number }
)

export interface BulkSeen {
  readonly tickMs: number
  /** Payload that arrived, by tick. */
  readonly receivedBytes: readonly number[]
}

export interface BulkMeter {
  /** On the clock of `performance.now()`. */
  readonly startedMs: number
  readonly stop: () => Promise<BulkResult>
}

export interface BulkResult {
  /** Payload that arrived between two times of `performance.now()`, in bit/s. */
  readonly received: (fromMs?: number, toMs?: number) => number
}
