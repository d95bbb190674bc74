/** A small intent, and a network of virtual cables in virtual time that a `Discovery` can probe. */
import { writeArp } from '../../../codecs/packet/arp.ts'
import { writeEthernet } from '../../../codecs/packet/ethernet.ts'
import type { Declared } from '../../../src/discovery/declared.ts'
import { declaredFrom } from '../../../src/discovery/declared.ts'
import type { DiscoveryOptions } from '../../../src/discovery/discovery.ts'
import { Discovery } from '../../../src/discovery/discovery.ts'
import type { IncidentCode } from '../../../src/discovery/link-watch.ts'
import type { Intent, Nic, Switch, Vm } from '../../../src/model/intent.ts'
import { emptyIntent } from '../../../src/model/intent.ts'
import type { Link, ObservedSwitch, Port } from '../../../src/model/observation.ts'

export const HV1 = '0000000000000001'
export const HV2 = '0000000000000002'
export const SPINE = '00000000000000aa'
export const OTHER = '00000000000000ff'
export const KEY = new Uint8Array(32).fill(7)

function switchOf(name: string, datapathId: string, role: Switch['role'], uplinks: string[] = []): Switch {
  return { name, datapathId, role, uplinks: uplinks.map((port) => ({ port })), teams: [], interfaces: [] }
}

function vmOf(name: string, host: string, mac: number, ip: number): Vm {
  const address = { family: 4, value: BigInt(ip), text: `10.0.0.${ip & 0xff}` } as const
  const nic: Nic = {
    id: `${name}/0`,
    vm: name,
    index: 0,
    network: 'blue',
    mac,
    addresses: [address],
    switch: host,
    port: `${name}-0`,
    trust: [],
  }
  return { name, host, nics: [nic] }
}

const named = <T extends { readonly name: string }>(...each: T[]) =>
  new Map(each.map((one) => [one.name, one]))

/** Two hypervisors with uplink `up0` and one VM each, and a fabric switch; OTHER is declared by nobody. */
export const intent: Intent = {
  ...emptyIntent,
  switches: named(
    switchOf('hv1', HV1, 'hypervisor', ['up0']),
    switchOf('hv2', HV2, 'hypervisor', ['up0']),
    switchOf('spine', SPINE, 'fabric'),
  ),
  vms: named(
    vmOf('web1', 'hv1', 0x020000000001, 0x0a000001),
    vmOf('web2', 'hv2', 0x020000000002, 0x0a000002),
  ),
}

export const declared: Declared = declaredFrom(intent)

/** Ports numbered 1, 2, ... in the order named; a name that ends in `!` is down. */
export function observed(datapathId: string, ...names: string[]): ObservedSwitch {
  const ports = names.map((name, index): [string, Port] => {
    const clean = name.replace('!', '')
    return [clean, { no: index + 1, name: clean, mac: 0x0a0000000000 + index, up: !name.endsWith('!') }]
  })
  return { datapathId, ports: new Map(ports) }
}

export function link(from: string, to: string): Link {
  return { from: end(from), to: end(to) }
}

/** `datapath/port`. */
export function end(text: string): Link['from'] {
  const [datapathId = '', port = ''] = text.split('/')
  return { datapathId, port }
}

/** `a/p > b/q` with the leading zeros of datapath ids left out. */
export function show({ from, to }: Link): string {
  const short = (each: Link['from']) => `${each.datapathId.replace(/^0+/, '')}/${each.port}`
  return `${short(from)} > ${short(to)}`
}

/** An ARP request as a host with this MAC and IPv4 address sends it. */
export function arpFrom(mac: number, spa: number): Uint8Array {
  const payload = writeArp({ op: 1, sha: mac, spa, tha: 0, tpa: 0x0a000063 })
  return writeEthernet({ dst: 0xffffffffffff, src: mac, vlans: [], ethertype: 0x0806, payload })
}

interface Timer {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

/** Time that passes only when told. */
export class VirtualTime {
  nowMs = 1_000_000
  #order = 0
  #timers: Timer[] = []

  setTimer = (run: () => void, delayMs: number): (() => void) => {
    const timer = { atMs: this.nowMs + delayMs, order: this.#order++, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer)
    }
  }

  get pending(): number {
    return this.#timers.length
  }

  pass(ms: number): void {
    const until = this.nowMs + ms
    for (;;) {
      const [next] = this.#timers.toSorted((a, b) => a.atMs - b.atMs || a.order - b.order)
      if (next === undefined || next.atMs > until) break
      this.#timers = this.#timers.filter((each) => each !== next)
      this.nowMs = Math.max(this.nowMs, next.atMs)
      next.run()
    }
    this.nowMs = until
  }
}

interface Sent {
  readonly atMs: number
  readonly port: string
  readonly frame: Uint8Array
}

/** A `Discovery` whose probes travel over `cables` in one millisecond. */
export class VirtualNetwork {
  readonly time: VirtualTime
  readonly discovery: Discovery
  readonly sent: Sent[] = []
  readonly incidents: IncidentCode[] = []
  /** `down` and `up` with the link, in order. */
  readonly changes: string[] = []
  readonly hostsFound: string[] = []
  /** `datapath/portNo` to `datapath/portNo`, one way. */
  readonly cables = new Map<string, string>()

  constructor(options: Partial<DiscoveryOptions> = {}, time = new VirtualTime()) {
    this.time = time
    this.discovery = new Discovery({
      key: KEY,
      declared,
      clock: () => time.nowMs,
      setTimer: time.setTimer,
      sendPacketOut: (datapathId, portNo, frame) => this.#carry(`${datapathId}/${portNo}`, frame),
      onLinks: (_, changes) =>
        this.changes.push(
          ...changes.map(
            (each) => `${each.type} ${show(each.link)}${each.type === 'down' ? ` ${each.reason}` : ''}`,
          ),
        ),
      onIncident: (code) => this.incidents.push(code),
      onHost: (host) => this.hostsFound.push(`${host.state} ${host.mac}`),
      ...options,
    })
  }

  #carry(port: string, frame: Uint8Array): void {
    this.sent.push({ atMs: this.time.nowMs, port, frame })
    const to = this.cables.get(port)
    if (to === undefined) return
    const [datapathId = '', portNo = ''] = to.split('/')
    this.time.setTimer(() => this.discovery.packetIn({ datapathId, portNo: Number(portNo), frame }), 1)
  }

  cable(one: string, other: string): void {
    this.cables.set(one, other)
    this.cables.set(other, one)
  }

  get links(): string[] {
    return this.discovery.links.map(show)
  }
}
