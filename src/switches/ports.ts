/**
 * The ports of a switch as an immutable value, made from PORT_DESC and kept up to date from PORT_STATUS. What a peer claims
 * is checked: port numbers that OpenFlow does not have are ignored, and the number of ports is bounded.
 */
import type { DatapathId, ObservedSwitch, Port } from '../model/observation.ts'

/** OFPP_MAX: the highest number of a real port. */
const MAX_PORT = 0xffffff00
/** OFPP_LOCAL: the switch's own port. */
const LOCAL_PORT = 0xfffffffe

/** What PORT_DESC and PORT_STATUS say of a port, in the fields this project needs. */
export interface PortClaim {
  readonly portNo: number
  readonly hwAddr: number
  readonly name: string
  readonly config: readonly string[]
  readonly state: readonly string[]
  /** In every version: that of Ethernet among them. */
  readonly properties?: readonly { readonly type: string; readonly currSpeedKbps?: number }[]
}

export interface PortChange {
  readonly reason: 'add' | 'delete' | 'modify'
  readonly desc: PortClaim
}

/** What is known of the switch that claims. */
export interface PortRules {
  readonly maxPorts: number
  /** It says `live` of every port that can be used, as Open vSwitch does; others may never say it. */
  readonly saysLive: boolean
}

export interface PortsOutcome {
  readonly observed: ObservedSwitch
  /** Claims that were not taken, in words. */
  readonly refused: readonly string[]
}

const isPort = (no: number): boolean => (no >= 1 && no <= MAX_PORT) || no === LOCAL_PORT

function portOf(
  { portNo, hwAddr, name, config, state, properties = [] }: PortClaim,
  saysLive: boolean,
): Port {
  const hasLink = !config.includes('port_down') && !state.includes('link_down')
  const isSilent = hasLink && saysLive && !state.includes('live')
  const kbps = properties.find(({ type }) => type === 'ethernet')?.currSpeedKbps ?? 0
  return {
    no: portNo,
    name,
    mac: hwAddr,
    up: hasLink && !isSilent,
    ...(isSilent && { silent: true }),
    ...(kbps > 0 && { speedBps: kbps * 1000 }),
  }
}

const same = (a: Port | undefined, b: Port): boolean =>
  a !== undefined &&
  a.no === b.no &&
  a.name === b.name &&
  a.mac === b.mac &&
  a.up === b.up &&
  a.speedBps === b.speedBps &&
  a.silent === b.silent

/** All ports anew. `before` keeps its identity, and so does each port, where nothing changed. */
export function observePorts(
  before: ObservedSwitch | undefined,
  { datapathId, claims, ...rules }: { datapathId: DatapathId; claims: readonly PortClaim[] } & PortRules,
): PortsOutcome {
  const ports = new Map<string, Port>()
  const refused: string[] = []
  for (const claim of claims) {
    const twin = ports.get(claim.name)
    // Names are cut to 15 characters on the way. Whose name it is must not depend on who is told of last.
    const reason = twin
      ? `ports ${twin.no} and ${claim.portNo} are both called ${claim.name}`
      : whyNot(claim, ports, rules.maxPorts)
    if (reason) refused.push(reason)
    else ports.set(claim.name, keep(before?.ports.get(claim.name), portOf(claim, rules.saysLive)))
  }
  const unchanged =
    before?.ports.size === ports.size && [...ports].every(([name, port]) => before.ports.get(name) === port)
  return { observed: unchanged ? before : { datapathId, ports }, refused }
}

/** One PORT_STATUS. */
export function changePort(observed: ObservedSwitch, change: PortChange, rules: PortRules): PortsOutcome {
  const { reason, desc } = change
  // A port that changed its name is found by its number.
  const old = [...observed.ports.values()].find(({ no }) => no === desc.portNo)
  const ports = new Map(observed.ports)
  if (old) ports.delete(old.name)
  if (reason === 'delete') {
    return { observed: old ? { ...observed, ports } : observed, refused: [] }
  }
  const port = portOf(desc, rules.saysLive)
  if (old && same(old, port)) return { observed, refused: [] }
  const refusal = whyNot(desc, ports, rules.maxPorts)
  if (refusal) return { observed, refused: [refusal] }
  ports.set(desc.name, port)
  return { observed: { ...observed, ports }, refused: [] }
}

const keep = (old: Port | undefined, port: Port): Port => (old && same(old, port) ? old : port)

function whyNot(
  { portNo, name }: PortClaim,
  ports: ReadonlyMap<string, Port>,
  maxPorts: number,
): string | undefined {
  if (!isPort(portNo)) return `port number 0x${portNo.toString(16)} does not exist`
  if (name === '') return `port ${portNo} has no name`
  if (ports.size >= maxPorts && !ports.has(name)) return `more than ${maxPorts} ports`
  return undefined
}
